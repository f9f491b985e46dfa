//! Filling `secp_ladder`.

use core::array::from_fn;

use alloy_primitives::U256;
use braid_stark::{Columns, Expression, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{Schedule, SecpLadderColumns};
use super::schedule::{BLOCK, ScheduledRow, Step, TABLE_POINTS, WINDOW_VALUES, block, resets};
use crate::bus::operand;
use crate::limbs::{LIMBS, product, signed_felt, square};
use crate::secp256k1::offset::{BASE_POINTS, CHOICES, OFFSETS, Offset};
use crate::secp256k1::{Affine, P, folded, signed_limbs, unsigned_limbs};
use crate::word::{WORD_LIMBS, word};

/// What a block of the table proves: `v Q' + w' G = z R`.
#[derive(Clone, Copy, Debug)]
pub struct LadderRequest {
    /// R.
    pub nonce_point: Affine,
    /// Q.
    pub key: Affine,
    /// Whether `Q' = -Q` rather than `Q`.
    pub negative: bool,
    /// z.
    pub z: u128,
    /// v.
    pub v: u128,
    /// The low half of `w`.
    pub low: u128,
    /// The high half of `w`.
    pub high: u128,
}

/// A point with the limbs that the bus carries.
#[derive(Clone, Copy)]
struct Operand {
    point: Affine,
    x: [i64; LIMBS],
    y: [i64; WORD_LIMBS],
}

fn limbs32(limbs: [i64; LIMBS]) -> [i64; WORD_LIMBS] {
    from_fn(|k| limbs[2 * k] + (limbs[2 * k + 1] << 16))
}

impl Operand {
    /// The point as `ecdsa` and the fixed points give it. The ladder itself would take coordinates above p.
    fn unsigned(limbs: Affine, negate: bool) -> Self {
        let y = limbs32(unsigned_limbs(limbs.y));
        let reduce = |x: U256| if x >= P { x - P } else { x };
        let point = Affine {
            x: reduce(limbs.x),
            y: reduce(limbs.y),
        };
        Self {
            point: if negate { point.negated() } else { point },
            x: unsigned_limbs(limbs.x),
            y: if negate { y.map(|limb| -limb) } else { y },
        }
    }

    fn signed(point: Affine) -> Self {
        Self {
            point,
            x: signed_limbs(point.x),
            y: limbs32(signed_limbs(point.y)),
        }
    }
}

/// The schedule of as many whole blocks as fit.
pub fn schedule(height: usize) -> Trace {
    let mut trace = Trace::zero(Schedule::<Felt>::WIDTH, height);
    let block = block();
    let blocks = height / BLOCK;
    for (index, cells) in trace.rows_mut().take(blocks * BLOCK).enumerate() {
        let (signature, place) = (index / BLOCK + 1, index % BLOCK);
        schedule_row(
            Schedule::from_slice_mut(cells),
            signature,
            place,
            &block[place],
        );
    }
    trace
}

fn schedule_row(fixed: &mut Schedule<Felt>, signature: usize, index: usize, row: &ScheduledRow) {
    let flag = Felt::from_bool;
    fixed.signature = Felt::from_canonical_usize(signature);
    fixed.doubling = flag(row.step == Step::Double);
    fixed.addition = flag(!matches!(row.step, Step::Double | Step::Stop));
    fixed.base = flag(matches!(row.step, Step::AddBase(_)));
    fixed.window = flag(matches!(row.step, Step::AddWindow(_)));
    if let Step::AddOperand(operand) = row.step {
        fixed.operand = Felt::from_canonical_u64(operand);
    }
    if let Some((a, b)) = row.table_point {
        fixed.provides = Felt::ONE;
        fixed.table_a = Felt::from_canonical_usize(a);
        fixed.table_b = Felt::from_canonical_usize(b);
    }
    if let Some(place) = row.place {
        fixed.compares = Felt::ONE;
        fixed.place = Felt::from_canonical_u64(place);
    }
    if let Some(position) = row.tells {
        fixed.tells = Felt::ONE;
        fixed.position = Felt::from_canonical_usize(position);
    }
    fixed.continues = flag(index + 1 < BLOCK);
    let counts = index + 1 >= TABLE_POINTS && index + 1 < BLOCK;
    fixed.counts = flag(counts);
    if counts && !resets(index, row) {
        fixed.window_scale = Felt::from_canonical_u64(match row.step {
            Step::AddWindow(_) => 4,
            _ => 1,
        });
        fixed.base_scale = Felt::from_canonical_u64(match row.step {
            Step::AddBase(_) => 16,
            _ => 1,
        });
    }
}

/// The rows of a block with the first offset that meets no exception, and which one that is. `None` if the scalars and points
/// do not fit together.
pub fn fill_block(request: &LadderRequest) -> Option<(usize, Vec<SecpLadderColumns<Felt>>)> {
    (0..CHOICES).find_map(|choice| {
        let offset = OFFSETS.get(choice)?;
        let (rows, end) = Filler::new(request, offset).fill()?;
        (end == offset.end).then_some((choice, rows))
    })
}

/// The rows of a block with the first offset, wherever the ladder ends.
#[cfg(test)]
pub(crate) fn forge_block(request: &LadderRequest) -> Option<Vec<SecpLadderColumns<Felt>>> {
    Some(Filler::new(request, &OFFSETS[0]).fill()?.0)
}

/// A block being filled.
struct Filler<'a> {
    request: &'a LadderRequest,
    offset: &'a Offset,
    rows: Vec<SecpLadderColumns<Felt>>,
    table: [[Option<Operand>; WINDOW_VALUES]; WINDOW_VALUES],
    uses: [[u64; WINDOW_VALUES]; WINDOW_VALUES],
    sums: [u64; 4],
}

impl<'a> Filler<'a> {
    fn new(request: &'a LadderRequest, offset: &'a Offset) -> Self {
        Self {
            request,
            offset,
            rows: Vec::with_capacity(BLOCK),
            table: [[None; WINDOW_VALUES]; WINDOW_VALUES],
            uses: [[0; WINDOW_VALUES]; WINDOW_VALUES],
            sums: [0; 4],
        }
    }

    fn fill(mut self) -> Option<(Vec<SecpLadderColumns<Felt>>, Affine)> {
        let mut accumulator = self.offset.window;
        let mut end = accumulator;
        let block = block();
        for (index, scheduled) in block.iter().enumerate() {
            if let Some((a, b)) = scheduled.table_point {
                self.table[a][b] = Some(Operand::signed(accumulator));
            }
            end = self.step(index, scheduled, accumulator)?;
            accumulator = match scheduled.step {
                Step::Stop => self.offset.start,
                _ => end,
            };
        }
        for (row, scheduled) in self.rows.iter_mut().zip(&block) {
            if let Some((a, b)) = scheduled.table_point {
                row.uses = Felt::from_canonical_u64(self.uses[a][b]);
            }
        }
        Some((self.rows, end))
    }

    /// Fills one row and gives the accumulator after it, or before it if there is no step.
    fn step(&mut self, index: usize, scheduled: &ScheduledRow, before: Affine) -> Option<Affine> {
        let mut row =
            *SecpLadderColumns::from_slice(&[Felt::ZERO; SecpLadderColumns::<Felt>::WIDTH]);
        row.active = Felt::ONE;
        let limbs = (signed_limbs(before.x), signed_limbs(before.y));
        row.x = small_felts(limbs.0);
        row.y = small_felts(limbs.1);
        [row.z, row.v, row.low, row.high] = self.sums.map(Felt::from_canonical_u64);
        if resets(index, scheduled) {
            self.sums = [0; 4];
        }
        let after = match scheduled.step {
            Step::Stop => before,
            Step::Double => double(&mut row, before, limbs)?,
            Step::AddOperand(kind) => {
                let operand = match kind {
                    operand::KEY => Operand::unsigned(self.request.key, self.request.negative),
                    operand::KEY_NEGATED => {
                        Operand::unsigned(self.request.key, !self.request.negative)
                    }
                    _ => Operand::unsigned(self.request.nonce_point, true),
                };
                add(&mut row, before, limbs, &operand)?
            }
            Step::AddWindow(window) => {
                let digit = |scalar: u128| (scalar >> (126 - 2 * window)) as usize % WINDOW_VALUES;
                let (a, b) = (digit(self.request.z), digit(self.request.v));
                self.uses[a][b] += 1;
                self.digits(&mut row, [0, 1], 4, [a, b]);
                let operand = self.table[a][b]?;
                add(&mut row, before, limbs, &operand)?
            }
            Step::AddBase(digit) => {
                let digit = |scalar: u128| (scalar >> (124 - 4 * digit)) as usize % 16;
                let (low, high) = (digit(self.request.low), digit(self.request.high));
                self.digits(&mut row, [2, 3], 16, [low, high]);
                let operand = Operand::unsigned(BASE_POINTS[high][low], false);
                add(&mut row, before, limbs, &operand)?
            }
        };
        self.rows.push(row);
        Some(after)
    }

    fn digits(
        &mut self,
        row: &mut SecpLadderColumns<Felt>,
        sums: [usize; 2],
        radix: u64,
        digits: [usize; 2],
    ) {
        row.digit_low = Felt::from_canonical_usize(digits[0]);
        row.digit_high = Felt::from_canonical_usize(digits[1]);
        for (sum, digit) in sums.into_iter().zip(digits) {
            self.sums[sum] = radix * self.sums[sum] + digit as u64;
        }
    }
}

fn small_felts<const N: usize>(values: [i64; N]) -> [Felt; N] {
    values.map(|value| signed_felt(i128::from(value)))
}

fn add(
    row: &mut SecpLadderColumns<Felt>,
    before: Affine,
    (x, y): ([i64; LIMBS], [i64; LIMBS]),
    operand: &Operand,
) -> Option<Affine> {
    let slope = before.slope(&operand.point)?;
    let after = before.reflect(operand.point.x, slope);
    let run: [i64; LIMBS] = from_fn(|i| operand.x[i] - x[i]);
    row.operand_y = small_felts(operand.y);
    let slope = signed_limbs(slope);
    let y = limbs32(y);
    let rise = product(&slope, &run);
    let linear = from_fn(|k| y[k] - operand.y[k]);
    row.slope_carries = folded::carries(&rise, &linear)?;
    let x_sum = from_fn(|i| x[i] + operand.x[i]);
    finish(row, (x, y), x_sum, slope, run, after)?;

    let value = Felt::from_limbs(&row.run, 16);
    let order = Felt::from_limbs(&word(P), 32);
    row.run_inverse = (value * (value.squared() - order.squared())).try_inverse()?;
    Some(after)
}

fn double(
    row: &mut SecpLadderColumns<Felt>,
    before: Affine,
    (x, y): ([i64; LIMBS], [i64; LIMBS]),
) -> Option<Affine> {
    let slope = before.tangent()?;
    let after = before.reflect(before.x, slope);
    let run = y.map(|limb| 2 * limb);
    let slope = signed_limbs(slope);
    let (rise, x_squared) = (product(&slope, &run), square(&x));
    let products = from_fn(|k| rise[k] - 3 * x_squared[k]);
    row.slope_carries = folded::carries(&products, &[0; WORD_LIMBS])?;
    finish(
        row,
        (x, limbs32(y)),
        x.map(|limb| 2 * limb),
        slope,
        run,
        after,
    )?;
    Some(after)
}

/// What additions and doublings have in common: the identities of the new coordinates.
pub(super) fn finish(
    row: &mut SecpLadderColumns<Felt>,
    (x, y): ([i64; LIMBS], [i64; WORD_LIMBS]),
    x_sum: [i64; LIMBS],
    slope: [i64; LIMBS],
    run: [i64; LIMBS],
    after: Affine,
) -> Option<()> {
    row.slope = small_felts(slope);
    row.run = small_felts(run);
    row.run_squared = Felt::from_limbs(&row.run, 16).squared();
    let next_x = signed_limbs(after.x);
    let next_y = limbs32(signed_limbs(after.y));
    let (sum, next) = (limbs32(x_sum), limbs32(next_x));
    let linear = from_fn(|k| -(sum[k] + next[k]));
    row.x_carries = folded::carries(&square(&slope), &linear)?;
    let back = from_fn(|i| x[i] - next_x[i]);
    let linear = from_fn(|k| -(y[k] + next_y[k]));
    row.y_carries = folded::carries(&product(&slope, &back), &linear)?;
    Some(())
}
