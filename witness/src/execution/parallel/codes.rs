//! A worker's own copies of bytecode.
//!
//! Bytecode is shared by reference counts, which revm changes several times a call. Were they common to all workers, a contract that everybody calls would
//! cost each of them as much as its work does: the counts would go from core to core all the time.

use alloy_primitives::map::{B256Map, Entry};
use alloy_primitives::{B256, Bytes};
use revm::state::Bytecode;

use crate::error::Result;

/// Bytecode that a worker ran.
#[derive(Default)]
pub(super) struct Codes(B256Map<Code>);

enum Code {
    /// Asked for once: a copy may not pay.
    Shared(Bytecode),
    Own(Bytecode),
}

impl Codes {
    /// Bytecode by its hash; `find` says what it is. With `is_alone` nobody else runs at the moment.
    pub(super) fn get(
        &mut self,
        hash: &B256,
        is_alone: bool,
        find: impl FnOnce() -> Result<Bytecode>,
    ) -> Result<Bytecode> {
        match self.0.entry(*hash) {
            Entry::Vacant(place) => {
                let code = find()?;
                place.insert(Code::Shared(code.clone()));
                Ok(code)
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                if let (Code::Shared(code), false) = (&known, is_alone) {
                    *known = Code::Own(copy(code));
                }
                let (Code::Shared(code) | Code::Own(code)) = known;
                Ok(code.clone())
            }
        }
    }
}

/// The same code, with nothing shared but a delegation (EIP-7702), which is found as often as it is followed.
fn copy(code: &Bytecode) -> Bytecode {
    if code.is_eip7702() {
        return code.clone();
    }
    Bytecode::new_legacy(Bytes::copy_from_slice(code.original_byte_slice()))
}
