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

use super::{LastAccess, State, StateColumns, generate};
use crate::access::{AccountFields, StampedAccess, StampedFields, access_stamped};
use crate::bus::{Message, tag};
use crate::error::Error;
use crate::event::{Account, AccountEvent, Code, TreePath};
use crate::state_hash::{Digest, EMPTY, account_key, account_value};
use crate::tables::clock::{Clock, ClockColumns};
use crate::tables::poseidon::{self, Poseidon};
use crate::tables::range16::{self, Range16};
use crate::tables::test_support::{Claims, claims_of};
use crate::tables::tree::reference::{Content, path, root};
use crate::tables::tree::{self, Tree};
use crate::word;

columns! {
    /// One access.
    pub(super) struct AccessorColumns<X> {
        pub(super) used: X,
        pub(super) address: [X; 5],
        pub(super) before: StampedFields<X>,
        pub(super) after: StampedFields<X>,
        pub(super) timestamp: X,
        pub(super) accessed: X,
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
        let access = StampedAccess {
            address: local.address,
            before: local.before,
            accessed: local.accessed,
            after: local.after,
            timestamp: local.timestamp,
        };
        access_stamped(builder, local.used, &access);
    }
}

/// Positions of the tables in the system.
pub(super) const STATE: usize = 0;
pub(super) const TREE: usize = 1;
pub(super) const POSEIDON: usize = 2;
pub(super) const ACCESSOR: usize = 3;
pub(super) const ROOTS: usize = 4;

pub(super) struct Chunk {
    pub(super) system: System,
    pub(super) traces: Vec<Trace>,
}

impl Chunk {
    pub(super) fn report(&self) -> Report {
        check(&self.system, &self.traces, &[]).unwrap()
    }
    /// The report after `forge` has changed a row of `state`.
    pub(super) fn with(&self, row: usize, forge: impl FnOnce(&mut StateColumns<Felt>)) -> Report {
        let mut trace = self.traces[STATE].clone();
        forge(StateColumns::from_slice_mut(trace.row_mut(row)));
        self.with_state(trace)
    }
    pub(super) fn with_state(&self, trace: Trace) -> Report {
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

/// The tree under what `state` claims, and the root that it leads to.
fn updated(
    state: &Trace,
    events: &[AccountEvent],
    first: Digest,
) -> Result<(Trace, Digest), Error> {
    let updates = tree::updates(
        &claims_of(&State, state),
        events.iter().map(|event| &event.path),
    )?;
    tree::generate(&updates, first)
}

fn chunk(accounts: &Accounts, accesses: &Accesses, also: &[Address]) -> Chunk {
    let events = events(accounts, accesses, also);
    let mut last: BTreeMap<Address, LastAccess> = BTreeMap::new();
    let mut accessor = Trace::new(AccessorColumns::<Felt>::WIDTH);
    let mut now = accounts.clone();
    for (index, (address, after)) in accesses.iter().enumerate() {
        let timestamp = 3 * index as u64 + 1;
        let before = now.insert(*address, *after).unwrap_or(Account::EMPTY);
        let row: &mut AccessorColumns<Felt> = accessor.push();
        row.used = Felt::ONE;
        row.address = word::address(*address);
        let transaction = index as u64 / 2 + 1;
        let found = LastAccess {
            timestamp,
            transaction,
        };
        let previous = last.insert(*address, found).unwrap_or_default();
        let fields = |account: &Account, transaction| StampedFields {
            account: AccountFields::from(account),
            transaction: Felt::from_canonical_u64(transaction),
        };
        row.before = fields(&before, previous.transaction);
        row.after = fields(after, transaction);
        row.timestamp = Felt::from_canonical_u64(timestamp);
        row.accessed = Felt::from_canonical_u64(previous.timestamp);
    }
    now.retain(|_, account| !account.is_empty());
    let (first, end) = (root(&content(accounts)), root(&content(&now)));
    let state = generate(&events, &last, 0).unwrap();
    let mut claims = claims_of(&State, &state);
    let (tree, end_root) = updated(&state, &events, first).unwrap();
    assert_eq!(end_root, end);
    claims.read(&Tree, &tree);
    let hashes = poseidon::generate(poseidon::inputs(&claims));
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
                root: felts(end),
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
        Box::new(Clock),
    ];
    // As many rows as there are times.
    let mut clock = Trace::new(ClockColumns::<Felt>::WIDTH);
    Clock.pad(&mut clock, 1 << 9);
    let mut traces = vec![
        state,
        tree,
        hashes,
        accessor,
        roots,
        range16::generate(),
        clock,
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
pub(super) fn sample() -> Chunk {
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
pub(super) fn assert_caught(report: &Report, expected: &str) {
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
    assert_eq!(State.column_names().len(), 101);
}

#[test]
fn contradictory_events_are_errors() {
    let accounts = Accounts::from([(address(1), account(1, 1)), (address(2), account(1, 1))]);
    let accesses = vec![(address(1), account(2, 1)), (address(2), account(0, 0))];
    let good = events(&accounts, &accesses, &[]);
    let start = root(&content(&accounts));
    let access = |timestamp| LastAccess {
        timestamp,
        transaction: 1,
    };
    let last = BTreeMap::from([(address(1), access(1)), (address(2), access(2))]);
    let filled = generate(&good, &last, 0).unwrap();
    assert!(updated(&filled, &good, start).is_ok());
    assert!(updated(&filled, &good, EMPTY).is_err());
    assert!(updated(&filled, &good[..1], start).is_err());
    assert!(generate(&good, &BTreeMap::new(), 0).is_err());
    let twice = vec![good[0].clone(), good[0].clone()];
    assert!(generate(&twice, &last, 0).is_err());
    let swapped = vec![good[1].clone(), good[0].clone()];
    assert!(generate(&swapped, &last, 0).is_err());
    let mut lost = good.clone();
    lost[1].path = TreePath {
        siblings: vec![],
        neighbour: None,
        sibling_children: None,
    };
    assert!(updated(&filled, &lost, start).is_err());
}
