//! Rows as structs of named columns.

/// A `#[repr(C)]` struct of `T`s that a row of `WIDTH` cells can be viewed as. Implemented by [`columns!`](crate::columns!) only.
pub trait Columns<T>: Sized {
    /// How many cells the struct has.
    const WIDTH: usize;

    /// The first `WIDTH` cells of `row`, by name.
    ///
    /// # Panics
    /// If the row is shorter than `WIDTH`.
    fn from_slice(row: &[T]) -> &Self;

    /// The first `WIDTH` cells of `row`, by name, to fill in.
    ///
    /// # Panics
    /// If the row is shorter than `WIDTH`.
    fn from_slice_mut(row: &mut [T]) -> &mut Self;
}

/// Names of the cells of a column struct, in order.
pub trait ColumnNames {
    /// Appends the names of all cells, each starting with `prefix`.
    fn push_names(prefix: &str, names: &mut Vec<String>);
}

impl ColumnNames for () {
    fn push_names(prefix: &str, names: &mut Vec<String>) {
        names.push(prefix.to_owned());
    }
}

impl<C: ColumnNames, const N: usize> ColumnNames for [C; N] {
    fn push_names(prefix: &str, names: &mut Vec<String>) {
        for index in 0..N {
            C::push_names(&format!("{prefix}[{index}]"), names);
        }
    }
}

/// The names of the cells of `C`, given as `Name::<()>`.
pub fn names_of<C: ColumnNames>() -> Vec<String> {
    let mut names = Vec::new();
    C::push_names("", &mut names);
    names
}

/// Joins a field name to the path before it.
pub fn join(prefix: &str, field: &str) -> String {
    if prefix.is_empty() {
        field.to_owned()
    } else {
        format!("{prefix}.{field}")
    }
}

#[doc(hidden)]
#[allow(unsafe_code)]
pub mod cast {
    /// Views the start of a row as a column struct.
    ///
    /// # Safety
    /// `C` must be `#[repr(C)]` and consist of values of type `T` only.
    pub unsafe fn view<T, C>(row: &[T]) -> &C {
        assert!(
            core::mem::size_of_val(row) >= size_of::<C>() && align_of::<C>() == align_of::<T>(),
            "a row of {} cells is too short",
            row.len()
        );
        // SAFETY: long enough and aligned, as just checked; the caller vouches for the layout.
        unsafe { &*row.as_ptr().cast::<C>() }
    }

    /// Views the start of a row as a column struct to fill in.
    ///
    /// # Safety
    /// As for [`view`].
    pub unsafe fn view_mut<T, C>(row: &mut [T]) -> &mut C {
        assert!(
            core::mem::size_of_val(row) >= size_of::<C>() && align_of::<C>() == align_of::<T>(),
            "a row of {} cells is too short",
            row.len()
        );
        // SAFETY: long enough and aligned, as just checked; the caller vouches for the layout.
        unsafe { &mut *row.as_mut_ptr().cast::<C>() }
    }
}

/// Marks types that consist of `T`s only, so that a struct of them can be viewed over a row.
///
/// # Safety
/// The type must be `T`, an array of such types, or a `#[repr(C)]` struct of such types.
#[doc(hidden)]
#[allow(unsafe_code)]
pub unsafe trait MadeOf<T> {}

#[allow(unsafe_code)]
// SAFETY: an array of values that consist of `T`s consists of `T`s.
unsafe impl<T, A: MadeOf<T>, const N: usize> MadeOf<T> for [A; N] {}

#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Cell<T>(T);

/// Declares a column struct: `#[repr(C)]`, generic over one cell type, with [`Columns`] and [`ColumnNames`] implemented.
///
/// Fields are `T`, arrays of `T` of any depth, or other column structs over `T` (and arrays of those); the compiler
/// checks that nothing else slips in.
///
/// ```
/// braid_stark::columns! {
///     /// A limb pair.
///     pub struct Pair<T> { pub low: T, pub high: T }
/// }
/// braid_stark::columns! {
///     /// A row.
///     pub struct Example<T> { pub flag: T, pub words: [Pair<T>; 2] }
/// }
/// use braid_stark::Columns;
/// let row = [1u64, 2, 3, 4, 5];
/// let view: &Example<u64> = Example::from_slice(&row);
/// assert_eq!(view.words[1].high, 5);
/// assert_eq!(braid_stark::columns::names_of::<Example<()>>()[4], "words[1].high");
/// ```
#[macro_export]
macro_rules! columns {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident<$t:ident> {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        #[repr(C)]
        $vis struct $name<$t> {
            $( $(#[$field_meta])* $field_vis $field : $ty ),*
        }

        impl<$t> $crate::Columns<$t> for $name<$t> {
            const WIDTH: usize = size_of::<$name<u8>>();

            #[allow(unsafe_code)]
            fn from_slice(row: &[$t]) -> &Self {
                // SAFETY: `#[repr(C)]`, and every field's type is checked below to be made of cells.
                unsafe { $crate::columns::cast::view(row) }
            }

            #[allow(unsafe_code)]
            fn from_slice_mut(row: &mut [$t]) -> &mut Self {
                // SAFETY: as above.
                unsafe { $crate::columns::cast::view_mut(row) }
            }
        }

        #[allow(unsafe_code)]
        // SAFETY: `#[repr(C)]`, and every field's type is checked below to be made of cells.
        unsafe impl $crate::columns::MadeOf<$crate::columns::Cell<u8>> for $name<$crate::columns::Cell<u8>> {}

        const _: () = {
            const fn made_of_cells<A: $crate::columns::MadeOf<$crate::columns::Cell<u8>>>() {}
            #[allow(dead_code, clippy::extra_unused_type_parameters)]
            const fn check() {
                type $t = $crate::columns::Cell<u8>;
                $( made_of_cells::<$ty>(); )*
            }
        };

        impl $crate::columns::ColumnNames for $name<()> {
            fn push_names(prefix: &str, names: &mut Vec<String>) {
                type $t = ();
                $( <$ty as $crate::columns::ColumnNames>::push_names(
                    &$crate::columns::join(prefix, stringify!($field)), names); )*
            }
        }

        impl<$t: Copy> $name<$t> {
            /// The row as a slice of cells, in the order of the names.
            #[allow(dead_code, unsafe_code)]
            pub fn as_slice(&self) -> &[$t] {
                // SAFETY: `#[repr(C)]` and made of `WIDTH` cells of one type.
                unsafe {
                    core::slice::from_raw_parts(
                        core::ptr::from_ref(self).cast::<$t>(),
                        <Self as $crate::Columns<$t>>::WIDTH,
                    )
                }
            }
        }
    };
}

#[allow(unsafe_code)]
// SAFETY: a cell is a cell.
unsafe impl MadeOf<Cell<u8>> for Cell<u8> {}
