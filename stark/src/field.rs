//! The fields: Goldilocks for traces, its quadratic extension for challenges.

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;

/// The base field, of order `p = 2^64 - 2^32 + 1`.
pub type Felt = GoldilocksField;

/// The field that challenges and bus sums live in, `Felt[X] / (X^2 - 7)`.
pub type Challenge = QuadraticExtension<Felt>;

/// Degree of [`Challenge`] over [`Felt`].
pub const CHALLENGE_DEGREE: usize = 2;
