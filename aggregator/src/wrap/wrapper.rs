//! From a final proof to a wrapped one.

use std::time::{Duration, Instant};

use braid_prover::cache::Cache;
use braid_prover::recursion::{Built, CircuitInfo, Common, Key, Proof};
use braid_verifier::VerifyingKey;
use braid_verifier::wrap::{WrapKey, WrappedProof, verify_wrapped};

use super::circuit::{BuiltWrap, WrapCircuit};
use super::compact::{Below, CompactCircuit};
use super::parameters::{first_config, second_config};
use crate::error::Error;

/// How often a wrapped proof that cannot be written down is proved again. One in many millions cannot; two in a row mean that
/// something else is wrong.
const MOST_ATTEMPTS: usize = 3;

/// The circuits above the root.
pub struct Wrapper {
    final_key: VerifyingKey,
    layers: [Built<CompactCircuit>; 2],
    wrap: BuiltWrap,
    key: WrapKey,
}

/// How long the steps of a wrap took.
#[derive(Clone, Copy, Debug, Default)]
pub struct WrapTimes {
    /// The two compact proofs.
    pub compact: [Duration; 2],
    /// The wrapped proof, with its verification.
    pub wrap: Duration,
}

fn compact_layer(
    below: Below,
    inner_key: &Key,
    inner_common: &Common,
    cache: &Cache,
) -> Result<Built<CompactCircuit>, Error> {
    let circuit = CompactCircuit {
        below,
        inner_key: inner_key.clone(),
        inner_common: inner_common.clone(),
        config: match below {
            Below::Root => first_config(),
            Below::Compact => second_config(),
        },
    };
    Ok(Built::cached(circuit, cache)?)
}

impl Wrapper {
    /// Builds the circuits that wrap final proofs under `final_key`. The compact ones come from the cache if they are there.
    ///
    /// # Errors
    /// [`Error::Prover`] if a circuit cannot be built; [`Error::Verifier`] if the wrap circuit is not of the form that
    /// verifiers expect, which is a fault of the parameters.
    pub fn build(final_key: &VerifyingKey, cache: &Cache) -> Result<Self, Error> {
        let root = final_key.data();
        let first = compact_layer(Below::Root, &root.verifier_only, &root.common, cache)?;
        let second = compact_layer(Below::Compact, first.key(), first.common(), cache)?;
        let wrap = WrapCircuit::new(second.key().clone(), second.common().clone()).build();
        let key = WrapKey::new(wrap.data.verifier_data())?;
        Ok(Self {
            final_key: final_key.clone(),
            layers: [first, second],
            wrap,
            key,
        })
    }

    /// The key that wrapped proofs are verified with.
    pub fn verifying_key(&self) -> &WrapKey {
        &self.key
    }

    /// Names and sizes of the circuits.
    pub fn infos(&self) -> Vec<(String, CircuitInfo)> {
        let [first, second] = &self.layers;
        vec![
            ("compact-root".to_owned(), first.info()),
            ("compact".to_owned(), second.info()),
            ("wrap".to_owned(), CircuitInfo::of(&self.wrap.data.common)),
        ]
    }

    /// Wraps a final proof and verifies the result.
    ///
    /// # Errors
    /// [`Error::Verifier`] if it is no proof under the final key, or does not hold.
    pub fn wrap(&self, proof: &braid_verifier::Proof) -> Result<WrappedProof, Error> {
        self.wrap_timed(proof).map(|(wrapped, _)| wrapped)
    }

    /// As [`Wrapper::wrap`], with times.
    ///
    /// # Errors
    /// As [`Wrapper::wrap`].
    pub fn wrap_timed(
        &self,
        proof: &braid_verifier::Proof,
    ) -> Result<(WrappedProof, WrapTimes), Error> {
        braid_verifier::verify(&self.final_key, proof)?;
        let mut times = WrapTimes::default();
        let mut inner = proof.unpacked(&self.final_key)?;
        for (layer, time) in self.layers.iter().zip(&mut times.compact) {
            let start = Instant::now();
            inner = compact(layer, &inner)?;
            *time = start.elapsed();
        }
        let start = Instant::now();
        for attempt in 1.. {
            let wrapped = self.wrap.prove(&inner, &proof.public_values)?;
            match WrappedProof::new(
                &self.key,
                env!("CARGO_PKG_VERSION"),
                proof.public_values,
                &wrapped.proof,
            ) {
                Ok(wrapped) => {
                    verify_wrapped(&self.key, &wrapped)?;
                    times.wrap = start.elapsed();
                    return Ok((wrapped, times));
                }
                Err(error) if attempt == MOST_ATTEMPTS => return Err(error.into()),
                Err(_) => {}
            }
        }
        unreachable!("the last attempt returns")
    }
}

fn compact(layer: &Built<CompactCircuit>, inner: &Proof) -> Result<Proof, Error> {
    use plonky2::iop::witness::WitnessWrite;
    Ok(layer.prove(|inputs, witness| witness.set_proof_with_pis_target(&inputs.proof, inner))?)
}
