//! Every column is bound.

use std::collections::BTreeSet;

use braid_stark::check::{check_table, interactions_of};
use plonky2::field::types::PrimeField64;

use super::*;

/// All messages but `Xor`, as (name, payload, multiplicity), sorted.
type Said = Vec<(&'static str, Vec<u64>, u64)>;

/// What the table says, and whether it asks for an exclusive or that does not hold.
fn said(trace: &Trace) -> (Said, bool) {
    let mut said = Vec::new();
    let mut wrong_xor = false;
    for (_, interaction) in interactions_of(&KeccakSponge, trace) {
        let payload: Vec<_> = interaction
            .message
            .payload
            .iter()
            .map(|x| x.to_canonical_u64())
            .collect();
        match interaction.message.tag.name {
            "Xor" => {
                let [a, b, c] = payload[..] else {
                    panic!("Xor has three operands")
                };
                wrong_xor |= a > 255 || b > 255 || a ^ b != c;
            }
            name => said.push((name, payload, interaction.multiplicity.to_canonical_u64())),
        }
    }
    said.sort();
    (said, wrong_xor)
}

/// Labels of failing constraints, and kinds of messages that the others (who stay as they were) do not answer.
fn findings(honest: &Said, forged: &Trace) -> BTreeSet<&'static str> {
    let mut findings: BTreeSet<_> = check_table(&KeccakSponge, forged)
        .into_iter()
        .map(|v| v.label)
        .collect();
    let (said, wrong_xor) = said(forged);
    if wrong_xor {
        findings.insert("Xor");
    }
    let changed = said.iter().filter(|message| !honest.contains(message));
    findings.extend(changed.map(|(name, ..)| *name));
    let lost = honest.iter().filter(|message| !said.contains(message));
    findings.extend(lost.map(|(name, ..)| *name));
    findings
}

/// What catches a change of a column on row `row` of a block: one of these.
fn owners(name: &str, row: usize, continued: bool) -> Vec<&'static str> {
    let field = name.split(['[', '.']).next().unwrap();
    match field {
        "block" => vec!["keccak_sponge/block is constant"],
        "data" if name == "data[0]" => match row {
            0 => vec!["keccak_sponge/data starts"],
            1..=16 => vec!["keccak_sponge/data carries over"],
            _ => vec!["keccak_sponge/data is absorbed"],
        },
        "data" => vec![
            "keccak_sponge/data is boolean",
            "keccak_sponge/data falls only",
            "keccak_sponge/length",
        ],
        "before" if name == "before[0]" => match row {
            0 => vec!["keccak_sponge/before starts"],
            1..=16 => vec!["keccak_sponge/before carries over"],
            _ => vec!["keccak_sponge/before is absorbed"],
        },
        "before" => vec![
            "keccak_sponge/before falls only",
            "keccak_sponge/before is boolean",
            "keccak_sponge/start",
        ],
        "bytes" | "lane" | "absorbed" => vec!["Xor"],
        "ring" | "capacity" => match row {
            0 if continued => vec!["keccak_sponge/next block's state"],
            0 => vec!["keccak_sponge/state starts at zero"],
            17 => vec!["KeccakOutput"],
            _ if field == "capacity" => vec!["keccak_sponge/capacity rests"],
            18..=20 => vec!["keccak_sponge/squeeze"],
            _ => vec!["keccak_sponge/absorb"],
        },
        _ => panic!("no constraint is known for {name}"),
    }
}

#[test]
fn every_column_is_bound() {
    let names = Table::column_names(&KeccakSponge);
    // Two blocks; the second has one full row of data and a row with five bytes of it.
    for by_limbs in [false, true] {
        let length = if by_limbs { 148 } else { 149 };
        let (sponge, _) = fill(&blocks_of(&[request(5, length, by_limbs)]));
        let mut trace = padded(&KeccakSponge, sponge);
        let (honest, wrong_xor) = said(&trace);
        assert!(!wrong_xor);
        assert_eq!(findings(&honest, &trace), BTreeSet::new());
        for block in 0..2 {
            for row in [0, 1, 2, 15, 16, 17, 18, 20] {
                for (column, name) in names.iter().enumerate() {
                    let cell = |trace: &mut Trace, change: Felt| {
                        trace.row_mut(ROWS_PER_BLOCK * block + row)[column] += change;
                    };
                    cell(&mut trace, Felt::ONE);
                    let findings = findings(&honest, &trace);
                    let owners = owners(name, row, block == 1);
                    assert!(
                        owners.iter().any(|owner| findings.contains(owner)),
                        "block {block}, row {row}, {name}: {findings:?}"
                    );
                    cell(&mut trace, Felt::NEG_ONE);
                }
            }
        }
    }
}

/// Changes of the block's columns on all of its rows at once, so that they are constant.
#[test]
fn every_block_column_is_bound() {
    let (sponge, _) = fill(&blocks_of(&[request(5, 149, false)]));
    let trace = padded(&KeccakSponge, sponge);
    let (honest, _) = said(&trace);
    let changed = |block: usize, change: &dyn Fn(&mut KeccakSpongeColumns<Felt>)| {
        let mut forged = trace.clone();
        for row in 0..ROWS_PER_BLOCK {
            let row = forged.row_mut(ROWS_PER_BLOCK * block + row);
            change(braid_stark::Columns::from_slice_mut(row));
        }
        findings(&honest, &forged)
    };
    let follow = "keccak_sponge/blocks follow";
    let string = "keccak_sponge/next block's string";
    for (block, expected) in [(0, "keccak_sponge/data starts"), (1, follow)] {
        assert!(changed(block, &|row| row.block.used = Felt::ZERO).contains(expected));
    }
    assert!(changed(0, &|row| row.block.first = Felt::ZERO).contains("keccak_sponge/first of all"));
    assert!(changed(1, &|row| row.block.first = Felt::ONE).contains(follow));
    let ends = "keccak_sponge/data falls in the last block";
    assert!(changed(0, &|row| row.block.last = Felt::ONE).contains(ends));
    assert!(changed(1, &|row| row.block.last = Felt::ZERO).contains(ends));
    for block in 0..2 {
        assert!(changed(block, &|row| row.block.by_limbs = Felt::ONE).contains(string));
        assert!(changed(block, &|row| row.block.kind += Felt::ONE).contains(string));
        assert!(changed(block, &|row| row.block.index += Felt::ONE).contains(string));
        assert!(changed(block, &|row| row.block.length += Felt::ONE).contains(string));
        let findings = changed(block, &|row| row.block.offset += Felt::ONE);
        assert!(findings.contains("keccak_sponge/next block's offset"));
        let findings = changed(block, &|row| row.block.permutation += Felt::TWO);
        assert!(findings.contains("KeccakInput") && findings.contains("KeccakOutput"));
    }
}

/// Flags that are neither 0 nor 1, and flags of an unused block, on all of a block's rows.
#[test]
fn flags_are_boolean_and_belong_to_used_blocks() {
    type Columns = KeccakSpongeColumns<Felt>;
    let (sponge, _) = fill(&blocks_of(&[request(5, 40, false)]));
    // Rows 0 to 20 are used, rows 21 to 41 are an unused block.
    let trace = {
        let mut trace = sponge;
        trace.resize(64);
        trace
    };
    let (honest, _) = said(&trace);
    let changed = |start: usize, change: &dyn Fn(&mut Columns)| {
        let mut forged = trace.clone();
        for row in start..start + ROWS_PER_BLOCK {
            change(braid_stark::Columns::from_slice_mut(forged.row_mut(row)));
        }
        findings(&honest, &forged)
    };
    type Change<'a> = &'a dyn Fn(&mut Columns);
    let cases: [(usize, Change<'_>, &str); 7] = [
        (
            0,
            &|row| row.block.used = Felt::TWO,
            "keccak_sponge/used is boolean",
        ),
        (
            0,
            &|row| row.block.first = Felt::TWO,
            "keccak_sponge/first is boolean",
        ),
        (
            0,
            &|row| row.block.last = Felt::TWO,
            "keccak_sponge/last is boolean",
        ),
        (
            0,
            &|row| row.block.by_limbs = Felt::TWO,
            "keccak_sponge/by_limbs is boolean",
        ),
        (
            0,
            &|row| row.data[1] = Felt::TWO,
            "keccak_sponge/data is boolean",
        ),
        (
            21,
            &|row| row.block.first = Felt::ONE,
            "keccak_sponge/first is used",
        ),
        (
            21,
            &|row| row.block.last = Felt::ONE,
            "keccak_sponge/last is used",
        ),
    ];
    for (start, change, expected) in cases {
        let findings = changed(start, change);
        assert!(findings.contains(expected), "{expected}: {findings:?}");
    }
}
