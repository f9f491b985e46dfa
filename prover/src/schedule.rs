//! Runs tasks that depend on each other, as many side by side as cores and memory allow.
//!
//! A [`Task`] names the tasks whose results it takes and the bytes that it needs at most. A task starts when its inputs are
//! there, a thread is free and its bytes fit beside those of the tasks that run. All tasks share one pool of threads, which
//! is also where their inner parallelism happens, so that no core idles while one task is left. Tasks must therefore not hold
//! a lock that another task waits for while they run parallel code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Stack of each worker: constraint graphs are evaluated recursively in places, and one worker may run nested tasks.
const STACK_BYTES: usize = 64 << 20;

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most tasks side by side.
    pub threads: usize,
    /// Bytes for all running tasks together.
    pub memory: u64,
}

/// One task of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// For messages.
    pub label: String,
    /// Most bytes that it needs while it runs.
    pub bytes: u64,
    /// Tasks whose results it takes; all come before it in the plan.
    pub after: Vec<usize>,
}

/// Why a run ended without all results.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError<E> {
    /// A task needs more memory than there is for all. Nothing was started.
    #[error(
        "{label} needs about {} MiB of memory and the limit leaves {} MiB",
        needed >> 20,
        available >> 20
    )]
    WouldNotFit {
        /// The task.
        label: String,
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that the limit allows.
        available: u64,
    },
    /// A task panicked.
    #[error("{label} broke off: {message}")]
    Panicked {
        /// The task.
        label: String,
        /// What the panic said.
        message: String,
    },
    /// A task failed.
    #[error("{label}: {source}")]
    Failed {
        /// The task.
        label: String,
        /// Why.
        source: E,
    },
    /// The plan contradicts itself.
    #[error("the plan of work contradicts itself: {0}")]
    Plan(String),
}

/// A pool of `threads` workers.
///
/// # Errors
/// When the system refuses the threads.
pub fn thread_pool(threads: usize) -> Result<ThreadPool, rayon::ThreadPoolBuildError> {
    ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .stack_size(STACK_BYTES)
        .thread_name(|index| format!("braid-{index}"))
        .build()
}

/// What a panic said.
pub fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}

/// The state of a run.
struct Run<'a, T> {
    tasks: &'a [Task],
    limits: Limits,
    /// Inputs that each task still waits for.
    waiting: Vec<usize>,
    /// Tasks that take each task's result and have not started.
    takers: Vec<Vec<usize>>,
    /// How many tasks still take each result; it is dropped when none does.
    uses: Vec<usize>,
    results: Vec<Option<Arc<T>>>,
    started: Vec<bool>,
    running: usize,
    bytes: u64,
}

impl<'a, T> Run<'a, T> {
    fn new<E>(limits: Limits, tasks: &'a [Task]) -> Result<Self, ScheduleError<E>> {
        let mut takers = vec![Vec::new(); tasks.len()];
        for (index, task) in tasks.iter().enumerate() {
            for &input in &task.after {
                if input >= index {
                    let label = &task.label;
                    let reason = format!("{label} waits for a task that does not come before it");
                    return Err(ScheduleError::Plan(reason));
                }
                takers[input].push(index);
            }
            if task.bytes > limits.memory {
                return Err(ScheduleError::WouldNotFit {
                    label: task.label.clone(),
                    needed: task.bytes,
                    available: limits.memory,
                });
            }
        }
        Ok(Self {
            tasks,
            limits,
            waiting: tasks.iter().map(|task| task.after.len()).collect(),
            uses: takers.iter().map(Vec::len).collect(),
            takers,
            results: tasks.iter().map(|_| None).collect(),
            started: vec![false; tasks.len()],
            running: 0,
            bytes: 0,
        })
    }

    /// The next task to start now, if any. Later tasks of the plan come first: they use up results of earlier ones and
    /// bring the whole closer to its end.
    fn startable(&self) -> Option<usize> {
        if self.running >= self.limits.threads.max(1) {
            return None;
        }
        let free = self.limits.memory.saturating_sub(self.bytes);
        let ready = |index: &usize| !self.started[*index] && self.waiting[*index] == 0;
        let fits = |index: &usize| self.tasks[*index].bytes <= free;
        let joins = |index: &usize| !self.tasks[*index].after.is_empty();
        let candidates = || (0..self.tasks.len()).filter(ready).filter(fits);
        candidates().find(joins).or_else(|| candidates().next())
    }

    /// Marks `index` as running and gives its inputs.
    fn start(&mut self, index: usize) -> Vec<Arc<T>> {
        self.started[index] = true;
        self.running += 1;
        self.bytes += self.tasks[index].bytes;
        let inputs = &self.tasks[index].after;
        inputs
            .iter()
            .filter_map(|&input| {
                self.uses[input] -= 1;
                if self.uses[input] == 0 {
                    self.results[input].take()
                } else {
                    self.results[input].clone()
                }
            })
            .collect()
    }

    fn finish(&mut self, index: usize) {
        self.running -= 1;
        self.bytes -= self.tasks[index].bytes;
    }

    fn keep(&mut self, index: usize, result: T) {
        self.results[index] = Some(Arc::new(result));
        for &taker in &self.takers[index] {
            self.waiting[taker] -= 1;
        }
    }
}

/// Runs all `tasks` on `pool` and gives the results of those that no other task takes, in order.
///
/// `work` gets the index of a task and the results of [`Task::after`] in that order. After the first error nothing more is
/// started; what runs is waited for, so that it can be kept by `work` itself.
///
/// # Errors
/// The first task that fails or panics, or a plan that cannot be run; the latter before anything starts.
pub fn run<T, E, W>(
    pool: &ThreadPool,
    limits: Limits,
    tasks: &[Task],
    work: W,
) -> Result<Vec<Arc<T>>, ScheduleError<E>>
where
    T: Send + Sync,
    E: Send,
    W: Fn(usize, &[Arc<T>]) -> Result<T, E> + Sync,
{
    let mut state = Run::new(limits, tasks)?;
    let mut failure = None;
    pool.in_place_scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        loop {
            while failure.is_none()
                && let Some(index) = state.startable()
            {
                let inputs = state.start(index);
                let (sender, work) = (sender.clone(), &work);
                scope.spawn(move |_| {
                    let outcome = catch_unwind(AssertUnwindSafe(|| work(index, &inputs)));
                    drop(inputs);
                    // The receiver lives until every running task has answered.
                    let _ = sender.send((index, outcome));
                });
            }
            if state.running == 0 {
                break;
            }
            let Ok((index, outcome)) = receiver.recv() else {
                break;
            };
            state.finish(index);
            let label = || tasks[index].label.clone();
            let error = match outcome {
                Ok(Ok(result)) => {
                    state.keep(index, result);
                    continue;
                }
                Ok(Err(source)) => ScheduleError::Failed {
                    label: label(),
                    source,
                },
                Err(payload) => ScheduleError::Panicked {
                    label: label(),
                    message: panic_message(payload.as_ref()),
                },
            };
            failure.get_or_insert(error);
        }
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(state.results.into_iter().flatten().collect()),
    }
}

/// One fold of a [`fold_tree`]: positions in the list `leaves, then folds`.
pub type Pair = (usize, usize);

/// The binary tree over `leaves` leaves: folds in the order in which they can be made, each of two adjacent results. Leaf
/// `i` has position `i`, fold `j` position `leaves + j`; the last fold is the root. A level with an odd number passes its
/// last result up. The same number of leaves always gives the same tree.
pub fn fold_tree(leaves: usize) -> Vec<Pair> {
    let mut folds = Vec::new();
    let mut level: Vec<usize> = (0..leaves).collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match *pair {
                [left, right] => {
                    folds.push((left, right));
                    leaves + folds.len() - 1
                }
                [single] => single,
                // `chunks(2)` gives one or two.
                _ => leaves,
            })
            .collect();
    }
    folds
}

#[cfg(test)]
mod tests;
