//! The shrink circuits, each loaded when it is first needed: they are large, and a run uses one or two shapes.

use std::sync::{Arc, Mutex, PoisonError};

use braid_prover::cache::Cache;
use braid_prover::recursion::{Built, Key, Proof, ShrinkCircuit, Verifier};

use crate::error::Error;

/// One shape's shrink circuit.
pub(crate) struct Shrink {
    pub(crate) circuit: ShrinkCircuit,
    verifier: Verifier,
    built: Mutex<Option<Arc<Built<ShrinkCircuit>>>>,
    cache: Cache,
}

impl Shrink {
    /// Takes the circuit's key from the cache, or builds the circuit.
    pub(crate) fn new(circuit: ShrinkCircuit, cache: &Cache) -> Result<Self, Error> {
        let (verifier, built) = if cache.is_none() {
            let built = Built::build(circuit.clone())?;
            (built.data.verifier_data(), Some(Arc::new(built)))
        } else {
            (Built::cached_verifier(circuit.clone(), cache)?, None)
        };
        Ok(Self {
            circuit,
            verifier,
            built: Mutex::new(built),
            cache: cache.clone(),
        })
    }

    pub(crate) fn key(&self) -> &Key {
        &self.verifier.verifier_only
    }

    fn built(&self) -> Result<Arc<Built<ShrinkCircuit>>, Error> {
        let mut slot = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(built) = &*slot {
            return Ok(built.clone());
        }
        let built = Built::cached(self.circuit.clone(), &self.cache)?;
        if built.key() != self.key() {
            return Err(Error::Prover(braid_prover::Error::Circuit {
                circuit: format!("shrink-{}", self.circuit.shape),
                reason: "does not have the key that is known of it: empty the cache folder; after a change of circuits, write \
                         keys/circuits.bin anew"
                    .to_owned(),
            }));
        }
        let built = Arc::new(built);
        *slot = Some(built.clone());
        Ok(built)
    }

    pub(crate) fn load(&self) -> Result<(), Error> {
        self.built().map(|_| ())
    }

    pub(crate) fn shrink(&self, chunk: &Proof, node_key: &Key) -> Result<Proof, Error> {
        Ok(self.built()?.shrink(chunk, node_key)?)
    }

    pub(crate) fn verify(&self, proof: &Proof) -> Result<(), Error> {
        self.verifier.verify(proof.clone()).map_err(|error| {
            Error::Prover(braid_prover::Error::Unprovable {
                circuit: format!("shrink-{}", self.circuit.shape),
                reason: error.to_string(),
            })
        })
    }
}
