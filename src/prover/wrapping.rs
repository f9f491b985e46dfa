//! Wrapping final proofs for the EVM.

use braid_aggregator::wrap::{Wrapper, memory};
use braid_prover::progress::{self, Stage};
use braid_verifier::wrap::{WrapKey, WrappedProof};
use braid_verifier::{Proof, VerifyingKey};

use super::Prover;
use crate::error::{Error, Piece, Result};

impl Prover {
    /// The circuits that wrap proofs under `key`, built or read from the cache on the first call.
    fn wrapper(&self, key: &VerifyingKey) -> Result<&Wrapper> {
        if let Some(wrapper) = self.wrapper.get() {
            return Ok(wrapper);
        }
        self.fits_wrap()?;
        let progress = self.progress.as_ref();
        let built = progress::stage(progress, Stage::Setup, Wrapper::STEPS, || {
            self.on_workers("building wrap circuits", || {
                Ok(Wrapper::build(key, &self.cache, progress)?)
            })
        })?;
        Ok(self.wrapper.get_or_init(|| built))
    }

    /// Bytes that the circuits of the wrap take, if they are loaded.
    pub(super) fn wrapper_memory(&self) -> u64 {
        self.wrapper.get().map_or(0, |_| memory().resident)
    }

    /// Whether the memory limit allows [`Prover::wrap`] beside the circuits that are loaded: after [`Prover::prepare`], beside those that prove.
    ///
    /// # Errors
    /// [`Error::WouldNotFit`] if not.
    pub fn fits_wrap(&self) -> Result<()> {
        let engine = self.engine.get();
        let others = engine.map_or(0, |engine| engine.resident_memory());
        let available = self.memory.saturating_sub(others);
        let needed = memory().most;
        if available >= needed {
            return Ok(());
        }
        Err(Error::WouldNotFit {
            label: "the wrap".to_owned(),
            piece: Piece::Wrap,
            needed,
            available,
        })
    }

    /// Wraps a final proof under the pinned key for the EVM: see [`braid_verifier::wrap`].
    ///
    /// # Errors
    /// [`Error::WouldNotFit`] before any proving if the memory limit is too low; an error of the verifier if the proof is under another key, or
    /// does not hold.
    pub fn wrap(&self, proof: &Proof) -> Result<WrappedProof> {
        let key = VerifyingKey::pinned()?;
        // Before the circuits are built, which takes long.
        braid_verifier::verify(&key, proof)?;
        let wrapper = self.wrapper(&key)?;
        let progress = self.progress.as_ref();
        progress::stage(progress, Stage::Wrap, Wrapper::STEPS, || {
            self.on_workers("wrap", || Ok(wrapper.wrap(proof, progress)?))
        })
    }

    /// The key that wrapped proofs are verified with.
    ///
    /// # Errors
    /// As [`Prover::wrap`], when a circuit cannot be built.
    pub fn wrap_key(&self) -> Result<&WrapKey> {
        let wrapper = self.wrapper(&VerifyingKey::pinned()?)?;
        Ok(wrapper.verifying_key())
    }
}
