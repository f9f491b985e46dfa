//! Table `call`.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Call;
pub use columns::{CallColumns, CallResult, CalledAccount, CallingFrame, GivenGas};
pub use generation::generate;
