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
