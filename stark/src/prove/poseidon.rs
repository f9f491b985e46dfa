//! Poseidon over Goldilocks in every lane of a vector: the same permutation as plonky2's.
//!
//! An element is `low + 2^32 high`, two integers of 32 bits, while it is multiplied with Poseidon's matrix, whose entries are small: the products are sums of integers, and are reduced once.
//! In partial rounds all elements but the first are only multiplied with the matrix, round after round, so that they are reduced every [`ROUNDS_WITHOUT_REDUCTION`] rounds. Their constants are moved to the first
//! element, as in the fast partial rounds of the Poseidon paper (appendix B), whose sparse matrices take more multiplications than sums of small multiples.

use plonky2::field::types::Field;
use plonky2::hash::poseidon::{
    ALL_ROUND_CONSTANTS, HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, N_ROUNDS, Poseidon, SPONGE_WIDTH,
};

use crate::expression::Expression;
use crate::field::Felt;
use crate::packed::Packed;

use super::integers::Integers;

/// How often integers below 2^33 can be multiplied with the matrix, with constants added to the first of them in between, before a sum passes 2^58.
const ROUNDS_WITHOUT_REDUCTION: usize = 3;

const _: () = {
    let (mut bound, mut rounds) = (1u64 << 33, 0);
    while rounds < ROUNDS_WITHOUT_REDUCTION {
        bound *= ROW_SUM;
        rounds += 1;
    }
    assert!(bound < 1 << 58);
};

/// The sum of the largest row of the matrix.
const ROW_SUM: u64 = {
    let (mut sum, mut index) = (<Felt as Poseidon>::MDS_MATRIX_DIAG[0], 0);
    while index < SPONGE_WIDTH {
        sum += kernel(index);
        index += 1;
    }
    sum
};

/// An element for each place of the state, once per lane.
type State = [Packed; SPONGE_WIDTH];

/// Constants of one round.
type Constants = [u64; SPONGE_WIDTH];

/// The permutation in every lane.
pub(super) fn permute(state: &mut State) {
    for (cell, &constant) in state.iter_mut().zip(&ALL_ROUND_CONSTANTS) {
        *cell = *cell + Packed::constant(Felt::from_canonical_u64(constant));
    }
    for round in 1..HALF_N_FULL_ROUNDS {
        full_round(state, &constants_of(round));
    }
    full_round(
        state,
        &<Felt as Poseidon>::FAST_PARTIAL_FIRST_ROUND_CONSTANT,
    );
    partial_rounds(state);
    for round in HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS + 1..N_ROUNDS {
        full_round(state, &constants_of(round));
    }
    full_round(state, &[0; SPONGE_WIDTH]);
}

#[inline(always)]
fn constants_of(round: usize) -> Constants {
    core::array::from_fn(|index| ALL_ROUND_CONSTANTS[round * SPONGE_WIDTH + index])
}

/// Seventh powers, the matrix, and the constants of the next round.
#[inline(always)]
fn full_round(state: &mut State, next: &Constants) {
    for cell in state.iter_mut() {
        *cell = seventh_power(*cell);
    }
    let mut halves = Halves::of(state);
    halves.mix();
    *state = halves.plus(next);
}

/// All partial rounds, and the constants of the full round behind them.
#[inline(always)]
fn partial_rounds(state: &mut State) {
    let mut halves = Halves::of(state);
    let mut first = state[0];
    let constants = <Felt as Poseidon>::FAST_PARTIAL_ROUND_CONSTANTS;
    for (round, constant) in constants.into_iter().enumerate() {
        let power = Integers::from_packed(seventh_power(first));
        halves.low[0] = power.low().plus_constant(low_of(constant));
        halves.high[0] = power.right::<32>().plus_constant(high_of(constant));
        halves.mix();
        first = halves.element(0);
        if round % ROUNDS_WITHOUT_REDUCTION == ROUNDS_WITHOUT_REDUCTION - 1 {
            for index in 1..SPONGE_WIDTH {
                halves.set(index, halves.element(index));
            }
        }
    }
    *state = halves.plus(&constants_of(HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS));
}

#[inline(always)]
fn seventh_power(x: Packed) -> Packed {
    let square = x * x;
    let cube = square * x;
    let fourth = square * square;
    cube * fourth
}

const fn low_of(constant: u64) -> u64 {
    constant & 0xffff_ffff
}

const fn high_of(constant: u64) -> u64 {
    constant >> 32
}

/// The state as `low + 2^32 high`.
struct Halves {
    low: [Integers; SPONGE_WIDTH],
    high: [Integers; SPONGE_WIDTH],
}

impl Halves {
    #[inline(always)]
    fn of(state: &State) -> Self {
        let zero = [Integers::zero(); SPONGE_WIDTH];
        let mut halves = Self {
            low: zero,
            high: zero,
        };
        for (index, &element) in state.iter().enumerate() {
            halves.set(index, element);
        }
        halves
    }

    #[inline(always)]
    fn set(&mut self, index: usize, element: Packed) {
        let integers = Integers::from_packed(element);
        self.low[index] = integers.low();
        self.high[index] = integers.right::<32>();
    }

    /// The product with the matrix.
    #[inline(always)]
    fn mix(&mut self) {
        multiply(&mut self.low);
        multiply(&mut self.high);
    }

    #[inline(always)]
    fn element(&self, index: usize) -> Packed {
        reduced(self.low[index], self.high[index])
    }

    /// All elements, plus constants.
    #[inline(always)]
    fn plus(&self, constants: &Constants) -> State {
        core::array::from_fn(|index| {
            let low = self.low[index].plus_constant(low_of(constants[index]));
            let high = self.high[index].plus_constant(high_of(constants[index]));
            reduced(low, high)
        })
    }
}

/// `low + 2^32 high`, both below 2^59.
///
/// With `high = bottom + 2^32 top` and `2^64 = 2^32 - 1` in the field it is `low + (2^32 - 1) top`, which is below 2^60, plus `2^32 bottom`. If that passes 2^64, `2^32 - 1` is added once more, and what is left is so small that this does not.
#[inline(always)]
fn reduced(low: Integers, high: Integers) -> Packed {
    let top = high.right::<32>();
    let small = low.plus(top.left::<32>().minus(top));
    small.plus_modulo(high.left::<32>()).packed()
}

/// Column 0 of the circulant part of Poseidon's matrix: entry `r` of the product is `sum_j kernel(r - j) v_j`.
const fn kernel(index: usize) -> u64 {
    <Felt as Poseidon>::MDS_MATRIX_CIRC[(SPONGE_WIDTH - index) % SPONGE_WIDTH]
}

/// Half the column's polynomial modulo `x^6 + 1`.
const MODULO_SIX: [u64; 6] = {
    let mut reduced = [0; 6];
    let mut index = 0;
    while index < 6 {
        reduced[index] = exact(kernel(index).wrapping_sub(kernel(index + 6)), 2);
        index += 1;
    }
    reduced
};

/// A quarter of the column's polynomial modulo `x^3 - 1` and `x^3 + 1`.
const MODULO_THREE: [[u64; 3]; 2] = {
    let mut reduced = [[0; 3]; 2];
    let mut index = 0;
    while index < 3 {
        let even = kernel(index) + kernel(index + 6);
        let odd = kernel(index + 3) + kernel(index + 9);
        reduced[0][index] = exact(even + odd, 4);
        reduced[1][index] = exact(even.wrapping_sub(odd), 4);
        index += 1;
    }
    reduced
};

/// A multiple of `divisor`, divided by it.
const fn exact(value: u64, divisor: i64) -> u64 {
    let value = value.cast_signed();
    assert!(value % divisor == 0);
    (value / divisor).cast_unsigned()
}

/// Replaces integers by their product with Poseidon's matrix, if it is below 2^64.
///
/// A product with a circulant matrix is one of polynomials modulo `x^12 - 1 = (x^3 - 1)(x^3 + 1)(x^6 + 1)`: three small products, whose kernels are powers of two, or their negatives, once what is taken together again is divided
/// by 2 and 4. All is modulo 2^64, and the entries of the product are exact.
#[inline(always)]
fn multiply(v: &mut [Integers; SPONGE_WIDTH]) {
    let first = v[0];
    let mut six = [Integers::zero(); 6];
    let mut three = [[Integers::zero(); 3]; 2];
    for i in 0..6 {
        six[i] = v[i].minus(v[i + 6]);
    }
    for i in 0..3 {
        let even = v[i].plus(v[i + 6]);
        let odd = v[i + 3].plus(v[i + 9]);
        three[0][i] = even.plus(odd);
        three[1][i] = even.minus(odd);
    }
    let a = convolve(&three[0], &MODULO_THREE[0], false);
    let b = convolve(&three[1], &MODULO_THREE[1], true);
    let c = convolve(&six, &MODULO_SIX, true);
    for i in 0..3 {
        let low = a[i].plus(b[i]);
        let high = a[i].minus(b[i]);
        v[i] = low.plus(c[i]);
        v[i + 6] = low.minus(c[i]);
        v[i + 3] = high.plus(c[i + 3]);
        v[i + 9] = high.minus(c[i + 3]);
    }
    // The matrix's diagonal part has one entry.
    v[0] = v[0].plus(first.times(<Felt as Poseidon>::MDS_MATRIX_DIAG[0]));
}

/// The product of polynomials modulo `x^N - 1`, or `x^N + 1` if `negated`.
#[inline(always)]
fn convolve<const N: usize>(v: &[Integers; N], kernel: &[u64; N], negated: bool) -> [Integers; N] {
    core::array::from_fn(|r| {
        let terms = (0..N).map(|j| {
            let factor = if j <= r {
                kernel[r - j]
            } else if negated {
                kernel[N + r - j].wrapping_neg()
            } else {
                kernel[N + r - j]
            };
            v[j].times(factor)
        });
        terms.fold(Integers::zero(), Integers::plus)
    })
}

#[cfg(test)]
mod tests {
    use plonky2::field::packed::PackedField;
    use plonky2::field::types::Sample;

    use super::*;

    /// Values that are not reduced, too.
    const EXTREMES: [u64; 6] = [
        0,
        1,
        0xffff_ffff,
        0xffff_ffff_0000_0000,
        0xffff_ffff_0000_0001,
        u64::MAX,
    ];

    #[test]
    fn the_permutation_is_plonky2s() {
        for attempt in 0..400 {
            let value = |lane: usize, index: usize| match attempt {
                0..6 => Felt::from_noncanonical_u64(EXTREMES[attempt]),
                6..200 => Felt::from_noncanonical_u64(
                    EXTREMES[(attempt * 7 + lane * 3 + index * (index + attempt)) % 6],
                ),
                _ => Felt::rand(),
            };
            let lanes: Vec<[Felt; SPONGE_WIDTH]> = (0..Packed::WIDTH)
                .map(|lane| core::array::from_fn(|index| value(lane, index)))
                .collect();
            let mut state = [Packed::zero(); SPONGE_WIDTH];
            for (lane, values) in lanes.iter().enumerate() {
                for (cell, &value) in state.iter_mut().zip(values) {
                    cell.0.as_slice_mut()[lane] = value;
                }
            }
            permute(&mut state);
            for (lane, &values) in lanes.iter().enumerate() {
                let got: [Felt; SPONGE_WIDTH] =
                    core::array::from_fn(|index| state[index].0.as_slice()[lane]);
                assert_eq!(got, Felt::poseidon(values), "attempt {attempt}");
            }
        }
    }
}
