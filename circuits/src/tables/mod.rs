//! The tables, a folder each: `columns`, `air` (constraints and messages) and `generation` (filling).

pub mod arith;
pub mod block;
pub mod ecdsa;
pub mod exp;
pub mod exponent_bytes;
pub mod keccak_f;
pub mod keccak_sponge;
pub mod modular;
pub mod poseidon;
pub mod product;
pub mod range16;
pub mod range8;
pub mod rlp;
pub mod secp_base;
pub mod secp_ladder;
pub mod signed;
pub mod state;
#[cfg(test)]
mod test_support;
pub mod transaction;
pub mod tree;
