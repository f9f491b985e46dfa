//! What cases are for the prover.

use braid_circuits::event::ChunkEvents;

use super::Known;
use crate::chunk::chunks_of;
use crate::error::{Error, NotProvable};
use crate::import::StateTestCase;
use crate::provable::execute_in_memory;
use crate::transaction::Refusal;

/// What a case is for Braid.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Everything that it does can be proved: its chunks.
    Provable(Vec<ChunkEvents>),
    /// Valid, but outside what can be proved.
    NotProvable(NotProvable),
    /// Valid, but its pre-state cannot be held by the state tree.
    StateRefused(Error),
    /// Refused, as the test expects.
    Invalid(Refusal),
}

impl Verdict {
    /// In a word or two, without what it is about: to count by.
    pub fn kind(&self) -> String {
        match self {
            Self::Provable(_) => "provable".to_owned(),
            Self::NotProvable(NotProvable::Outside { what, .. }) => {
                format!("not provable: {}", variant(what))
            }
            Self::NotProvable(reason) => format!("not provable: {}", variant(reason)),
            Self::StateRefused(_) => "pre-state refused".to_owned(),
            Self::Invalid(_) => "invalid, as expected".to_owned(),
        }
    }
}

/// The name of a reason, without what it is about.
pub fn variant(reason: &impl core::fmt::Debug) -> String {
    let text = format!("{reason:?}");
    text.split(['(', ' ']).next().unwrap_or_default().to_owned()
}

/// What a case is for the prover, as [`judge`](super::judge) says, without holding execution against revm and the executor: whoever goes on to fill tables with it needs
/// no more. The state that follows must be the one that the case states.
///
/// # Errors
/// What differs from what the case states, or contradicts itself.
pub fn verdict(case: &StateTestCase) -> core::result::Result<Verdict, String> {
    let known = Known::of(case)?;
    if case.expect_exception.is_none() {
        return prove(case, known.provable);
    }
    let refusal = known.refusal().ok_or("not refused by the rules")?;
    Ok(Verdict::Invalid(refusal))
}

/// Runs a valid case through what makes blocks ready for proving.
pub(super) fn prove(
    case: &StateTestCase,
    provable: core::result::Result<(), Refusal>,
) -> core::result::Result<Verdict, String> {
    let (executed, after) = match (provable, execute_in_memory(&case.block_file)) {
        (_, Err(error @ Error::Malformed { .. })) => return Ok(Verdict::StateRefused(error)),
        (Err(Refusal::NotProvable(reason)), Err(Error::NotProvable(found))) if matches!(found.as_slice(), [one] if one.reason == reason) =>
        {
            return Ok(Verdict::NotProvable(reason));
        }
        // What code does is known when it has run.
        (Ok(()), Err(Error::NotProvable(found))) => match <[_; 1]>::try_from(found) {
            Ok([one]) => return Ok(Verdict::NotProvable(one.reason)),
            Err(found) => return Err(format!("{} reasons for one transaction", found.len())),
        },
        (Ok(()), Ok(executed)) => executed,
        (provable, executed) => {
            return Err(format!(
                "provable: {provable:?}, but execution: {:?}",
                executed.map(|_| ())
            ));
        }
    };
    let root = after.state().ethereum_root();
    if root != case.root {
        return Err(format!("executed to root {root} instead of {}", case.root));
    }
    let chunks = chunks_of(&executed, 1).map_err(|error| error.to_string())?;
    if chunks.last().map(|chunk| chunk.end.state_root) != Some(after.tree().root()) {
        return Err("the last chunk does not end in the state that follows".to_owned());
    }
    Ok(Verdict::Provable(chunks))
}
