//! Filling `ecrecover`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{EcrecoverColumns, NoPoint};
use super::{CALL_GAS, EVEN_V};
use crate::error::Error;
use crate::execution::{ECRECOVER, Execution, PerformedFrame, PerformedRecovery, precompile_calls};
use crate::gas::{TOP, gas_limbs, little_limbs};
use crate::secp256k1::recover::Recovery;
use crate::secp256k1::{N, P, add, mul, square_root, sub};
use crate::word::{address, hash_word, word};

/// A row for each call.
///
/// # Errors
/// [`Error::Events`] when a call ends otherwise than it can.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(EcrecoverColumns::<Felt>::WIDTH);
    let mut recoveries = execution.recoveries.iter().peekable();
    for frame in precompile_calls(execution, ECRECOVER) {
        let recovery = recoveries.next_if(|recovery| recovery.frame == frame.number);
        let number = frame.number;
        fill(trace.push(), frame, recovery).ok_or_else(|| {
            let why = format!("frame {number} of the chunk is no call of ECRECOVER");
            Error::Events(why)
        })?;
    }
    Ok(trace)
}

/// Fills a row; `None` if the call does something else.
fn fill(
    row: &mut EcrecoverColumns<Felt>,
    frame: &PerformedFrame,
    recovery: Option<&PerformedRecovery>,
) -> Option<()> {
    let felt = Felt::from_noncanonical_u64;
    let input = frame.input;
    row.frame = felt(frame.number);
    row.clock = felt(frame.opened);
    row.gas = felt(frame.gas);
    row.writes = felt(frame.first_writes);
    row.transaction = felt(frame.transaction);
    row.input_frame = felt(input.frame);
    row.frame_inverse = row.input_frame.try_inverse()?;
    row.offset = felt(input.offset);
    row.length = felt(input.length);
    let Some(recovery) = recovery else {
        row.lacks = Felt::ONE;
        row.difference = little_limbs(CALL_GAS.checked_sub(frame.gas.checked_add(1)?)?);
        return Some(());
    };
    let left = frame.gas.checked_sub(CALL_GAS)?;
    row.difference = gas_limbs((left == frame.gas_left).then_some(left)?, TOP);
    let PerformedRecovery { hash, v, r, s, .. } = *recovery;
    row.hash = hash_word(hash);
    (row.v, row.r, row.s) = (word(v), word(r), word(s));
    let fails = &mut row.fails;
    match recovery.found {
        Recovery::Key(_) => {
            row.recovers = Felt::ONE;
            row.address = address(recovery.address()?);
        }
        Recovery::WrongV => {
            let [low, high @ ..] = row.v;
            let high: Felt = high.into_iter().sum();
            match high.try_inverse() {
                Some(inverse) => (fails.high_v, row.high_inverse) = (Felt::ONE, inverse),
                None => {
                    let even = low - felt(EVEN_V);
                    fails.wrong_v = Felt::ONE;
                    row.low_inverse = (even * (even - Felt::ONE)).try_inverse()?;
                }
            }
        }
        Recovery::ZeroR => fails.zero_r = Felt::ONE,
        Recovery::ZeroS => fails.zero_s = Felt::ONE,
        Recovery::LargeR => {
            fails.large_r = Felt::ONE;
            row.excess = word(r.checked_sub(N)?);
        }
        Recovery::LargeS => {
            fails.large_s = Felt::ONE;
            row.excess = word(s.checked_sub(N)?);
        }
        Recovery::NoPoint => {
            fails.no_point = Felt::ONE;
            row.point = no_point(r)?;
        }
        Recovery::Infinite => fails.infinite = Felt::ONE,
    }
    if let Some(low) = recovery.signature() {
        row.low_s = word(low.s);
        row.flips = Felt::from_bool(low.s != s);
        row.odd_y = Felt::from_bool(v != U256::from(EVEN_V));
    }
    Some(())
}

/// That no point has this x, which is below p.
fn no_point(x: U256) -> Option<NoPoint<Felt>> {
    let square = mul(x, x);
    let cube = mul(square, x);
    let seven = U256::from(7);
    let root = square_root(sub(U256::ZERO, add(cube, seven)))?;
    let root_squared = mul(root, root);
    let sum = root_squared.checked_add(seven)?;
    Some(NoPoint {
        square: word(square),
        cube: word(cube),
        root: word(root),
        root_squared: word(root_squared),
        sum: word(sum),
        reduced: word(sum % P),
    })
}
