//! Bits of security of every layer of a proof, and of the whole: see `docs/security.md`.

use braid_aggregator::wrap::compact_forms;
use braid_prover::cache::{BuiltIn, Cache};
use braid_prover::recursion::{Common, Verifier};
use braid_security::{Layer, Level};
use braid_verifier::VerifyingKey;
use braid_verifier::security::{ProofSecurity, circuit_layer};
use braid_verifier::wrap::WrapKey;
use plonky2::util::serialization::DefaultGateSerializer;
use serde::Serialize;

use crate::engine::known_chunk_key;
use crate::error::{Error, Result};
use crate::{keys, tables};

/// All layers that proofs of this build stand on.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    /// Those below final proofs: STARKs, chunk circuits and shrink circuits of every shape, since a cheating prover chooses the shape; node and
    /// root circuit.
    pub final_proof: Vec<Layer>,
    /// The compact circuits and the wrap circuit, which wrapped proofs stand on as well.
    pub wrap: Vec<Layer>,
}

impl Layers {
    /// Takes circuits' sizes from the keys that come with this program.
    ///
    /// # Errors
    /// [`Error::Internal`] if a shape does not fit the tables, or if its keys are not in this build.
    pub fn of_this_build() -> Result<Self> {
        let built_in = keys::built_in();
        let cache = Cache::none().with_built_in(built_in.clone());
        let (mut starks, mut chunks, mut shrinks) = (Vec::new(), Vec::new(), Vec::new());
        let mut fold_common = None;
        for shape in tables::shapes() {
            let protocol = tables::protocol(&shape)?;
            starks.push(braid_stark::security::layer(&protocol));
            let chunk = known_chunk_key(&shape, &protocol, &cache)?;
            let name = &shape.name;
            chunks.push(circuit_layer(
                format!("chunk circuit of shape {name}"),
                &chunk.common,
            ));
            let shrink = shrink_common(name, &built_in)?;
            shrinks.push(circuit_layer(
                format!("shrink circuit of shape {name}"),
                &shrink,
            ));
            fold_common = Some(shrink);
        }
        let mut layers = [starks, chunks, shrinks].concat();
        // The node circuit has the form of all proofs that it takes.
        let node = fold_common.map(|common| circuit_layer("node circuit", &common));
        layers.extend(node);
        let key = VerifyingKey::pinned()?;
        layers.push(key.layer());
        let compact = compact_forms(&key.data().common).into_iter();
        let compact = compact.map(|(name, form)| circuit_layer(format!("{name} circuit"), &form));
        Ok(Self {
            final_proof: layers,
            wrap: compact.chain([WrapKey::pinned()?.layer()]).collect(),
        })
    }

    /// All of them, from the lowest on.
    pub fn all(&self) -> impl Iterator<Item = &Layer> + Clone {
        self.final_proof.iter().chain(&self.wrap)
    }

    /// What a final proof is worth.
    ///
    /// # Errors
    /// [`Error::Internal`] without layers.
    pub fn of_final_proofs(&self) -> Result<ProofSecurity> {
        whole(Level::of(&self.final_proof))
    }

    /// What a wrapped proof is worth.
    ///
    /// # Errors
    /// As [`Layers::of_final_proofs`].
    pub fn of_wrapped_proofs(&self) -> Result<ProofSecurity> {
        whole(Level::of(self.all()))
    }
}

fn whole(level: Option<Level>) -> Result<ProofSecurity> {
    let none = || Error::Internal("a proof without layers".to_owned());
    level.map(ProofSecurity::whole).ok_or_else(none)
}

/// The form of a shape's shrink circuit. Its key is there once, and the chunk circuit's, which comes from the same set-up, was found by all that it is
/// built from.
fn shrink_common(shape: &str, built_in: &BuiltIn) -> Result<Common> {
    let prefix = format!("shrink-{shape}-key-");
    let mut keys = built_in.iter();
    let bytes = keys.find_map(|(name, bytes)| name.starts_with(&prefix).then_some(bytes));
    let verifier =
        bytes.and_then(|bytes| Verifier::from_bytes(bytes.clone(), &DefaultGateSerializer).ok());
    let unknown = || Error::Internal(format!("this build has no shrink key of shape {shape}"));
    Ok(verifier.ok_or_else(unknown)?.common)
}

/// A layer as programs are told of it. Bits are not rounded.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerFigures {
    /// What it is.
    pub name: String,
    /// Its weakest round, with what is proven.
    pub proven_bits: f64,
    /// Its weakest round, with what is conjectured.
    pub conjectured_bits: f64,
    /// All rounds, in the order of the protocol.
    pub rounds: Vec<RoundFigures>,
}

/// A round as programs are told of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoundFigures {
    /// What happens in it.
    pub name: String,
    /// In the unique-decoding regime.
    pub proven_bits: f64,
    /// By conjecture.
    pub conjectured_bits: f64,
}

impl From<&Layer> for LayerFigures {
    fn from(layer: &Layer) -> Self {
        let rounds = layer.rounds.iter();
        Self {
            name: layer.name.clone(),
            proven_bits: layer.proven(),
            conjectured_bits: layer.conjectured(),
            rounds: rounds
                .map(|round| RoundFigures {
                    name: round.name.clone(),
                    proven_bits: round.proven,
                    conjectured_bits: round.conjectured,
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use braid_verifier::security::{PINNED, PINNED_WRAP};

    use super::*;

    /// What verifiers say of the pinned keys is what all layers give: whoever changes a layer sets the constants anew, on purpose.
    #[test]
    fn the_figures_of_the_pinned_keys_are_those_of_all_layers() {
        let layers = Layers::of_this_build().unwrap();
        for layer in layers.all() {
            println!("{layer:?}");
        }
        assert_eq!(Level::of(&layers.final_proof), Some(PINNED));
        assert_eq!(Level::of(layers.all()), Some(PINNED_WRAP));
        let key = VerifyingKey::pinned().unwrap();
        assert_eq!(key.security(), layers.of_final_proofs().unwrap());
        let key = WrapKey::pinned().unwrap();
        assert_eq!(key.security(), layers.of_wrapped_proofs().unwrap());
    }

    #[test]
    fn every_layer_is_there_once() {
        let layers = Layers::of_this_build().unwrap();
        let mut names: Vec<_> = layers.all().map(|layer| &layer.name).collect();
        let shapes = tables::shapes().len();
        assert_eq!(names.len(), 3 * shapes + 2 + 3);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 3 * shapes + 2 + 3);
        for layer in layers.all() {
            // Only the queries have more than is proven.
            assert_eq!(layer.proven(), layer.round("queries").unwrap().proven);
            assert!(layer.conjectured() > layer.proven(), "{layer:?}");
        }
    }
}
