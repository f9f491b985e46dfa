//! The synchronisation of the workers, in one place: the test that explores interleavings puts a model checker's in its stead.

pub(super) use std::hint::spin_loop;
pub(super) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
pub(super) use std::sync::{Mutex, MutexGuard};
pub(super) use std::thread::{sleep, yield_now};
