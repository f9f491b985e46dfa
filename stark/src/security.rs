//! How many bits of security each layer of a proof has.
//!
//! A cheating prover wins if it gets lucky in one of the layers; each is a number of bits `b` such that one attempt succeeds with
//! probability at most `2^-b`. Challenges come from a hash, so attempts can be repeated offline: the bits are the log2 of the
//! attempts it takes. Let `q` be the queries, `rho` the rate, `N` heights.
//!
//! * Low-degree test, *unique decoding*: proven, `-q log2(1 - (1 - rho)/2) + work`.
//! * Low-degree test, *random words*: the estimate by which this project chooses parameters,
//!   `-q log2(rho + eta) + work` with `eta = rho log2(e/rho) / 128`: no known attack beats what random words allow. (The
//!   estimate up to capacity, `-q log2(rho)`, by which others count, rests on a conjecture that Diamond and Gruen refute:
//!   "On the Distribution of the Distances of Random Words", ePrint 2025/2010.)
//! * *Batching*: combining `l` words over a domain of `n` points with powers of one challenge errs with probability at most
//!   `l n / |F_p^2|` (Ben-Sasson et al., "Proximity gaps for Reed-Solomon codes", unique decoding). Each class of equal heights
//!   is combined over its own domain; each folding step combines as many words as its factor, over the folded domain. A
//!   proven bound: no attack that comes near it is known, and the proof of work, which comes later, does not add to it.
//! * *Bus*: two different multisets of messages have the same sum, or a denominator is zero, with probability at most
//!   `elements / |F_p^2|`, where `elements` counts those of all messages with their tags. Fingerprints of different messages are
//!   different polynomials `gamma + f(beta)`, so the sum's numerator over the common denominator is a polynomial in `gamma` and `beta`
//!   that is not zero and has a degree of at most the payloads' lengths in sum.
//! * *Constraints*: a row that breaks one survives the combination with probability `constraints / |F_p^2|`.
//! * *Point*: two different sides of a table's equation agree at `zeta` with probability `3 N / |F_p^2|`.
//! * *Hash*: collisions of four-element digests: 128 bits.

use crate::protocol::Protocol;

/// log2 of the order of F_p^2.
const CHALLENGE_BITS: f64 = 128.0;

/// The least number of bits, by the random-words estimate, that any layer may have.
pub const REQUIRED_BITS: f64 = 100.0;

/// Bits of each layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Security {
    /// The low-degree test's queries, proven.
    pub unique_decoding: f64,
    /// The low-degree test's queries, by the random-words estimate.
    pub random_words: f64,
    /// Combining columns and folding.
    pub batching: f64,
    /// Messages.
    pub bus: f64,
    /// Combining constraints.
    pub constraints: f64,
    /// The point of the openings.
    pub point: f64,
    /// Collisions of the hash.
    pub hash: f64,
}

impl Security {
    /// The bits of a shape that is worked out.
    pub fn of(protocol: &Protocol) -> Self {
        let fri = &protocol.shape.fri;
        let layout = &protocol.layout;
        let rows = |index: usize| power(protocol.shape.log_heights[index]);
        let mut combined = 0.0;
        for (class, described) in layout.classes.iter().enumerate() {
            let batches = layout.batches(class);
            let values = batches.iter().map(|batch| batch.polynomials.len());
            combined += count(values.sum()) * power(described.log_height + fri.rate_bits);
        }
        let mut domain_bits = protocol.fri_params.lde_bits();
        for arity_bits in &protocol.fri_params.reduction_arity_bits {
            // As many words as the factor, and one that may join them.
            let words = power(*arity_bits) + 1.0;
            domain_bits -= arity_bits;
            combined += words * power(domain_bits);
        }
        let mut elements = count(protocol.public_messages * (protocol.longest_payload + 1));
        let mut constraints = 1.0f64;
        let mut point = 1.0f64;
        for (index, plan) in protocol.plans.iter().enumerate() {
            elements += count(plan.elements) * rows(index);
            let of_table = protocol.constraint_counts[index] + plan.extension_columns();
            constraints += count(of_table);
            point += 3.0 * rows(index);
        }
        let (unique_decoding, random_words) =
            query_bits(fri.rate_bits, fri.queries, fri.proof_of_work_bits);
        Self {
            unique_decoding,
            random_words,
            batching: CHALLENGE_BITS - combined.log2(),
            bus: CHALLENGE_BITS - elements.max(1.0).log2(),
            constraints: CHALLENGE_BITS - constraints.log2(),
            point: CHALLENGE_BITS - point.log2(),
            hash: 128.0,
        }
    }

    /// Each layer's name and bits.
    pub fn layers(&self) -> [(&'static str, f64); 7] {
        [
            (
                "low-degree test (unique decoding, proven)",
                self.unique_decoding,
            ),
            ("low-degree test (random words)", self.random_words),
            ("batching", self.batching),
            ("bus", self.bus),
            ("constraints", self.constraints),
            ("point", self.point),
            ("hash collisions", self.hash),
        ]
    }

    /// The weakest layer, with the random-words estimate for the queries.
    pub fn estimated(&self) -> f64 {
        self.rest().min(self.random_words)
    }

    /// The weakest layer, with what is proven for the queries.
    pub fn proven(&self) -> f64 {
        self.rest().min(self.unique_decoding)
    }

    fn rest(&self) -> f64 {
        [self.bus, self.constraints, self.point, self.hash]
            .into_iter()
            .fold(self.batching, f64::min)
    }
}

/// Bits of the low-degree test's queries: proven by unique decoding, and by the random-words estimate.
pub fn query_bits(rate_bits: usize, queries: usize, proof_of_work_bits: u32) -> (f64, f64) {
    let rate = 1.0 / power(rate_bits);
    let (queries, work) = (count(queries), f64::from(proof_of_work_bits));
    let eta = rate * (core::f64::consts::E / rate).log2() / 128.0;
    let unique_decoding = -queries * (1.0 - (1.0 - rate) / 2.0).log2() + work;
    let random_words = -queries * (rate + eta).log2() + work;
    (unique_decoding, random_words)
}

#[allow(clippy::cast_precision_loss)]
fn count(value: usize) -> f64 {
    value as f64
}

fn power(log: usize) -> f64 {
    count(log).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::FriParameters;

    #[test]
    fn parameters_reach_the_required_bits_with_no_query_to_spare() {
        for fri in [FriParameters::FAST, FriParameters::SMALL] {
            let bits = |queries| query_bits(fri.rate_bits, queries, fri.proof_of_work_bits).1;
            assert!(bits(fri.queries) >= REQUIRED_BITS, "{fri:?}");
            assert!(bits(fri.queries - 1) < REQUIRED_BITS, "{fri:?}");
        }
    }

    #[test]
    fn unique_decoding_of_rate_one_half() {
        // 1 - (1 - 1/2)/2 = 3/4.
        let (proven, _) = query_bits(1, 100, 0);
        assert!((proven - 100.0 * (4.0f64 / 3.0).log2()).abs() < 1e-9);
    }
}
