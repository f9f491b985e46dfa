//! Public inputs of everything that the fold handles: a statement, then the key of the node circuit.

use braid_circuits::statement::{ChunkStatement, STATEMENT_WIDTH};
use braid_prover::recursion::key_width;
use braid_stark::Columns;

/// How many public inputs there are.
pub(crate) fn fold_width() -> usize {
    STATEMENT_WIDTH + key_width()
}

/// Splits public inputs into the statement and the carried key. `None` if their number is wrong.
pub(crate) fn split<X: Copy>(public_inputs: &[X]) -> Option<(&ChunkStatement<X>, &[X])> {
    if public_inputs.len() != fold_width() {
        return None;
    }
    let (statement, key) = public_inputs.split_at(STATEMENT_WIDTH);
    Some((ChunkStatement::from_slice(statement), key))
}
