//! Runs of contract code, the tables filled from them, and what the tables around these would say.

mod accounts;
mod block_hashes;
mod demand;
mod logs;
mod others;
mod programs;
mod storage;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use alloy_primitives::Address;
use braid_circuits::chunk::{ChunkTable, generate_with};
use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::trace::TransactionTrace;
use braid_circuits::event::{Checkpoint, ChunkEvents, Rules};
use braid_circuits::execution::{Execution, PerformedStep};
use braid_circuits::registry::{self, system_of};
use braid_stark::check::{check_table, interactions_of};
use braid_stark::message::signed;
use braid_stark::table::OfferedBy;
use braid_stark::{AnyTable, Columns, Felt, Message as BusMessage, System, Trace};
use plonky2::field::types::{Field, PrimeField64};

use others::{Others, others};
pub use programs::{
    CALLED, Contract, MAIN, SentBlock, block_of, block_traces, call_of_main, call_traces, push,
    sample_traces, sent, traces, traces_of, traces_of_calls,
};
pub use storage::steps_on_storage;

/// Messages as multiplicities by kind and payload.
type Balance = BTreeMap<(&'static str, Vec<u64>), Felt>;

fn payload_of(message: &BusMessage<Felt>) -> Vec<u64> {
    message
        .payload
        .iter()
        .map(|x| x.to_canonical_u64())
        .collect()
}

fn add(balance: &mut Balance, count: Felt, message: BusMessage<Felt>) {
    let key = (message.tag.name, payload_of(&message));
    *balance.entry(key).or_insert(Felt::ZERO) += count;
}

/// Tables of contract execution, and those that they ask.
const TABLES: &[&str] = &[
    "u16",
    "u8",
    "poseidon",
    "clock",
    "opcode",
    "evm",
    "stack_end",
    "code",
    "code_hash",
    "push",
    "halt",
    "narrow",
    "bits",
    "shift",
    "product",
    "signed",
    "cells",
    "growth",
    "window",
    "byte_shift",
    "byte_store",
    "memory",
    "modular",
    "exp",
    "exponent_bytes",
    "arithmetic",
    "register",
    "frame",
    "finish",
    "environment",
    "block_value",
    "block_hash",
    "call",
    "storage",
    "storage_access",
    "refund",
    "arith",
    "account",
    "account_read",
    "transfer",
    "code_identity",
    "log",
    "log_data",
    "log_chain",
    "merge",
    "copy",
    "string",
    "code_words",
    "moves",
    "external_code",
    "identity",
    "ecrecover",
];

/// Log2 of the rows of `clock` here.
const LOG_CLOCK: usize = 17;

/// Tables that hash: wide ones, so most runs do without.
const HASHING: &[&str] = &["keccak_sponge", "keccak_f"];

/// Tables that prove signatures: wide ones, too.
const RECOVERING: &[&str] = &["ecdsa", "secp_base", "secp_ladder"];

/// Kinds of message of these.
const HASHED: &[&str] = &["Digest", "HashLimb", "HashByte"];

/// Tables of what transactions do around their frames.
const AROUND: &[&str] = &["transaction", "invocation"];

/// Kinds of message by which these are told what was signed and where, and hash it.
const SIGNED: &[&str] = &[
    "TransactionField",
    "TransactionShape",
    "Recover",
    "Environment",
    "BlockProgress",
    "Digest",
    "HashLimb",
    "HashByte",
];

fn tables(lists: &[&[&str]]) -> Vec<Box<dyn ChunkTable>> {
    let mut tables = registry::tables();
    tables.retain(|table| lists.iter().any(|list| list.contains(&table.name())));
    tables
}

/// What can be looked up of one kind.
enum Offered {
    Computed(fn(&[Felt]) -> Option<usize>, usize),
    Known(HashSet<Vec<u64>>),
}

impl Offered {
    fn has(&self, message: &BusMessage<Felt>) -> bool {
        match self {
            Self::Computed(row_of, height) => {
                row_of(&message.payload).is_some_and(|row| row < *height)
            }
            Self::Known(payloads) => payloads.contains(&payload_of(message)),
        }
    }
}

/// Contract code that ran: the tables filled from it, and what everybody else says.
pub struct Run {
    pub execution: Execution,
    system: System,
    traces: Vec<Trace>,
    others: Others,
    ignored: &'static [&'static str],
    rows: Vec<(&'static str, usize)>,
}

impl Run {
    pub fn of(traces: &[TransactionTrace]) -> Self {
        Self::with(traces, false)
    }

    /// A run whose hashes are proved, too.
    pub fn hashing(traces: &[TransactionTrace]) -> Self {
        Self::with(traces, true)
    }

    /// A run whose signatures are proved, and the hashes of their keys.
    pub fn recovering(traces: &[TransactionTrace]) -> Self {
        let events = events_of(traces, codes_of(traces));
        let tables = tables(&[TABLES, HASHING, RECOVERING]);
        Self::of_events(&events, tables, &[])
    }

    /// A block with what its transactions do around their frames; what is signed and hashed is not proved.
    pub fn of_block(block: &SentBlock) -> Self {
        let mut events = events_of(&block.traces, codes_of(&block.traces));
        let block_environment = block.environment;
        (events.start.block, events.start.open) = (block_environment, true);
        let known = |address: &Address| {
            events
                .accounts
                .iter()
                .any(|event| event.address == *address)
        };
        let absent = [block_environment.coinbase].into_iter();
        let absent = Vec::from_iter(absent.filter(|address| !known(address)));
        events
            .accounts
            .extend(absent.into_iter().map(accounts::absent));
        events.accounts.sort_by_key(|event| event.address);
        let runs = block.transactions.iter().zip(&block.traces);
        let runs = runs.filter(|(sent, _)| sent.runs_code);
        events.executions = runs.map(|(_, trace)| trace.clone()).collect();
        events.transactions = block.transactions.clone();
        let execution = Execution::of(&events).expect("an execution");
        events.slots = storage::slots_of(&execution);
        events.block_hashes = block_hashes::hashes_of(&execution);
        Self::of_events(&events, tables(&[TABLES, AROUND]), SIGNED)
    }

    fn with(traces: &[TransactionTrace], hashing: bool) -> Self {
        let events = events_of(traces, codes_of(traces));
        match hashing {
            true => Self::of_events(&events, tables(&[TABLES, HASHING]), HASHED),
            false => Self::of_events(&events, tables(&[TABLES]), &[]),
        }
    }

    /// Fills `tables`; messages of the `ignored` kinds need not balance.
    fn of_events(
        events: &ChunkEvents,
        tables: Vec<Box<dyn ChunkTable>>,
        ignored: &'static [&'static str],
    ) -> Self {
        let execution = Execution::of(events).expect("an execution");
        let recovers = tables
            .iter()
            .any(|table| RECOVERING.contains(&table.name()));
        let others = others(&execution, events, recovers);
        let filled = generate_with(&tables, events).expect("filled tables");
        demand::assert_demanded(&tables, events, &filled);
        let system = system_of(tables);
        let rows = filled.rows().collect();
        let mut heights = filled.least_log_heights(&system);
        heights[system.position("clock").expect("the table")] = LOG_CLOCK;
        let traces = filled.pad(&system, &heights).expect("padded tables");
        Self {
            execution,
            system,
            traces,
            others,
            ignored,
            rows,
        }
    }

    /// Used rows by table.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.rows.iter().copied()
    }

    fn position(&self, table: &str) -> usize {
        self.system.position(table).expect("a table")
    }

    /// The rows of a table.
    pub fn trace(&self, table: &str) -> &Trace {
        &self.traces[self.position(table)]
    }

    /// The tables with their rows.
    pub fn tables(&self) -> impl Iterator<Item = (&dyn AnyTable, &Trace)> {
        let tables = self.system.tables.iter().map(|table| &**table);
        tables.zip(&self.traces)
    }

    /// A row of a table, to forge.
    pub fn row<C: Columns<Felt>>(&mut self, table: &str, row: usize) -> &mut C {
        let position = self.position(table);
        C::from_slice_mut(self.traces[position].row_mut(row))
    }

    /// What is offered to lookups, whatever it is counted.
    fn offered(&self) -> BTreeMap<&'static str, Offered> {
        let mut offered = BTreeMap::new();
        for (table, trace) in self.system.tables.iter().zip(&self.traces) {
            for lookup in table.lookups() {
                let offers = match lookup.rows {
                    OfferedBy::Computed(row_of) => Offered::Computed(row_of, trace.height()),
                    OfferedBy::Search => {
                        let mut counted = trace.clone();
                        counted
                            .rows_mut()
                            .for_each(|row| row[lookup.multiplicity] = Felt::ONE);
                        let said = interactions_of(&**table, &counted).into_iter();
                        let said = said.filter(|(_, said)| said.message.tag == lookup.tag);
                        Offered::Known(said.map(|(_, said)| payload_of(&said.message)).collect())
                    }
                };
                offered.insert(lookup.tag.name, offers);
            }
        }
        for message in &self.others.offered {
            let known = offered.entry(message.tag.name);
            let known = known.or_insert_with(|| Offered::Known(HashSet::new()));
            if let Offered::Known(payloads) = known {
                payloads.insert(payload_of(message));
            }
        }
        offered
    }

    /// Labels of constraints that fail, kinds of message that do not balance, and kinds of lookup that nobody answers.
    pub fn findings(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut balance = self.others.said.clone();
        let offered = self.offered();
        for (table, trace) in self.system.tables.iter().zip(&self.traces) {
            let violations = check_table(&**table, trace);
            found.extend(
                violations
                    .iter()
                    .map(|violation| violation.label.to_owned()),
            );
            for (_, said) in interactions_of(&**table, trace) {
                let kind = said.message.tag.name;
                match offered.get(kind) {
                    None => add(&mut balance, said.multiplicity, said.message),
                    // Who answers counts anew.
                    Some(_) if signed(said.multiplicity) < 0 => {}
                    Some(offers) if offers.has(&said.message) => {}
                    Some(_) => {
                        found.insert(kind.to_owned());
                    }
                }
            }
        }
        balance.retain(|(kind, _), count| *count != Felt::ZERO && !self.ignored.contains(kind));
        found.extend(balance.into_keys().map(|(kind, _)| kind.to_owned()));
        found
    }

    /// The first step of this opcode that does not halt: its row in `evm`.
    pub fn find(&self, opcode: u8) -> usize {
        let found = |step: &PerformedStep| step.opcode == opcode && step.halt.is_none();
        let index = self.execution.steps.iter().position(found);
        index.unwrap_or_else(|| panic!("no step {opcode:#x}"))
    }
}

/// Events of a chunk that has these traces and bytecodes, and accounts as the traces say.
pub fn events_of(traces: &[TransactionTrace], codes: Vec<CodeEvent>) -> ChunkEvents {
    let mut events = ChunkEvents {
        accounts: accounts::of(traces, &codes),
        executions: traces.to_vec(),
        codes,
        ..nothing()
    };
    events.start.block.coinbase = accounts::COINBASE;
    events.start.log_chain = [1, 2, 3, 4];
    // What was asked of bytecodes that the chunk does not have, and the slots that were accessed.
    if let Ok(execution) = Execution::of(&events) {
        accounts::set_sizes(&mut events.accounts, &execution);
        events.slots = storage::slots_of(&execution);
        events.block_hashes = block_hashes::hashes_of(&execution);
    }
    events
}

/// Events of a chunk in which nothing happens.
fn nothing() -> ChunkEvents {
    ChunkEvents {
        chain_id: 1,
        rules: Rules::Cancun,
        start: Checkpoint::default(),
        opens: None,
        parent_hash: None,
        transactions: Vec::new(),
        executions: Vec::new(),
        codes: Vec::new(),
        accounts: Vec::new(),
        slots: Vec::new(),
        block_hashes: Vec::new(),
        seals: false,
        end: Checkpoint::default(),
    }
}

/// The bytecodes that run or are copied from. Init code comes from memory: whether the traces run any is for the caller to see.
pub fn codes_of(traces: &[TransactionTrace]) -> Vec<CodeEvent> {
    let mut known = BTreeSet::new();
    let mut codes = Vec::new();
    for trace in traces {
        let run = trace.frames.iter().filter(|frame| frame.has_steps());
        let run: BTreeSet<_> = run.map(|frame| frame.code_hash).collect();
        let created = trace.frames.iter().filter(|frame| frame.kind.is_create());
        let created: BTreeSet<_> = created.map(|frame| frame.code_hash).collect();
        for (hash, bytes) in trace.codes.iter() {
            let needed = run.contains(hash) || !bytes.is_empty() && !created.contains(hash);
            if needed && known.insert(*hash) {
                codes.push(CodeEvent::new(bytes.clone()));
            }
        }
    }
    codes
}

/// Whether a transaction runs init code.
pub fn creates(traces: &[TransactionTrace]) -> bool {
    let mut frames = traces.iter().flat_map(|trace| &trace.frames);
    frames.any(|frame| frame.kind.is_create() && frame.has_steps())
}

/// [`Run`] of [`sample_traces`].
pub fn sample() -> Run {
    let run = Run::of(&sample_traces());
    assert_eq!(run.findings(), BTreeSet::new());
    run
}

/// Columns that are all zero.
pub fn zero<C: Columns<Felt> + Copy>() -> C {
    *C::from_slice(&vec![Felt::ZERO; C::WIDTH])
}
