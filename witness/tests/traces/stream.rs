//! Traces of a block: in order, within the bound, and never a hang.

use alloy_primitives::B256;
use alloy_primitives::map::B256Map;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::TransactionTrace;
use braid_witness::Error;
use braid_witness::error::ReplayFault;
use braid_witness::state::State;
use braid_witness::trace::{
    CodeSource, TraceInput, TraceOptions, TraceSink, TraceStatistics, trace_block,
};
use braid_witness::transaction::SignedTransaction;
use revm::state::Bytecode;

use crate::programs::*;
use crate::support::{Ran, StateCodes, run};

/// Transactions over one state, each as if it were alone.
struct Block {
    state: State,
    items: Vec<(SignedTransaction, Ran)>,
}

/// Every third transaction runs the contract, in turn with much and with little calldata.
fn block(code: Vec<u8>, count: u64) -> Block {
    let state = state(&[(CONTRACT, code)]);
    let items = (0..count).map(|index| {
        let to = if index % 3 == 0 { CONTRACT } else { NOBODY };
        let transaction = transaction(Some(to), index, vec![1; 4 * index as usize], 900_000);
        let ran = run(context(), &state, &transaction).unwrap();
        (transaction, ran)
    });
    let items = items.collect();
    Block { state, items }
}

fn inputs(block: &Block) -> Vec<TraceInput<'_>> {
    let inputs = block.items.iter().map(|(transaction, ran)| TraceInput {
        transaction,
        reads: &ran.reads,
        receipt: Some(&ran.receipt),
    });
    inputs.collect()
}

fn traced(
    threads: usize,
    block: &Block,
    codes: &dyn CodeSource,
    max_bytes: usize,
    sink: &mut dyn TraceSink,
) -> Result<TraceStatistics, Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let options = TraceOptions {
        // More workers than threads, too.
        workers: 4,
        max_bytes,
    };
    pool.unwrap()
        .install(|| trace_block(context(), &inputs(block), codes, options, sink))
}

/// Writes a slot in each round, so that its trace grows.
fn busy() -> Vec<u8> {
    let start = Code::default().push(alloy_primitives::U256::from(2_000));
    let target = start.0.len() as u8;
    start
        .op(&[
            JUMPDEST, DUP1, PUSH1, 1, SLOAD, POP, PUSH1, 1, SWAP1, SUB, SWAP1, POP, DUP1,
        ])
        .op(&[PUSH1, target, JUMPI, STOP])
        .0
}

#[test]
fn traces_come_in_order_whatever_the_pool_and_the_bound() {
    let block = block(counting_loop(200), 60);
    let codes = StateCodes(&block.state);
    let mut expected = Vec::new();
    traced(1, &block, &codes, usize::MAX, &mut expected).unwrap();
    let indices: Vec<u64> = expected.iter().map(|trace| trace.index).collect();
    assert_eq!(indices, (0..60).collect::<Vec<u64>>());
    for threads in [1, 2, 4, 16] {
        for max_bytes in [0, 3_000, usize::MAX] {
            let mut traces = Vec::new();
            let statistics = traced(threads, &block, &codes, max_bytes, &mut traces).unwrap();
            assert_eq!(traces, expected);
            assert_eq!(statistics.transactions, 60);
            let steps: u64 = traces.iter().map(|trace| trace.steps.count()).sum();
            assert_eq!(statistics.steps, steps);
        }
    }
}

/// Takes its time, so that others get ahead.
struct Slow(usize);

impl TraceSink for Slow {
    fn take(&mut self, trace: TransactionTrace) -> braid_witness::Result<()> {
        self.0 = self.0.max(trace.size());
        std::thread::sleep(std::time::Duration::from_millis(2));
        Ok(())
    }
}

#[test]
fn waiting_traces_stay_within_the_bound() {
    let block = block(busy(), 120);
    let codes = StateCodes(&block.state);
    let mut sink = Slow(0);
    let free = traced(4, &block, &codes, usize::MAX, &mut sink).unwrap();
    let bound = 100_000;
    let largest = sink.0;
    let bounded = traced(4, &block, &codes, bound, &mut sink).unwrap();
    println!(
        "largest {largest}, at once {} without and {} with a bound of {bound}",
        free.peak_bytes, bounded.peak_bytes
    );
    // The next one in order may be on top; each of the other three may be past the bound by what is not told of one by one, and by a buffer that doubles.
    let most = (bound + 4 * largest) as u64;
    assert!(
        bounded.peak_bytes <= most,
        "{} > {most}",
        bounded.peak_bytes
    );
    assert!(
        free.peak_bytes > most,
        "the bound is not what held: {} <= {most}",
        free.peak_bytes
    );
}

/// Fails, or panics, after some traces.
struct Breaking {
    left: usize,
    panics: bool,
}

impl TraceSink for Breaking {
    fn take(&mut self, _: TransactionTrace) -> braid_witness::Result<()> {
        if self.left > 0 {
            self.left -= 1;
            return Ok(());
        }
        assert!(!self.panics, "the sink panics");
        Err(Error::TraceFile {
            path: "sink".to_owned(),
            kind: std::io::ErrorKind::StorageFull,
            reason: "full".to_owned(),
        })
    }
}

#[test]
fn a_sink_that_fails_or_panics_ends_in_an_error() {
    let block = block(busy(), 30);
    let codes = StateCodes(&block.state);
    for threads in [1, 2, 4] {
        for max_bytes in [0, usize::MAX] {
            for panics in [false, true] {
                let mut sink = Breaking { left: 7, panics };
                let error = traced(threads, &block, &codes, max_bytes, &mut sink).unwrap_err();
                assert_eq!(sink.left, 0);
                match error {
                    Error::TraceFile { .. } => assert!(!panics),
                    Error::Panicked(what) => assert!(panics && what.contains("the sink panics")),
                    other => panic!("{other}"),
                }
            }
        }
    }
}

#[test]
fn an_incomplete_read_set_ends_the_block_there() {
    let mut block = block(counting_loop(50), 40);
    let reads = &mut block.items[21].1.reads;
    reads.truncate(1);
    block.items[30].1.reads.clear();
    let hash = block.items[21].0.hash;
    let codes = StateCodes(&block.state);
    for threads in [1, 4] {
        for max_bytes in [0, usize::MAX] {
            let mut traces = Vec::new();
            let error = traced(threads, &block, &codes, max_bytes, &mut traces).unwrap_err();
            assert_eq!(
                error,
                Error::Replay {
                    hash,
                    fault: Box::new(ReplayFault::Account(CONTRACT)),
                }
            );
            assert_eq!(traces.len(), 21, "those before it were handed over");
        }
    }
}

struct Panicking;

impl CodeSource for Panicking {
    fn code(&self, _: &B256) -> braid_witness::Result<Bytecode> {
        panic!("no code today")
    }
}

#[test]
fn a_worker_that_panics_ends_in_an_error() {
    let block = block(busy(), 30);
    for threads in [1, 4] {
        let error = traced(threads, &block, &Panicking, 0, &mut Vec::new()).unwrap_err();
        assert_eq!(error, Error::Panicked("no code today".to_owned()));
    }
    let nothing = B256Map::<Bytecode>::default();
    let error = traced(2, &block, &nothing, 0, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, Error::Replay { .. }), "{error}");
}
