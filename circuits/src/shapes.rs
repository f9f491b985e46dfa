//! The shapes that chunks are proved in.

use std::sync::LazyLock;

use braid_stark::AnyTable;
pub use braid_stark::shape::Shape;
use braid_stark::shape::{FriParameters, TableHeight};

use crate::chunk::{ChunkTable, Misfit, ShapeSize};
use crate::tables::evm::Evm;

/// A shape of the catalogue.
struct Entry {
    name: &'static str,
    size: ShapeSize,
    fri: FriParameters,
    log_circuit_rows: usize,
}

/// The size of a shape for chunks that run no code.
const fn transfers(log_transfers: usize) -> ShapeSize {
    ShapeSize {
        log_transfers,
        log_steps: None,
    }
}

/// The size of a shape for chunks that run code.
const fn calls(log_transfers: usize, log_steps: usize) -> ShapeSize {
    ShapeSize {
        log_transfers,
        log_steps: Some(log_steps),
    }
}

/// All shapes, smallest first. What workloads take of them, and what they cost, stands in `docs/benchmarks.md`. The rows of chunk circuits are for estimates
/// of cost; a test of the crate `braid-prover` counts them.
const CATALOGUE: [Entry; 8] = [
    // For tests and samples: up to 8 transactions, blow-up 8 so that recursion is small.
    Entry {
        name: "tiny",
        size: transfers(3),
        fri: FriParameters::SMALL,
        log_circuit_rows: 16,
    },
    // The same with contract code: up to 4,096 steps.
    Entry {
        name: "tiny-calls",
        size: calls(4, 12),
        fri: FriParameters::SMALL,
        log_circuit_rows: 16,
    },
    // Some dozens of transactions.
    Entry {
        name: "small",
        size: transfers(5),
        fri: FriParameters::SMALL,
        log_circuit_rows: 16,
    },
    Entry {
        name: "small-calls",
        size: calls(6, 15),
        fri: FriParameters::SMALL,
        log_circuit_rows: 16,
    },
    // For everyday use: up to 256 transactions.
    Entry {
        name: "standard",
        size: transfers(8),
        fri: FriParameters::FAST,
        log_circuit_rows: 17,
    },
    // The same with contract code, of which most has 500 to 900 steps a transaction: with so many it is as full of steps as of hashes.
    Entry {
        name: "standard-calls",
        size: calls(8, 17),
        fri: FriParameters::BALANCED,
        log_circuit_rows: 17,
    },
    // Half as many transactions, with as many hashes and twice as many steps, as swaps have.
    Entry {
        name: "standard-steps",
        size: calls(7, 18),
        fri: FriParameters::BALANCED,
        log_circuit_rows: 17,
    },
    // For large blocks and machines: up to 1,024 transactions.
    Entry {
        name: "large",
        size: transfers(10),
        fri: FriParameters::FAST,
        log_circuit_rows: 17,
    },
];

impl Entry {
    /// Each table says its height, or that the shape does without it.
    fn shape(&self, tables: &[Box<dyn ChunkTable>]) -> Shape {
        let height = |table: &dyn ChunkTable| {
            let least = table.min_height().next_power_of_two().ilog2() as usize;
            Some(TableHeight {
                table: table.name().to_owned(),
                log_height: table.log_height(self.size)?.max(least),
            })
        };
        Shape {
            name: self.name.to_owned(),
            tables: tables.iter().filter_map(|table| height(&**table)).collect(),
            fri: self.fri,
        }
    }
}

/// All shapes, smallest first: the list whose keys the aggregator accepts.
pub fn all(tables: &[Box<dyn ChunkTable>]) -> Vec<Shape> {
    CATALOGUE.iter().map(|entry| entry.shape(tables)).collect()
}

/// The shape of this name.
pub fn named(tables: &[Box<dyn ChunkTable>], name: &str) -> Option<Shape> {
    let entry = CATALOGUE.iter().find(|entry| entry.name == name)?;
    Some(entry.shape(tables))
}

/// Log2 of the rows that the chunk circuit of a shape has; of a shape that is not in the catalogue, of the last.
pub fn log_circuit_rows(shape: &Shape) -> usize {
    let entry = CATALOGUE.iter().find(|entry| entry.name == shape.name);
    let [.., last] = &CATALOGUE;
    entry.unwrap_or(last).log_circuit_rows
}

/// The largest shapes: what fits into none of them fits nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Largest<'a> {
    /// For transactions without code.
    pub transfers: &'a Shape,
    /// For transactions that run code: one has room for more steps, another for more hashes. The last is the one that is named to whoever fits into none.
    pub calls: &'a [Shape],
}

impl<'a> From<&'a Shape> for Largest<'a> {
    fn from(shape: &'a Shape) -> Self {
        Self {
            transfers: shape,
            calls: core::slice::from_ref(shape),
        }
    }
}

impl<'a> Largest<'a> {
    /// Whether something that runs code `fits` one of them.
    ///
    /// # Errors
    /// The last shape, with what it lacks.
    pub fn for_code(
        &self,
        fits: impl Fn(&Shape) -> Result<(), Misfit>,
    ) -> Result<(), (&'a Shape, Misfit)> {
        let mut refused = Ok(());
        for shape in self.calls {
            match fits(shape) {
                Ok(()) => return Ok(()),
                Err(misfit) => refused = Err((shape, misfit)),
            }
        }
        refused
    }

    /// Whether one of them has the tables of contract execution.
    pub fn runs_code(&self) -> bool {
        self.calls.iter().any(runs_code)
    }
}

/// The largest shapes that there are.
pub fn largest() -> Largest<'static> {
    static LARGEST: LazyLock<(Shape, Vec<Shape>)> = LazyLock::new(|| {
        let tables = crate::registry::tables();
        let mut calls = all(&tables);
        calls.retain(runs_code);
        let [.., last] = &CATALOGUE;
        (last.shape(&tables), calls)
    });
    let (transfers, calls) = &*LARGEST;
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
                ([101, 100, 105], 40),
                ([101, 99, 103], 40),
                ([100, 100, 102], 52),
                ([102, 98, 101], 45),
                ([102, 98, 101], 45),
                ([100, 98, 100], 52)
            ]
        );
    }
}
