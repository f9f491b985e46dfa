//! The shapes that chunks are proved in, and what fits them.

use std::sync::LazyLock;

use braid_stark::System;
use braid_stark::shape::{FriParameters, Shape};

use crate::tables::keccak_f::ROUNDS;
use crate::tables::keccak_sponge::ROWS_PER_BLOCK;
use crate::tables::secp_ladder::BLOCK;

/// What a chunk asks of the tables, as counts. See [`rows_needed`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Transactions, each with one signature.
    pub transactions: usize,
    /// Rows of `rlp` for all transactions ([`crate::tables::rlp::rows`]).
    pub rlp_rows: usize,
    /// Blocks of 136 bytes that go through Keccak.
    pub keccak_permutations: usize,
    /// Touched accounts.
    pub accounts: usize,
    /// Levels of the state tree on the way to them.
    pub tree_levels: usize,
}

/// Rows of `arith` per transaction: claims of `transaction` and `ecdsa`.
const ARITH_PER_TRANSACTION: usize = 29;
/// Rows of `arith` per chunk: claims of `block`.
const ARITH_PER_CHUNK: usize = 6;
/// Permutations of `poseidon` per account beside two per level: key, leaf and two for the value on both sides, and
/// a neighbour or the sibling of a deletion.
const POSEIDON_PER_ACCOUNT: usize = 8;
/// Rows of `tree` per account beside the levels.
const TREE_PER_ACCOUNT: usize = 1;

/// An upper bound of the rows that `demand` takes in the table called `table`; fixed tables take none.
pub fn rows_needed(table: &str, demand: &Demand) -> usize {
    let Demand {
        transactions,
        rlp_rows,
        keccak_permutations,
        accounts,
        tree_levels,
    } = *demand;
    match table {
        "block" => 1,
        "transaction" | "ecdsa" => transactions,
        "rlp" => rlp_rows,
        "keccak_sponge" => keccak_permutations * ROWS_PER_BLOCK,
        "keccak_f" => keccak_permutations * ROUNDS,
        "secp_ladder" => transactions * BLOCK,
        "arith" => transactions * ARITH_PER_TRANSACTION + ARITH_PER_CHUNK,
        "state" => accounts,
        "tree" => tree_levels + accounts * TREE_PER_ACCOUNT,
        "poseidon" => 2 * tree_levels + accounts * POSEIDON_PER_ACCOUNT,
        _ => 0,
    }
}

/// A table that does not hold what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it needs {rows} rows of table {table}, which has {height}")]
pub struct Misfit {
    /// The table.
    pub table: &'static str,
    /// Rows that are needed, at most.
    pub rows: usize,
    /// Rows that there are.
    pub height: usize,
}

/// Whether `demand` fits the heights of `shape`.
///
/// # Errors
/// The first table that is too small.
pub fn fits(system: &System, shape: &Shape, demand: &Demand) -> Result<(), Misfit> {
    for (table, log_height) in system.tables.iter().zip(&shape.log_heights) {
        let (table, height) = (table.name(), 1 << log_height);
        let rows = rows_needed(table, demand);
        if rows > height {
            return Err(Misfit {
                table,
                rows,
                height,
            });
        }
    }
    Ok(())
}

/// The least log2 height of `block`, `transaction` and the like: a class of its own below that would not pay.
const LEAST_LOG_HEIGHT: usize = 4;

/// Heights for chunks of up to about `2^log_transactions` plain transfers.
///
/// A transfer takes 239 rows of `secp_ladder`, 96 of `keccak_f`, about 120 of `rlp`, 29 of `arith` and, for two accounts at 20
/// levels, about 100 of `poseidon`. Every distinct height costs a layer of leaves in recursion, so tables share heights.
fn shape(system: &System, name: &str, log_transactions: usize, fri: FriParameters) -> Shape {
    let few = (log_transactions + 1).max(LEAST_LOG_HEIGHT);
    let log_height = |table: &str, least: usize| {
        let rows = match table {
            "block" | "transaction" | "ecdsa" | "state" | "u8" | "secp_base" => few,
            "arith" => log_transactions + 5,
            "keccak_f" | "keccak_sponge" | "tree" | "poseidon" => log_transactions + 7,
            "secp_ladder" | "rlp" => log_transactions + 8,
            _ => 0,
        };
        rows.max(least.next_power_of_two().ilog2() as usize)
    };
    let tables = system.tables.iter();
    Shape {
        name: name.to_owned(),
        log_heights: tables
            .map(|table| log_height(table.name(), table.min_height()))
            .collect(),
        fri,
    }
}

/// For tests and samples: up to 8 transactions, blow-up 8 so that recursion is small.
pub fn tiny(system: &System) -> Shape {
    shape(system, "tiny", 3, FriParameters::SMALL)
}

/// For everyday use: up to 256 transactions.
pub fn standard(system: &System) -> Shape {
    shape(system, "standard", 8, FriParameters::FAST)
}

/// For large blocks and machines: up to 1,024 transactions.
pub fn large(system: &System) -> Shape {
    shape(system, "large", 10, FriParameters::FAST)
}

/// All shapes, smallest first: the list whose keys the aggregator accepts.
pub fn all(system: &System) -> Vec<Shape> {
    vec![tiny(system), standard(system), large(system)]
}

/// Whether `demand` fits the largest shape, which has the highest of all tables.
///
/// # Errors
/// The name of that shape and the first table that is too small.
pub fn fits_largest(demand: &Demand) -> Result<(), (&'static str, Misfit)> {
    static LARGEST: LazyLock<Option<(System, Shape)>> = LazyLock::new(|| {
        let system = crate::registry::system();
        let largest = all(&system).pop()?;
        Some((system, largest))
    });
    match LARGEST.as_ref() {
        Some((system, shape)) => {
            fits(system, shape, demand).map_err(|misfit| (shape.name.as_str(), misfit))
        }
        None => Ok(()),
    }
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
        let system = registry::system();
        let bits: Vec<_> = all(&system)
            .iter()
            .map(|shape| {
                let layer = security::layer(&Protocol::new(&system, shape).unwrap());
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
