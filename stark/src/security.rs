//! Bits of security of a STARK, round by round.
//!
//! What "proven" and "conjectured" mean, and the bounds of queries, batching and folds, stand in [`braid_security`]. Here is what
//! this protocol puts into them, in the order of its transcript; `N` are heights, `|F|` is the order of the challenges' field.
//!
//! * *Bus*: two different multisets of messages have the same sum, or a denominator is zero, with probability at most
//!   `elements / |F|`, where `elements` counts those of all messages with their tags. Fingerprints of different messages are
//!   different polynomials `gamma + f(beta)`, so the sum's numerator over the common denominator is a polynomial in `gamma` and `beta`
//!   that is not zero and has a degree of at most the payloads' lengths in sum.
//! * *Constraints*: a row that breaks one survives the combination with probability `constraints / |F|`.
//! * *Point*: two different sides of a table's equation agree at `zeta` with probability `3 N / |F|`.
//! * *Batching*: each class of equal heights is combined over its own domain, all with powers of one challenge.
//! * *Folds*: in each, as many words as its factor are combined, and the class that joins there.
//! * *Queries*: the only round of which more is conjectured than proven, and the only one that the proof of work adds to.
//! * *Hash*: collisions of four-element digests.

use braid_security::{Layer, Queries, Round, combined, error_bits, folds};

use crate::field::CHALLENGE_DEGREE;
use crate::protocol::Protocol;
use crate::shape::FriParameters;

/// log2 of the base field's order.
const FIELD_BITS: f64 = 64.0;

/// Collisions of digests of four elements.
const HASH_BITS: f64 = 4.0 * FIELD_BITS / 2.0;

/// The least number of conjectured bits that the queries may have.
pub const REQUIRED_BITS: f64 = 100.0;

/// The queries of a low-degree test with these parameters.
pub fn queries(fri: &FriParameters) -> Queries {
    Queries {
        rate_bits: fri.rate_bits,
        count: fri.queries,
        work_bits: fri.proof_of_work_bits,
    }
}

/// The rounds of a shape that is worked out.
pub fn layer(protocol: &Protocol) -> Layer {
    let fri = &protocol.shape.fri;
    let layout = &protocol.layout;
    let challenge_bits = count(CHALLENGE_DEGREE) * FIELD_BITS;
    let rows = |index: usize| power(protocol.shape.log_height(index));
    let mut elements = count(protocol.public_messages * (protocol.longest_payload + 1));
    let mut constraints = 1.0f64;
    let mut point = 1.0f64;
    for (index, plan) in protocol.plans.iter().enumerate() {
        elements += count(plan.elements) * rows(index);
        let of_table = protocol.constraint_counts[index] + plan.extension_columns();
        constraints += count(of_table);
        point += 3.0 * rows(index);
    }
    let classes = layout.classes.iter().enumerate();
    let batched = classes.map(|(class, described)| {
        let batches = layout.batches(class);
        let values = batches.iter().map(|batch| batch.polynomials.len());
        (values.sum(), described.log_height + fri.rate_bits)
    });
    let bounded = |name: &str, winning| Round::of(name, error_bits(challenge_bits, winning));
    let mut rounds = vec![
        bounded("bus", elements),
        bounded("constraints", constraints),
        bounded("point", point),
        bounded("batching", combined(batched)),
    ];
    let parameters = &protocol.fri_params;
    rounds.extend(folds(
        challenge_bits,
        &parameters.reduction_arity_bits,
        parameters.lde_bits(),
    ));
    rounds.push(queries(fri).round());
    rounds.push(Round::of("hash", HASH_BITS));
    Layer {
        name: format!("STARK of shape {}", protocol.shape.name),
        rounds,
    }
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

    #[test]
    fn parameters_reach_the_required_bits_with_no_query_to_spare() {
        for fri in [FriParameters::FAST, FriParameters::SMALL] {
            let mut queries = queries(&fri);
            assert!(queries.random_words() >= REQUIRED_BITS, "{fri:?}");
            queries.count -= 1;
            assert!(queries.random_words() < REQUIRED_BITS, "{fri:?}");
        }
    }
}
