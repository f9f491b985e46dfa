use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use braid_stark::check::{check_table, interactions_of};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Columns, Felt, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::{TransactionColumns, TransactionTable, generate};
use crate::bus::tag;
use crate::event::{
    Account, AccountEvent, BlockEnvironment, ChunkEvents, Code, ListedAccess, Rules,
    TransactionEvent, TransactionKind, TreePath,
};
use crate::execution::Execution;
use crate::precompile::AddressKind;
use crate::state_hash::{KECCAK_EMPTY, bytecode};
use crate::word::{WORD_LIMBS, Word, address as limbs_of};

const SENDER: Address = address!("a94f5374fce5edbc8e2a8697c15331677e6ebf0b");
const RECIPIENT: Address = address!("00000000000000000000000000000000000000aa");
const COINBASE: Address = address!("2adc25665018aa1fe0e6bc666dac8fc2697ff9ba");

fn block() -> BlockEnvironment {
    BlockEnvironment {
        number: 7,
        timestamp: 1_000,
        coinbase: COINBASE,
        gas_limit: 30_000_000,
        base_fee: U256::from(10),
        prev_randao: B256::repeat_byte(3),
        blob_base_fee: U256::from(1),
    }
}

/// An address of an access list with so many slots.
fn listed(slots: u64) -> ListedAccess {
    ListedAccess {
        address: Address::repeat_byte(7),
        slots: (0..slots).map(U256::from).collect(),
    }
}

/// One transaction of each kind: their hashes and signatures are of no concern to this table.
fn transfer(kind: TransactionKind, nonce: u64) -> TransactionEvent {
    let is_dynamic = kind == TransactionKind::DynamicFee;
    let raw = Bytes::from(vec![nonce as u8; 110]);
    TransactionEvent {
        hash: keccak256(&raw),
        raw,
        kind,
        nonce,
        max_fee: U256::from(1_000_000_007u64),
        max_priority_fee: U256::from(if is_dynamic { 5 } else { 1_000_000_007u64 }),
        gas_limit: 100_000,
        to: RECIPIENT,
        value: U256::from(1u64) << 70,
        data: Bytes::from(vec![0, 1, 2, 0]),
        access_list: match kind {
            TransactionKind::AccessList => vec![listed(1), listed(2)],
            _ => Vec::new(),
        },
        runs_code: false,
        odd_y: nonce.is_multiple_of(2),
        r: U256::from(77),
        s: U256::from(78),
        signing_payload: Bytes::from(vec![9; 45]),
        signing_hash: B256::repeat_byte(5),
        public_key_x: U256::ZERO,
        public_key_y: U256::ZERO,
        sender: SENDER,
    }
}

fn account(address: Address, nonce: u64, balance: U256) -> AccountEvent {
    let code = Code {
        keccak: KECCAK_EMPTY,
        poseidon: bytecode(&[]),
        size: 0,
    };
    let account = Some(Account {
        nonce,
        balance,
        code,
    });
    let path = TreePath {
        siblings: Vec::new(),
        neighbour: None,
        sibling_children: None,
    };
    AccountEvent {
        address,
        before: account,
        after: account,
        path,
    }
}

pub(super) fn events() -> ChunkEvents {
    let kinds = [
        TransactionKind::Legacy { protected: false },
        TransactionKind::Legacy { protected: true },
        TransactionKind::AccessList,
        TransactionKind::DynamicFee,
    ];
    let mut transactions: Vec<_> = (3u64..)
        .zip(kinds)
        .map(|(n, kind)| transfer(kind, n))
        .collect();
    // To a low address, to one whose lowest limb is zero, and with the fee cap as the bound of the tip.
    transactions[1].to = Address::with_last_byte(11);
    transactions[2].to = address!("0000000000000000000000010000000000000000");
    transactions.push(TransactionEvent {
        max_priority_fee: U256::from(1_000_000_007u64),
        ..transfer(TransactionKind::DynamicFee, 7)
    });
    let rich = U256::from(1u64) << 90;
    let accounts = vec![
        account(Address::with_last_byte(11), 0, U256::ZERO),
        account(RECIPIENT, 0, U256::ZERO),
        account(transactions[2].to, 1, U256::from(1)),
        account(COINBASE, 0, U256::ZERO),
        account(SENDER, 3, rich),
    ];
    ChunkEvents {
        chain_id: 0x1_8000_0001,
        rules: Rules::Cancun,
        start: Default::default(),
        opens: Some(block()),
        parent_hash: None,
        transactions,
        executions: Vec::new(),
        codes: Vec::new(),
        accounts,
        slots: Vec::new(),
        block_hashes: Vec::new(),
        seals: true,
        end: Default::default(),
    }
}

pub(super) fn filled(events: &ChunkEvents) -> Trace {
    let execution = Execution::of(events).unwrap();
    let mut trace = generate(events, &execution).unwrap();
    TransactionTable.pad(&mut trace, 8);
    trace
}

pub(super) fn columns(trace: &mut Trace, row: usize) -> &mut TransactionColumns<Felt> {
    TransactionColumns::from_slice_mut(trace.row_mut(row))
}

fn number(word: &Word<Felt>) -> U256 {
    let limbs = word
        .iter()
        .rev()
        .map(|limb| U256::from(limb.to_canonical_u64()));
    limbs.reduce(|high, low| (high << 32) + low).unwrap()
}

/// Claims to `arith` that are not true.
fn false_claims(trace: &Trace) -> Vec<&'static str> {
    let claims = interactions_of(&TransactionTable, trace)
        .into_iter()
        .map(|(_, i)| i.message);
    claims
        .filter(|message| {
            if message.tag != tag::Add && message.tag != tag::Mul {
                return false;
            }
            let operand = |i: usize| {
                let limbs = &message.payload[WORD_LIMBS * i..WORD_LIMBS * (i + 1)];
                number(&core::array::from_fn(|limb| limbs[limb]))
            };
            let limbs_fit = message
                .payload
                .iter()
                .all(|l| l.to_canonical_u64() < 1 << 32);
            let (a, b, c) = (operand(0), operand(1), operand(2));
            let result = if message.tag == tag::Add {
                a.checked_add(b)
            } else {
                a.checked_mul(b)
            };
            !limbs_fit || result != Some(c)
        })
        .map(|message| message.tag.name)
        .collect()
}

#[test]
fn degrees_are_supported() {
    assert_eq!(
        SymbolicTable::of(&TransactionTable).excessive_degrees(),
        vec![]
    );
}

#[test]
fn every_kind_passes() {
    let trace = filled(&events());
    assert_eq!(check_table(&TransactionTable, &trace), vec![]);
    assert_eq!(false_claims(&trace), Vec::<&str>::new());
}

#[test]
fn accounts_end_as_the_rules_say() {
    let events = events();
    let execution = Execution::of(&events).unwrap();
    let mut trace = filled(&events);
    let (mut paid, mut tips, mut gas) = (U256::ZERO, U256::ZERO, 0);
    for (event, intrinsic) in
        events
            .transactions
            .iter()
            .zip([21_040, 21_040, 21_040 + 10_500, 21_040, 21_040])
    {
        let tip = (event.max_fee - block().base_fee).min(event.max_priority_fee);
        paid += U256::from(intrinsic) * (tip + block().base_fee) + event.value;
        tips += U256::from(intrinsic) * tip;
        gas += intrinsic;
    }
    assert_eq!(
        columns(&mut trace, 4).gas.used_after[0],
        Felt::from_canonical_u64(gas)
    );
    let last = |wanted: Address| {
        let mut touched = execution.accounts.touched.iter();
        let found = touched.find(|(address, ..)| *address == wanted);
        found.unwrap().2.account
    };
    assert_eq!(last(SENDER).balance, (U256::from(1u64) << 90) - paid);
    assert_eq!(last(SENDER).nonce, 8);
    assert_eq!(last(COINBASE).balance, tips);
    assert_eq!(
        last(RECIPIENT).balance,
        events.transactions[0].value * U256::from(3)
    );
}

#[test]
fn every_column_is_bound() {
    let trace = filled(&events());
    let rows = [0, 1, 2, 3, 4];
    let ignored = [tag::U16, tag::U8];
    let unnoticed = unnoticed_columns(&TransactionTable, &trace, &rows, &ignored);
    assert_eq!(unnoticed, Vec::<String>::new());
}

#[test]
fn padding_is_silent() {
    let trace = filled(&events());
    let spoken = interactions_of(&TransactionTable, &trace);
    assert!(spoken.iter().all(|(row, _)| *row < 5));
}

/// Changes a column of a row; the constraint `label` must fail.
pub(super) fn assert_constraint(
    row: usize,
    label: &str,
    forge: impl Fn(&mut TransactionColumns<Felt>),
) {
    assert_constraint_of(&events(), row, label, forge);
}

pub(super) fn assert_constraint_of(
    events: &ChunkEvents,
    row: usize,
    label: &str,
    forge: impl Fn(&mut TransactionColumns<Felt>),
) {
    let mut trace = filled(events);
    forge(columns(&mut trace, row));
    let violations = check_table(&TransactionTable, &trace);
    assert!(
        violations.iter().any(|v| v.label == label),
        "{label}: {violations:?}"
    );
}

/// Changes a column of a row; all constraints hold, but a claim to `arith` becomes false.
fn assert_false_claim(row: usize, claim: &str, forge: impl Fn(&mut TransactionColumns<Felt>)) {
    let mut trace = filled(&events());
    forge(columns(&mut trace, row));
    assert_eq!(check_table(&TransactionTable, &trace), vec![]);
    assert!(false_claims(&trace).contains(&claim));
}

#[test]
fn forged_nonce_fails() {
    assert_constraint(0, "transaction/nonce", |row| {
        row.sender.before.account.nonce[0] += Felt::ONE
    });
    assert_false_claim(0, "Add", |row| row.nonce_after[0] -= Felt::ONE);
}

#[test]
fn balance_out_of_nowhere_fails() {
    assert_false_claim(0, "Add", |row| row.recipient.balance_after[2] += Felt::ONE);
    assert_false_claim(0, "Add", |row| row.sender.balance_after[3] += Felt::ONE);
    assert_false_claim(0, "Add", |row| row.coinbase.balance_after[0] += Felt::ONE);
}

#[test]
fn code_is_refused() {
    let code = "transaction/recipient has no code";
    assert_constraint(1, code, |row| {
        row.recipient.before.account.code[0] += Felt::ONE
    });
    let code = "transaction/sender has no code";
    assert_constraint(1, code, |row| {
        row.sender.before.account.code[3] += Felt::ONE
    });
}

#[test]
fn a_tip_that_is_not_the_lesser_fails() {
    assert_constraint(3, "transaction/tip", |row| {
        row.fees.tip_is_headroom = Felt::ONE
    });
    assert_constraint(4, "transaction/tip", |row| {
        row.fees.tip_is_headroom = Felt::ZERO
    });
    assert_false_claim(3, "Add", |row| row.fees.tip[0] -= Felt::ONE);
}

#[test]
fn a_priority_fee_of_a_legacy_transaction_is_its_price() {
    let label = "transaction/priority of gas price";
    assert_constraint(0, label, |row| row.signed.max_priority_fee[0] -= Felt::ONE);
}

#[test]
fn precompiles_are_refused_in_every_case() {
    for number in 1..=10u64 {
        let to = Address::left_padding_from(&number.to_be_bytes());
        let labels = [
            "precompile/high",
            "precompile/zero",
            "precompile/between",
            "precompile/verify",
            "precompile/above",
        ];
        for (case, label) in labels.into_iter().enumerate() {
            let mut trace = filled(&events());
            let row = columns(&mut trace, 0);
            row.signed.to = limbs_of(to);
            let flag = |i| Felt::from_bool(case == i);
            row.recipient_kind = AddressKind {
                is_high: flag(0),
                is_zero: flag(1),
                is_between: flag(2),
                is_verify: flag(3),
                is_above: flag(4),
                high_inverse: flag(0),
                distance: [Felt::ZERO; 2],
            };
            let found = check_table(&TransactionTable, &trace);
            let caught = found.iter().any(|violation| violation.label == label);
            assert!(caught, "{number} {label}: {found:?}");
        }
    }
    // By Osaka's rules 256 is one, and by those before it is none.
    let label = "transaction/recipient is no precompile";
    for rules in Rules::ALL {
        let mut trace = filled(&events_by(rules));
        let row = columns(&mut trace, 0);
        let to = Address::left_padding_from(&256u64.to_be_bytes());
        row.signed.to = limbs_of(to);
        (row.recipient_kind, _) = AddressKind::of(to, rules);
        let found = check_table(&TransactionTable, &trace);
        let found = found.iter().any(|violation| violation.label == label);
        assert_eq!(found, rules == Rules::Osaka, "{rules}");
    }
}

#[test]
fn v_must_fit_the_kind() {
    assert_constraint(0, "transaction/v unprotected", |row| {
        row.signed.v[0] += Felt::ONE
    });
    assert_constraint(0, "transaction/v is short", |row| {
        row.signed.v[1] = Felt::ONE
    });
    assert_constraint(1, "transaction/v protected", |row| {
        row.odd_y = Felt::ONE - row.odd_y
    });
    assert_constraint(1, "transaction/v protected", |row| {
        row.signed.v[2] += Felt::ONE
    });
    assert_constraint(2, "transaction/y_parity", |row| {
        row.odd_y = Felt::ONE - row.odd_y
    });
    assert_constraint(3, "transaction/y_parity", |row| {
        row.signed.v[0] += Felt::TWO
    });
}

#[test]
fn kinds_exclude_each_other() {
    assert_constraint(0, "transaction/kind", |row| {
        row.kind.dynamic_fee = Felt::ONE
    });
    assert_constraint(0, "transaction/kind", |row| {
        row.kind.legacy_plain = Felt::ZERO
    });
}

#[test]
fn intrinsic_gas_is_exact() {
    assert_constraint(0, "transaction/intrinsic gas", |row| {
        row.gas.spent -= Felt::ONE
    });
    // What is paid has one pair of limbs, and not the other one of the same element.
    assert_constraint(0, "transaction/one gas used", |row| {
        row.gas.used[0] += Felt::ONE;
        row.gas.used[1] = Felt::from_canonical_u32(u32::MAX);
    });
}

/// The same by these rules: what goes to the first address that is no precompile does so.
pub(super) fn events_by(rules: Rules) -> ChunkEvents {
    let mut events = events();
    events.rules = rules;
    let last = if rules >= Rules::Prague { 17 } else { 10 };
    let free = Address::with_last_byte(last + 1);
    let old = std::mem::replace(&mut events.transactions[1].to, free);
    for account in &mut events.accounts {
        if account.address == old {
            account.address = free;
        }
    }
    events
}

/// Transactions that have much calldata, by these rules.
pub(super) fn laden(rules: Rules) -> ChunkEvents {
    let mut events = events_by(rules);
    // 21,000 and 16 or 40 a byte.
    events.transactions[0].data = Bytes::from(vec![1; 1_000]);
    events
}

#[test]
fn calldata_has_a_least_price_from_prague_on() {
    for (rules, used) in [
        (Rules::Cancun, 37_000),
        (Rules::Prague, 61_000),
        (Rules::Osaka, 61_000),
    ] {
        let mut trace = filled(&laden(rules));
        assert_eq!(check_table(&TransactionTable, &trace), vec![]);
        assert_eq!(false_claims(&trace), Vec::<&str>::new());
        let row = columns(&mut trace, 0);
        assert_eq!(row.gas.used, [Felt::from_canonical_u64(used), Felt::ZERO]);
        let rows = [0, 1, 2, 3, 4];
        let ignored = [tag::U16, tag::U8];
        let unnoticed = unnoticed_columns(&TransactionTable, &trace, &rows, &ignored);
        assert_eq!(unnoticed, Vec::<String>::new());
    }
    assert_constraint_of(&laden(Rules::Prague), 0, "transaction/floor", |row| {
        row.gas.floor = Felt::ZERO
    });
    // Paying the lesser of both leaves a negative difference, which no limbs are.
    assert_constraint_of(&laden(Rules::Prague), 0, "transaction/floor", |row| {
        row.gas.floor_binds = Felt::ZERO;
        row.gas.used[0] = Felt::from_canonical_u64(37_000);
    });
    let mut short = laden(Rules::Prague);
    short.transactions[0].gas_limit = 60_999;
    let execution = Execution::of(&short).unwrap();
    assert!(generate(&short, &execution).is_err());
    let mut short = laden(Rules::Cancun);
    short.transactions[0].gas_limit = 60_999;
    let execution = Execution::of(&short).unwrap();
    assert!(generate(&short, &execution).is_ok());
}

#[test]
fn gas_has_a_cap_from_osaka_on() {
    let mut events = events_by(Rules::Osaka);
    events.transactions[0].gas_limit = (1 << 24) + 1;
    let execution = Execution::of(&events).unwrap();
    events.rules = Rules::Prague;
    assert!(generate(&events, &execution).is_ok());
    events.rules = Rules::Osaka;
    assert!(generate(&events, &execution).is_err());
    events.transactions[0].gas_limit = 1 << 24;
    assert_eq!(check_table(&TransactionTable, &filled(&events)), vec![]);
    let label = "transaction/gas cap";
    assert_constraint_of(&events, 0, label, |row| {
        row.signed.gas_limit[0] += Felt::ONE
    });
    // Rules are two flags, of which one asks for the other.
    let label = "transaction/rules";
    assert_constraint_of(&events, 0, label, |row| {
        row.environment.rules.prague = Felt::ZERO
    });
}

#[test]
fn code_that_runs_is_claimed_and_never_left_out() {
    let label = "transaction/only warm";
    assert_constraint(0, label, |row| row.runs_code = Felt::ONE);
    let label = "transaction/next clock";
    assert_constraint(0, label, |row| row.next_clock += Felt::ONE);
}

#[test]
fn stale_reads_fail() {
    let mut trace = filled(&events());
    let row = columns(&mut trace, 1);
    // A version from the time of the access or later.
    row.sender.accessed = row.clock.double();
    let asked = interactions_of(&TransactionTable, &trace);
    let negative = |(_, said): &(usize, braid_stark::Interaction<Felt>)| {
        said.message.tag == tag::Clock && said.message.payload[0] == Felt::NEG_ONE
    };
    assert!(asked.iter().any(negative));
}

#[test]
fn unaffordable_transactions_have_no_row() {
    let mut events = events();
    events.accounts[4].before.as_mut().unwrap().balance = U256::from(1);
    let execution = Execution::of(&events).unwrap();
    assert!(generate(&events, &execution).is_err());
}
