//! What wrapping takes, before any of its circuits is there.

use braid_prover::memory::estimates::CircuitSize;
use braid_verifier::wrap::{WRAP_DEGREE_BITS, wrap_config};

use super::parameters::compact_layers;

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
    let layers = compact_layers();
    let layers = layers.map(|(_, config, log_rows)| CircuitSize::new(&config, log_rows));
    let circuits = layers
        .into_iter()
        .chain([CircuitSize::new(&wrap_config(), WRAP_DEGREE_BITS)]);
    let circuits: Vec<_> = circuits.collect();
    let resident = circuits.iter().map(CircuitSize::resident).sum();
    let proving = circuits.iter().map(CircuitSize::proving).max();
    WrapMemory {
        resident,
        most: resident + proving.unwrap_or(0),
    }
}
