//! The model checker's synchronisation, under the names of `src/execution/parallel/sync.rs`.

pub(super) use shuttle::hint::spin_loop;
pub(super) use shuttle::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
pub(super) use shuttle::sync::{Mutex, MutexGuard};
pub(super) use shuttle::thread::yield_now;

/// The model checker knows no time: whoever sleeps lets the others run.
pub(super) fn sleep(_: std::time::Duration) {
    yield_now();
}
