//! The permutation as a sequence of S-boxes with linear maps between them.

use braid_stark::{Expression, Felt};
use plonky2::field::types::Field;
use plonky2::hash::poseidon::{
    ALL_ROUND_CONSTANTS, HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, Poseidon,
};

use crate::state_hash::{RATE, WIDTH};

type State<X> = [X; WIDTH];

/// Goes through plonky2's permutation of `(input, domain, 0, 0, 0)` and returns its first 4 elements. `sbox` is called for each S-box
/// in order with its input and says what the rest of the computation shall use as its output. S-boxes whose input is the same
/// in all rows are computed here.
pub fn permute<X: Expression>(input: [X; RATE], domain: X, mut sbox: impl FnMut(X) -> X) -> [X; 4] {
    let mut state = [X::zero(); WIDTH];
    state[..RATE].copy_from_slice(&input);
    state[RATE] = domain;
    for (index, cell) in state.iter_mut().enumerate() {
        let constant = Felt::from_canonical_u64(ALL_ROUND_CONSTANTS[index]);
        *cell = if index <= RATE {
            sbox(*cell + X::constant(constant))
        } else {
            X::constant(constant.exp_u64(7))
        };
    }
    state = mix(&state);
    for round in 1..HALF_N_FULL_ROUNDS {
        state = full_round(&state, round, &mut sbox);
    }
    state = partial_rounds(&state, &mut sbox);
    for round in 0..HALF_N_FULL_ROUNDS {
        let round = HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS + round;
        state = full_round(&state, round, &mut sbox);
    }
    core::array::from_fn(|i| state[i])
}

fn full_round<X: Expression>(
    state: &State<X>,
    round: usize,
    sbox: &mut impl FnMut(X) -> X,
) -> State<X> {
    let constants = &ALL_ROUND_CONSTANTS[WIDTH * round..];
    mix(&core::array::from_fn(|i| {
        sbox(state[i] + X::from_u64(constants[i]))
    }))
}

/// The MDS matrix.
fn mix<X: Expression>(state: &State<X>) -> State<X> {
    core::array::from_fn(|row| {
        let diagonal = state[row].scale(Felt::MDS_MATRIX_DIAG[row]);
        let circulant = Felt::MDS_MATRIX_CIRC.iter().enumerate();
        circulant.fold(diagonal, |sum, (shift, factor)| {
            sum + state[(row + shift) % WIDTH].scale(*factor)
        })
    })
}

/// All partial rounds: only element 0 goes through an S-box, and the matrix of each round is sparse.
fn partial_rounds<X: Expression>(state: &State<X>, sbox: &mut impl FnMut(X) -> X) -> State<X> {
    let shifted: State<X> = core::array::from_fn(|i| {
        state[i] + X::from_u64(Felt::FAST_PARTIAL_FIRST_ROUND_CONSTANT[i])
    });
    let mut state: State<X> = core::array::from_fn(|column| {
        if column == 0 {
            return shifted[0];
        }
        (1..WIDTH)
            .map(|row| {
                let factor = Felt::FAST_PARTIAL_ROUND_INITIAL_MATRIX[row - 1][column - 1];
                shifted[row].scale(factor)
            })
            .sum()
    });
    let corner = Felt::MDS_MATRIX_CIRC[0] + Felt::MDS_MATRIX_DIAG[0];
    for round in 0..N_PARTIAL_ROUNDS {
        let constant = X::from_u64(Felt::FAST_PARTIAL_ROUND_CONSTANTS[round]);
        let head = sbox(state[0]) + constant;
        let weights = &Felt::FAST_PARTIAL_ROUND_W_HATS[round];
        let tail: X = (1..WIDTH).map(|i| state[i].scale(weights[i - 1])).sum();
        let spread = &Felt::FAST_PARTIAL_ROUND_VS[round];
        state = core::array::from_fn(|i| {
            if i == 0 {
                head.scale(corner) + tail
            } else {
                state[i] + head.scale(spread[i - 1])
            }
        });
    }
    state
}
