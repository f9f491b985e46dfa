//! LogUp: messages as fractions, and the constraints that sum them up.
//!
//! A message `(tag, payload...)` with elements `e_0, e_1, ...` (the tag first) has the *fingerprint*
//! `d = gamma + e_0 + beta e_1 + beta^2 e_2 + ...` for challenges `beta, gamma` of F_p^2. Each interaction of each row
//! stands for the fraction `multiplicity / d`; all fractions of all tables and of the public values sum to zero if and only
//! if (up to a negligible probability) every message is received as often as it is sent.
//!
//! A table proves its part `S` of the sum with auxiliary columns over F_p^2, each of which is two base-field columns: *helpers*
//! `h` that hold one fraction, or the sum of two where degrees allow, and a *running sum* `phi`:
//!
//! ```text
//! h d = m                            (one interaction)
//! h d1 d2 = m1 d2 + m2 d1            (two)
//! phi(next) - phi = sum of h - S/N   (on all N rows; the row after the last is the first)
//! ```
//! Summing the last line over the rows shows that `S` is the sum of all `h`. The value that `phi` starts from is free and
//! carries no meaning.

use core::ops::{Add, Mul, Sub};

use plonky2::field::extension::Extendable;

use crate::expression::Expression;
use crate::field::{Challenge, Felt};
use crate::message::{Interaction, Message};
use crate::packed::Packed;
use crate::symbolic::{MAX_CONSTRAINT_DEGREE, Node, SymbolicTable};
use crate::table::elements;

/// A value of F_p^2 as the bus's constraints compute with it, over rows of `Base`.
///
/// For the prover the base is packed rows of F_p and this is a pair of them; for the verifier and the circuit, opened values
/// and this are both F_p^2.
pub trait Extended: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// What rows consist of.
    type Base: Expression;

    /// The base value as an extension value.
    fn from_base(value: Self::Base) -> Self;

    /// Product with a base value.
    fn times(self, factor: Self::Base) -> Self;
}

impl Extended for Challenge {
    type Base = Self;
    fn from_base(value: Self) -> Self {
        value
    }
    fn times(self, factor: Self) -> Self {
        self * factor
    }
}

impl Extended for Node {
    type Base = Self;
    fn from_base(value: Self) -> Self {
        value
    }
    fn times(self, factor: Self) -> Self {
        self * factor
    }
}

/// [`Packed::WIDTH`] values of F_p^2, `low + high X` with `X^2 = 7`.
#[derive(Clone, Copy, Debug)]
pub struct PackedChallenge {
    /// Coefficients of 1.
    pub low: Packed,
    /// Coefficients of `X`.
    pub high: Packed,
}

impl PackedChallenge {
    /// `value` in every lane.
    pub fn broadcast(value: Challenge) -> Self {
        let [low, high] = value.0;
        Self {
            low: Packed::constant(low),
            high: Packed::constant(high),
        }
    }

    /// Zero in every lane.
    pub fn zero() -> Self {
        Self::from_base(Packed::zero())
    }
}

impl Add for PackedChallenge {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            high: self.high + other.high,
        }
    }
}

impl Sub for PackedChallenge {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            low: self.low - other.low,
            high: self.high - other.high,
        }
    }
}

impl Mul for PackedChallenge {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let seven = Packed::constant(<Felt as Extendable<2>>::W);
        Self {
            low: self.low * other.low + seven * (self.high * other.high),
            high: self.low * other.high + self.high * other.low,
        }
    }
}

impl Extended for PackedChallenge {
    type Base = Packed;
    fn from_base(value: Packed) -> Self {
        Self {
            low: value,
            high: Packed::zero(),
        }
    }
    fn times(self, factor: Packed) -> Self {
        Self {
            low: self.low * factor,
            high: self.high * factor,
        }
    }
}

/// Which interactions of a table share a helper column: fixed by their degrees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BusPlan {
    /// For each helper, the positions of its one or two interactions.
    pub helpers: Vec<(usize, Option<usize>)>,
    /// The longest payload of the table's messages.
    pub longest_payload: usize,
    /// Elements of all messages of one row, tags included.
    pub elements: usize,
}

impl BusPlan {
    /// Groups the interactions of `table`.
    ///
    /// # Errors
    /// Name and degree of the first message whose degree is too high even on its own.
    pub fn of(table: &SymbolicTable) -> Result<Self, (&'static str, usize)> {
        let degrees = table.graph.degrees();
        let interactions = &table.collected.interactions;
        let mut sizes = Vec::with_capacity(interactions.len());
        for interaction in interactions {
            let payload = interaction.message.payload.iter();
            let fingerprint = payload.map(|x| degrees[x.index()]).max().unwrap_or(0);
            let multiplicity = degrees[interaction.multiplicity.index()];
            let degree = (1 + fingerprint).max(multiplicity);
            if degree > MAX_CONSTRAINT_DEGREE {
                return Err((interaction.message.tag.name, degree));
            }
            sizes.push((fingerprint, multiplicity));
        }
        // h d1 d2 = m1 d2 + m2 d1
        let fits = |(d1, m1): (usize, usize), (d2, m2): (usize, usize)| {
            (1 + d1 + d2).max(m1 + d2).max(m2 + d1) <= MAX_CONSTRAINT_DEGREE
        };
        let mut helpers = Vec::new();
        let mut taken = vec![false; sizes.len()];
        for first in 0..sizes.len() {
            if taken[first] {
                continue;
            }
            let second =
                (first + 1..sizes.len()).find(|&s| !taken[s] && fits(sizes[first], sizes[s]));
            if let Some(second) = second {
                taken[second] = true;
            }
            helpers.push((first, second));
        }
        let lengths = interactions.iter().map(|i| i.message.payload.len());
        Ok(Self {
            helpers,
            longest_payload: lengths.clone().max().unwrap_or(0),
            elements: lengths.map(|length| length + 1).sum(),
        })
    }

    /// Whether the table says nothing: it then has no auxiliary columns and no bus sum.
    pub fn is_silent(&self) -> bool {
        self.helpers.is_empty()
    }

    /// Base-field columns of all helpers and of the running sum.
    pub fn columns(&self) -> usize {
        self.extension_columns() * crate::field::CHALLENGE_DEGREE
    }

    /// How many auxiliary columns over F_p^2 there are: the helpers, then the running sum.
    pub fn extension_columns(&self) -> usize {
        if self.is_silent() {
            0
        } else {
            self.helpers.len() + 1
        }
    }
}

/// The bus challenges as fingerprints use them.
#[derive(Clone, Debug)]
pub struct BusChallenges<E> {
    /// `1, beta, beta^2, ...`: one more than the longest payload has elements.
    pub beta_powers: Vec<E>,
    /// The point at which the fractions are evaluated.
    pub gamma: E,
}

impl<E: Extended> BusChallenges<E> {
    /// The challenges with the powers that payloads of up to `longest_payload` elements need.
    pub fn new(one: E, beta: E, gamma: E, longest_payload: usize) -> Self {
        let mut beta_powers = vec![one];
        let mut power = one;
        for index in 0..longest_payload {
            // The first product would be 1 * beta: a wasted gate in a circuit.
            power = if index == 0 { beta } else { power * beta };
            beta_powers.push(power);
        }
        Self { beta_powers, gamma }
    }

    /// The fingerprint of `message`. Elements beyond the powers that were made would be ignored; the plan's
    /// `longest_payload` rules that out.
    pub fn fingerprint(&self, message: &Message<E::Base>) -> E {
        elements(message).zip(&self.beta_powers).enumerate().fold(
            self.gamma,
            |sum, (index, (element, power))| {
                sum + if index == 0 {
                    E::from_base(element)
                } else {
                    power.times(element)
                }
            },
        )
    }

    /// The fraction that helper column `(first, second)` holds, as numerator and denominator.
    pub fn fraction(
        &self,
        interactions: &[Interaction<E::Base>],
        (first, second): (usize, Option<usize>),
    ) -> (E, E) {
        let first = &interactions[first];
        let d1 = self.fingerprint(&first.message);
        match second.map(|second| &interactions[second]) {
            None => (E::from_base(first.multiplicity), d1),
            Some(second) => {
                let d2 = self.fingerprint(&second.message);
                let numerator = d2.times(first.multiplicity) + d1.times(second.multiplicity);
                (numerator, d1 * d2)
            }
        }
    }
}

/// A table's auxiliary values as the bus's constraints see them.
#[derive(Clone, Copy, Debug)]
pub struct BusRow<'a, E> {
    /// The helpers, in the plan's order.
    pub helpers: &'a [E],
    /// The running sum.
    pub phi: E,
    /// The running sum on the next row.
    pub phi_next: E,
    /// The table's bus sum divided by its height.
    pub share: E,
}

/// The bus's constraints of one row: one per helper, then the running sum's. All must be zero.
pub fn constraints<E: Extended>(
    plan: &BusPlan,
    challenges: &BusChallenges<E>,
    interactions: &[Interaction<E::Base>],
    row: &BusRow<'_, E>,
) -> Vec<E> {
    let mut constraints = Vec::with_capacity(plan.helpers.len() + 1);
    let mut step = row.phi_next - row.phi + row.share;
    for (&group, &helper) in plan.helpers.iter().zip(row.helpers) {
        let (numerator, denominator) = challenges.fraction(interactions, group);
        constraints.push(helper * denominator - numerator);
        step = step - helper;
    }
    constraints.push(step);
    constraints
}
