use braid_stark::check::interactions_of;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::table::OfferedBy;
use braid_stark::{AnyTable, Columns, Felt, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::{Class, ENTRIES, HALTING, Needs, OpcodeColumns, OpcodeTable, Operation};
use crate::bus::tag;
use crate::event::opcode::*;

/// Every payload that the table offers, with its row.
fn offered(kind: braid_stark::Tag, height: usize) -> Vec<(usize, Vec<Felt>)> {
    let mut trace = Trace::zero(OpcodeColumns::<Felt>::WIDTH, height);
    trace.rows_mut().for_each(|row| row.fill(Felt::ONE));
    let said = interactions_of(&OpcodeTable, &trace).into_iter();
    let said = said.filter(|(_, said)| said.message.tag == kind);
    said.map(|(row, said)| (row, said.message.payload))
        .collect()
}

#[test]
fn lookups_expect_entries_where_they_are() {
    for height in [ENTRIES, 2 * ENTRIES] {
        for lookup in AnyTable::lookups(&OpcodeTable) {
            let OfferedBy::Computed(row_of) = lookup.rows else {
                panic!("a fixed table is searched");
            };
            let mut found = 0;
            for (row, payload) in offered(lookup.tag, height) {
                let expected = row_of(&payload).expect("an entry");
                found += usize::from(expected == row);
                let mut other = payload;
                other[1] += Felt::from_canonical_u64(33);
                assert_eq!(row_of(&other), None);
            }
            let entries = match lookup.tag {
                tag::PushLength | tag::OpcodeNeeds => 256,
                _ => (0..=255).filter(|byte| Class::of(*byte).is_some()).count() + 256,
            };
            assert_eq!(found, entries);
        }
    }
}

/// No row offers anything for a byte that is no opcode but to halt.
#[test]
fn what_is_no_opcode_can_only_halt() {
    let operations = offered(tag::Opcode, 2 * ENTRIES);
    for byte in 0..=255u8 {
        let index = Felt::from_canonical_u8(byte);
        let plain = operations.iter().filter(|(_, payload)| payload[0] == index);
        let expected = usize::from(operation(byte).is_some() && byte != INVALID);
        assert_eq!(plain.count(), expected, "{byte:#x}");
    }
    for (_, payload) in operations {
        let operation = Operation::<Felt>::from_slice(&payload[1..]);
        let halting = payload[0].to_canonical_u64() >= HALTING as u64;
        assert_eq!(operation.halts, Felt::from_bool(halting));
        if halting {
            assert_eq!(operation.as_slice(), Operation::halting().as_slice());
        }
    }
}

/// Stack, gas and length are those of the list of opcodes, for whatever the step table does itself.
#[test]
fn operations_agree_with_the_list_of_opcodes() {
    for byte in 0..=255u8 {
        let Some(done) = Operation::of(byte) else {
            continue;
        };
        let known = operation(byte).expect("an opcode");
        let needs = Needs::of(byte);
        assert_eq!(needs.inputs, Felt::from_canonical_u8(known.inputs));
        assert_eq!(needs.outputs, Felt::from_canonical_u8(known.outputs));
        assert_eq!(needs.own, Felt::ONE - done.steps - done.leaves);
        assert_eq!((needs.cost, needs.defined), (done.cost, Felt::ONE));
        if done.steps + done.leaves == Felt::ONE {
            let rest = [done.pops_a, done.pops_b, done.pushes, done.keeps, done.cost];
            assert_eq!(rest, [Felt::ZERO; 5], "{}", known.name);
            continue;
        }
        assert_eq!(done.cost, Felt::from_canonical_u16(known.gas));
        let growth = done.pushes + done.keeps - done.pops_a - done.pops_b;
        let expected =
            Felt::from_canonical_u8(known.outputs) - Felt::from_canonical_u8(known.inputs);
        assert_eq!(growth, expected, "{}", known.name);
        // What is needed on the stack is what the deepest word asks for.
        let needed = (done.pops_b * (done.depth + Felt::ONE)).to_canonical_u64();
        let needed = needed.max(done.pops_a.to_canonical_u64());
        assert_eq!(needed, u64::from(known.inputs), "{}", known.name);
        let classes = [
            done.computes,
            done.immediate,
            done.environment,
            done.jumps,
            done.jumps_if,
            done.keeps,
        ];
        let classes: Felt = classes.into_iter().sum();
        let none = [POP, JUMPDEST].contains(&byte);
        assert_eq!(classes, Felt::from_bool(!none), "{}", known.name);
    }
    assert_eq!(
        Operation::of(PUSH32).map(|done| done.length),
        Some(Felt::from_canonical_u8(33))
    );
}

#[test]
fn degrees() {
    assert!(
        SymbolicTable::of(&OpcodeTable)
            .excessive_degrees()
            .is_empty()
    );
    assert_eq!(Table::min_height(&OpcodeTable), ENTRIES);
}
