//! The one list of tables: prover, recursion, checker and documentation iterate it.

use braid_stark::{AnyTable, System};

use crate::statement::ChunkPublicBus;
use crate::tables::arith::Arith;
use crate::tables::block::BlockTable;
use crate::tables::ecdsa::Ecdsa;
use crate::tables::keccak_f::KeccakF;
use crate::tables::keccak_sponge::KeccakSponge;
use crate::tables::poseidon::Poseidon;
use crate::tables::range8::Range8;
use crate::tables::range16::Range16;
use crate::tables::rlp::Rlp;
use crate::tables::secp_base::SecpBase;
use crate::tables::secp_ladder::SecpLadder;
use crate::tables::state::State;
use crate::tables::transaction::TransactionTable;
use crate::tables::tree::Tree;

/// All tables, in the order in which proofs hold them.
pub fn tables() -> Vec<Box<dyn AnyTable>> {
    vec![
        Box::new(Range16),
        Box::new(Range8),
        Box::new(BlockTable),
        Box::new(TransactionTable),
        Box::new(Rlp),
        Box::new(KeccakSponge),
        Box::new(KeccakF),
        Box::new(Ecdsa),
        Box::new(SecpBase),
        Box::new(SecpLadder),
        Box::new(Arith),
        Box::new(State),
        Box::new(Tree),
        Box::new(Poseidon),
    ]
}

/// The system that proves one chunk.
pub fn system() -> System {
    System::new(tables(), ChunkPublicBus)
}

/// What the table called `name` claims, in a sentence: for documentation. The table's module says it in full.
pub fn claim(name: &str) -> Option<&'static str> {
    let claim = match name {
        "u16" => "numbers are below 2^16; a byte pair has this exclusive or",
        "u8" => "numbers are below 2^8",
        "block" => "the chunk leads from its start to its end: opens and seals at most one block",
        "transaction" => {
            "each transaction is one that Ethereum would include, with these effects on three accounts"
        }
        "rlp" => "the published bytes parse, strictly, to these fields and this signing payload",
        "keccak_sponge" => "byte strings have these Keccak-256 digests",
        "keccak_f" => "the permutation Keccak-f[1600] leads from these lanes to those",
        "ecdsa" => "signatures recover to these addresses, with r and s in range and s low",
        "secp_base" => "fixed points of secp256k1 are these",
        "secp_ladder" => "a linear combination of points of secp256k1 vanishes",
        "arith" => "sums, products and products modulo a number of 256-bit words are these",
        "state" => {
            "each account has one first and one last version, tied to its value hashes before and after"
        }
        "tree" => "replacing leaves one after the other leads from the old state root to the new",
        "poseidon" => "the Poseidon permutation leads from these inputs to those outputs",
        _ => return None,
    };
    Some(claim)
}
