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
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn task(bytes: u64, after: &[usize]) -> Task {
        Task {
            label: format!("task of {bytes} after {after:?}"),
            bytes,
            after: after.to_vec(),
        }
    }

    fn tree_tasks(leaves: usize, bytes: u64) -> Vec<Task> {
        let mut tasks: Vec<_> = (0..leaves).map(|_| task(bytes, &[])).collect();
        tasks.extend(fold_tree(leaves).iter().map(|&(a, b)| task(bytes, &[a, b])));
        tasks
    }

    const PLENTY: Limits = Limits {
        threads: 4,
        memory: 100,
    };

    #[test]
    fn folds_join_neighbours_up_to_one_root() {
        for leaves in 1..40 {
            let folds = fold_tree(leaves);
            assert_eq!(folds.len(), leaves - 1);
            // Every position stands for a run of leaves; a fold joins a run with the one right after it.
            let mut runs: Vec<_> = (0..leaves).map(|i| (i, i + 1)).collect();
            for &(left, right) in &folds {
                let (left, right) = (runs[left], runs[right]);
                assert_eq!(left.1, right.0);
                runs.push((left.0, right.1));
            }
            assert_eq!(runs.last(), Some(&(0, leaves)));
        }
        assert!(fold_tree(0).is_empty());
    }

    #[test]
    fn results_arrive_in_order() {
        let pool = thread_pool(3).unwrap();
        for leaves in 1..12 {
            let tasks = tree_tasks(leaves, 30);
            let roots = run(&pool, PLENTY, &tasks, |index, inputs: &[Arc<String>]| {
                Ok::<_, ()>(match inputs {
                    [] => format!("{index},"),
                    [a, b] => format!("{a}{b}"),
                    _ => unreachable!("folds have two inputs"),
                })
            });
            let expected: String = (0..leaves).map(|i| format!("{i},")).collect();
            let roots = roots.unwrap();
            assert_eq!(roots.len(), 1);
            assert_eq!(*roots[0], expected);
        }
    }

    #[test]
    fn neither_memory_nor_threads_are_overdrawn() {
        let pool = thread_pool(4).unwrap();
        for (threads, memory, most) in [(4, 70, 2), (4, 1000, 4), (1, 1000, 1), (2, 1000, 2)] {
            let (running, bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
            let peak = AtomicUsize::new(0);
            let tasks = tree_tasks(9, 30);
            let limits = Limits { threads, memory };
            run(&pool, limits, &tasks, |index, _: &[Arc<()>]| {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                peak.fetch_max(now, Ordering::SeqCst);
                let used = bytes.fetch_add(tasks[index].bytes, Ordering::SeqCst);
                assert!(used + tasks[index].bytes <= memory);
                std::thread::sleep(Duration::from_millis(4));
                bytes.fetch_sub(tasks[index].bytes, Ordering::SeqCst);
                running.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, ()>(())
            })
            .unwrap();
            let peak = peak.load(Ordering::SeqCst);
            assert!(peak <= most, "{peak} tasks side by side instead of {most}");
        }
    }

    #[test]
    fn tasks_do_run_side_by_side() {
        // Each of two tasks waits until the other has started.
        let pool = thread_pool(2).unwrap();
        let barrier = std::sync::Barrier::new(2);
        let tasks = [task(1, &[]), task(1, &[])];
        let limits = Limits {
            threads: 2,
            memory: 2,
        };
        let done = run(&pool, limits, &tasks, |_, _: &[Arc<()>]| {
            barrier.wait();
            Ok::<_, ()>(())
        });
        assert_eq!(done.unwrap().len(), 2);
    }

    #[test]
    fn a_fold_starts_before_later_leaves() {
        let pool = thread_pool(1).unwrap();
        let order = std::sync::Mutex::new(Vec::new());
        let tasks = tree_tasks(4, 1);
        let limits = Limits {
            threads: 1,
            memory: 100,
        };
        run(&pool, limits, &tasks, |index, _: &[Arc<()>]| {
            order.lock().unwrap().push(index);
            Ok::<_, ()>(())
        })
        .unwrap();
        assert_eq!(*order.lock().unwrap(), [0, 1, 4, 2, 3, 5, 6]);
    }

    #[test]
    fn what_cannot_fit_is_refused_before_anything_starts() {
        let pool = thread_pool(1).unwrap();
        let tasks = [task(1, &[]), task(101, &[0])];
        let result = run(
            &pool,
            PLENTY,
            &tasks,
            |_, _: &[Arc<()>]| -> Result<(), ()> { panic!("nothing may start") },
        );
        let Err(ScheduleError::WouldNotFit {
            needed, available, ..
        }) = result
        else {
            panic!("{result:?}");
        };
        assert_eq!((needed, available), (101, 100));
    }

    #[test]
    fn the_first_error_stops_what_has_not_started() {
        let pool = thread_pool(1).unwrap();
        let count = AtomicUsize::new(0);
        let tasks: Vec<_> = (0..20).map(|_| task(60, &[])).collect();
        let result = run(&pool, PLENTY, &tasks, |index, _: &[Arc<()>]| {
            count.fetch_add(1, Ordering::SeqCst);
            if index == 3 { Err("broken") } else { Ok(()) }
        });
        let Err(ScheduleError::Failed { source, .. }) = result else {
            panic!("{result:?}");
        };
        assert_eq!(source, "broken");
        assert_eq!(count.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn a_panic_becomes_an_error_and_others_finish() {
        let pool = thread_pool(2).unwrap();
        let finished = AtomicUsize::new(0);
        let barrier = std::sync::Barrier::new(2);
        let tasks = [task(1, &[]), task(1, &[]), task(1, &[0, 1])];
        let limits = Limits {
            threads: 2,
            memory: 100,
        };
        let result = run(&pool, limits, &tasks, |index, _: &[Arc<()>]| {
            barrier.wait();
            if index == 0 {
                panic!("worker {index} is gone");
            }
            std::thread::sleep(Duration::from_millis(20));
            finished.fetch_add(1, Ordering::SeqCst);
            Ok::<_, ()>(())
        });
        let Err(ScheduleError::Panicked { message, .. }) = result else {
            panic!("{result:?}");
        };
        assert_eq!(message, "worker 0 is gone");
        assert_eq!(finished.load(Ordering::SeqCst), 1);
        // The pool is still good.
        assert_eq!(pool.install(|| 1 + 1), 2);
    }

    #[test]
    fn a_plan_must_be_in_order() {
        let pool = thread_pool(1).unwrap();
        let tasks = [task(1, &[1]), task(1, &[])];
        let result = run(&pool, PLENTY, &tasks, |_, _: &[Arc<()>]| Ok::<_, ()>(()));
        assert!(matches!(result, Err(ScheduleError::Plan(_))));
        let none = run(&pool, PLENTY, &[], |_, _: &[Arc<()>]| Ok::<_, ()>(()));
        assert!(none.unwrap().is_empty());
    }
}
