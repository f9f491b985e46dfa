//! The shrink circuits, each loaded when it is first needed: they are large, and a run uses one or two shapes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use braid_prover::cache::Cache;
use braid_prover::progress::{Outline, Silent, Stage, Step, Work, build_time, load_time};
use braid_prover::recursion::{Built, Circuit, Key, Proof, ShrinkCircuit, Verifier};

use crate::error::Error;

/// One shape's shrink circuit.
pub(crate) struct Shrink {
    pub(crate) circuit: ShrinkCircuit,
    verifier: Verifier,
    built: Mutex<Option<Arc<Built<ShrinkCircuit>>>>,
    cache: Cache,
}

impl Shrink {
    /// Whether the key of a shape's shrink circuit is in the cache, as far as that is known before the circuits below it are.
    pub(crate) fn is_known(shape: &str, cache: &Cache) -> bool {
        !cache.is_none() && cache.has_some(&format!("shrink-{shape}-key"))
    }

    /// As [`Shrink::new`], as a part of the set-up if there is anything to build.
    pub(crate) fn set_up(
        circuit: ShrinkCircuit,
        cache: &Cache,
        outline: &mut Outline<'_>,
    ) -> Result<Self, Error> {
        if !cache.is_none() && Built::has_verifier(&circuit, cache) {
            return Self::new(circuit, cache);
        }
        let name = circuit.name();
        let log_rows = circuit.fold_common.degree_bits();
        let expected = build_time(&circuit.config(), log_rows);
        outline.part(expected, (Work::Setup, Step::Build, &name), || {
            Self::new(circuit, cache)
        })
    }

    /// Takes the circuit's key from the cache, or builds the circuit.
    fn new(circuit: ShrinkCircuit, cache: &Cache) -> Result<Self, Error> {
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

    fn built(&self, outline: &mut Outline<'_>) -> Result<Arc<Built<ShrinkCircuit>>, Error> {
        let mut slot = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(built) = &*slot {
            return Ok(built.clone());
        }
        let log_rows = self.circuit.fold_common.degree_bits();
        let built = Built::set_up(self.circuit.clone(), log_rows, &self.cache, outline)?;
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

    /// Whether the circuit is in the cache, and about how long it takes to load.
    pub(crate) fn load_time(&self) -> (bool, Duration) {
        let (config, log_rows) = (
            self.circuit.config(),
            self.circuit.fold_common.degree_bits(),
        );
        match Built::is_cached(&self.circuit, &self.cache) {
            true => (true, load_time(&config, log_rows)),
            false => (false, build_time(&config, log_rows)),
        }
    }

    pub(crate) fn load(&self, outline: &mut Outline<'_>) -> Result<(), Error> {
        self.built(outline).map(|_| ())
    }

    pub(crate) fn shrink(&self, chunk: &Proof, node_key: &Key) -> Result<Proof, Error> {
        let mut unheard = Outline::new(&Silent, Stage::Setup, Duration::ZERO);
        Ok(self.built(&mut unheard)?.shrink(chunk, node_key)?)
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
