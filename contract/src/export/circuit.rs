//! What the circuit is: digests, field constants, numbers of columns and terms.

use alloy_primitives::{B256, U256};
use braid_verifier::STATEMENT_VERSION;
use braid_verifier::config::F;
use braid_verifier::wrap::WrapKey;
use plonky2::field::types::{Field, PrimeField64};

use super::source::Source;
use super::unsupported;
use crate::error::Error;

fn element(value: F) -> U256 {
    U256::from(value.to_canonical_u64())
}

/// Writes them.
pub(super) fn constants(key: &WrapKey, source: &mut Source) -> Result<(), Error> {
    let (common, verifier) = (&key.data().common, &key.data().verifier_only);
    source.heading("The key.");
    source.word("KEY_HASH", key.hash(), "Hash of the key's file.");
    let digest = B256::new(verifier.circuit_digest.0);
    source.word("CIRCUIT_DIGEST", digest, "Digest of the circuit.");
    parameters(key, source)?;

    source.heading("The circuit.");
    let degree_bits = common.degree_bits();
    source.number("DEGREE_BITS", degree_bits, "log2 of the number of rows.");
    source.number("DEGREE", 1 << degree_bits, "The number of rows.");
    let root = F::primitive_root_of_unity(degree_bits);
    source.bits("ROW_ROOT", element(root), "From a row to the next one.");
    let version = STATEMENT_VERSION as usize;
    source.number("STATEMENT_VERSION", version, "Version of the statement.");
    let selectors = super::gates::selectors(common)?.groups.len();
    source.number("SELECTORS", selectors, "Constants that are selectors.");

    source.heading("The wiring.");
    let challenges = common.config.num_challenges;
    if challenges != 3 {
        return Err(unsupported("there are not three challenges of each kind"));
    }
    source.number("CHALLENGES", challenges, "Challenges of each kind.");
    let (chunk, chunks) = chunks(key)?;
    source.number("CHUNK", chunk, "Wires of a step of a running product.");
    source.number("CHUNKS", chunks, "Steps from one row to the next.");
    let shift = common.k_is.get(1).copied().unwrap_or(F::ONE);
    if !common
        .k_is
        .iter()
        .copied()
        .eq(shift.powers().take(common.k_is.len()))
    {
        return Err(unsupported("the wires' cosets are not powers of one shift"));
    }
    source.bits(
        "COSET_SHIFT",
        element(shift),
        "From a wire's coset to the next wire's.",
    );
    let before = challenges * (1 + chunks);
    let terms = before + common.num_gate_constraints;
    source.number("TERM_COUNT", terms, "Terms of the vanishing polynomial.");
    let parts = common.quotient_degree_factor;
    source.number("QUOTIENT_PARTS", parts, "Columns of a quotient.");
    low_degree(key, source)
}

/// Wires of a step of the running products, and how many steps there are.
pub(super) fn chunks(key: &WrapKey) -> Result<(usize, usize), Error> {
    let common = &key.data().common;
    let (chunk, chunks) = (
        common.quotient_degree_factor,
        common.num_partial_products + 1,
    );
    if chunk * chunks == common.config.num_routed_wires {
        Ok((chunk, chunks))
    } else {
        Err(unsupported("the last step of a running product is shorter"))
    }
}

/// What the transcript begins with: the parameters, a word of eight bytes each.
fn parameters(key: &WrapKey, source: &mut Source) -> Result<(), Error> {
    let params = &key.data().common.fri_params;
    let config = &params.config;
    let number = F::from_canonical_usize;
    let mut words = vec![
        number(config.rate_bits),
        number(config.cap_height),
        F::from_canonical_u32(config.proof_of_work_bits),
    ];
    words.extend(config.reduction_strategy.serialize::<F>());
    words.extend([
        number(config.num_query_rounds),
        F::from_bool(params.hiding),
        number(params.degree_bits),
    ]);
    words.extend(params.reduction_arity_bits.iter().map(|bits| number(*bits)));
    let bytes: Vec<u8> = words
        .iter()
        .flat_map(|word| word.to_canonical_u64().to_be_bytes())
        .collect();
    let parts: Vec<&[u8]> = bytes.chunks(32).collect();
    let [first, second, third] = parts[..] else {
        return Err(unsupported(
            "parameters do not fill two words and a part of one",
        ));
    };
    source.number("PARAMETERS_BYTES", bytes.len(), "Bytes of the parameters.");
    for (name, part) in ["PARAMETERS_0", "PARAMETERS_1", "PARAMETERS_2"]
        .iter()
        .zip([first, second, third])
    {
        source.word(name, B256::right_padding_from(part), "A part of them.");
    }
    Ok(())
}

fn low_degree(key: &WrapKey, source: &mut Source) -> Result<(), Error> {
    let params = &key.data().common.fri_params;
    let [fold_bits] = params.reduction_arity_bits[..] else {
        return Err(unsupported("there is not exactly one folding"));
    };
    let coefficients = params.final_poly_len();
    let levels = params.lde_bits() - params.config.cap_height;
    // Paths are climbed, and indices read, four bits at a time; coefficients taken eight at a time.
    let fits = fold_bits == 4
        && levels.is_multiple_of(4)
        && params.lde_bits().is_multiple_of(4)
        && coefficients.is_multiple_of(8)
        && !params.hiding;
    if !fits {
        return Err(unsupported("the low-degree test has another form"));
    }
    source.heading("The low-degree test.");
    let config = &params.config;
    source.number("QUERIES", config.num_query_rounds, "Queries.");
    let work = config.proof_of_work_bits as usize;
    source.number(
        "WORK_BITS",
        work,
        "Leading zeros of the response to the proof of work.",
    );
    let bits = params.lde_bits();
    source.number("DOMAIN_BITS", bits, "log2 of the points of the domain.");
    source.number("DOMAIN_SIZE", 1 << bits, "The points of the domain.");
    let shift = F::MULTIPLICATIVE_GROUP_GENERATOR;
    source.bits("DOMAIN_SHIFT", element(shift), "The coset's shift.");
    source.number(
        "FOLD_BITS",
        fold_bits,
        "log2 of how many values are folded to one.",
    );
    source.number(
        "FOLD_SIZE",
        1 << fold_bits,
        "How many values are folded to one.",
    );
    source.number(
        "FINAL_COUNT",
        coefficients,
        "Coefficients of the final polynomial.",
    );
    Ok(())
}
