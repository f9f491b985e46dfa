//! Wrapping final proofs for the EVM.

use braid_aggregator::wrap::Wrapper;
use braid_prover::progress::{self, Stage};
use braid_verifier::wrap::{WrapKey, WrappedProof};
use braid_verifier::{Proof, VerifyingKey};

use super::Prover;
use crate::error::{Error, Result};

/// Bytes that wrapping takes at most: 4.0 GB were measured, its circuits included.
const WRAP_MEMORY: u64 = 9 << 29;

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

    /// Whether the memory limit allows [`Prover::wrap`].
    ///
    /// # Errors
    /// [`Error::WouldNotFit`] if not.
    pub fn fits_wrap(&self) -> Result<()> {
        if self.memory >= WRAP_MEMORY {
            return Ok(());
        }
        Err(Error::WouldNotFit {
            label: "the wrap".to_owned(),
            needed: WRAP_MEMORY,
            available: self.memory,
        })
    }

    /// Wraps a final proof under the pinned key for the EVM: see [`braid_verifier::wrap`].
    ///
    /// # Errors
    /// [`Error::WouldNotFit`] before any proving if the memory limit is too low; an error of the verifier if the proof is under another key, or
    /// does not hold.
    pub fn wrap(&self, proof: &Proof) -> Result<WrappedProof> {
        let wrapper = self.wrapper(&VerifyingKey::pinned()?)?;
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
