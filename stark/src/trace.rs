//! A table trace: a table's filled rows.

use crate::columns::Columns;
use crate::field::Felt;
use plonky2::field::types::Field;

/// A table trace: the rows of one table, row-major.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    width: usize,
    cells: Vec<Felt>,
}

impl Trace {
    /// A trace of `height` zero rows of `width` columns.
    pub fn zero(width: usize, height: usize) -> Self {
        Self {
            width,
            cells: vec![Felt::ZERO; width * height],
        }
    }

    /// An empty trace of `width` columns, to push rows to.
    pub fn new(width: usize) -> Self {
        Self::zero(width, 0)
    }

    /// Appends a zero row and gives it to fill in.
    pub fn push<C: Columns<Felt>>(&mut self) -> &mut C {
        debug_assert_eq!(C::WIDTH, self.width);
        let start = self.cells.len();
        self.cells.resize(start + self.width, Felt::ZERO);
        C::from_slice_mut(&mut self.cells[start..])
    }

    /// Appends zero rows or drops rows until there are `height`.
    pub fn resize(&mut self, height: usize) {
        self.cells.resize(self.width * height, Felt::ZERO);
    }

    /// Appends copies of the last row, or zero rows to an empty trace, or drops rows until there are `height`.
    pub fn resize_with_last(&mut self, height: usize) {
        let used = self.height();
        let last = used.checked_sub(1).map(|last| self.row(last).to_vec());
        self.resize(height);
        if let Some(last) = last {
            for row in self.rows_mut().skip(used) {
                row.copy_from_slice(&last);
            }
        }
    }

    /// Columns per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        // A trace without columns has no rows to tell apart.
        self.cells.len().checked_div(self.width).unwrap_or(0)
    }

    /// The row `index`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> &[Felt] {
        &self.cells[index * self.width..(index + 1) * self.width]
    }

    /// The row `index`, to change.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row_mut(&mut self, index: usize) -> &mut [Felt] {
        &mut self.cells[index * self.width..(index + 1) * self.width]
    }

    /// All rows in order, to change.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [Felt]> {
        self.cells.chunks_exact_mut(self.width)
    }

    /// All cells, row after row.
    pub fn cells(&self) -> &[Felt] {
        &self.cells
    }
}
