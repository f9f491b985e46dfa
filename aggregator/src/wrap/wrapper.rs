//! From a final proof to a wrapped one.

use braid_prover::cache::Cache;
use braid_prover::progress::{
    Outline, Progress, Stage, Step, Work, build_time, load_time, prove_time,
};
use braid_prover::recursion::{Built, CircuitInfo, Proof};
use braid_verifier::wrap::{WRAP_DEGREE_BITS, WrapKey, WrappedProof, verify_wrapped, wrap_config};
use braid_verifier::{PublicValues, VerifyingKey};

use super::circuit::{BuiltWrap, WrapCircuit};
use super::compact::{Below, CompactCircuit};
use super::parameters::{first_config, second_config};
use crate::error::Error;

/// How often a wrapped proof that cannot be written down is proved again. One in many millions cannot; two in a row mean that
/// something else is wrong.
const MOST_ATTEMPTS: usize = 3;

/// log2 of the rows that the compact circuits have about: for estimates only.
const ABOUT_LOG_ROWS: [usize; 2] = [13, 12];

const WRAP_NAME: &str = "wrap";

/// The circuits above the root.
pub struct Wrapper {
    final_key: VerifyingKey,
    layers: [Built<CompactCircuit>; 2],
    wrap: BuiltWrap,
    key: WrapKey,
}

impl Wrapper {
    /// Steps of [`Wrapper::build`] and of [`Wrapper::wrap`]: one for each circuit.
    pub const STEPS: usize = 3;

    /// Builds the circuits that wrap final proofs under `final_key`. The compact ones come from the cache if they are there. A listener hears
    /// of each.
    ///
    /// # Errors
    /// [`Error::Prover`] if a circuit cannot be built; [`Error::Verifier`] if the wrap circuit is not of the form that
    /// verifiers expect, which is a fault of the parameters.
    pub fn build(
        final_key: &VerifyingKey,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let root = final_key.data();
        let first =
            CompactCircuit::new(Below::Root, root.verifier_only.clone(), root.common.clone());
        // Whether the first is there tells of the second, whose key is not known before.
        let compact_time = if Built::is_cached(&first, cache) {
            load_time
        } else {
            build_time
        };
        let [first_rows, second_rows] = ABOUT_LOG_ROWS;
        let wrap_time = build_time(&wrap_config(), WRAP_DEGREE_BITS);
        let whole = compact_time(&first_config(), first_rows)
            + compact_time(&second_config(), second_rows)
            + wrap_time;
        let mut outline = Outline::new(progress, Stage::Setup, whole);
        let first = Built::set_up(first, first_rows, cache, &mut outline)?;
        let second =
            CompactCircuit::new(Below::Compact, first.key().clone(), first.common().clone());
        let second = Built::set_up(second, second_rows, cache, &mut outline)?;
        let wrap = WrapCircuit::new(second.key().clone(), second.common().clone());
        let wrap = outline.part(wrap_time, (Work::Setup, Step::Build, WRAP_NAME), || {
            Ok::<_, Error>(wrap.build())
        })?;
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
            (
                WRAP_NAME.to_owned(),
                CircuitInfo::of(&self.wrap.data.common),
            ),
        ]
    }

    /// Wraps a final proof and verifies the result. A listener hears of each circuit.
    ///
    /// # Errors
    /// [`Error::Verifier`] if it is no proof under the final key, or does not hold.
    pub fn wrap(
        &self,
        proof: &braid_verifier::Proof,
        progress: &dyn Progress,
    ) -> Result<WrappedProof, Error> {
        braid_verifier::verify(&self.final_key, proof)?;
        let [first, second] = &self.layers;
        let [first_time, second_time, wrap_time] =
            [first.common(), second.common(), &self.wrap.data.common]
                .map(|common| prove_time(&common.config, common.degree_bits()));
        let whole = first_time + second_time + wrap_time;
        let mut outline = Outline::new(progress, Stage::Wrap, whole);
        let part = |step| (Work::Wrap, step, "");
        let inner = proof.unpacked(&self.final_key)?;
        let inner = outline.part(first_time, part(Step::CompactRoot), || {
            compact(first, &inner)
        })?;
        let inner = outline.part(second_time, part(Step::Compact), || compact(second, &inner))?;
        outline.part(wrap_time, part(Step::Wrap), || {
            self.wrap_compact(&inner, &proof.public_values)
        })
    }

    fn wrap_compact(&self, inner: &Proof, values: &PublicValues) -> Result<WrappedProof, Error> {
        for attempt in 1.. {
            let wrapped = self.wrap.prove(inner, values)?;
            let release = env!("CARGO_PKG_VERSION");
            match WrappedProof::new(&self.key, release, *values, &wrapped.proof) {
                Ok(wrapped) => {
                    verify_wrapped(&self.key, &wrapped)?;
                    return Ok(wrapped);
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
