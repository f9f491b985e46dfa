use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use braid_stark::check::{Report, check};
use braid_stark::columns::names_of;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::lookup::fill_multiplicities;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{Columns, ConstraintBuilder, Felt, Row, System, Table, Trace, columns};
use plonky2::field::types::Field;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{State, StateColumns, generate};
use crate::access::{AccountAccess, AccountFields, access_account};
use crate::bus::{Message, tag};
use crate::event::{Account, AccountEvent, Code, TreePath};
use crate::state_hash::{Digest, EMPTY, account_key, account_value};
use crate::tables::poseidon::{self, Poseidon};
use crate::tables::range16::{self, Range16};
use crate::tables::test_support::Claims;
use crate::tables::tree::Tree;
use crate::tables::tree::reference::{Content, path, root};
use crate::word;

columns! {
    /// One access.
    struct AccessorColumns<X> {
        used: X,
        address: [X; 5],
        before: AccountFields<X>,
        after: AccountFields<X>,
        timestamp: X,
        access: AccountAccess<X>,
    }
}

/// Accesses accounts, as the table of transactions does.
struct Accessor;

impl Table for Accessor {
    fn name(&self) -> &'static str {
        "accessor"
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<AccessorColumns<()>>()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &AccessorColumns<B::X> = row.local();
        builder.assert_bool("accessor/used", local.used);
        access_account(
            builder,
            local.used,
            local.address,
            &local.before,
            &local.after,
            local.timestamp,
            &local.access,
            "accessor/order",
        );
    }
}

/// Positions of the tables in the system.
const STATE: usize = 0;
const TREE: usize = 1;
const POSEIDON: usize = 2;
const ACCESSOR: usize = 3;
const ROOTS: usize = 4;

struct Chunk {
    system: System,
    traces: Vec<Trace>,
}

impl Chunk {
    fn report(&self) -> Report {
        check(&self.system, &self.traces, &[]).unwrap()
    }
    /// The report after `forge` has changed a row of `state`.
    fn with(&self, row: usize, forge: impl FnOnce(&mut StateColumns<Felt>)) -> Report {
        let mut trace = self.traces[STATE].clone();
        forge(StateColumns::from_slice_mut(trace.row_mut(row)));
        self.with_state(trace)
    }
    fn with_state(&self, trace: Trace) -> Report {
        let mut traces = self.traces.clone();
        traces[STATE] = trace;
        check(&self.system, &traces, &[]).unwrap()
    }
}

type Accounts = BTreeMap<Address, Account>;
/// `(address, after)` of each access, in order.
type Accesses = Vec<(Address, Account)>;

fn content(accounts: &Accounts) -> Content {
    let leaf =
        |(address, account): (&Address, &Account)| (account_key(*address), account_value(account));
    accounts.iter().map(leaf).collect()
}

/// The events of a chunk that starts with `accounts` and touches `also` without access.
fn events(accounts: &Accounts, accesses: &Accesses, also: &[Address]) -> Vec<AccountEvent> {
    let mut last: BTreeMap<Address, Account> = BTreeMap::new();
    for address in also {
        last.insert(
            *address,
            accounts.get(address).copied().unwrap_or(Account::EMPTY),
        );
    }
    last.extend(accesses.iter().copied());
    let mut content = content(accounts);
    let event = |(address, after): (Address, Account)| {
        let key = account_key(address);
        let value = account_value(&after);
        let path = path(&content, key, value);
        if value == EMPTY {
            content.remove(&key);
        } else {
            content.insert(key, value);
        }
        AccountEvent {
            address,
            before: accounts.get(&address).copied(),
            after: (!after.is_empty()).then_some(after),
            path,
        }
    };
    last.into_iter().map(event).collect()
}

fn chunk(accounts: &Accounts, accesses: &Accesses, also: &[Address]) -> Chunk {
    let events = events(accounts, accesses, also);
    let mut last_timestamps = BTreeMap::new();
    let mut accessor = Trace::new(AccessorColumns::<Felt>::WIDTH);
    let mut now = accounts.clone();
    for (index, (address, after)) in accesses.iter().enumerate() {
        let timestamp = 3 * index as u64 + 1;
        let before = now.insert(*address, *after).unwrap_or(Account::EMPTY);
        let row: &mut AccessorColumns<Felt> = accessor.push();
        row.used = Felt::ONE;
        row.address = word::address(*address);
        row.before = (&before).into();
        row.after = after.into();
        row.timestamp = Felt::from_canonical_u64(timestamp);
        let previous = last_timestamps.insert(*address, timestamp).unwrap_or(0);
        row.access = AccountAccess::new(previous, timestamp);
    }
    now.retain(|_, account| !account.is_empty());
    let (first, last) = (root(&content(accounts)), root(&content(&now)));
    let filled = generate(&events, &last_timestamps, first).unwrap();
    assert_eq!(filled.end_root, last);
    let felts = |root: Digest| root.map(Felt::from_canonical_u64);
    let roots = Claims::signed_trace([
        (
            Felt::ONE,
            Message::StateRoot {
                step: Felt::ZERO,
                root: felts(first),
            },
        ),
        (
            Felt::NEG_ONE,
            Message::StateRoot {
                step: Felt::from_canonical_u64(events.len() as u64),
                root: felts(last),
            },
        ),
    ]);
    let tables: Vec<Box<dyn braid_stark::AnyTable>> = vec![
        Box::new(State),
        Box::new(Tree),
        Box::new(Poseidon),
        Box::new(Accessor),
        Box::new(Claims),
        Box::new(Range16),
    ];
    let hashes = poseidon::generate(&filled.hashes);
    let mut traces = vec![
        filled.state,
        filled.tree,
        hashes,
        accessor,
        roots,
        range16::generate(),
    ];
    for (table, trace) in tables.iter().zip(&mut traces) {
        // One row of padding at least, so that nothing relies on a full trace.
        let height = (trace.height() + 1)
            .next_power_of_two()
            .max(table.min_height());
        table.pad(trace, height);
    }
    let system = System::new(tables, NoPublicValues);
    fill_multiplicities(&system, &mut traces).unwrap();
    Chunk { system, traces }
}

fn account(nonce: u64, balance: u128) -> Account {
    Account {
        nonce,
        balance: U256::from(balance),
        code: Code::NONE,
    }
}

fn address(number: u64) -> Address {
    Address::from_word(U256::from(number).into())
}

/// Five accounts, one new, one that vanishes, one only read, one absent and only read, one with code.
fn sample() -> Chunk {
    let contract = Account {
        code: Code::of(&[0x60, 0x00]).unwrap(),
        ..account(1, 0)
    };
    let accounts = Accounts::from([
        (address(1), account(3, 1 << 100)),
        (address(2), account(0, 5)),
        (address(1 << 40), contract),
        (Address::repeat_byte(0xee), account(9, u128::MAX)),
    ]);
    let accesses = vec![
        (address(1), account(4, 70)),
        (address(7), account(0, 6)),
        (address(1), account(5, 60)),
        (address(2), account(0, 0)),
        (Address::repeat_byte(0xee), account(9, u128::MAX)),
        (address(1 << 40), contract),
    ];
    chunk(
        &accounts,
        &accesses,
        &[address(8), Address::repeat_byte(0x11)],
    )
}

#[track_caller]
fn assert_caught(report: &Report, expected: &str) {
    assert!(report.mentions(expected), "expected {expected}:\n{report}");
}

#[test]
fn sample_passes() {
    let report = sample().report();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn random_chunks_pass() {
    let mut rng = StdRng::seed_from_u64(5);
    for size in [0, 1, 20] {
        let pool: Vec<_> = (0..2 * size + 1)
            .map(|_| Address::from(rng.r#gen::<[u8; 20]>()))
            .collect();
        let accounts: Accounts = pool[..size]
            .iter()
            .map(|address| (*address, account(rng.r#gen(), rng.r#gen())))
            .collect();
        let accesses: Accesses = (0..3 * size)
            .map(|_| {
                let after = match rng.gen_range(0..4) {
                    0 => Account::EMPTY,
                    1 => account(rng.r#gen(), 0),
                    _ => Account {
                        balance: U256::from_limbs(rng.r#gen()),
                        ..account(0, 0)
                    },
                };
                (pool[rng.gen_range(0..pool.len())], after)
            })
            .collect();
        let report = chunk(&accounts, &accesses, &pool[..1]).report();
        assert!(report.is_ok(), "{report}");
    }
}

#[test]
fn every_column_is_bound() {
    let chunk = sample();
    let trace = &chunk.traces[STATE];
    let rows: Vec<_> = (0..trace.height()).collect();
    let loose = unnoticed_columns(&State, trace, &rows, &[tag::U16]);
    assert_eq!(loose, Vec::<String>::new());
    let trace = &chunk.traces[ACCESSOR];
    let rows: Vec<_> = (0..trace.height()).collect();
    assert_eq!(
        unnoticed_columns(&Accessor, trace, &rows, &[tag::U16]),
        Vec::<String>::new()
    );
}

#[test]
fn degrees_and_width() {
    assert_eq!(SymbolicTable::of(&State).excessive_degrees(), []);
    assert_eq!(SymbolicTable::of(&Accessor).excessive_degrees(), []);
    assert_eq!(State.column_names().len(), 100);
    assert_eq!(names_of::<AccountAccess<()>>().len(), 3);
}

#[test]
fn duplicate_and_unordered_accounts() {
    let chunk = sample();
    let trace = &chunk.traces[STATE];
    // A second first version of an account, with every choice of order columns.
    for differs in 0..5 {
        let mut forged = trace.clone();
        let first = trace.row(0).to_vec();
        forged.row_mut(1).copy_from_slice(&first);
        let row: &mut StateColumns<Felt> = StateColumns::from_slice_mut(forged.row_mut(1));
        row.step = Felt::ONE;
        let row: &mut StateColumns<Felt> = StateColumns::from_slice_mut(forged.row_mut(0));
        row.differs = core::array::from_fn(|i| Felt::from_bool(i == differs));
        row.gap = [Felt::NEG_ONE, Felt::ZERO];
        assert_caught(&chunk.with_state(forged.clone()), "U16");
        let row: &mut StateColumns<Felt> = StateColumns::from_slice_mut(forged.row_mut(0));
        row.gap = [Felt::ZERO; 2];
        assert_caught(&chunk.with_state(forged), "state/order");
    }
    assert_caught(
        &chunk.with(0, |row| row.differs = [Felt::ZERO; 5]),
        "state/differs",
    );
    // Descending by a low limb, hidden by flagging it although a higher limb differs.
    let high = |row: &mut StateColumns<Felt>| row.differs.reverse();
    assert_caught(&chunk.with(0, high), "state/order");
}

#[test]
fn rows_start_at_the_top_and_are_counted() {
    let chunk = sample();
    let unused = |row: &mut StateColumns<Felt>| row.used = Felt::ZERO;
    assert_caught(&chunk.with(0, unused), "state/used_first");
    assert_caught(&chunk.with(0, |row| row.step = Felt::ONE), "state/step");
    assert_caught(&chunk.with(2, |row| row.step += Felt::ONE), "state/step");
    // The last row left out: nobody has the account's versions.
    let last = chunk.traces[STATE].height() - 1;
    let last = (0..=last)
        .rev()
        .find(|row| chunk.traces[STATE].row(*row)[0] == Felt::ONE);
    let mut forged = chunk.traces[STATE].clone();
    forged.row_mut(last.unwrap()).fill(Felt::ZERO);
    assert_caught(&chunk.with_state(forged), "AccountVersion");
}

#[test]
fn emptiness_cannot_be_lied_about() {
    let chunk = sample();
    // Row 0 is account 1, present on both sides; row 1 is account 2, empty after; row 2 is account 7, empty before.
    let nothing = [Felt::ZERO; 4];
    let gone = |row: &mut StateColumns<Felt>| {
        row.after.empty = Felt::ONE;
        (row.after.numbers, row.after.value, row.after.factors) =
            (nothing, nothing, [Felt::ZERO; 5]);
    };
    assert_caught(&chunk.with(0, gone), "state/empty_numbers");
    let report = chunk.with(1, |row| row.after.empty = Felt::ZERO);
    assert_caught(&report, "state/not_empty");
    let report = chunk.with(2, |row| {
        row.before.empty = Felt::ZERO;
        row.before.factors = [Felt::ONE; 5];
    });
    assert_caught(&report, "state/not_empty");
    // An account with code and nothing else is not empty.
    let report = chunk.with(1, |row| {
        row.after.code[2] += Felt::ONE;
    });
    assert_caught(&report, "state/empty_code");
    // Nonzero limbs whose sum in the field is zero are out of range.
    let report = chunk.with(1, |row| {
        row.after.balance[0] = Felt::ONE;
        row.after.balance[1] = Felt::NEG_ONE;
    });
    assert!(report.violations.is_empty(), "{report}");
    assert_caught(&report, "U16");
}

#[test]
fn values_out_of_nowhere() {
    let chunk = sample();
    assert_caught(
        &chunk.with(0, |row| row.before.balance[0] += Felt::ONE),
        "AccountVersion",
    );
    assert_caught(
        &chunk.with(0, |row| row.after.nonce[0] += Felt::ONE),
        "Poseidon",
    );
    // The same number in other limbs.
    let report = chunk.with(0, |row| {
        row.after.balance[1] -= Felt::ONE;
        row.after.balance[0] += Felt::from_canonical_u64(1 << 16);
        let limbs = row.after.balance.into_iter().chain(row.after.nonce);
        row.after.factors[0] = limbs.sum::<Felt>().inverse();
    });
    assert!(report.violations.is_empty(), "{report}");
    assert_caught(&report, "U16");
    // The key of another account.
    let other = *StateColumns::from_slice(chunk.traces[STATE].row(1));
    let other: StateColumns<Felt> = other;
    assert_caught(&chunk.with(0, |row| row.key = other.key), "Poseidon");
    assert_caught(&chunk.with(0, |row| row.key = other.key), "TreeUpdate");
}

#[test]
fn stale_reads_and_skipped_writes() {
    let chunk = sample();
    // The second access to account 1 (row 2) reads the first version again.
    let mut traces = chunk.traces.clone();
    let first: AccessorColumns<Felt> = *AccessorColumns::from_slice(traces[ACCESSOR].row(0));
    let row: &mut AccessorColumns<Felt> =
        AccessorColumns::from_slice_mut(traces[ACCESSOR].row_mut(2));
    row.before = first.before;
    row.access = AccountAccess::new(0, 7);
    let report = check(&chunk.system, &traces, &[]).unwrap();
    assert_caught(&report, "AccountVersion");
    // The first access reads what the second leaves, which is later.
    let mut traces = chunk.traces.clone();
    let row: &mut AccessorColumns<Felt> =
        AccessorColumns::from_slice_mut(traces[ACCESSOR].row_mut(0));
    row.access.prev_timestamp = Felt::from_canonical_u64(7);
    let report = check(&chunk.system, &traces, &[]).unwrap();
    assert_caught(&report, "accessor/order");
    row_of_gap(&mut traces, Felt::ONE - Felt::from_canonical_u64(8));
    let report = check(&chunk.system, &traces, &[]).unwrap();
    assert_caught(&report, "U16");
    // The state keeps an account as it was after an earlier access.
    let report = chunk.with(0, |row| row.last_timestamp = Felt::ONE);
    assert_caught(&report, "AccountVersion");
}

fn row_of_gap(traces: &mut [Trace], gap: Felt) {
    let row: &mut AccessorColumns<Felt> =
        AccessorColumns::from_slice_mut(traces[ACCESSOR].row_mut(0));
    row.access.gap = [gap, Felt::ZERO];
}

#[test]
fn roots_and_hashes_are_bound() {
    let chunk = sample();
    for (table, row, expected) in [
        (ROOTS, 0, "StateRoot"),
        (ROOTS, 1, "StateRoot"),
        (TREE, 0, "StateRoot"),
    ] {
        let mut traces = chunk.traces.clone();
        let column = if table == TREE {
            Tree.column_names()
                .iter()
                .position(|name| name == "old[0]")
                .unwrap()
        } else {
            1
        };
        traces[table].row_mut(row)[column] += Felt::ONE;
        assert_caught(&check(&chunk.system, &traces, &[]).unwrap(), expected);
    }
    let mut traces = chunk.traces.clone();
    traces[POSEIDON].row_mut(0)[0] = Felt::ZERO;
    assert_caught(&check(&chunk.system, &traces, &[]).unwrap(), "Poseidon");
}

#[test]
fn contradictory_events_are_errors() {
    let accounts = Accounts::from([(address(1), account(1, 1)), (address(2), account(1, 1))]);
    let accesses = vec![(address(1), account(2, 1)), (address(2), account(0, 0))];
    let good = events(&accounts, &accesses, &[]);
    let start = root(&content(&accounts));
    let last = BTreeMap::from([(address(1), 1), (address(2), 2)]);
    assert!(generate(&good, &last, start).is_ok());
    assert!(generate(&good, &last, EMPTY).is_err());
    assert!(generate(&good, &BTreeMap::new(), start).is_err());
    let twice = vec![good[0].clone(), good[0].clone()];
    assert!(generate(&twice, &last, start).is_err());
    let swapped = vec![good[1].clone(), good[0].clone()];
    assert!(generate(&swapped, &last, start).is_err());
    let mut lost = good.clone();
    lost[1].path = TreePath {
        siblings: vec![],
        neighbour: None,
        sibling_children: None,
    };
    assert!(generate(&lost, &last, start).is_err());
}
