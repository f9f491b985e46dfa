//! What a worker executes with.

use super::attempt::Attempt;
use super::ledger::Ledger;
use super::run::Runner;
use super::shared::Shared;
use super::view::Interruption;
use super::writers::Reader;

/// See the module.
pub(super) enum Engine<'a> {
    /// One transaction at a time, with its accesses.
    Single(Box<Runner<'a>>),
    /// Batches, without.
    Batches(&'a Shared<'a>, Box<Ledger<'a>>),
}

impl<'a> Engine<'a> {
    pub(super) fn new(shared: &'a Shared<'a>) -> Self {
        match shared.scheduler.is_grouped() {
            true => Self::Batches(shared, Box::new(Ledger::new(shared))),
            false => Self::Single(Box::new(Runner::new(shared))),
        }
    }

    /// Executes the transaction, or the batch that begins, at a place of the block, on what those before it have written so far. Plain transfers are credited without reading
    /// the recipient's balance if `commutative`.
    pub(super) fn run(
        &mut self,
        place: usize,
        reader: Reader,
        commutative: bool,
    ) -> Result<Attempt, Interruption> {
        match self {
            Self::Single(runner) => runner.run(place, reader, commutative),
            Self::Batches(shared, ledger) => {
                let length = shared.scheduler.length(place);
                ledger.run(place..place + length, reader)
            }
        }
    }
}
