//! Multi-table STARKs over Goldilocks with one LogUp bus.
//!
//! A [`Table`] states its constraints once, generic over the expression type; a [`System`] is the ordered list of
//! tables together with what the public values say on the bus. Back ends evaluate the same constraints on packed
//! base-field rows (prover), at one point of the extension (verifier), as a graph (degrees, circuit, digest) and row by
//! row with labels ([`check`], the checker).
//!
//! [`setup()`], [`prove()`] and [`verify()`] are the proof system; [`protocol`] describes it. [`Shape`]s fix the heights,
//! [`security`] tells what they are worth.
//!
//! This crate knows nothing of Ethereum. A trace is always a table's rows here ([`Trace`]).

pub mod builder;
pub mod bus;
pub mod check;
pub mod columns;
pub mod coverage;
pub mod error;
pub mod evaluate;
pub mod expression;
pub mod field;
pub mod freedom;
pub mod layout;
pub mod lookup;
pub mod message;
pub mod packed;
pub mod proof;
pub mod protocol;
pub mod prove;
pub mod recursion;
pub mod security;
pub mod shape;
pub mod symbolic;
pub mod system;
pub mod table;
pub mod trace;
pub mod transcript;
pub mod verify;

pub use builder::{ConstraintBuilder, Row};
pub use columns::Columns;
pub use error::Error;
pub use expression::Expression;
pub use field::{Challenge, Felt};
pub use message::{Interaction, Message, Tag};
pub use packed::Packed;
pub use proof::{Proof, VerifyingKey};
pub use protocol::{Protocol, digest};
pub use prove::{Progress, ProveError, ProvingKey, Stage, prove, setup};
pub use shape::{FriParameters, Shape, ShapeError, TableHeight};
pub use system::{PublicBus, System};
pub use table::{AnyTable, Table};
pub use trace::Trace;
pub use verify::{VerifyError, verify};
