//! Building, caching and proving circuits.

use std::panic::{AssertUnwindSafe, catch_unwind};

use braid_verifier::config::{C, D, F, circuit_config};
use plonky2::iop::witness::PartialWitness;
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData};
use plonky2::util::serialization::{DefaultGateSerializer, DefaultGeneratorSerializer};

use super::{Common, Key, Proof, Verifier, plonk};
use crate::cache::{Cache, CacheKey};
use crate::error::Error;
use crate::progress::{Outline, Step, Work, build_time, load_time};

/// plonky2's circuit builder over our field.
pub type Builder = CircuitBuilder<F, D>;

/// A circuit of the recursion.
pub trait Circuit {
    /// Targets that the prover sets.
    type Inputs;

    /// A short name: letters, digits and `-`.
    fn name(&self) -> String;

    /// Everything that the circuit is built from, as bytes.
    fn parts(&self) -> Vec<Vec<u8>>;

    /// plonky2's parameters.
    fn config(&self) -> CircuitConfig {
        circuit_config()
    }

    /// Allocates the inputs. Called on a fresh builder; must add nothing but virtual targets, always in the same order.
    fn inputs(&self, builder: &mut Builder) -> Self::Inputs;

    /// States the constraints and registers the public inputs.
    fn constrain(&self, builder: &mut Builder, inputs: &Self::Inputs);

    /// The common data that the circuit must have, if others are built for it.
    fn goal(&self) -> Option<&Common> {
        None
    }
}

/// Sizes of a circuit, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitInfo {
    /// log2 of the number of rows.
    pub degree_bits: usize,
    /// Public inputs.
    pub public_inputs: usize,
    /// Kinds of gates.
    pub gate_kinds: usize,
}

impl CircuitInfo {
    /// The sizes of a circuit with this common data.
    pub fn of(common: &Common) -> Self {
        Self {
            degree_bits: common.degree_bits(),
            public_inputs: common.num_public_inputs,
            gate_kinds: common.gates.len(),
        }
    }
}

/// A circuit that is ready to prove.
pub struct Built<T: Circuit> {
    /// The circuit's description.
    pub circuit: T,
    /// Its inputs.
    pub inputs: T::Inputs,
    /// plonky2's circuit.
    pub data: CircuitData<F, C, D>,
}

/// Brings a circuit to `goal`: pads to its degree and declares all of its gates.
fn aim_at(builder: &mut Builder, goal: &Common) {
    for gate in &goal.gates {
        builder.add_gate_to_gate_set(gate.clone());
    }
    // Half full and a public-input gate more: building fills up to exactly the next power of two.
    while builder.num_gates() < goal.degree() / 2 {
        builder.add_gate(plonky2::gates::noop::NoopGate, vec![]);
    }
}

/// What differs between two circuits' common data.
fn difference(got: &Common, goal: &Common) -> String {
    if got.degree_bits() != goal.degree_bits() {
        format!(
            "2^{} rows instead of 2^{}",
            got.degree_bits(),
            goal.degree_bits()
        )
    } else if got.num_public_inputs != goal.num_public_inputs {
        let (got, goal) = (got.num_public_inputs, goal.num_public_inputs);
        format!("{got} public inputs instead of {goal}")
    } else if got.gates != goal.gates {
        let ids = |common: &Common| -> Vec<String> {
            common.gates.iter().map(|gate| gate.0.id()).collect()
        };
        format!("gates {:?} instead of {:?}", ids(got), ids(goal))
    } else {
        "other parameters".to_owned()
    }
}

/// Where the cache has a circuit, or what `suffix` says of it.
fn cache_key<T: Circuit>(circuit: &T, suffix: &str) -> CacheKey {
    let mut parts = circuit.parts();
    parts.push(format!("{:?}", circuit.config()).into_bytes());
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    CacheKey::new(&format!("{}{suffix}", circuit.name()), &parts)
}

impl<T: Circuit> Built<T> {
    fn describe(circuit: &T) -> (Builder, T::Inputs) {
        let mut builder = Builder::new(circuit.config());
        let inputs = circuit.inputs(&mut builder);
        debug_assert_eq!(builder.num_gates(), 0, "inputs are virtual targets only");
        (builder, inputs)
    }

    /// Builds a circuit.
    ///
    /// # Errors
    /// [`Error::Circuit`] if it does not come out as its goal.
    pub fn build(circuit: T) -> Result<Self, Error> {
        let (mut builder, inputs) = Self::describe(&circuit);
        circuit.constrain(&mut builder, &inputs);
        let gates = builder.num_gates();
        if let Some(goal) = circuit.goal() {
            aim_at(&mut builder, goal);
        }
        let data = builder.build::<C>();
        tracing::info!(
            circuit = circuit.name(),
            gates,
            degree_bits = data.common.degree_bits(),
            "circuit is built"
        );
        Self {
            circuit,
            inputs,
            data,
        }
        .of_the_goal()
    }

    /// The common data that the circuit would have, without the cost of building it. With a goal, gates and rows are
    /// at least the goal's.
    pub fn common_of(circuit: &T) -> Common {
        let (mut builder, inputs) = Self::describe(circuit);
        circuit.constrain(&mut builder, &inputs);
        tracing::debug!(
            circuit = circuit.name(),
            gates = builder.num_gates(),
            "dry run"
        );
        if let Some(goal) = circuit.goal() {
            aim_at(&mut builder, goal);
        }
        builder.mock_build::<C>().common
    }

    /// How many gates the circuit has before padding, public inputs and constants.
    pub fn gates_of(circuit: &T) -> usize {
        let (mut builder, inputs) = Self::describe(circuit);
        circuit.constrain(&mut builder, &inputs);
        builder.num_gates()
    }

    fn of_the_goal(self) -> Result<Self, Error> {
        match self.circuit.goal() {
            Some(goal) if *goal != self.data.common => Err(Error::Circuit {
                circuit: self.circuit.name(),
                reason: difference(&self.data.common, goal),
            }),
            _ => Ok(self),
        }
    }

    /// Takes a circuit from the cache, or builds it.
    ///
    /// # Errors
    /// As [`Built::build`].
    pub fn cached(circuit: T, cache: &Cache) -> Result<Self, Error> {
        let key = cache_key(&circuit, "");
        let generators = DefaultGeneratorSerializer::<C, D>::default();
        // The closures of the cache exclude each other, but the compiler cannot know; the circuit is handed through.
        let description = std::cell::Cell::new(Some(circuit));
        cache.get_or_build(
            &key,
            |bytes| {
                // The file's checksum held, so a panic here means a file of another plonky2.
                let read = || CircuitData::from_bytes(bytes, &DefaultGateSerializer, &generators);
                let data = catch_unwind(AssertUnwindSafe(read)).ok()?.ok()?;
                let circuit = description.take()?;
                if circuit.goal().is_some_and(|goal| *goal != data.common) {
                    description.set(Some(circuit));
                    return None;
                }
                let (_, inputs) = Self::describe(&circuit);
                Some(Self {
                    circuit,
                    inputs,
                    data,
                })
            },
            || match description.take() {
                Some(circuit) => Self::build(circuit),
                None => Err(Error::Circuit {
                    circuit: key.file_name(),
                    reason: "was taken already".to_owned(),
                }),
            },
            |built| {
                built
                    .data
                    .to_bytes(
                        &DefaultGateSerializer,
                        &DefaultGeneratorSerializer::<C, D>::default(),
                    )
                    .ok()
            },
        )
    }

    /// A circuit's key and common data: from the cache without the circuit itself, which is large, if they are there;
    /// otherwise the circuit is built.
    ///
    /// # Errors
    /// As [`Built::build`].
    pub fn cached_verifier(circuit: T, cache: &Cache) -> Result<Verifier, Error> {
        let goal = circuit.goal().cloned();
        cache.get_or_build(
            &cache_key(&circuit, "-key"),
            |bytes| {
                // The file's checksum held, so a panic here means a file of another plonky2.
                let read = || Verifier::from_bytes(bytes.to_vec(), &DefaultGateSerializer);
                let data = catch_unwind(AssertUnwindSafe(read)).ok()?.ok()?;
                goal.as_ref()
                    .is_none_or(|goal| *goal == data.common)
                    .then_some(data)
            },
            || Ok(Self::cached(circuit, cache)?.data.verifier_data()),
            |data| data.to_bytes(&DefaultGateSerializer).ok(),
        )
    }

    /// As [`Built::cached`], as a part of the set-up, of which a listener hears. `log_rows`: about the log2 of the rows that it has.
    ///
    /// # Errors
    /// As [`Built::build`].
    pub fn set_up(
        circuit: T,
        log_rows: usize,
        cache: &Cache,
        outline: &mut Outline<'_>,
    ) -> Result<Self, Error> {
        let (name, config) = (circuit.name(), circuit.config());
        let (step, expected) = if Self::is_cached(&circuit, cache) {
            (Step::Load, load_time(&config, log_rows))
        } else {
            (Step::Build, build_time(&config, log_rows))
        };
        outline.part(expected, (Work::Setup, step, &name), || {
            Self::cached(circuit, cache)
        })
    }

    /// Whether [`Built::cached`] finds the circuit.
    pub fn is_cached(circuit: &T, cache: &Cache) -> bool {
        cache.has(&cache_key(circuit, ""))
    }

    /// Whether [`Built::cached_verifier`] finds the key.
    pub fn has_verifier(circuit: &T, cache: &Cache) -> bool {
        cache.has(&cache_key(circuit, "-key"))
    }

    /// The circuit's key.
    pub fn key(&self) -> &Key {
        &self.data.verifier_only
    }

    /// The circuit's common data.
    pub fn common(&self) -> &Common {
        &self.data.common
    }

    /// The circuit's sizes.
    pub fn info(&self) -> CircuitInfo {
        CircuitInfo::of(&self.data.common)
    }

    /// Proves that the inputs which `set` fills in satisfy the circuit, and verifies the proof: witness generation alone
    /// does not look at every constraint.
    ///
    /// # Errors
    /// [`Error::Unprovable`] if they do not.
    pub fn prove(
        &self,
        set: impl FnOnce(&T::Inputs, &mut PartialWitness<F>) -> anyhow::Result<()>,
    ) -> Result<Proof, Error> {
        let attempt = || -> anyhow::Result<Proof> {
            let mut witness = PartialWitness::new();
            set(&self.inputs, &mut witness)?;
            let proof = plonk::prove(&self.data, witness)?;
            self.data.verify(proof.clone())?;
            Ok(proof)
        };
        // plonky2 panics on some witnesses that contradict the circuit (an inverse of zero, say).
        let outcome = catch_unwind(AssertUnwindSafe(attempt));
        let reason = match outcome {
            Ok(Ok(proof)) => return Ok(proof),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the inputs contradict the circuit".to_owned(),
        };
        Err(Error::Unprovable {
            circuit: self.circuit.name(),
            reason,
        })
    }

    /// Verifies a proof of this circuit.
    ///
    /// # Errors
    /// [`Error::Unprovable`] if it does not hold.
    pub fn verify(&self, proof: &Proof) -> Result<(), Error> {
        self.data
            .verify(proof.clone())
            .map_err(|error| Error::Unprovable {
                circuit: self.circuit.name(),
                reason: error.to_string(),
            })
    }
}
