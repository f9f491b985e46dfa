//! Judging rows of tables that prove `Compute` claims.

use std::collections::BTreeSet;

use alloy_primitives::U256;
use braid_stark::check::{check, interactions_of, row_of};
use braid_stark::message::is_silent;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::table::Collected;
use braid_stark::{AnyTable, Felt, Row, System, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};
use rand::{Rng, rngs::StdRng};

use super::Operation;
use crate::bus::{Message, tag};
use crate::tables::test_support::{Claims, ranges_hold};
use crate::word::word;

/// What is to be said of a filled table on its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Labels of failing constraints; `"lookup"` if something looked up is not there.
    pub labels: BTreeSet<&'static str>,
    /// A claim is received that is not true, or true but more than once in a row.
    pub false_claim: bool,
}

impl Verdict {
    /// Nothing fails.
    pub fn passes(&self) -> bool {
        self.labels.is_empty()
    }
}

/// Judges all rows together.
pub fn judge(table: &dyn AnyTable, trace: &Trace) -> Verdict {
    let mut all = Verdict {
        labels: BTreeSet::new(),
        false_claim: false,
    };
    for row in 0..trace.height() {
        let verdict = judge_row(table, trace, row);
        all.labels.extend(verdict.labels);
        all.false_claim |= verdict.false_claim;
    }
    all
}

/// Judges one row of a table whose rows know nothing of each other.
pub fn judge_row(table: &dyn AnyTable, trace: &Trace, row: usize) -> Verdict {
    let fixed = Trace::zero(0, 0);
    let mut said = Collected::default();
    let row = Row {
        fixed: fixed.cells(),
        ..row_of(trace, trace, row)
    };
    table.eval_row(row, &mut said);
    let failing = said.constraints.iter().filter(|c| c.1 != Felt::ZERO);
    let mut labels: BTreeSet<_> = failing.map(|(label, _)| *label).collect();
    let spoken = said.interactions.into_iter();
    let spoken: Vec<_> = spoken
        .filter(|said| !is_silent(said.multiplicity))
        .map(|said| (0, said))
        .collect();
    if !ranges_hold(&spoken) {
        labels.insert("lookup");
    }
    let mut claims = spoken
        .iter()
        .filter(|(_, said)| said.message.tag == tag::Compute);
    let false_claim = claims
        .any(|(_, said)| said.multiplicity != Felt::NEG_ONE || !is_true(&said.message.payload));
    Verdict {
        labels,
        false_claim,
    }
}

/// Whether a `Compute` claim is true: with proper limbs, and zero for an operand that the opcode does not have.
fn is_true(payload: &[Felt]) -> bool {
    let claim = braid_stark::Message::new(tag::Compute, payload.to_vec());
    let Some(operation) = Operation::of_claim(&claim) else {
        return false;
    };
    let Some(c) = operation.result() else {
        return false;
    };
    let one_operand = [0x15, 0x19, 0x1e].contains(&operation.opcode);
    let proper: braid_stark::Message<Felt> = claim_of(&operation, c).into();
    proper.payload == payload && (!one_operand || operation.b.is_zero())
}

/// The claim that the operation gives `c`.
pub fn claim_of(operation: &Operation, c: U256) -> Message<Felt> {
    Message::Compute {
        opcode: Felt::from_canonical_u8(operation.opcode),
        a: word(operation.a),
        b: word(operation.b),
        c: word(c),
    }
}

/// Filled rows and claims of `operations` balance, padded or not.
pub fn assert_proved<T: Table + Copy>(table: T, trace: &Trace, operations: &[Operation]) {
    let claims = operations
        .iter()
        .map(|operation| claim_of(operation, operation.result().unwrap()));
    let mut padded = trace.clone();
    Table::pad(&table, &mut padded, trace.height().next_power_of_two());
    let system = System::new(vec![Box::new(table), Box::new(Claims)], NoPublicValues);
    let report = check(&system, &[padded.clone(), Claims::trace(claims)], &[]).unwrap();
    assert!(report.violations.is_empty(), "{report}");
    let others = report.unmatched.iter().find(|unmatched| {
        ![tag::U16.name, tag::Xor.name, tag::Rules.name].contains(&unmatched.tag)
    });
    assert_eq!(others, None);
    assert!(ranges_hold(&interactions_of(&table, &padded)));
}

/// All labels of a table's constraints, and `"lookup"`.
pub fn labels_of(table: &dyn AnyTable) -> BTreeSet<&'static str> {
    let symbolic = SymbolicTable::of(table);
    let labels = symbolic.collected.constraints.iter();
    labels.map(|(label, _)| *label).chain(["lookup"]).collect()
}

/// Attacks, each told by its name, and the constraints that catch it: each label of the table must be the only one that stops some attack which
/// would otherwise prove what is false.
pub fn assert_each_label_is_needed(table: &dyn AnyTable, attacks: &[(&'static str, Trace)]) {
    let mut needed = BTreeSet::new();
    for (position, (expected, trace)) in attacks.iter().enumerate() {
        let verdict = judge(table, trace);
        let alone = Verdict {
            labels: BTreeSet::from([*expected]),
            false_claim: true,
        };
        assert_eq!(verdict, alone, "attack {position}");
        needed.insert(*expected);
    }
    assert_eq!(needed, labels_of(table));
}

/// A zero row proves nothing and passes.
pub fn assert_padding_is_silent<T: Table>(table: &T) {
    let mut trace = Trace::new(table.column_names().len());
    Table::pad(table, &mut trace, 4);
    assert!(judge(table, &trace).passes());
    let said = interactions_of(table, &trace);
    let claims = said
        .iter()
        .filter(|(_, said)| said.message.tag == tag::Compute);
    assert!(claims.clone().all(|(_, said)| is_silent(said.multiplicity)));
    assert_eq!(claims.count(), 0);
    let looked_up = said.iter().flat_map(|(_, said)| &said.message.payload);
    assert!(
        looked_up
            .map(PrimeField64::to_canonical_u64)
            .all(|x| x == 0)
    );
}

/// Numbers at the edges of words, limbs and signs.
pub fn edges() -> Vec<U256> {
    let one = U256::ONE;
    let mut edges = vec![U256::ZERO, one, U256::from(2), U256::MAX, U256::MAX - one];
    for bit in [7, 8, 15, 16, 31, 32, 64, 127, 160, 224, 248, 255] {
        let power = one << bit;
        edges.extend([
            power,
            power - one,
            power + one,
            U256::ZERO.wrapping_sub(power),
        ]);
    }
    edges
}

/// A number of random length, of either sign.
pub fn number(rng: &mut StdRng) -> U256 {
    let number: U256 = U256::from_limbs(rng.r#gen()) >> rng.gen_range(0..256);
    if rng.gen_ratio(1, 4) { !number } else { number }
}
