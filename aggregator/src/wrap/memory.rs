//! What wrapping takes, before any of its circuits is there.

use braid_prover::memory::estimates::CircuitSize;
use braid_verifier::wrap::{WRAP_DEGREE_BITS, wrap_config};

use super::parameters::{first_config, second_config};

/// Log2 of the rows of the two circuits between the root and the wrap.
const COMPACT_LOG_ROWS: [usize; 2] = [13, 12];

/// Bytes that wrapping takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrapMemory {
    /// The circuits, as long as they are loaded.
    pub resident: u64,
    /// The circuits and the proof of one of them, of which one is made at a time.
    pub most: u64,
}

/// What [`Wrapper`](super::Wrapper) takes, from the parameters of its circuits.
pub fn memory() -> WrapMemory {
    let [first, second] = COMPACT_LOG_ROWS;
    let circuits = [
        CircuitSize::new(&first_config(), first),
        CircuitSize::new(&second_config(), second),
        CircuitSize::new(&wrap_config(), WRAP_DEGREE_BITS),
    ];
    let resident = circuits.iter().map(CircuitSize::resident).sum();
    let proving = circuits.iter().map(CircuitSize::proving).max();
    WrapMemory {
        resident,
        most: resident + proving.unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wrap::compact_forms;

    #[test]
    fn the_circuits_have_these_rows() {
        let root = braid_verifier::VerifyingKey::pinned().unwrap();
        let forms = compact_forms(&root.data().common);
        let rows: Vec<_> = forms.iter().map(|(_, form)| form.degree_bits()).collect();
        assert_eq!(rows, COMPACT_LOG_ROWS);
    }
}
