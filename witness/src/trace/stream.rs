//! The execution traces of a block: taken in parallel, handed over in order, never too many at once.
//!
//! Workers claim transactions in order. The worker whose transaction is the next to be handed over never waits; every other one waits, before and while it
//! traces, as long as the traces that are alive take more than the limit. So there is always one that goes on, whatever the number of threads.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use braid_circuits::event::trace::TransactionTrace;

use super::recorder::Meter;
use super::tracer::{TraceInput, Tracer};
use super::{CodeSource, TraceSink};
use crate::error::{Error, Result};
use crate::execution::BlockContext;

/// How to trace a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceOptions {
    /// Workers; they run on the current rayon pool.
    pub workers: usize,
    /// Bytes of memory that traces may take before all wait for the one that is handed over next. That one may take more.
    pub max_bytes: usize,
}

impl Default for TraceOptions {
    /// A worker for each thread of the current rayon pool, 64 MiB.
    fn default() -> Self {
        Self {
            workers: rayon::current_num_threads(),
            max_bytes: 1 << 26,
        }
    }
}

/// What was traced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceStatistics {
    /// Transactions.
    pub transactions: u64,
    /// Steps.
    pub steps: u64,
    /// Events.
    pub events: u64,
    /// Bytes that encode the steps.
    pub step_bytes: u64,
    /// Bytes that encode the events.
    pub event_bytes: u64,
    /// Most bytes of memory that traces took at one time.
    pub peak_bytes: u64,
}

impl TraceStatistics {
    /// Bytes that encode a step, without and with the events; `None` without steps.
    pub fn bytes_per_step(&self) -> Option<(f64, f64)> {
        let steps = self.steps as f64;
        let all = (self.step_bytes + self.event_bytes) as f64;
        (self.steps > 0).then(|| (self.step_bytes as f64 / steps, all / steps))
    }

    /// Takes in those of another block.
    pub fn add(&mut self, other: &Self) {
        self.transactions += other.transactions;
        self.steps += other.steps;
        self.events += other.events;
        self.step_bytes += other.step_bytes;
        self.event_bytes += other.event_bytes;
        self.peak_bytes = self.peak_bytes.max(other.peak_bytes);
    }

    fn count(&mut self, trace: &TransactionTrace) {
        self.transactions += 1;
        self.steps += trace.steps.count();
        self.events += trace.events.count();
        self.step_bytes += trace.steps.encoded_length() as u64;
        self.event_bytes += trace.events.encoded_length() as u64;
    }
}

#[derive(Debug, Default)]
struct Progress {
    /// The next transaction that is claimed.
    claimed: usize,
    /// The next transaction that is handed over.
    head: usize,
    /// Whether somebody is handing over.
    handing: bool,
    /// Traces that wait, with the bytes that they are counted as.
    waiting: BTreeMap<usize, (Result<TransactionTrace>, usize)>,
    /// Bytes of all traces, finished or not.
    live: usize,
    failure: Option<Error>,
    statistics: TraceStatistics,
}

impl Progress {
    /// Counts bytes that are alive now, and bytes that no longer are.
    fn count(&mut self, more: usize, less: usize) {
        self.live = (self.live + more).saturating_sub(less);
        let peak = &mut self.statistics.peak_bytes;
        *peak = (*peak).max(self.live as u64);
    }
}

struct Shared {
    progress: Mutex<Progress>,
    changed: Condvar,
    max_bytes: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts bytes of a transaction's trace and waits until it may go on.
    fn grow(&self, index: usize, bytes: usize) {
        let mut progress = self.lock();
        progress.count(bytes, 0);
        while progress.failure.is_none() && progress.head != index && progress.live > self.max_bytes
        {
            progress = self
                .changed
                .wait(progress)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn fail(&self, error: Error) {
        self.lock().failure.get_or_insert(error);
        self.changed.notify_all();
    }
}

/// The meter of one worker: it knows which transaction is traced.
struct WorkerMeter<'s> {
    shared: &'s Shared,
    index: Mutex<usize>,
}

impl WorkerMeter<'_> {
    fn index(&self) -> MutexGuard<'_, usize> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meter for WorkerMeter<'_> {
    fn grow(&self, bytes: usize) {
        let index = *self.index();
        self.shared.grow(index, bytes);
    }
}

/// Traces a block's transactions and hands the traces to a sink, in order. The sink must not itself start work on the rayon pool.
///
/// # Errors
/// That of the first transaction that cannot be traced, or the sink's; [`Error::Panicked`] if a worker or the sink panics. The sink has the traces before it.
pub fn trace_block(
    context: BlockContext,
    items: &[TraceInput<'_>],
    codes: &dyn CodeSource,
    options: TraceOptions,
    sink: &mut dyn TraceSink,
) -> Result<TraceStatistics> {
    let workers = options.workers.clamp(1, items.len().max(1));
    let shared = Shared {
        progress: Mutex::default(),
        changed: Condvar::new(),
        max_bytes: options.max_bytes,
    };
    let sink = Mutex::new(sink);
    let work = || {
        let attempt = AssertUnwindSafe(|| work(&shared, context, items, codes, &sink));
        if let Err(panic) = catch_unwind(attempt) {
            shared.fail(Error::Panicked(message(panic.as_ref())));
        }
    };
    if workers == 1 {
        work();
    } else {
        rayon::scope(|scope| (0..workers).for_each(|_| scope.spawn(|_| work())));
    }
    let progress = shared
        .progress
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match progress.failure {
        Some(error) => Err(error),
        None if progress.head < items.len() => {
            Err(Error::Internal("not all traces were taken".to_owned()))
        }
        None => Ok(progress.statistics),
    }
}

/// What each worker does: claim, trace, hand over what is ready.
fn work(
    shared: &Shared,
    context: BlockContext,
    items: &[TraceInput<'_>],
    codes: &dyn CodeSource,
    sink: &Mutex<&mut dyn TraceSink>,
) {
    let meter = WorkerMeter {
        shared,
        index: Mutex::new(0),
    };
    let mut tracer = Tracer::new(context, codes, Some(&meter));
    loop {
        let index = {
            let mut progress = shared.lock();
            let index = progress.claimed;
            if progress.failure.is_some() || index >= items.len() {
                return;
            }
            progress.claimed += 1;
            index
        };
        let Some(item) = items.get(index) else { return };
        *meter.index() = index;
        shared.grow(index, 0);
        let attempt = AssertUnwindSafe(|| tracer.trace(index as u64, *item));
        let trace = catch_unwind(attempt)
            .unwrap_or_else(|panic| Err(Error::Panicked(message(panic.as_ref()))));
        let told = tracer.told();
        if trace.is_err() {
            // Whatever broke off may have left the machine in pieces.
            tracer = Tracer::new(context, codes, Some(&meter));
        }
        let size = trace.as_ref().map_or(0, TransactionTrace::size);
        {
            let mut progress = shared.lock();
            progress.count(size, told);
            progress.waiting.insert(index, (trace, size));
        }
        hand_over(shared, sink);
    }
}

/// Hands over what is ready, unless somebody else does.
fn hand_over(shared: &Shared, sink: &Mutex<&mut dyn TraceSink>) {
    let mut progress = shared.lock();
    if progress.handing {
        return;
    }
    progress.handing = true;
    while progress.failure.is_none() {
        let head = progress.head;
        let Some((trace, size)) = progress.waiting.remove(&head) else {
            break;
        };
        drop(progress);
        let taken = trace.and_then(|trace| {
            let mut statistics = TraceStatistics::default();
            statistics.count(&trace);
            let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
            sink.take(trace)?;
            Ok(statistics)
        });
        progress = shared.lock();
        match taken {
            Ok(one) => progress.statistics.add(&one),
            Err(error) => {
                progress.failure.get_or_insert(error);
            }
        }
        progress.head += 1;
        progress.live = progress.live.saturating_sub(size);
        shared.changed.notify_all();
    }
    progress.handing = false;
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}
