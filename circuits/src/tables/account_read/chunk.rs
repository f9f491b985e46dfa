//! What chunks need to know of `account_read`.

use alloy_primitives::Address;
use braid_stark::Trace;

use super::generation::has_row;
use super::{AccountRead, generate};
use crate::chunk::{Asked, ChunkTable, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::opcode::{EXTCODEHASH, EXTCODESIZE};
use crate::tables::code_identity;

impl ChunkTable for AccountRead {
    fn claim(&self) -> &'static str {
        "BALANCE, EXTCODESIZE, EXTCODEHASH and SELFBALANCE push what accounts are, or lack the gas for it"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        // Plain transfers run no code.
        None
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Run(execution) = part {
            for step in execution.steps.iter().filter(|step| has_row(step)) {
                asked.rows(1);
                let identifies = matches!(step.opcode, EXTCODESIZE | EXTCODEHASH);
                if let Some(address) = step.popped.first().filter(|_| identifies) {
                    code_identity::ask(asked, Address::from_word(address.value.into()));
                }
            }
        }
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        generate(filling.execution()?)
    }
}
