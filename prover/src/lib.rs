//! From a chunk of transactions to a proof: what runs when, within which memory, what is kept of it, and who hears of it.
//!
//! * [`schedule`]: tasks that depend on each other on a bounded number of threads within a memory budget;
//! * [`job`]: the folder of finished proofs that a later run takes up;
//! * [`progress`]: the events that a listener gets;
//! * [`memory`]: how much memory there is;
//! * [`pipeline`]: all chunks to one proof, over whatever proof system makes them;
//! * [`recursion`]: the circuits that bring chunk proofs into the form that the fold tree takes;
//! * [`cache`]: those circuits on disk, and [`cache_files`]: what of them is there and what can go.

pub mod cache;
pub mod cache_files;
pub mod error;
pub mod job;
pub mod memory;
pub mod pipeline;
pub mod progress;
pub mod recursion;
pub mod schedule;

pub use error::Error;
