//! The chunk circuit: verifies the STARK of one shape.

use std::sync::Arc;

use braid_circuits::statement::STATEMENT_WIDTH;
use braid_stark::recursion::{ProofTarget, verify_in_circuit};
use braid_stark::{Felt, Protocol, Shape, System, VerifyingKey};
use plonky2::field::types::PrimeField64;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};

use super::{Builder, Built, Circuit, Proof};
use crate::error::Error;

/// Verifies one STARK proof of `system` at one shape and exposes its public values, the chunk's statement.
///
/// The digest of system and shape and the cap of the fixed columns are constants of the circuit.
#[derive(Clone)]
pub struct ChunkCircuit {
    system: Arc<System>,
    protocol: Protocol,
    key: VerifyingKey,
}

/// Inputs of [`ChunkCircuit`].
pub struct ChunkInputs {
    proof: ProofTarget,
    public: Vec<Target>,
}

impl ChunkCircuit {
    /// The circuit for `system` at `shape`, whose fixed columns `key` commits to.
    ///
    /// # Errors
    /// [`Error::Stark`] if system, shape and key do not fit each other; [`Error::Circuit`] if the system's public values are not
    /// a chunk's statement.
    pub fn new(system: Arc<System>, shape: &Shape, key: VerifyingKey) -> Result<Self, Error> {
        let protocol = Protocol::new(&system, shape)?;
        if key.digest != protocol.digest {
            return Err(braid_stark::Error::from(braid_stark::VerifyError::Key).into());
        }
        if protocol.public_count != STATEMENT_WIDTH {
            return Err(Error::Circuit {
                circuit: format!("chunk-{}", shape.name),
                reason: format!("{} public values", protocol.public_count),
            });
        }
        Ok(Self {
            system,
            protocol,
            key,
        })
    }

    /// The shape worked out.
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }
}

impl Circuit for ChunkCircuit {
    type Inputs = ChunkInputs;

    fn name(&self) -> String {
        format!("chunk-{}", self.protocol.shape.name)
    }

    fn parts(&self) -> Vec<Vec<u8>> {
        // The digest covers tables, heights, constraints, messages and FRI parameters.
        let cap = self.key.fixed_cap.0.iter();
        let elements = self.key.digest.elements.into_iter();
        let elements = elements.chain(cap.flat_map(|hash| hash.elements));
        vec![
            elements
                .flat_map(|x| x.to_canonical_u64().to_le_bytes())
                .collect(),
        ]
    }

    fn inputs(&self, builder: &mut Builder) -> ChunkInputs {
        ChunkInputs {
            proof: ProofTarget::new(builder, &self.protocol),
            public: builder.add_virtual_targets(self.protocol.public_count),
        }
    }

    fn constrain(&self, builder: &mut Builder, inputs: &ChunkInputs) {
        let verifier = verify_in_circuit(
            builder,
            &self.system,
            &self.protocol,
            &self.key,
            &inputs.proof,
            &inputs.public,
        );
        assert_eq!(verifier, Ok(()), "key and counts were compared");
        builder.register_public_inputs(&inputs.public);
    }
}

impl Built<ChunkCircuit> {
    /// Proves in circuit that a STARK proof holds. The STARK is verified natively first, which costs little and says more
    /// about what is wrong.
    ///
    /// # Errors
    /// [`Error::Stark`] if the STARK proof does not hold.
    pub fn chunk(&self, proof: &braid_stark::Proof, public: &[Felt]) -> Result<Proof, Error> {
        let circuit = &self.circuit;
        braid_stark::verify::verify_prepared(
            &circuit.system,
            &circuit.protocol,
            &circuit.key,
            proof,
            public,
        )
        .map_err(braid_stark::Error::from)?;
        self.chunk_unchecked(proof, public)
    }

    /// [`Built::chunk`] without the native verifier.
    ///
    /// # Errors
    /// [`Error::Unprovable`] if the STARK proof does not hold.
    pub fn chunk_unchecked(
        &self,
        proof: &braid_stark::Proof,
        public: &[Felt],
    ) -> Result<Proof, Error> {
        self.prove(|inputs, witness: &mut PartialWitness<_>| {
            inputs.proof.set(witness, proof)?;
            anyhow::ensure!(
                inputs.public.len() == public.len(),
                "wrong number of public values"
            );
            witness.set_target_arr(&inputs.public, public)
        })
    }
}
