//! The synchronisation that the scheduler and the memory use, in one place: the test that explores interleavings puts a model checker's in its stead.

pub(super) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
pub(super) use std::sync::{Mutex, MutexGuard};
