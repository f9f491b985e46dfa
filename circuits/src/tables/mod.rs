//! The tables, a folder each: `columns`, `air` (constraints and messages) and `generation` (filling).

pub mod arith;
pub mod bits;
pub mod block;
pub mod clock;
pub mod code;
pub mod code_hash;
pub mod compute;
pub mod ecdsa;
pub mod evm;
pub mod exp;
pub mod exponent_bytes;
pub mod halt;
pub mod keccak_f;
pub mod keccak_sponge;
pub mod modular;
pub mod narrow;
pub mod opcode;
pub mod poseidon;
pub mod product;
pub mod push;
pub mod range16;
pub mod range8;
pub mod rlp;
pub mod secp_base;
pub mod secp_ladder;
pub mod shift;
pub mod signed;
pub mod stack_end;
pub mod state;
#[cfg(test)]
mod test_support;
pub mod transaction;
pub mod tree;
