//! Strings that begin before the chunk or end after it.

use std::collections::{BTreeMap, BTreeSet};

use braid_stark::Columns;
use braid_stark::check::{check_table, interactions_of};
use braid_stark::coverage::unnoticed_columns;
use plonky2::field::types::PrimeField64;

use super::valid::assert_messages;
use super::*;
use crate::bus::tag;

/// Where strings are cut: at the ends of blocks, lanes and bytes.
const PLACES: [usize; 10] = [0, 1, 7, 8, 100, 135, 136, 137, 272, 300];

fn all() -> Vec<HashRequest> {
    let mut requests = Vec::new();
    for taken in PLACES {
        for length in PLACES {
            requests.push(cut(taken, length, true, false));
            requests.push(cut(taken, length, true, true));
        }
        requests.push(cut(0, taken, false, true));
    }
    // Bytes and states are their own for each string.
    for (index, request) in (0..).zip(&mut requests) {
        request.index = index;
    }
    requests
}

#[test]
fn strings_cut_anywhere_say_what_they_are() {
    assert_messages(&all());
}

#[test]
fn strings_cut_pass_with_all_tables() {
    let requests = [
        cut(40, 100, true, true),
        cut(136, 0, true, true),
        cut(136, 5, true, false),
        cut(0, 136, false, true),
        cut(5, 400, true, false),
    ];
    let permutations = fill(&blocks_of(&requests)).1;
    let report = report(&requests, generate(&requests).unwrap(), permutations).unwrap();
    assert!(report.is_ok(), "{report}");
}

/// Each piece goes on from where the one before stopped, and the last gives the hash of all bytes.
#[test]
fn pieces_make_the_hash_of_the_whole() {
    let whole = request(3, 500, false).bytes;
    let mut before = PublishedSponge::default();
    let mut requests = Vec::new();
    for (index, range) in [0..10, 10..146, 146..272, 272..272, 272..500]
        .into_iter()
        .enumerate()
    {
        let request = HashRequest {
            before,
            resumes: index > 0,
            pauses: range.end < 500,
            ..HashRequest::whole(1, index as u64, whole.slice(range))
        };
        before.absorb(&request.bytes);
        requests.push(request);
    }
    assert_eq!(before.digest(), alloy_primitives::keccak256(&whole));
    assert_messages(&requests);
}

/// Rows that are used, of a string that is cut on both sides, whole blocks in between or none.
#[test]
fn every_column_is_bound_of_cut_strings() {
    let mut unnoticed: Option<BTreeSet<String>> = None;
    for request in [
        cut(5, 300, true, true),
        cut(9, 20, true, true),
        cut(136, 136, true, true),
    ] {
        let (sponge, _) = fill(&blocks_of(&[request]));
        let rows = Vec::from_iter(0..sponge.height());
        let trace = padded(&KeccakSponge, sponge);
        assert_eq!(check_table(&KeccakSponge, &trace), vec![]);
        let here = unnoticed_columns(&KeccakSponge, &trace, &rows, &[tag::Xor]);
        let here = BTreeSet::from_iter(here);
        unnoticed = Some(match unnoticed {
            None => here,
            Some(before) => before.intersection(&here).cloned().collect(),
        });
    }
    assert_eq!(unnoticed, Some(BTreeSet::new()));
}

/// The blocks of one string, forged alike on all rows of block `block`.
fn assert_forged(
    honest: HashRequest,
    block: usize,
    label: &str,
    forge: impl Fn(&mut KeccakSpongeColumns<Felt>),
) {
    let honest = [honest];
    let (mut sponge, permutations) = fill(&blocks_of(&honest));
    for row in 0..ROWS_PER_BLOCK {
        let row = sponge.row_mut(ROWS_PER_BLOCK * block + row);
        forge(KeccakSpongeColumns::from_slice_mut(row));
    }
    let report = report(&honest, sponge, permutations).unwrap();
    assert!(report.mentions(label), "expected {label}: {report}");
}

#[test]
fn flags_belong_to_ends_of_strings() {
    let both = || cut(5, 300, true, true);
    let one = Felt::ONE;
    assert_forged(both(), 1, "keccak_sponge/first resumes", |row| {
        row.block.resumes = one
    });
    assert_forged(both(), 0, "keccak_sponge/last pauses", |row| {
        row.block.pauses = one
    });
    let (two, zero) = (Felt::TWO, Felt::ZERO);
    assert_forged(both(), 0, "keccak_sponge/resumes is boolean", |row| {
        row.block.resumes = two
    });
    assert_forged(both(), 2, "keccak_sponge/pauses is boolean", |row| {
        row.block.pauses = two
    });
    let full = || cut(5, 131, true, true);
    assert_forged(full(), 0, "keccak_sponge/full is boolean", |row| {
        row.block.full = two
    });
    assert_forged(both(), 0, "keccak_sponge/full pauses", |row| {
        row.block.full = one
    });
    let limbs = "keccak_sponge/limbs are not cut";
    assert_forged(both(), 0, limbs, |row| row.block.by_limbs = one);
    // A full block that says that it is not, and one that is not and says so.
    let falls = "keccak_sponge/data falls in the last block";
    assert_forged(full(), 0, falls, |row| row.block.full = zero);
    assert_forged(both(), 2, falls, |row| row.block.full = one);
}

#[test]
fn starts_and_stops_are_as_they_are_told() {
    let both = || cut(5, 20, true, true);
    let zero = Felt::ZERO;
    // A string that goes on called a new one, and one that is cut called whole.
    let label = "keccak_sponge/before starts";
    assert_forged(both(), 0, label, |row| row.block.resumes = zero);
    assert_forged(both(), 0, "SpongeStart", |row| row.block.resumes = zero);
    assert_forged(both(), 0, "SpongeEnd", |row| row.block.pauses = zero);
    let label = "keccak_sponge/padding";
    assert_forged(both(), 0, label, |row| row.block.pauses = zero);
    assert_forged(both(), 0, "keccak_sponge/start", |row| {
        row.block.start += Felt::ONE
    });
    let full = cut(136, 3, true, false);
    assert_forged(full, 0, "keccak_sponge/start", |row| row.block.start = zero);
    let whole = request(0, 20, false);
    let label = "keccak_sponge/start unused";
    assert_forged(whole, 0, label, |row| row.block.start = Felt::ONE);
    let full = cut(5, 131, true, true);
    let label = "keccak_sponge/length of a full block";
    assert_forged(full, 0, label, |row| row.block.length += Felt::ONE);
}

/// Bytes that came before change nothing and are no bytes of the string.
#[test]
fn bytes_before_are_nothing() {
    let honest = [cut(5, 20, true, true)];
    let forged = |label: &str, forge: &dyn Fn(&mut Block)| {
        let mut blocks = blocks_of(&honest);
        forge(&mut blocks[0]);
        let report = report_blocks(&honest, &blocks);
        assert!(report.mentions(label), "expected {label}: {report}");
    };
    forged("keccak_sponge/before is nothing", &|block| {
        block.bytes[3] = 1
    });
    forged("SpongeEnd", &|block| block.bytes[3] = 1);
    // One byte fewer came before, or one more.
    forged("SpongeStart", &|block| block.start = 4);
    forged("HashByte", &|block| block.start = 6);
    // More came before than there are.
    forged("keccak_sponge/before the end", &|block| block.start = 26);
    // Another state.
    forged("SpongeStart", &|block| block.state[20] ^= 1);
    forged("SpongeStart", &|block| block.state[0] ^= 1 << 63);
    // The end is another.
    forged("HashByte", &|block| block.data = 24);
}

/// Bytes that are left out in the middle, as if they had come before.
#[test]
fn bytes_before_have_no_gap() {
    let honest = [cut(5, 20, true, true)];
    let (sponge, permutations) = fill(&blocks_of(&honest));
    let forged = |row: usize, label: &str, forge: &dyn Fn(&mut [Felt; 9])| {
        let mut sponge = sponge.clone();
        let row = KeccakSpongeColumns::<Felt>::from_slice_mut(sponge.row_mut(row));
        forge(&mut row.before);
        let report = report(&honest, sponge, permutations.clone()).unwrap();
        assert!(report.mentions(label), "expected {label}: {report}");
    };
    let label = "keccak_sponge/before falls only";
    forged(0, label, &|before| before[7] = Felt::ONE);
    forged(0, "HashByte", &|before| before[7] = Felt::ONE);
    let label = "keccak_sponge/before is boolean";
    forged(0, label, &|before| before[3] = Felt::TWO);
    // A byte that comes twice for one that is left out.
    forged(0, label, &|before| {
        (before[6], before[7]) = (Felt::NEG_ONE, Felt::ONE)
    });
    let label = "keccak_sponge/before carries over";
    forged(1, label, &|before| {
        (before[0], before[1]) = (Felt::ONE, Felt::ONE)
    });
    let label = "keccak_sponge/before is absorbed";
    forged(17, label, &|before| before[0] = Felt::ONE);
}

/// A string that stops at the end of a block, whose state is permuted though no byte follows: the same bytes would leave two states.
#[test]
fn a_full_state_waits_for_the_next_byte() {
    let honest = [cut(5, 131, true, true)];
    let full = blocks_of(&honest).remove(0);
    let state = keccak_f::permute(&full.absorbed());
    let blocks = [
        Block {
            last: false,
            pauses: false,
            ..full.clone()
        },
        Block {
            first: false,
            resumes: false,
            offset: RATE as u64,
            permutation: 0,
            start: 0,
            data: 0,
            bytes: [0; RATE],
            state,
            ..full
        },
    ];
    let (sponge, permutations) = fill(&blocks);
    // Whoever takes the state believes what is told.
    let mut holder = holder(&honest);
    let taken = PublishedSponge::from_parts(state, 0).expect("a sponge");
    let last = holder.height() - 1;
    let row = HolderColumns::from_slice_mut(holder.row_mut(last));
    (row.taken, row.lanes) = limbs_of(&taken);
    // Nothing else is wrong: but for the lookup it would pass.
    let sponge = padded(&KeccakSponge, sponge);
    assert_eq!(check_table(&KeccakSponge, &sponge), vec![]);
    let mut said = interactions_of(&Holder, &holder);
    said.extend(interactions_of(&KeccakSponge, &sponge));
    let permuted = padded(&KeccakF, permutations.clone());
    said.extend(interactions_of(&KeccakF, &permuted));
    let mut balance = BTreeMap::new();
    for (_, said) in said {
        let payload = said.message.payload.iter().map(|x| x.to_canonical_u64());
        let key = (said.message.tag.name, Vec::from_iter(payload));
        *balance.entry(key).or_insert(Felt::ZERO) += said.multiplicity;
    }
    balance.retain(|(kind, _), count| *count != Felt::ZERO && *kind != "Xor");
    let unanswered = balance.into_keys().map(|(kind, _)| kind);
    assert_eq!(Vec::from_iter(unanswered), ["U16"]);
    let refused = report_of(holder, sponge, permutations);
    assert!(
        matches!(refused, Err(Error::LookupMissing { tag: "U16", .. })),
        "{refused:?}"
    );
}

/// A state that does not stand still from absorbing to where it is told, and one that is permuted first.
#[test]
fn a_paused_state_is_the_absorbed_one() {
    let honest = [cut(5, 20, true, true)];
    let (sponge, permutations) = fill(&blocks_of(&honest));
    for (row, label) in [(17, "keccak_sponge/pause"), (18, "keccak_sponge/squeeze")] {
        for lane in [0, 9] {
            let mut forged = sponge.clone();
            let row = KeccakSpongeColumns::<Felt>::from_slice_mut(forged.row_mut(row));
            row.ring[lane][1] += Felt::ONE;
            let report = report(&honest, forged, permutations.clone()).unwrap();
            assert!(report.mentions(label), "expected {label}: {report}");
        }
    }
    let mut forged = sponge.clone();
    let row = KeccakSpongeColumns::<Felt>::from_slice_mut(forged.row_mut(17));
    row.capacity[2][0] += Felt::ONE;
    let report = report(&honest, forged, permutations).unwrap();
    assert!(report.mentions("keccak_sponge/pause"), "{report}");
}
