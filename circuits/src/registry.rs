//! The one list of tables: chunker, filling, shapes, prover, recursion, checker and documentation iterate it.

use braid_stark::{AnyTable, Shape, System};

use crate::chunk::ChunkTable;
use crate::statement::ChunkPublicBus;
use crate::tables;

/// All tables, in the order in which proofs hold them.
pub fn tables() -> Vec<Box<dyn ChunkTable>> {
    vec![
        Box::new(tables::range16::Range16),
        Box::new(tables::range8::Range8),
        Box::new(tables::block::BlockTable),
        Box::new(tables::transaction::TransactionTable),
        Box::new(tables::rlp::Rlp),
        Box::new(tables::keccak_sponge::KeccakSponge),
        Box::new(tables::keccak_f::KeccakF),
        Box::new(tables::ecdsa::Ecdsa),
        Box::new(tables::secp_base::SecpBase),
        Box::new(tables::secp_ladder::SecpLadder),
        Box::new(tables::arith::Arith),
        Box::new(tables::state::State),
        Box::new(tables::tree::Tree),
        Box::new(tables::poseidon::Poseidon),
        Box::new(tables::clock::Clock),
        Box::new(tables::opcode::OpcodeTable),
        Box::new(tables::evm::Evm),
        Box::new(tables::stack_end::StackEnd),
        Box::new(tables::halt::HaltTable),
        Box::new(tables::code::Code),
        Box::new(tables::code_hash::CodeHash),
        Box::new(tables::push::Push),
        Box::new(tables::narrow::Narrow),
        Box::new(tables::bits::Bits),
        Box::new(tables::shift::Shift),
        Box::new(tables::product::Product),
        Box::new(tables::signed::Signed),
        Box::new(tables::modular::Modular),
        Box::new(tables::exp::Exp),
        Box::new(tables::exponent_bytes::ExponentBytes),
        Box::new(tables::cells::Cells),
        Box::new(tables::growth::Growth),
        Box::new(tables::window::Window),
        Box::new(tables::byte_shift::ByteShift),
        Box::new(tables::byte_store::ByteStore),
        Box::new(tables::memory::Memory),
        Box::new(tables::arithmetic::Arithmetic),
        Box::new(tables::register::Register),
        Box::new(tables::frame::FrameTable),
        Box::new(tables::finish::Finish),
        Box::new(tables::environment::EnvironmentTable),
        Box::new(tables::block_value::BlockValueTable),
        Box::new(tables::block_hash::BlockHashTable),
        Box::new(tables::storage::Storage),
        Box::new(tables::storage_access::StorageAccessTable),
        Box::new(tables::refund::Refund),
        Box::new(tables::account::AccountTable),
        Box::new(tables::account_read::AccountRead),
        Box::new(tables::transfer::TransferTable),
        Box::new(tables::code_identity::CodeIdentityTable),
        Box::new(tables::log::Log),
        Box::new(tables::log_data::LogData),
        Box::new(tables::log_chain::LogChain),
        Box::new(tables::merge::Merge),
        Box::new(tables::copy::Copy),
        Box::new(tables::string::StringTable),
        Box::new(tables::code_words::CodeWords),
        Box::new(tables::calldata::Calldata),
        Box::new(tables::moves::Moves),
        Box::new(tables::call::Call),
        Box::new(tables::invocation::Invocation),
        Box::new(tables::access_list::AccessListTable),
    ]
}

/// The tables that `shape` has.
pub fn tables_of_shape(shape: &Shape) -> Vec<Box<dyn ChunkTable>> {
    let mut tables = tables();
    tables.retain(|table| shape.log_height_of(table.name()).is_some());
    tables
}

/// The system of all tables: what the checker takes, whatever the shape.
pub fn system() -> System {
    system_of(tables())
}

/// The system that proves one chunk in `shape`.
pub fn system_of_shape(shape: &Shape) -> System {
    system_of(tables_of_shape(shape))
}

/// The system that proves one chunk with `tables`.
pub fn system_of(tables: Vec<Box<dyn ChunkTable>>) -> System {
    let tables = tables
        .into_iter()
        .map(|table| -> Box<dyn AnyTable> { table });
    System::new(tables.collect(), ChunkPublicBus)
}
