//! The tables of Braid: columns, constraints, filling, bus messages and events.
//!
//! [`event`] is the only door between execution and constraints; [`bus`] lists every message that tables exchange;
//! [`registry`] lists the tables; [`chunk`] has what else a table knows of chunks, and fills them. A table is no circuit of plonky2: those that verify
//! proofs of tables are in the crates `braid-prover` and `braid-aggregator`.

pub mod access;
pub mod below;
pub mod bus;
pub mod chunk;
pub mod delegated;
pub mod error;
pub mod event;
pub mod execution;
pub mod gas;
pub mod hash_leaf;
pub mod limbs;
pub mod log_word;
pub mod precompile;
pub mod region;
pub mod registry;
pub mod secp256k1;
pub mod shapes;
pub mod state_hash;
pub mod statement;
pub mod tables;
pub mod word;

pub use error::Error;
