//! Filling `keccak_f`.

use core::array::from_fn;

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{Fixed, KeccakFColumns};
use super::{IOTA_POSITIONS, ROTATIONS, ROUND_CONSTANTS, ROUNDS, State, lane_before_pi};

/// The steps of a round.
struct Round {
    /// Column parities before theta.
    c: [u64; 5],
    /// Column parities after theta.
    c_prime: [u64; 5],
    /// The state after theta.
    a_prime: State,
    /// Lane 0 after chi.
    before_iota: u64,
    /// The state after the round.
    out: State,
}

fn parities(state: &State) -> [u64; 5] {
    from_fn(|x| (0..5).fold(0, |parity, y| parity ^ state[x + 5 * y]))
}

fn round(state: &State, constant: u64) -> Round {
    let c = parities(state);
    let a_prime: State =
        from_fn(|lane| state[lane] ^ c[(lane + 4) % 5] ^ c[(lane + 1) % 5].rotate_left(1));
    let after_pi: State = from_fn(|lane| {
        let before = lane_before_pi(lane % 5, lane / 5);
        // Offsets are below 64.
        a_prime[before].rotate_left(ROTATIONS[before] as u32)
    });
    let mut out: State = from_fn(|lane| {
        let (x, row) = (lane % 5, lane - lane % 5);
        after_pi[lane] ^ (!after_pi[row + (x + 1) % 5] & after_pi[row + (x + 2) % 5])
    });
    let before_iota = out[0];
    out[0] ^= constant;
    Round {
        c,
        c_prime: parities(&a_prime),
        a_prime,
        before_iota,
        out,
    }
}

/// Keccak-f\[1600\].
pub fn permute(state: &State) -> State {
    ROUND_CONSTANTS
        .iter()
        .fold(*state, |state, constant| round(&state, *constant).out)
}

fn bits(word: u64) -> [Felt; 64] {
    from_fn(|z| Felt::from_bool((word >> z) & 1 == 1))
}

/// The halves of lanes, low half first.
pub(crate) fn halves(state: &State) -> [[Felt; 2]; 25] {
    state.map(|lane| {
        [
            Felt::from_canonical_u64(lane & 0xffff_ffff),
            Felt::from_canonical_u64(lane >> 32),
        ]
    })
}

/// The permutations of `inputs`: that of `inputs[id]` gets the id `id`.
pub fn generate(inputs: &[State]) -> Trace {
    let mut trace = Trace::new(KeccakFColumns::<Felt>::WIDTH);
    for input in inputs {
        let mut state = *input;
        for constant in ROUND_CONSTANTS {
            let steps = round(&state, constant);
            let columns: &mut KeccakFColumns<Felt> = trace.push();
            columns.used = Felt::ONE;
            columns.a = halves(&state);
            columns.c = steps.c.map(bits);
            columns.c_prime = steps.c_prime.map(bits);
            columns.a_prime = steps.a_prime.map(bits);
            columns.before_iota =
                IOTA_POSITIONS.map(|z| Felt::from_bool((steps.before_iota >> z) & 1 == 1));
            columns.out = halves(&steps.out);
            state = steps.out;
        }
    }
    trace
}

/// What is known of the rows beforehand.
pub(super) fn fixed(height: usize) -> Trace {
    let mut trace = Trace::new(Fixed::<Felt>::WIDTH);
    for id in 0..height / ROUNDS {
        for (round, constant) in ROUND_CONSTANTS.into_iter().enumerate() {
            let columns: &mut Fixed<Felt> = trace.push();
            columns.id = Felt::from_canonical_usize(id);
            columns.starts = Felt::from_bool(round == 0);
            columns.continues = Felt::from_bool(round + 1 < ROUNDS);
            columns.ends = Felt::from_bool(round + 1 == ROUNDS);
            columns.round_constant =
                IOTA_POSITIONS.map(|z| Felt::from_bool((constant >> z) & 1 == 1));
        }
    }
    // The rows of the incomplete permutation at the end stay zero.
    trace.resize(height);
    trace
}
