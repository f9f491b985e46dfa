//! Constraints and messages of `keccak_f`.

use core::array::from_fn;

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table, Trace};

use super::columns::{Fixed, KeccakFColumns};
use super::{IOTA_POSITIONS, ROTATIONS, generation, lane_before_pi};
use crate::bus::Message;

/// The table `keccak_f`.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeccakF;

/// Exclusive or of two booleans.
fn xor<X: Expression>(a: X, b: X) -> X {
    a + b - (a * b).scale(2)
}

/// The two halves of 64 bits.
fn halves<X: Expression>(bits: &[X; 64]) -> [X; 2] {
    [X::from_limbs(&bits[..32], 1), X::from_limbs(&bits[32..], 1)]
}

/// Lane `(x, y)` after theta, rho, pi and chi, as bits.
fn chi<X: Expression>(local: &KeccakFColumns<X>, x: usize, y: usize) -> [X; 64] {
    let after_pi = |x: usize, z: usize| {
        let lane = lane_before_pi(x % 5, y);
        local.a_prime[lane][(z + 64 - ROTATIONS[lane]) % 64]
    };
    from_fn(|z| {
        let masked = after_pi(x + 1, z).not() * after_pi(x + 2, z);
        xor(after_pi(x, z), masked)
    })
}

fn theta<B: ConstraintBuilder>(local: &KeccakFColumns<B::X>, builder: &mut B) {
    for x in 0..5 {
        let (left, right) = ((x + 4) % 5, (x + 1) % 5);
        for z in 0..64 {
            let parity = local.c[x][z];
            builder.assert_bool("keccak_f/parity is boolean", parity);
            let effect = xor(local.c[left][z], local.c[right][(z + 63) % 64]);
            builder.assert_eq(
                "keccak_f/parity after theta",
                local.c_prime[x][z],
                xor(parity, effect),
            );
            let column: B::X = (0..5).map(|y| local.a_prime[x + 5 * y][z]).sum();
            let twice = column - local.c_prime[x][z];
            let [two, four] = [2, 4].map(B::X::from_u64);
            builder.assert_zero("keccak_f/parity", twice * (twice - two) * (twice - four));
        }
        // `C ^ C'` is the same for the five lanes of a sheet.
        let effect: [B::X; 64] = from_fn(|z| xor(local.c[x][z], local.c_prime[x][z]));
        for y in 0..5 {
            let lane = x + 5 * y;
            for bit in local.a_prime[lane] {
                builder.assert_bool("keccak_f/state is boolean", bit);
            }
            let before = from_fn(|z| xor(local.a_prime[lane][z], effect[z]));
            for (half, sum) in local.a[lane].into_iter().zip(halves(&before)) {
                builder.assert_eq("keccak_f/theta", half, sum);
            }
        }
    }
}

fn chi_and_iota<B: ConstraintBuilder>(
    local: &KeccakFColumns<B::X>,
    fixed: &Fixed<B::X>,
    builder: &mut B,
) {
    for y in 0..5 {
        for x in 0..5 {
            let mut bits = chi(local, x, y);
            let lane = x + 5 * y;
            if lane == 0 {
                for (k, position) in IOTA_POSITIONS.into_iter().enumerate() {
                    let before = local.before_iota[k];
                    builder.assert_eq("keccak_f/chi of iota's bits", before, bits[position]);
                    // Unused permutations add no constants, so that zero rows are valid.
                    bits[position] = xor(before, local.used * fixed.round_constant[k]);
                }
            }
            for (half, sum) in local.out[lane].into_iter().zip(halves(&bits)) {
                builder.assert_eq("keccak_f/chi", half, sum);
            }
        }
    }
}

impl Table for KeccakF {
    fn name(&self) -> &'static str {
        "keccak_f"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<KeccakFColumns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Fixed<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        generation::fixed(height)
    }

    /// One permutation.
    fn min_height(&self) -> usize {
        32
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &KeccakFColumns<B::X> = row.local();
        let next: &KeccakFColumns<B::X> = row.next();
        let fixed: &Fixed<B::X> = row.fixed();

        builder.assert_bool("keccak_f/used is boolean", local.used);
        builder.assert_eq_when(
            "keccak_f/used is constant",
            fixed.continues,
            next.used,
            local.used,
        );
        theta(local, builder);
        chi_and_iota(local, fixed, builder);
        for (after, before) in local.out.as_flattened().iter().zip(next.a.as_flattened()) {
            builder.assert_eq_when("keccak_f/next round", fixed.continues, *before, *after);
        }

        let halves_of = |lanes: &[[B::X; 2]; 25]| from_fn(|i| lanes[i / 2][i % 2]);
        builder.receive(
            Message::KeccakInput {
                id: fixed.id,
                lanes: halves_of(&local.a),
            },
            fixed.starts * local.used,
        );
        builder.receive(
            Message::KeccakOutput {
                id: fixed.id,
                lanes: halves_of(&local.out),
            },
            fixed.ends * local.used,
        );
    }
}
