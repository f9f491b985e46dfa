//! The shapes that chunks are proved in.

use std::sync::LazyLock;

use braid_stark::AnyTable;
pub use braid_stark::shape::Shape;
use braid_stark::shape::{FriParameters, TableHeight};

use crate::chunk::{ChunkTable, Misfit, ShapeSize};
use crate::tables::evm::Evm;

/// A shape of tables: each says its height, or that the shape does without it.
fn shape(
    tables: &[Box<dyn ChunkTable>],
    name: &str,
    log_transfers: usize,
    fri: FriParameters,
) -> Shape {
    let size = ShapeSize { log_transfers };
    let height = |table: &dyn ChunkTable| {
        let least = table.min_height().next_power_of_two().ilog2() as usize;
        Some(TableHeight {
            table: table.name().to_owned(),
            log_height: table.log_height(size)?.max(least),
        })
    };
    Shape {
        name: name.to_owned(),
        tables: tables.iter().filter_map(|table| height(&**table)).collect(),
        fri,
    }
}

/// For tests and samples: up to 8 transactions, blow-up 8 so that recursion is small.
pub fn tiny(tables: &[Box<dyn ChunkTable>]) -> Shape {
    shape(tables, "tiny", 3, FriParameters::SMALL)
}

/// For everyday use: up to 256 transactions.
pub fn standard(tables: &[Box<dyn ChunkTable>]) -> Shape {
    shape(tables, "standard", 8, FriParameters::FAST)
}

/// For large blocks and machines: up to 1,024 transactions.
pub fn large(tables: &[Box<dyn ChunkTable>]) -> Shape {
    shape(tables, "large", 10, FriParameters::FAST)
}

/// All shapes, smallest first: the list whose keys the aggregator accepts.
pub fn all(tables: &[Box<dyn ChunkTable>]) -> Vec<Shape> {
    vec![tiny(tables), standard(tables), large(tables)]
}

/// The largest shape, which has the highest of all tables.
pub fn largest() -> &'static Shape {
    static LARGEST: LazyLock<Shape> = LazyLock::new(|| large(&crate::registry::tables()));
    &LARGEST
}

/// Whether `shape` has the tables of contract execution.
pub fn runs_code(shape: &Shape) -> bool {
    shape.log_height_of(Evm.name()).is_some()
}

/// Whether a chunk of `shape` holds so many steps of contract code.
///
/// # Errors
/// What it lacks.
pub fn steps_fit(shape: &Shape, steps: u64) -> Result<(), Misfit> {
    let table = Evm.name();
    let height = shape.log_height_of(table);
    let height = height.map_or(0, |log_height| 1 << log_height);
    let rows = usize::try_from(steps).unwrap_or(usize::MAX);
    let misfit = Misfit {
        table,
        rows,
        height,
    };
    (rows <= height).then_some(()).ok_or(misfit)
}

#[cfg(test)]
mod tests {
    use braid_stark::{Protocol, security};

    use super::*;
    use crate::registry;

    /// Known answers, rounded down: making a table wider or a shape higher must not lower them unseen. The conjectured bits of the
    /// queries reach 100 in each shape; those of batching and bus, which are proven, depend on widths and heights.
    #[test]
    fn bits_of_security_are_pinned() {
        let bits: Vec<_> = all(&registry::tables())
            .iter()
            .map(|shape| {
                let layer = security::layer(
                    &Protocol::new(&registry::system_of_shape(shape), shape).unwrap(),
                );
                println!("{layer:?}");
                let conjectured = |name| layer.round(name).unwrap().conjectured as u32;
                let bits = ["queries", "batching", "bus"].map(conjectured);
                (bits, layer.proven() as u32)
            })
            .collect();
        assert_eq!(
            bits,
            [
                ([101, 102, 107], 40),
                ([100, 100, 102], 52),
                ([100, 98, 100], 52)
            ]
        );
    }
}
