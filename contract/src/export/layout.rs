//! Where things are: in a proof, whose layout `docs/on-chain.md` describes, and in the contract's memory.

use alloy_primitives::{B256, U256};
use braid_verifier::config::{D, F};
use braid_verifier::wrap::WrapKey;
use plonky2::field::types::{Field, PrimeField64};

use super::poseidon::Tables;
use super::source::{Source, Words};
use super::{circuit, unsupported};
use crate::error::Error;

/// Bytes of a base field element in a proof.
const ELEMENT: usize = 8;
/// Bytes of an element of the extension.
const PAIR: usize = D * ELEMENT;
/// Bytes of a digest, and of a word of memory.
const WORD: usize = 32;
/// Where Solidity's own memory ends.
const FIRST_ADDRESS: usize = 0x80;
/// Elements of Poseidon's state, three times.
const STATE_WORDS: usize = 36;

/// Addresses of what is written at the beginning.
pub(super) struct Memory {
    caps: usize,
    fold_roots: usize,
    position_roots: usize,
    nibble_roots: usize,
    poseidon: usize,
}

/// Hands out addresses.
struct Allocator<'a> {
    next: usize,
    source: &'a mut Source,
}

impl Allocator<'_> {
    fn words(&mut self, name: &str, count: usize, meaning: &str) -> usize {
        let address = self.next;
        self.source.address(name, address, meaning);
        self.next += WORD * count;
        address
    }

    fn bytes(&mut self, name: &str, count: usize, meaning: &str) -> usize {
        self.words(name, count.div_ceil(WORD), meaning)
    }
}

/// Writes lengths and offsets, then addresses.
pub(super) fn constants(key: &WrapKey, source: &mut Source) -> Result<Memory, Error> {
    let message = proof(key, source)?;
    memory(key, message, source)
}

/// Columns of the four commitments.
fn widths(key: &WrapKey) -> [usize; 4] {
    let common = &key.data().common;
    let challenges = common.config.num_challenges;
    [
        common.num_constants + common.config.num_routed_wires,
        common.config.num_wires,
        challenges * (1 + common.num_partial_products),
        challenges * common.quotient_degree_factor,
    ]
}

/// Writes the layout of a proof, and returns the length of its longest part that is hashed at once.
fn proof(key: &WrapKey, source: &mut Source) -> Result<usize, Error> {
    let common = &key.data().common;
    let params = &common.fri_params;
    let cap_bytes = WORD << params.config.cap_height;
    let (widths, challenges) = (widths(key), common.config.num_challenges);
    let opened: usize = widths.iter().sum();
    if opened >= 256 || common.num_lookup_polys != 0 {
        return Err(unsupported("too many columns, or lookups"));
    }
    source.heading("A proof.");
    source.number("CAP_BYTES", cap_bytes, "Bytes of a Merkle cap.");
    source.number("OPENED", opened, "Columns that are opened at zeta.");
    source.number(
        "OPENED_NEXT",
        challenges,
        "Columns that are opened at the next row too.",
    );
    let openings = 3 * cap_bytes;
    let openings_bytes = PAIR * (opened + challenges);
    source.number("OPENINGS_OFFSET", openings, "Where the openings are.");
    source.number("OPENINGS_BYTES", openings_bytes, "Their bytes.");
    let fri_cap = openings + openings_bytes;
    source.number(
        "FRI_CAP_OFFSET",
        fri_cap,
        "Where the cap of folded values is.",
    );
    let last = fri_cap + cap_bytes;
    let last_bytes = PAIR * params.final_poly_len() + ELEMENT;
    source.number("FINAL_OFFSET", last, "Where the final polynomial is.");
    source.number(
        "FINAL_BYTES",
        last_bytes,
        "Its bytes, and those of the proof of work.",
    );
    let head = last + last_bytes;
    source.number("HEAD_BYTES", head, "Bytes before the queries.");

    let path = WORD * (params.lde_bits() - params.config.cap_height);
    let fold_bits: usize = params.reduction_arity_bits.iter().sum();
    let fold_bytes = PAIR << fold_bits;
    let fold = ELEMENT * opened + path * widths.len();
    let query = fold + fold_bytes + path - WORD * fold_bits;
    source.number(
        "TREES",
        widths.len(),
        "Trees of a query, without that of folded values.",
    );
    let mut leaves = U256::ZERO;
    for (width, shift) in widths.iter().zip((0..).step_by(16)) {
        leaves |= U256::from(ELEMENT * width) << shift;
    }
    source.bits("LEAF_BYTES", leaves, "Bytes of their leaves, 16 bits each.");
    source.number(
        "LEAVES_BYTES",
        ELEMENT * opened,
        "Bytes of all leaves of a query.",
    );
    source.number("PATH_BYTES", path, "Bytes of a path.");
    source.number(
        "FOLD_BYTES",
        fold_bytes,
        "Bytes of the values that are folded.",
    );
    source.number("QUERY_FOLD_OFFSET", fold, "Where in a query they are.");
    let [constants, wires, ..] = widths;
    let zs = ELEMENT * (constants + wires);
    source.number(
        "QUERY_ZS_OFFSET",
        zs,
        "Where in a query the running products are.",
    );
    source.number("QUERY_BYTES", query, "Bytes of a query.");
    let length = head + params.config.num_query_rounds * query;
    source.number("PROOF_BYTES", length, "Bytes of a proof.");
    Ok(openings_bytes.max(last_bytes).max(ELEMENT * opened) + 256)
}

fn memory(key: &WrapKey, message: usize, source: &mut Source) -> Result<Memory, Error> {
    let common = &key.data().common;
    let challenges = common.config.num_challenges;
    let (_, chunks) = circuit::chunks(key)?;
    source.heading("Addresses in memory. An element of the extension takes a word.");
    let mut at = Allocator {
        next: FIRST_ADDRESS,
        source,
    };
    at.words("BETAS", challenges, "The wiring's challenges.");
    at.words("GAMMAS", challenges, "The wiring's other challenges.");
    at.words("ALPHAS", challenges, "What constraints are combined with.");
    at.words("ZETA", 1, "Where polynomials are opened.");
    at.words("ZETA_POWER", 1, "Its power: as many as there are rows.");
    at.words("FRI_ALPHA", 1, "What quotients are combined with.");
    at.words("OPENED_COMBINED", 2, "Openings, combined by it.");
    at.words("FRI_BETA", 1, "Where folded polynomials are.");
    at.words("WORK", 1, "Response to the proof of work.");
    let queries = common.fri_params.config.num_query_rounds;
    at.words("INDICES", queries, "The queries' indices are the low bits.");
    at.words("POINTS", queries, "The queries' points.");
    at.words(
        "DISTANCES",
        D * queries,
        "From zeta and the next row to them.",
    );
    at.words("NORMS", queries, "Products of the points and these norms.");
    at.words("INVERSES", queries, "Their inverses.");
    at.words(
        "STATEMENT_DIGEST",
        1,
        "The public inputs, eight bytes each.",
    );

    let cap = 1 << common.fri_params.config.cap_height;
    let caps = at.words("CAPS", cap, "Merkle caps: that of the key,");
    at.words(
        "WIRES_CAP",
        3 * cap,
        "those of wires, running products and quotients,",
    );
    at.words("FRI_CAP", cap, "that of folded values.");

    let routed = common.config.num_routed_wires;
    let opening = at.next;
    at.source
        .address("OPENINGS", opening, "Openings, in the proof's order:");
    at.words(
        "CONSTANTS",
        common.num_constants,
        "constants, the selectors first,",
    );
    at.words("SIGMAS", routed, "the wiring,");
    let wires = at.words("WIRES", common.config.num_wires, "wires,");
    at.words("ZS", challenges, "running products,");
    at.words(
        "PARTIAL_PRODUCTS",
        challenges * (chunks - 1),
        "their steps,",
    );
    at.words(
        "QUOTIENTS",
        challenges * common.quotient_degree_factor,
        "quotients,",
    );
    at.words("ZS_NEXT", challenges, "running products at the next row.");
    let column = common.config.num_wires - 1;
    at.source.address(
        "STATEMENT_OPENING",
        wires + WORD * column,
        "The statement's column.",
    );

    let before = challenges * (1 + chunks);
    let meaning = "Terms of the vanishing polynomial, two words each: of the wiring,";
    at.words("TERMS", D * before, meaning);
    at.words(
        "GATE_TERMS",
        D * common.num_gate_constraints,
        "of the gates.",
    );
    at.words(
        "CONSTRAINTS",
        common.num_gate_constraints,
        "One gate's constraints.",
    );
    at.words("STATE", STATE_WORDS, "Room for a state or a list.");
    let poseidon = poseidon(&mut at);
    let opened: usize = widths(key).iter().sum();
    at.words("ALPHA_POWERS", opened, "Powers, with lanes 136 bits apart.");
    let fold_bits: usize = common.fri_params.reduction_arity_bits.iter().sum();
    at.words(
        "BETA_POWERS",
        fold_bits,
        "Each the square of the one before.",
    );
    let meaning = "Inverses of the roots of the points of pairs.";
    let fold_roots = at.words("FOLD_ROOTS", 1 << (fold_bits - 1), meaning);
    let meaning = "Roots of unity for the positions among folded values.";
    let position_roots = at.words("POSITION_ROOTS", 1 << fold_bits, meaning);
    let meaning = "Roots of unity for four bits of an index.";
    let nibble_roots = at.words("NIBBLE_ROOTS", 16, meaning);
    let coefficients = common.fri_params.final_poly_len();
    at.words(
        "FINAL",
        coefficients,
        "The final polynomial, with lanes 136 bits apart.",
    );
    at.bytes("MESSAGE", message, "What is being hashed.");
    let end = at.next;
    at.source.address("MEMORY_END", end, "Behind all of this.");
    Ok(Memory {
        caps,
        fold_roots,
        position_roots,
        nibble_roots,
        poseidon,
    })
}

fn poseidon(at: &mut Allocator<'_>) -> usize {
    let tables = Tables::new();
    let start = at.next;
    let mut next = start;
    for (name, part) in [
        ("POSEIDON_FIRST_ROUNDS", &tables.first_rounds),
        ("POSEIDON_LAST_ROUNDS", &tables.last_rounds),
        ("POSEIDON_FIRST_CONSTANTS", &tables.first_constants),
        ("POSEIDON_INITIAL_MATRIX", &tables.initial_matrix),
        ("POSEIDON_PARTIAL_ROUNDS", &tables.partial_rounds),
    ] {
        at.source
            .address(name, next, "Constants of Poseidon, eight bytes each.");
        next += ELEMENT * part.len();
    }
    at.next = next.next_multiple_of(WORD);
    start
}

/// What is written to memory at the beginning: the key's cap, Poseidon's constants and the roots for folding.
pub(super) fn tables(key: &WrapKey, memory: &Memory) -> Result<Words, Error> {
    let mut words = Words::new();
    let cap = &key.data().verifier_only.constants_sigmas_cap.0;
    for (digest, address) in cap.iter().zip((memory.caps..).step_by(WORD)) {
        words.push((address, B256::new(digest.0)));
    }
    let fold_bits: usize = key
        .data()
        .common
        .fri_params
        .reduction_arity_bits
        .iter()
        .sum();
    let fold_root = F::primitive_root_of_unity(fold_bits);
    let domain_root = F::primitive_root_of_unity(key.data().common.fri_params.lde_bits());
    for (root, bits, address) in [
        (fold_root.inverse(), fold_bits - 1, memory.fold_roots),
        (fold_root, fold_bits, memory.position_roots),
        (domain_root, 4, memory.nibble_roots),
    ] {
        for (index, address) in (0..1usize << bits).zip((address..).step_by(WORD)) {
            // The index with its bits in reverse.
            let exponent = (0..bits).fold(0, |sum, bit| 2 * sum + (index >> bit & 1));
            let power = root.exp_u64(exponent as u64).to_canonical_u64();
            words.push((address, B256::from(U256::from(power))));
        }
    }
    let tables = Tables::new();
    let bytes: Vec<u8> = [
        tables.first_rounds,
        tables.last_rounds,
        tables.first_constants,
        tables.initial_matrix,
        tables.partial_rounds,
    ]
    .iter()
    .flatten()
    .flat_map(|element| element.to_be_bytes())
    .collect();
    for (chunk, address) in bytes.chunks(WORD).zip((memory.poseidon..).step_by(WORD)) {
        words.push((address, B256::right_padding_from(chunk)));
    }
    Ok(words)
}
