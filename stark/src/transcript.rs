//! The order in which the prover's messages are observed and challenges drawn: one definition for prover, verifier and circuit.

use plonky2::iop::challenger::Challenger;

use crate::field::{CHALLENGE_DEGREE, Challenge, Felt};
use crate::layout::{Layout, TableOpenings};
use crate::proof::{Cap, Hasher};

/// A sponge that observes messages and gives challenges.
///
/// The provided methods are the protocol's rounds; call each once, in order: [`start`](Transcript::start),
/// [`main`](Transcript::main), [`auxiliary`](Transcript::auxiliary), [`quotient`](Transcript::quotient),
/// [`openings`](Transcript::openings). FRI follows.
pub trait Transcript {
    /// A base-field element.
    type Element: Copy;
    /// An element of F_p^2.
    type Challenge: Copy;
    /// A Merkle cap.
    type Cap;

    /// Takes in elements.
    fn observe(&mut self, elements: &[Self::Element]);
    /// Takes in a cap.
    fn observe_cap(&mut self, cap: &Self::Cap);
    /// Takes in elements of F_p^2, the coefficient of 1 first.
    fn observe_challenges(&mut self, challenges: &[Self::Challenge]);
    /// Gives a challenge of F_p^2.
    fn draw(&mut self) -> Self::Challenge;

    /// Round 0: `statement` is [`crate::protocol::Protocol::statement`] (digest of system and shape, FRI parameters, number of public values).
    fn start(
        &mut self,
        statement: &[Self::Element],
        fixed_cap: &Self::Cap,
        public: &[Self::Element],
    ) {
        self.observe(statement);
        self.observe_cap(fixed_cap);
        self.observe(public);
    }

    /// Round 1: main columns; gives the bus challenges `beta` and `gamma`.
    fn main(&mut self, cap: &Self::Cap) -> (Self::Challenge, Self::Challenge) {
        self.observe_cap(cap);
        let beta = self.draw();
        let gamma = self.draw();
        (beta, gamma)
    }

    /// Round 2: auxiliary columns and bus sums; gives the constraint challenge `alpha`.
    fn auxiliary(&mut self, cap: &Self::Cap, bus_sums: &[Self::Challenge]) -> Self::Challenge {
        self.observe_cap(cap);
        self.observe_challenges(bus_sums);
        self.draw()
    }

    /// Round 3: quotients; gives the point `zeta`.
    fn quotient(&mut self, cap: &Self::Cap) -> Self::Challenge {
        self.observe_cap(cap);
        self.draw()
    }

    /// Round 4: opened values, class after class, batch after batch.
    fn openings(&mut self, layout: &Layout, openings: &[TableOpenings<Self::Challenge>]) {
        for class in 0..layout.classes.len() {
            for values in layout.batch_values(class, openings) {
                self.observe_challenges(&values);
            }
        }
    }
}

impl Transcript for Challenger<Felt, Hasher> {
    type Element = Felt;
    type Challenge = Challenge;
    type Cap = Cap;

    fn observe(&mut self, elements: &[Felt]) {
        self.observe_elements(elements);
    }
    fn observe_cap(&mut self, cap: &Cap) {
        Self::observe_cap::<Hasher>(self, cap);
    }
    fn observe_challenges(&mut self, challenges: &[Challenge]) {
        self.observe_extension_elements::<CHALLENGE_DEGREE>(challenges);
    }
    fn draw(&mut self) -> Challenge {
        self.get_extension_challenge::<CHALLENGE_DEGREE>()
    }
}

/// The challenges before FRI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenges<X> {
    /// Fingerprints are polynomials in it.
    pub beta: X,
    /// Fingerprints are shifted by it.
    pub gamma: X,
    /// Constraints are combined with its powers.
    pub alpha: X,
    /// Where polynomials are opened.
    pub zeta: X,
}

/// A fresh native transcript.
pub fn native() -> Challenger<Felt, Hasher> {
    Challenger::new()
}
