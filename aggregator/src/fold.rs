//! Building the fold's circuits and folding proofs.

use std::time::Duration;

use braid_circuits::statement::ChunkStatement;
use braid_prover::cache::{Cache, CacheKey};
use braid_prover::progress::{Outline, Silent, Stage, Step, Work, build_time, load_time};
use braid_prover::recursion::{
    Built, Circuit, CircuitInfo, Common, Key, Proof, ShrinkCircuit, key_elements,
};
use braid_stark::Felt;
use braid_verifier::VerifyingKey;
use braid_verifier::config::circuit_config;
use plonky2::field::types::Field;
use plonky2::plonk::circuit_data::VerifierCircuitData;
use plonky2::util::serialization::DefaultGateSerializer;

use crate::common::fold_common;
use crate::error::Error;
use crate::node::{NodeCircuit, prove_node};
use crate::root::{RootCircuit, prove_root};
use crate::shrinks::Shrink;
use crate::statement::split;

/// The chunk circuit of one shape, as the fold needs to know it.
///
/// Made from any built circuit that exposes a chunk's statement with [`ChunkKey::of`].
#[derive(Clone, Debug)]
pub struct ChunkKey {
    /// The shape's name.
    pub shape: String,
    /// The circuit's key.
    pub key: Key,
    /// The circuit's common data.
    pub common: Common,
}

impl ChunkKey {
    /// What the fold needs to know of a shape's chunk circuit.
    pub fn of<T: Circuit>(shape: &str, circuit: &Built<T>) -> Self {
        Self {
            shape: shape.to_owned(),
            key: circuit.key().clone(),
            common: circuit.common().clone(),
        }
    }
}

/// Which circuit a proof of the fold comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The shrink circuit of a shape.
    Chunk {
        /// The shape's position in [`Fold::build`]'s list.
        shape: usize,
    },
    /// The node circuit.
    Node,
}

/// log2 of the rows that the fold's circuits have about: for estimates only.
const ABOUT_LOG_ROWS: usize = 14;

/// About how long [`fold_common`] takes: it states the node circuit a few times.
fn form_time() -> Duration {
    build_time(&circuit_config(), ABOUT_LOG_ROWS)
}

/// A proof that the fold takes.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The proof.
    pub proof: Proof,
    /// Where it comes from.
    pub source: Source,
}

impl Folded {
    /// What it proves.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it does not have the form.
    pub fn statement(&self) -> Result<&ChunkStatement<Felt>, Error> {
        split(&self.proof.public_inputs)
            .map(|(statement, _)| statement)
            .ok_or_else(|| Error::Malformed("wrong number of public inputs".to_owned()))
    }
}

/// All circuits above the chunk circuits.
pub struct Fold {
    shrinks: Vec<Shrink>,
    node: Built<NodeCircuit>,
    root: Built<RootCircuit>,
    key: VerifyingKey,
}

fn common_key(shapes: usize) -> CacheKey {
    let config = format!("{:?}", circuit_config());
    let count = (shapes as u64).to_le_bytes();
    CacheKey::new("fold-form", &[config.as_bytes(), &count])
}

/// The fold's form, from the cache if it is there.
fn cached_common(shapes: usize, cache: &Cache) -> Result<Common, Error> {
    let key = common_key(shapes);
    let mut failure = None;
    let found = cache.get_or_build(
        &key,
        |bytes| Common::from_bytes(bytes.to_vec(), &DefaultGateSerializer).ok(),
        || {
            fold_common(shapes).map_err(|error| {
                let reason = error.to_string();
                failure = Some(error);
                braid_prover::Error::Circuit {
                    circuit: "node".to_owned(),
                    reason,
                }
            })
        },
        |common| common.to_bytes(&DefaultGateSerializer).ok(),
    );
    found.map_err(|error| failure.unwrap_or(Error::Prover(error)))
}

impl Fold {
    /// Builds the fold over the chunk circuits of all shapes, or takes it from the cache. The final key depends on all of
    /// them and on their order.
    ///
    /// # Errors
    /// [`Error::Empty`] without shapes; [`Error::Prover`] if a circuit does not come out as it must.
    pub fn build(chunks: Vec<ChunkKey>, cache: &Cache) -> Result<Self, Error> {
        let whole = Self::set_up_time(chunks.len(), cache);
        let mut outline = Outline::new(&Silent, Stage::Setup, whole);
        Self::set_up(chunks, cache, &mut outline)
    }

    /// Steps of [`Fold::set_up`] for these shapes: the form, the shrink circuits whose keys are not known, node and root.
    pub fn set_up_steps<'a>(shapes: impl IntoIterator<Item = &'a str>, cache: &Cache) -> usize {
        let shapes = shapes.into_iter();
        let unknown = shapes.filter(|shape| !Shrink::is_known(shape, cache));
        unknown.count() + 3
    }

    /// About how long [`Fold::set_up`] takes.
    pub fn set_up_time(shapes: usize, cache: &Cache) -> Duration {
        let config = circuit_config();
        let form = match cache.has(&common_key(shapes)) {
            true => Duration::ZERO,
            false => form_time(),
        };
        // Each for itself: an interrupted run leaves some of them.
        let circuits = ["node", "root"].map(|name| match cache.has_some(name) {
            true => load_time(&config, ABOUT_LOG_ROWS),
            false => build_time(&config, ABOUT_LOG_ROWS),
        });
        form + circuits.iter().sum::<Duration>()
    }

    /// As [`Fold::build`], as a part of the set-up, of which a listener hears.
    ///
    /// # Errors
    /// As [`Fold::build`].
    pub fn set_up(
        chunks: Vec<ChunkKey>,
        cache: &Cache,
        outline: &mut Outline<'_>,
    ) -> Result<Self, Error> {
        if chunks.is_empty() {
            return Err(Error::Empty);
        }
        let shapes = chunks.len();
        let (step, expected) = if cache.has(&common_key(shapes)) {
            (Step::Load, Duration::ZERO)
        } else {
            (Step::Build, form_time())
        };
        let fold_common = outline.part(expected, (Work::Setup, step, "fold-form"), || {
            cached_common(shapes, cache)
        })?;
        let log_rows = fold_common.degree_bits();
        let shrinks = chunks
            .into_iter()
            .map(|chunk| {
                let circuit = ShrinkCircuit {
                    shape: chunk.shape,
                    chunk_key: chunk.key,
                    chunk_common: chunk.common,
                    fold_common: fold_common.clone(),
                };
                Shrink::set_up(circuit, cache, outline)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let node = NodeCircuit {
            allowed: shrinks.iter().map(|shrink| shrink.key().clone()).collect(),
            fold_common: fold_common.clone(),
        };
        let node = Built::set_up(node, log_rows, cache, outline)?;
        let root = RootCircuit {
            node_key: node.key().clone(),
            fold_common,
        };
        let root = Built::set_up(root, log_rows, cache, outline)?;
        let key = VerifyingKey::new(VerifierCircuitData {
            verifier_only: root.key().clone(),
            common: root.common().clone(),
        })?;
        Ok(Self {
            shrinks,
            node,
            root,
            key,
        })
    }

    /// The key that final proofs are verified with.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The node circuit's key, which shrunk proofs carry.
    pub fn node_key(&self) -> &Key {
        self.node.key()
    }

    /// The one form of all proofs that are folded.
    pub fn common(&self) -> &Common {
        self.node.common()
    }

    /// Names and sizes of the circuits.
    pub fn infos(&self) -> Vec<(String, CircuitInfo)> {
        let info = CircuitInfo::of(self.node.common());
        let shrinks = self.shrinks.iter();
        shrinks
            .map(|shrink| (format!("shrink-{}", shrink.circuit.shape), info))
            .chain([
                ("node".to_owned(), self.node.info()),
                ("root".to_owned(), self.root.info()),
            ])
            .collect()
    }

    /// Names, sizes and keys of the circuits.
    pub fn circuits(&self) -> Vec<(String, CircuitInfo, &Key)> {
        let shrinks = self.shrinks.iter().map(Shrink::key);
        let keys = shrinks.chain([self.node.key(), self.root.key()]);
        let infos = self.infos().into_iter().zip(keys);
        infos.map(|((name, info), key)| (name, info, key)).collect()
    }

    /// Loads the shrink circuit of the shape at position `shape`, so that [`Fold::shrink`] need not. Whoever shrinks on several
    /// threads of one pool calls this first: loading may build the circuit, which is parallel work under a lock.
    ///
    /// # Errors
    /// [`Error::UnknownShape`]; [`Error::Prover`] if the circuit cannot be built.
    pub fn load(&self, shape: usize, outline: &mut Outline<'_>) -> Result<(), Error> {
        self.shrink_of(shape)?.load(outline)
    }

    /// Whether the cache has the shrink circuit of the shape at position `shape`, and about how long [`Fold::load`] takes.
    ///
    /// # Errors
    /// [`Error::UnknownShape`].
    pub fn load_time(&self, shape: usize) -> Result<(bool, Duration), Error> {
        Ok(self.shrink_of(shape)?.load_time())
    }

    fn shrink_of(&self, shape: usize) -> Result<&Shrink, Error> {
        self.shrinks.get(shape).ok_or(Error::UnknownShape {
            index: shape,
            count: self.shrinks.len(),
        })
    }

    /// Brings a chunk proof of the shape at position `shape` into the fold's form.
    ///
    /// # Errors
    /// [`Error::UnknownShape`]; [`Error::Prover`] if it is no proof of that shape's chunk circuit.
    pub fn shrink(&self, shape: usize, chunk: &Proof) -> Result<Folded, Error> {
        Ok(Folded {
            proof: self.shrink_of(shape)?.shrink(chunk, self.node.key())?,
            source: Source::Chunk { shape },
        })
    }

    /// Joins two adjacent proofs.
    ///
    /// # Errors
    /// [`Error::NotAdjacent`]; [`Error::Prover`] if one of them does not hold.
    pub fn join(&self, left: &Folded, right: &Folded) -> Result<Folded, Error> {
        let (a, b) = (left.statement()?, right.statement()?);
        let same_chain = a.chain_id == b.chain_id && a.rules == b.rules;
        if a.end.as_slice() != b.start.as_slice() || !same_chain {
            return Err(Error::NotAdjacent);
        }
        self.node_over(left, Some(right))
    }

    /// Makes a node of one proof alone.
    ///
    /// # Errors
    /// [`Error::Prover`] if it does not hold.
    pub fn alone(&self, only: &Folded) -> Result<Folded, Error> {
        self.node_over(only, None)
    }

    pub(crate) fn node_over(&self, left: &Folded, right: Option<&Folded>) -> Result<Folded, Error> {
        Ok(Folded {
            proof: prove_node(&self.node, left, right)?,
            source: Source::Node,
        })
    }

    /// Verifies a proof of the fold: under its circuit's key, and carrying the node circuit's key.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownShape`], or [`Error::Prover`] if it does not hold.
    pub fn verify(&self, folded: &Folded) -> Result<(), Error> {
        let (_, carried) = split(&folded.proof.public_inputs)
            .ok_or_else(|| Error::Malformed("wrong number of public inputs".to_owned()))?;
        if carried != key_elements(self.node.key()) {
            return Err(Error::Malformed("carries another node key".to_owned()));
        }
        match folded.source {
            Source::Node => self.node.verify(&folded.proof)?,
            Source::Chunk { shape } => self.shrink_of(shape)?.verify(&folded.proof)?,
        }
        Ok(())
    }

    /// Folds proofs, in order, to one node proof, level by level. `done` is told the number of nodes proved and their
    /// total after each.
    ///
    /// # Errors
    /// [`Error::Empty`]; as [`Fold::join`].
    pub fn fold_all(
        &self,
        leaves: Vec<Folded>,
        mut done: impl FnMut(usize, usize),
    ) -> Result<Folded, Error> {
        let total = leaves.len().saturating_sub(1).max(1);
        let mut proved = 0;
        let mut level = leaves;
        loop {
            match level.as_slice() {
                [] => return Err(Error::Empty),
                [root] if root.source == Source::Node => return Ok(level.remove(0)),
                [only] => {
                    let root = self.alone(only)?;
                    done(1, total);
                    return Ok(root);
                }
                _ => {}
            }
            let mut next = Vec::with_capacity(level.len().div_ceil(2));
            let mut rest = level.into_iter();
            while let Some(left) = rest.next() {
                // One without a partner moves up as it is.
                let Some(right) = rest.next() else {
                    next.push(left);
                    break;
                };
                next.push(self.join(&left, &right)?);
                proved += 1;
                done(proved, total);
            }
            level = next;
        }
    }

    /// The final proof over a node proof.
    ///
    /// # Errors
    /// [`Error::NotWholeBlocks`]; [`Error::Prover`] if it is no node proof.
    pub fn finish(&self, root: &Folded) -> Result<braid_verifier::Proof, Error> {
        let statement = root.statement()?;
        let between_blocks = [&statement.start, &statement.end]
            .iter()
            .all(|checkpoint| checkpoint.open_block().iter().all(Felt::is_zero));
        let numbers = [&statement.start, &statement.end].map(|checkpoint| {
            let limbs = checkpoint.to_checkpoint();
            limbs.map(|checkpoint| checkpoint.block.number)
        });
        let spans_a_block = matches!(numbers, [Some(start), Some(end)] if start < end);
        if !between_blocks || !spans_a_block {
            return Err(Error::NotWholeBlocks);
        }
        let proof = self.finish_unchecked(root)?;
        Ok(braid_verifier::Proof::new(
            &self.key,
            env!("CARGO_PKG_VERSION"),
            &proof,
        )?)
    }

    pub(crate) fn finish_unchecked(&self, root: &Folded) -> Result<Proof, Error> {
        Ok(prove_root(&self.root, &root.proof)?)
    }
}

#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
