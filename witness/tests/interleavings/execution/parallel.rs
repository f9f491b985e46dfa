//! Everything of `src/execution/parallel` but the thread pool and the collecting of results at the end.

#![allow(dead_code)]

mod sync;
mod tuning;

#[path = "../../../src/execution/parallel/attempt.rs"]
pub mod attempt;
#[path = "../../../src/execution/parallel/codes.rs"]
mod codes;
#[path = "../../../src/execution/parallel/commit.rs"]
pub mod commit;
#[path = "../../../src/execution/parallel/crew.rs"]
pub mod crew;
#[path = "../../../src/execution/parallel/engine.rs"]
pub mod engine;
#[path = "../../../src/execution/parallel/judge.rs"]
mod judge;
#[path = "../../../src/execution/parallel/keys.rs"]
mod keys;
#[path = "../../../src/execution/parallel/ledger/mod.rs"]
pub mod ledger;
#[path = "../../../src/execution/parallel/memory.rs"]
pub mod memory;
#[path = "../../../src/execution/parallel/overlay.rs"]
pub mod overlay;
#[path = "../../../src/execution/parallel/publications.rs"]
mod publications;
#[path = "../../../src/execution/parallel/reads.rs"]
mod reads;
#[path = "../../../src/execution/parallel/run.rs"]
pub mod run;
#[path = "../../../src/execution/parallel/scheduler/mod.rs"]
pub mod scheduler;
#[path = "../../../src/execution/parallel/shared.rs"]
pub mod shared;
#[path = "../../../src/execution/parallel/stretch.rs"]
mod stretch;
#[path = "../../../src/execution/parallel/transfer.rs"]
mod transfer;
#[path = "../../../src/execution/parallel/view.rs"]
pub mod view;
#[path = "../../../src/execution/parallel/worker.rs"]
pub mod worker;
#[path = "../../../src/execution/parallel/writers.rs"]
pub mod writers;

pub mod ahead;
pub mod parts;
pub mod whole;
