//! The bytes of a wrapped proof: what the contract reads. `docs/on-chain.md` has the layout in a table.
//!
//! Every length follows from the circuit, so there are none in the bytes. Field elements are 8 bytes, big-endian, below p; elements of
//! the extension are two of them, `c0` first; digests are 32 bytes. Parts stand in the order in which the
//! transcript takes them; then come the queries.

use braid_text::counted;
use plonky2::field::extension::Extendable;
use plonky2::field::extension::FieldExtension;
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::{Field, Field64, PrimeField64};
use plonky2::fri::proof::{FriInitialTreeProof, FriProof, FriQueryRound, FriQueryStep};
use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::proof::{OpeningSet, Proof as PlonkyProof};

use super::hasher::{Digest, EvmConfig, EvmHash};
use crate::config::{D, F};
use crate::error::{Error, malformed};

type Extension = <F as Extendable<D>>::Extension;
type Cap = MerkleCap<F, EvmHash>;

pub(super) const WHAT: &str = "wrapped proof";

/// Columns of the four commitments, in plonky2's order: constants and sigmas, wires, running products, quotients.
pub(super) fn oracle_widths(common: &CommonCircuitData<F, D>) -> [usize; 4] {
    let config = &common.config;
    let challenges = config.num_challenges;
    [
        common.num_constants + config.num_routed_wires,
        config.num_wires,
        challenges * (1 + common.num_partial_products),
        challenges * common.quotient_degree_factor,
    ]
}

/// Writes a proof.
///
/// # Errors
/// [`Error::Malformed`] if a digest of a Merkle cap is not canonical, which happens to one proof in many millions.
pub(super) fn encode(proof: &PlonkyProof<F, EvmConfig, D>) -> Result<Vec<u8>, Error> {
    let mut writer = Writer(Vec::new());
    for cap in [
        &proof.wires_cap,
        &proof.plonk_zs_partial_products_cap,
        &proof.quotient_polys_cap,
    ] {
        writer.cap(cap)?;
    }
    let openings = &proof.openings;
    for values in [
        &openings.constants,
        &openings.plonk_sigmas,
        &openings.wires,
        &openings.plonk_zs,
        &openings.partial_products,
        &openings.quotient_polys,
        &openings.plonk_zs_next,
    ] {
        writer.extensions(values);
    }
    let fri = &proof.opening_proof;
    for cap in &fri.commit_phase_merkle_caps {
        writer.cap(cap)?;
    }
    writer.extensions(&fri.final_poly.coeffs);
    writer.words(&[fri.pow_witness]);
    for query in &fri.query_round_proofs {
        let oracles = &query.initial_trees_proof.evals_proofs;
        for (leaf, _) in oracles {
            writer.words(leaf);
        }
        for (_, path) in oracles {
            writer.digests(&path.siblings);
        }
        for step in &query.steps {
            writer.extensions(&step.evals);
            writer.digests(&step.merkle_proof.siblings);
        }
    }
    Ok(writer.0)
}

/// Reads a proof of a circuit of this form.
///
/// # Errors
/// [`Error::Malformed`] if bytes are missing or left over, or a field element or a cap's digest is not canonical.
pub(super) fn decode(
    common: &CommonCircuitData<F, D>,
    bytes: &[u8],
) -> Result<PlonkyProof<F, EvmConfig, D>, Error> {
    let mut reader = Reader(bytes);
    let params = &common.fri_params;
    let cap_height = params.config.cap_height;
    let challenges = common.config.num_challenges;
    let widths = oracle_widths(common);
    let wires_cap = reader.cap(cap_height)?;
    let plonk_zs_partial_products_cap = reader.cap(cap_height)?;
    let quotient_polys_cap = reader.cap(cap_height)?;
    let openings = OpeningSet {
        constants: reader.extensions(common.num_constants)?,
        plonk_sigmas: reader.extensions(common.config.num_routed_wires)?,
        wires: reader.extensions(widths[1])?,
        plonk_zs: reader.extensions(challenges)?,
        partial_products: reader.extensions(challenges * common.num_partial_products)?,
        quotient_polys: reader.extensions(widths[3])?,
        plonk_zs_next: reader.extensions(challenges)?,
        lookup_zs: vec![],
        lookup_zs_next: vec![],
    };
    let arities = &params.reduction_arity_bits;
    let caps = arities.iter().map(|_| reader.cap(cap_height));
    let commit_phase_merkle_caps = caps.collect::<Result<_, _>>()?;
    let coeffs = reader.extensions(params.final_poly_len())?;
    let final_poly = PolynomialCoeffs { coeffs };
    let pow_witness = reader.word()?;
    let mut query_round_proofs = Vec::with_capacity(params.config.num_query_rounds);
    for _ in 0..params.config.num_query_rounds {
        let mut height = params.lde_bits();
        let leaves = widths.map(|width| reader.words(width));
        let mut evals_proofs = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            evals_proofs.push((leaf?, reader.path(height - cap_height)?));
        }
        let mut steps = Vec::with_capacity(arities.len());
        for arity_bits in arities {
            height -= arity_bits;
            steps.push(FriQueryStep {
                evals: reader.extensions(1 << arity_bits)?,
                merkle_proof: reader.path(height - cap_height)?,
            });
        }
        let initial_trees_proof = FriInitialTreeProof { evals_proofs };
        query_round_proofs.push(FriQueryRound {
            initial_trees_proof,
            steps,
        });
    }
    match reader.0.len() {
        0 => {}
        left => {
            return Err(malformed(
                WHAT,
                format!("{} too many", counted(left, "byte")),
            ));
        }
    }
    Ok(PlonkyProof {
        wires_cap,
        plonk_zs_partial_products_cap,
        quotient_polys_cap,
        openings,
        opening_proof: FriProof {
            commit_phase_merkle_caps,
            query_round_proofs,
            final_poly,
            pow_witness,
        },
    })
}

struct Writer(Vec<u8>);

impl Writer {
    fn words(&mut self, words: &[F]) {
        for word in words {
            self.0.extend(word.to_canonical_u64().to_be_bytes());
        }
    }

    fn extensions(&mut self, values: &[Extension]) {
        for value in values {
            self.words(&FieldExtension::<D>::to_basefield_array(value));
        }
    }

    fn digests(&mut self, digests: &[Digest]) {
        for digest in digests {
            self.0.extend(digest.0);
        }
    }

    fn cap(&mut self, cap: &Cap) -> Result<(), Error> {
        check_cap(cap)?;
        self.digests(&cap.0);
        Ok(())
    }
}

fn check_cap(cap: &Cap) -> Result<(), Error> {
    if cap.0.iter().all(Digest::is_canonical) {
        Ok(())
    } else {
        Err(malformed(WHAT, "a cap's digest is not canonical"))
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (bytes, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or_else(|| malformed(WHAT, "bytes are missing"))?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn word(&mut self) -> Result<F, Error> {
        let word = u64::from_be_bytes(self.take()?);
        if word < F::ORDER {
            Ok(F::from_canonical_u64(word))
        } else {
            Err(malformed(WHAT, "a field element is not canonical"))
        }
    }

    fn words(&mut self, count: usize) -> Result<Vec<F>, Error> {
        (0..count).map(|_| self.word()).collect()
    }

    fn extensions(&mut self, count: usize) -> Result<Vec<Extension>, Error> {
        let pairs = (0..count).map(|_| Ok([self.word()?, self.word()?]));
        pairs
            .map(|pair| Ok(FieldExtension::<D>::from_basefield_array(pair?)))
            .collect()
    }

    fn digests(&mut self, count: usize) -> Result<Vec<Digest>, Error> {
        (0..count).map(|_| Ok(Digest(self.take()?))).collect()
    }

    fn path(&mut self, length: usize) -> Result<MerkleProof<F, EvmHash>, Error> {
        Ok(MerkleProof {
            siblings: self.digests(length)?,
        })
    }

    fn cap(&mut self, height: usize) -> Result<Cap, Error> {
        let cap = MerkleCap(self.digests(1 << height)?);
        check_cap(&cap)?;
        Ok(cap)
    }
}
