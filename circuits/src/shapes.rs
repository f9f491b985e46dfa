//! The shapes that chunks are proved in.

use std::sync::LazyLock;

use braid_stark::AnyTable;
pub use braid_stark::shape::Shape;
use braid_stark::shape::{FriParameters, TableHeight};

use crate::chunk::{ChunkTable, Misfit, ShapeSize};
use crate::tables::evm::Evm;

/// A shape of tables: each says its height, or that the shape does without it.
fn shape(tables: &[Box<dyn ChunkTable>], name: &str, size: ShapeSize, fri: FriParameters) -> Shape {
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

/// The size of a shape for chunks that run no code.
fn transfers(log_transfers: usize) -> ShapeSize {
    ShapeSize {
        log_transfers,
        log_steps: None,
    }
}

/// The size of a shape for chunks that run code.
fn calls(log_transfers: usize, log_steps: usize) -> ShapeSize {
    ShapeSize {
        log_transfers,
        log_steps: Some(log_steps),
    }
}

/// For tests and samples: up to 8 transactions, blow-up 8 so that recursion is small.
pub fn tiny(tables: &[Box<dyn ChunkTable>]) -> Shape {
    shape(tables, "tiny", transfers(3), FriParameters::SMALL)
}

/// The same with contract code: up to 4,096 steps.
pub fn tiny_calls(tables: &[Box<dyn ChunkTable>]) -> Shape {
    shape(tables, "tiny-calls", calls(4, 12), FriParameters::SMALL)
}

/// For everyday use: up to 256 transactions.
pub fn standard(tables: &[Box<dyn ChunkTable>]) -> Shape {
    shape(tables, "standard", transfers(8), FriParameters::FAST)
}

/// For everyday use with contract code: up to 32,768 steps, and as many signatures and hashes as 128 transfers have.
pub fn standard_calls(tables: &[Box<dyn ChunkTable>]) -> Shape {
    shape(
        tables,
        "standard-calls",
        calls(7, 15),
        FriParameters::BALANCED,
    )
}

/// For large blocks and machines: up to 1,024 transactions.
pub fn large(tables: &[Box<dyn ChunkTable>]) -> Shape {
    shape(tables, "large", transfers(10), FriParameters::FAST)
}

/// All shapes, in the order in which they are tried: the list whose keys the aggregator accepts.
pub fn all(tables: &[Box<dyn ChunkTable>]) -> Vec<Shape> {
    vec![
        tiny(tables),
        tiny_calls(tables),
        standard(tables),
        standard_calls(tables),
        large(tables),
    ]
}

/// The largest shapes: what fits into neither fits nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Largest<'a> {
    /// For transactions without code.
    pub transfers: &'a Shape,
    /// For transactions that run code.
    pub calls: &'a Shape,
}

impl<'a> From<&'a Shape> for Largest<'a> {
    fn from(shape: &'a Shape) -> Self {
        Self {
            transfers: shape,
            calls: shape,
        }
    }
}

/// The largest shapes that there are.
pub fn largest() -> Largest<'static> {
    static LARGEST: LazyLock<[Shape; 2]> = LazyLock::new(|| {
        let tables = crate::registry::tables();
        [large(&tables), standard_calls(&tables)]
    });
    let [transfers, calls] = &*LARGEST;
    Largest { transfers, calls }
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
                ([101, 101, 105], 40),
                ([100, 100, 102], 52),
                ([102, 99, 103], 45),
                ([100, 98, 100], 52)
            ]
        );
    }
}
