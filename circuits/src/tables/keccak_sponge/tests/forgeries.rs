//! Coherent attempts of a cheating prover.

use braid_stark::Columns;
use plonky2::field::types::PrimeField64;

use super::*;
use crate::tables::keccak_f::permute;

fn assert_caught(report: &Report, label: &str) {
    assert!(report.mentions(label), "expected {label}: {report}");
}

/// The blocks of one string, each with the state that the one before it leaves.
fn chained(mut blocks: Vec<Block>) -> Vec<Block> {
    for number in 1..blocks.len() {
        blocks[number].state = permute(&blocks[number - 1].absorbed());
    }
    blocks
}

fn columns(trace: &mut Trace, row: usize) -> &mut KeccakSpongeColumns<Felt> {
    KeccakSpongeColumns::from_slice_mut(trace.row_mut(row))
}

#[test]
fn another_string() {
    let honest = [request(0, 40, false)];
    let mut other = honest.clone();
    let mut bytes = other[0].bytes.to_vec();
    bytes[17] ^= 1;
    other[0].bytes = bytes.into();
    let report = report_blocks(&honest, &blocks_of(&other));
    assert_caught(&report, "HashByte");
    assert_caught(&report, "Digest");
}

#[test]
fn a_prefix() {
    let honest = [request(0, 40, false)];
    let mut other = honest.clone();
    other[0].bytes = other[0].bytes.slice(..39);
    // As it is, and with the honest length claimed for it.
    let mut blocks = blocks_of(&other);
    assert_caught(&report_blocks(&honest, &blocks), "HashByte");
    blocks[0].length = 40;
    assert_caught(&report_blocks(&honest, &blocks), "keccak_sponge/length");
}

#[test]
fn padding_of_sha3() {
    let honest = [request(0, 40, false)];
    let mut blocks = blocks_of(&honest);
    blocks[0].bytes[40] = 0x06;
    assert_caught(&report_blocks(&honest, &blocks), "keccak_sponge/padding");
    // A stray byte in the padding, and no final bit.
    for position in [41, 48, 134, 135] {
        let mut blocks = blocks_of(&honest);
        blocks[0].bytes[position] ^= 0x80;
        assert_caught(&report_blocks(&honest, &blocks), "keccak_sponge/padding");
    }
}

#[test]
fn no_room_for_padding() {
    // 136 bytes in one block that calls itself the last.
    let honest = [request(0, 136, false)];
    let mut blocks = blocks_of(&honest);
    blocks.truncate(1);
    blocks[0].last = true;
    assert_caught(
        &report_blocks(&honest, &blocks),
        "keccak_sponge/data falls in the last block",
    );
    // A string that ends in a block that is not its last.
    let honest = [request(0, 149, false)];
    let mut blocks = blocks_of(&honest);
    blocks[0].data = 100;
    assert_caught(
        &report_blocks(&honest, &chained(blocks)),
        "keccak_sponge/data falls in the last block",
    );
}

#[test]
fn a_state_that_does_not_start_at_zero() {
    let honest = [request(0, 40, false)];
    for lane in [0, 1, 16, 17, 24] {
        let mut blocks = blocks_of(&honest);
        blocks[0].state[lane] = 1 << 40;
        assert_caught(
            &report_blocks(&honest, &blocks),
            "keccak_sponge/state starts at zero",
        );
    }
    // Not called the first, so that nothing asks for zero.
    let mut blocks = blocks_of(&honest);
    blocks[0].state[3] = 7;
    blocks[0].first = false;
    assert_caught(
        &report_blocks(&honest, &blocks),
        "keccak_sponge/first of all",
    );
    // The same after another string.
    let honest = [request(0, 40, false), request(1, 40, false)];
    let mut blocks = blocks_of(&honest);
    blocks[1].state[3] = 7;
    blocks[1].first = false;
    assert_caught(
        &report_blocks(&honest, &blocks),
        "keccak_sponge/blocks follow",
    );
}

#[test]
fn a_state_that_does_not_go_on() {
    let honest = [request(0, 149, false)];
    for lane in [0, 5, 16, 20] {
        let mut blocks = blocks_of(&honest);
        blocks[1].state[lane] ^= 1;
        assert_caught(
            &report_blocks(&honest, &blocks),
            "keccak_sponge/next block's state",
        );
    }
}

#[test]
fn a_mixed_string() {
    let honest = [request(0, 149, false), request(1, 149, false)];
    let valid = blocks_of(&honest);
    let forged = |change: fn(&mut Block)| {
        let mut blocks = vec![valid[0].clone(), valid[1].clone()];
        change(&mut blocks[1]);
        report_blocks(&honest, &chained(blocks))
    };
    let string = "keccak_sponge/next block's string";
    assert_caught(&forged(|block| block.kind += 1), string);
    assert_caught(&forged(|block| block.index += 1), string);
    assert_caught(&forged(|block| block.by_limbs = true), string);
    assert_caught(&forged(|block| block.length += 1), string);
    assert_caught(
        &forged(|block| block.offset = 0),
        "keccak_sponge/next block's offset",
    );
}

#[test]
fn a_later_start() {
    // The second block alone, as a string that starts at position 136.
    let honest = [request(0, 149, false)];
    let mut blocks = blocks_of(&honest);
    blocks.remove(0);
    blocks[0].first = true;
    blocks[0].state = [0; 25];
    assert_caught(
        &report_blocks(&honest, &blocks),
        "keccak_sponge/offset starts at zero",
    );
}

#[test]
fn a_string_that_never_ends() {
    let honest = [request(0, 149, false)];
    let mut blocks = blocks_of(&honest);
    blocks.truncate(1);
    assert_caught(
        &report_blocks(&honest, &blocks),
        "keccak_sponge/blocks follow",
    );
    // The last complete block of the table (3 blocks in 64 rows) cannot go on into the tail or round to the first row.
    let mut blocks = blocks_of(&[request(0, 500, false)]);
    blocks.truncate(3);
    assert_caught(
        &report_blocks(&honest, &blocks),
        "keccak_sponge/blocks follow",
    );
}

#[test]
fn a_permutation_shared_by_two_blocks() {
    let mut honest = vec![request(0, 40, false), request(3, 40, false)];
    honest[1].bytes = honest[0].bytes.clone();
    let mut blocks = blocks_of(&honest);
    blocks[1].permutation = 0;
    assert_caught(&report_blocks(&honest, &blocks), "KeccakInput");
    let (sponge, permutations) = fill(&blocks);
    let mut permutations = permutations;
    permutations.resize(keccak_f::ROUNDS);
    assert_caught(
        &report(&honest, sponge, permutations).unwrap(),
        "KeccakOutput",
    );
}

#[test]
fn limbs_that_are_not_whole() {
    let mut short = request(0, 42, false);
    short.by_limbs = true;
    let honest = [request(0, 40, true)];
    let report = report_blocks(&honest, &blocks_of(&[short]));
    assert_caught(&report, "keccak_sponge/limbs are whole");
}

/// A limb has other "bytes" of the same value, one of them too large.
#[test]
fn bytes_out_of_range() {
    let honest = [request(0, 40, true)];
    let (mut sponge, permutations) = fill(&blocks_of(&honest));
    let row = columns(&mut sponge, 0);
    let too_much = Felt::from_canonical_u64(256);
    for cells in [&mut row.bytes, &mut row.absorbed] {
        cells[0] -= Felt::ONE;
        cells[1] += too_much;
    }
    let refused = report(&honest, sponge, permutations);
    assert!(matches!(
        refused,
        Err(Error::LookupMissing { tag: "Xor", .. })
    ));
}

/// Digest bytes that make the right lane but are not bytes.
#[test]
fn digest_bytes_out_of_range() {
    let honest = [request(0, 40, false)];
    let (mut sponge, permutations) = fill(&blocks_of(&honest));
    let row = columns(&mut sponge, ROWS_PER_BLOCK - 1);
    let too_much = Felt::from_canonical_u64(256);
    for cells in [&mut row.lane, &mut row.absorbed] {
        cells[0] += too_much;
        cells[1] -= Felt::ONE;
    }
    let refused = report(&honest, sponge, permutations);
    assert!(matches!(
        refused,
        Err(Error::LookupMissing { tag: "Xor", .. })
    ));
}

/// The rows after the last complete block cannot take part.
#[test]
fn the_tail_is_silent() {
    let honest = [request(0, 40, false)];
    let (sponge, permutations) = fill(&blocks_of(&honest));
    let mut sponge = padded(&KeccakSponge, sponge);
    let block = sponge.row(0).to_vec();
    sponge.row_mut(25).copy_from_slice(&block);
    let first = report(&honest, sponge.clone(), permutations.clone()).unwrap();
    assert_caught(&first, "keccak_sponge/tail is unused");
    assert_caught(&first, "keccak_sponge/data is absorbed");
    // The same with the flags that are asked for: nothing is said, so nothing is gained.
    let row = columns(&mut sponge, 25);
    row.block.used = Felt::ZERO;
    row.block.first = Felt::ZERO;
    row.block.last = Felt::ZERO;
    row.data[0] = Felt::ZERO;
    let second = report(&honest, sponge, permutations).unwrap();
    assert_caught(&second, "keccak_sponge/data falls only");
}

/// An unused block takes nothing in and claims nothing, whatever its other cells hold.
#[test]
fn an_unused_block_is_silent() {
    let honest = [request(0, 40, false)];
    let (mut sponge, permutations) = fill(&blocks_of(&[honest[0].clone(), request(1, 40, false)]));
    for row in ROWS_PER_BLOCK..2 * ROWS_PER_BLOCK {
        let row = columns(&mut sponge, row);
        row.block.used = Felt::ZERO;
        row.block.first = Felt::ZERO;
        row.block.last = Felt::ZERO;
    }
    let mut alone = permutations;
    alone.resize(keccak_f::ROUNDS);
    let with_data = report(&honest, sponge.clone(), alone.clone()).unwrap();
    assert_caught(&with_data, "keccak_sponge/data starts");
    assert_eq!(sponge.row(0)[0].to_canonical_u64(), 1);
    for row in ROWS_PER_BLOCK..2 * ROWS_PER_BLOCK {
        columns(&mut sponge, row).data = [Felt::ZERO; 9];
    }
    let without = report(&honest, sponge, alone).unwrap();
    assert_caught(&without, "keccak_sponge/padding");
    assert!(without.unmatched.is_empty(), "{without}");
}
