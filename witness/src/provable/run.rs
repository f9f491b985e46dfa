//! Transactions that run code: their traces, and what these touch and ask of tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use alloy_primitives::map::AddressSet;
use alloy_primitives::{Address, B256, U256};
use braid_circuits::chunk::{ChunkTable, Demand, Misfit, Part, Share};
use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::trace::TransactionTrace;
use braid_circuits::event::{Checkpoint, ChunkEvents, TransactionEvent};
use braid_circuits::execution::{Execution, lacks_unshown};
use braid_circuits::registry;
use braid_circuits::shapes::{self, Largest, Shape};
use braid_circuits::tables::block_hash;
use rayon::prelude::*;

use super::delegations::Delegations;
use super::scope::outside;
use crate::error::{Error, NotProvable, Result};
use crate::execution::StateReader;
use crate::execution::blocks::ExecutedBlock;
use crate::trace::{BlockCodes, TraceInput, TraceOptions, trace_block};

/// All tables: those of which runs say what they ask.
pub(crate) static TABLES: LazyLock<Vec<Box<dyn ChunkTable>>> = LazyLock::new(registry::tables);

/// What a transaction did whose recipient has code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its trace.
    pub trace: TransactionTrace,
    /// What it asks of all tables, its bytecodes left out.
    pub share: Share,
    /// Hashes of the bytecodes that it copies from (EXTCODECOPY).
    copied: Vec<B256>,
}

impl Run {
    /// The bytecodes that it runs, each once, in the order of its frames, and then those that it only copies from.
    pub fn codes(&self) -> Vec<CodeEvent> {
        let mut known = BTreeSet::new();
        let frames = self.trace.frames.iter();
        let run = frames.filter(|frame| frame.has_steps());
        let hashes = run.map(|frame| &frame.code_hash).chain(&self.copied);
        let hashes = hashes.filter(|hash| known.insert(**hash));
        let code = |hash: &B256| {
            let bytes = self.trace.codes.get(hash)?.clone();
            let keccak = *hash;
            Some(CodeEvent { bytes, keccak })
        };
        hashes.filter_map(code).collect()
    }
}

/// A run and what it touches, ascending.
pub(super) struct Touching {
    pub(super) run: Run,
    pub(super) accounts: Vec<Address>,
    pub(super) slots: Vec<(Address, U256)>,
    /// Numbers that it asks block hashes of.
    pub(super) block_hashes: Vec<U256>,
}

/// The bytecodes that a trace refers to: all that it runs or copies from, and some others.
fn codes_of(trace: &TransactionTrace) -> impl Iterator<Item = CodeEvent> {
    trace.codes.iter().map(|(keccak, bytes)| CodeEvent {
        bytes: bytes.clone(),
        keccak: *keccak,
    })
}

/// Hashes of the bytecodes that steps copy from, each once.
fn copied(execution: &Execution, codes: &[CodeEvent]) -> Vec<B256> {
    let numbers = execution.steps.iter().map(|step| step.copied);
    let numbers: BTreeSet<u64> = numbers.filter(|number| *number > 0).collect();
    let codes = numbers.into_iter().filter_map(|number| {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        codes.get(place)
    });
    codes.map(|code| code.keccak).collect()
}

/// Traces those transactions of a block that are at these places, ascending.
fn traces(
    chain_id: u64,
    state: &dyn StateReader,
    block: &ExecutedBlock,
    places: &[usize],
) -> Result<Vec<TransactionTrace>> {
    let mut items = Vec::with_capacity(places.len());
    for place in places {
        let transaction = block.transactions.get(*place);
        let outcome = block.execution.transactions.get(*place);
        let (Some(transaction), Some(outcome)) = (transaction, outcome) else {
            return Err(Error::Internal("a block lacks a transaction".to_owned()));
        };
        items.push(TraceInput {
            transaction,
            reads: &outcome.access()?.reads,
            receipt: Some(&outcome.receipt),
        });
    }
    let created = block.codes();
    let codes = BlockCodes {
        state,
        created: &created,
    };
    let context = block.context(chain_id);
    let mut traces: Vec<TransactionTrace> = Vec::with_capacity(items.len());
    trace_block(
        context,
        &items,
        &codes,
        TraceOptions::default(),
        &mut traces,
    )?;
    for (trace, place) in traces.iter_mut().zip(places) {
        trace.index = *place as u64;
    }
    Ok(traces)
}

/// What the transactions at these places of a block, ascending, did, or why it cannot be proved.
///
/// # Errors
/// When the block was executed for its receipts alone, or a trace contradicts itself.
pub(super) fn runs(
    chain_id: u64,
    state: &dyn StateReader,
    block: &ExecutedBlock,
    places: &[usize],
    largest: Largest<'_>,
) -> Result<BTreeMap<usize, Result<Touching, NotProvable>>> {
    if places.is_empty() {
        return Ok(BTreeMap::new());
    }
    let traces = traces(chain_id, state, block, places)?;
    let delegations = Delegations::new(state, block);
    let mut codes = Vec::new();
    let mut numbers: HashMap<B256, usize> = HashMap::new();
    for code in traces.iter().flat_map(codes_of) {
        numbers.entry(code.keccak).or_insert_with(|| {
            codes.push(code);
            codes.len()
        });
    }
    let found = traces.into_par_iter().zip(places).map(|(trace, place)| {
        let transaction = block.transactions.get(*place);
        let event = transaction.and_then(|transaction| transaction.to_event());
        let event = event.ok_or_else(|| Error::Internal("code that nobody calls".to_owned()))?;
        // What has too many steps is not even gone through, which takes memory for each.
        let steps = trace.steps.count();
        let fits = largest.for_code(|shape| shapes::steps_fit(shape, steps));
        let delegated = match block.execution.transactions.get(*place) {
            Some(outcome) => delegations.among(&outcome.access()?.reads)?,
            None => AddressSet::default(),
        };
        let judged = match (outside(&trace, block.rules, &delegated)?, fits) {
            (Some(reason), _) => Err(reason),
            (None, Err((shape, misfit))) => Err(does_not_fit(shape, misfit)),
            (None, Ok(())) => {
                let event = TransactionEvent {
                    runs_code: true,
                    ..event
                };
                let events = alone(chain_id, block, event, trace, &codes);
                touching(events, largest)?
            }
        };
        Ok((*place, judged))
    });
    found.collect()
}

/// The events of a chunk with a transaction alone. Its accounts and slots are not known yet.
fn alone(
    chain_id: u64,
    block: &ExecutedBlock,
    event: TransactionEvent,
    trace: TransactionTrace,
    codes: &[CodeEvent],
) -> ChunkEvents {
    let start = Checkpoint {
        block: block.environment,
        open: true,
        ..Checkpoint::default()
    };
    ChunkEvents {
        chain_id,
        rules: block.rules,
        start,
        opens: None,
        parent_hash: None,
        transactions: vec![event],
        executions: vec![trace],
        codes: codes.to_vec(),
        accounts: Vec::new(),
        slots: Vec::new(),
        block_hashes: Vec::new(),
        seals: false,
        end: start,
    }
}

/// What a transaction touches does not depend on the values that it finds: its trace says what it does.
fn touching(
    mut events: ChunkEvents,
    largest: Largest<'_>,
) -> Result<Result<Touching, NotProvable>> {
    let execution = Execution::of(&events).map_err(contradiction)?;
    if let Some(step) = execution.steps.iter().find(|step| lacks_unshown(step)) {
        return Ok(Err(NotProvable::FarMemory {
            // Frames of a chunk are numbered from 1.
            frame: step.frame.saturating_sub(1),
            opcode: step.opcode,
            gas: step.before.gas,
        }));
    }
    let share = Share::of(&TABLES, [Part::Run(&execution)]);
    let touched = execution.accounts.touched.iter();
    let accounts = touched.map(|(address, ..)| *address).collect();
    let touched = execution.storage.touched.iter();
    let touched = touched.filter(|slot| slot.key.space == 0);
    let slots = touched.map(|slot| (slot.key.address, slot.key.slot));
    let slots = slots.collect();
    let block_hashes = block_hash::asked(&execution).into_keys().collect();
    let (Some(event), Some(trace)) = (events.transactions.pop(), events.executions.pop()) else {
        return Err(Error::Internal("a run without a trace".to_owned()));
    };
    let copied = copied(&execution, &events.codes);
    let run = Run {
        trace,
        share,
        copied,
    };
    let touching = Touching {
        run,
        accounts,
        slots,
        block_hashes,
    };
    let demand = least_demand(&event, &touching);
    let fits = largest.for_code(|shape| demand.fits(shape));
    let judged = fits.map_err(|(shape, misfit)| does_not_fit(shape, misfit));
    Ok(judged.map(|()| touching))
}

fn does_not_fit(largest: &Shape, misfit: Misfit) -> NotProvable {
    let shape = largest.name.clone();
    NotProvable::DoesNotFit { shape, misfit }
}

/// What a chunk with this transaction alone asks for at least: the levels of the state tree are left out, which follow once there is one.
fn least_demand(event: &TransactionEvent, touching: &Touching) -> Demand<'static> {
    let mut demand = Demand::new(&TABLES);
    demand.add(Part::Transaction(event));
    demand.add_share(&touching.run.share);
    for code in touching.run.codes() {
        demand.add(Part::Code(&code));
    }
    touching
        .accounts
        .iter()
        .for_each(|_| demand.add(Part::Account));
    touching.slots.iter().for_each(|_| demand.add(Part::Slot));
    let asked = touching.block_hashes.iter();
    asked.for_each(|_| demand.add(Part::BlockHash));
    demand
}

/// That traces are not what they must be.
pub(crate) fn contradiction(error: braid_circuits::Error) -> Error {
    Error::Internal(format!("the events of a chunk: {error}"))
}
