//! Filling `shift`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{ShiftColumns, Spare};
use crate::error::Error;
use crate::event::opcode::*;
use crate::limbs::{LIMBS, felts, halves, limbs16};
use crate::tables::compute::{FULL_LIMB, Operation};
use crate::word::{WORD_LIMBS, Word, limbs32, word};

/// What a prover may choose; all other cells follow from it and from the operation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choice {
    /// The place among [`ShiftColumns::places`].
    pub place: Option<usize>,
    /// The number that [`ShiftColumns::bits`] are.
    pub number: usize,
    /// [`ShiftColumns::sign`].
    pub sign: bool,
}

impl Choice {
    /// The true one.
    fn of(operation: &Operation) -> Self {
        let Operation { opcode, a, b } = *operation;
        let below = |limit: usize| usize::try_from(a).ok().filter(|amount| *amount < limit);
        // Place and number together, and the unit of places.
        let (position, unit) = match opcode {
            BYTE => (below(32).map(|index| 31 - index), 2),
            SIGNEXTEND => (below(32), 2),
            CLZ => {
                let zeros = a.leading_zeros();
                let found = Some((LIMBS - 1 - zeros / 16, zeros % 16));
                let (place, number) = found.filter(|_| zeros < 256).unzip();
                return Self {
                    place,
                    number: number.unwrap_or_default(),
                    sign: false,
                };
            }
            _ => (below(256), 16),
        };
        let sign = match opcode {
            SAR => b.bit(255),
            SIGNEXTEND => position.is_some_and(|byte| b.bit(8 * byte + 7)),
            _ => false,
        };
        Self {
            place: position.map(|position| position / unit),
            number: position.map_or(0, |position| position % unit),
            sign,
        }
    }
}

/// The rows of `operations`, in order.
///
/// # Errors
/// When an operation is not this table's.
pub fn generate(operations: &[Operation]) -> Result<Trace, Error> {
    let mut trace = Trace::new(ShiftColumns::<Felt>::WIDTH);
    for operation in operations {
        let (SHL | SHR | SAR | BYTE | SIGNEXTEND | CLZ) = operation.opcode else {
            return Err(operation.refused("shift"));
        };
        fill(trace.push(), operation, Choice::of(operation));
    }
    Ok(trace)
}

/// Fills a row from what is chosen. For what is not true, cells are what the constraints ask for, in range or not.
pub(super) fn fill(row: &mut ShiftColumns<Felt>, operation: &Operation, choice: Choice) {
    let Operation { opcode, a, b } = *operation;
    let flag = match opcode {
        SHL => &mut row.is_shl,
        SHR => &mut row.is_shr,
        SAR => &mut row.is_sar,
        BYTE => &mut row.is_byte,
        SIGNEXTEND => &mut row.is_sign_extend,
        _ => &mut row.is_clz,
    };
    *flag = Felt::ONE;
    row.sign = Felt::from_bool(choice.sign);
    row.a = word(a);
    row.b = word(b);
    row.places = core::array::from_fn(|place| Felt::from_bool(choice.place == Some(place)));
    row.bits = core::array::from_fn(|bit| Felt::from_bool(choice.number >> bit & 1 == 1));
    row.power_low = Felt::from_canonical_u64(1 << (choice.number % 4));
    row.power = Felt::from_canonical_u64(1 << choice.number);
    if opcode != CLZ && choice.place.is_none() {
        row.excess(opcode);
    }
    match opcode {
        SHL | SHR | SAR => shift(row, b, choice),
        _ => pick(row, opcode, choice),
    }
}

impl ShiftColumns<Felt> {
    fn spare(&mut self) -> &mut Spare<Felt> {
        Spare::from_slice_mut(&mut self.carries)
    }

    /// How far amount or index is above its limit, and the top limb that SAR then looks at.
    fn excess(&mut self, opcode: u8) {
        let limit = if let BYTE | SIGNEXTEND = opcode {
            32
        } else {
            256
        };
        let high: Felt = self.a[1..].iter().copied().sum();
        let excess =
            self.a[0] + high * Felt::from_canonical_u64(256) - Felt::from_canonical_u64(limit);
        let [low, rest] = halves(excess);
        let [middle, high] = halves(rest);
        let top = halves(self.b[WORD_LIMBS - 1]);
        let spare = self.spare();
        spare.excess = [low, middle, high];
        if opcode == SAR {
            spare.top = top;
        }
    }
}

fn shift(row: &mut ShiftColumns<Felt>, b: U256, choice: Choice) {
    let left = row.is_shl == Felt::ONE;
    let factor: u64 = 1
        << if left {
            choice.number
        } else {
            16 - choice.number
        };
    row.factor = Felt::from_canonical_u64(factor);
    row.moves = Felt::from_bool(choice.place.is_some());
    let mut filled = [Felt::ZERO; LIMBS];
    if choice.place.is_some() {
        let mut carry = 0;
        let pairs = filled.chunks_exact_mut(2).zip(&mut row.carries);
        for (limb, (pair, cell)) in limbs32(b).into_iter().zip(pairs) {
            let product = limb * factor + carry;
            pair.copy_from_slice(&halves(Felt::from_canonical_u64(product & FULL_LIMB)));
            carry = product >> 32;
            *cell = Felt::from_canonical_u64(carry);
        }
        row.halves = filled;
    }
    let last = row.carries[WORD_LIMBS - 1];
    let base = Felt::from_canonical_u64(1 << 16);
    if !left {
        row.picked = last + row.sign * (base - row.factor);
    }
    if row.is_sar == Felt::ONE {
        row.check = (row.power * last).double() - base * row.sign;
    }
    row.c = result(row, left, choice);
}

/// Halves of the product, moved to their places.
fn result(row: &ShiftColumns<Felt>, left: bool, choice: Choice) -> Word<Felt> {
    let ones = row.sign * Felt::from_canonical_u64(0xffff);
    let half = |position: usize| {
        let Some(place) = choice.place else {
            return ones;
        };
        if left {
            let from = position.checked_sub(place);
            return from.map_or(Felt::ZERO, |from| row.halves[from]);
        }
        let from = position + place + 1;
        let above = if from == LIMBS { row.picked } else { ones };
        row.halves.get(from).copied().unwrap_or(above)
    };
    let left_empty = left && choice.place.is_none();
    core::array::from_fn(|limb| match left_empty {
        true => Felt::ZERO,
        false => joined([half(2 * limb), half(2 * limb + 1)]),
    })
}

fn joined([low, high]: [Felt; 2]) -> Felt {
    low + high * Felt::from_canonical_u64(1 << 16)
}

/// BYTE, SIGNEXTEND and CLZ.
fn pick(row: &mut ShiftColumns<Felt>, opcode: u8, choice: Choice) {
    let number = if opcode == CLZ { row.a } else { row.b };
    let number = crate::word::number_of(&number);
    row.halves = felts(limbs16(number));
    row.picked = choice.place.map_or(Felt::ZERO, |place| row.halves[place]);
    let base = Felt::from_canonical_u64(1 << 16);
    let small = |value: usize| Felt::from_canonical_usize(value);
    if opcode == CLZ {
        let in_range = Felt::from_bool(choice.place.is_some());
        row.check = (row.picked * row.power).double() - base * in_range;
        let zeros = choice.place.map_or(256, |place| 16 * (LIMBS - 1 - place));
        row.c[0] = small(zeros + choice.number);
        return;
    }
    let picked = row.picked.to_canonical_u64();
    let bytes = [picked & 0xff, picked >> 8].map(Felt::from_canonical_u64);
    let (byte_256, upper) = (bytes[0] * small(256), choice.number % 2 == 1);
    let spare = row.spare();
    [spare.lower, spare.upper] = bytes;
    if opcode == BYTE {
        row.check = byte_256;
        row.c[0] = bytes[usize::from(upper)];
        return;
    }
    let aligned = if upper { row.picked } else { byte_256 };
    row.check = aligned.double() - base * row.sign;
    let extended = bytes[0] + row.sign * small(0xff00);
    let kept = if upper { row.picked } else { extended };
    row.spare().kept = kept;
    let ones = row.sign * small(0xffff);
    let half = |position: usize| match choice.place {
        Some(place) if position == place => kept,
        Some(place) if position > place => ones,
        _ => row.halves[position],
    };
    row.c = core::array::from_fn(|limb| joined([half(2 * limb), half(2 * limb + 1)]));
}
