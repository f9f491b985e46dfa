//! Bits of security: what each round of a proof's protocol is worth, what a layer is worth, what a whole proof is worth.
//!
//! A proof is a stack of layers (STARKs and circuits), and a layer's protocol a sequence of rounds. A cheating prover wins if it gets
//! lucky in *one* round of *one* layer. A round has `b` bits if one attempt at it succeeds with probability at most `2^-b`.
//! Challenges come from a hash, so attempts can be repeated offline: the bits are the log2 of the attempts that it takes. A layer has the
//! bits of its weakest [`Round`], a proof those of its weakest [`Layer`].
//!
//! Every round has two figures:
//!
//! * **proven**: all rounds in one regime of the low-degree test, *unique decoding*. Words are far from the code if they are further from
//!   it than half of its distance, `(1 - rho) / 2` for the rate `rho`; each query notices such a word with that probability.
//!   Combining `l` words over a domain of `n` points with powers of one challenge errs with probability at most `l n / |F|`
//!   (Ben-Sasson, Carmon, Ishai, Kopparty, Saraf: "Proximity Gaps for Reed-Solomon Codes", ePrint 2020/654, theorem 4.1). There is one
//!   codeword near each word, so the other rounds lose nothing. What remains assumed is that hashes behave as random
//!   functions.
//! * **conjectured**: words are far from the code only if they are about as far as random words are. Two things are conjectured: that no
//!   attack on the queries does better than random words allow ([`Queries::random_words`]), and that the bounds on combining,
//!   folding and all that follows, which are proven for unique decoding, hold as far out. No attack is known that
//!   contradicts either. (The older conjecture, up to the code's capacity, is refuted: Diamond and Gruen,
//!   "On the Distribution of the Distances of Random Words", ePrint 2025/2010. It is not used here.)

use std::borrow::Cow;

/// The bits that are left of `field_bits` when an attempt wins with probability `winning / 2^field_bits`.
///
/// Less than one winning challenge counts as one.
pub fn error_bits(field_bits: f64, winning: f64) -> f64 {
    field_bits - winning.max(1.0).log2()
}

/// Words times points of their domain, over the parts of a combination with powers of one challenge: what [`error_bits`] takes.
/// Parts are pairs of a number of words and the log2 of their domain's size.
pub fn combined(parts: impl IntoIterator<Item = (usize, usize)>) -> f64 {
    let parts = parts.into_iter();
    parts
        .map(|(words, log_domain)| count(words) * power(log_domain))
        .sum()
}

/// The queries of a low-degree test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queries {
    /// The code's rate is `2^-rate_bits`; at least 1.
    pub rate_bits: usize,
    /// How many points are queried.
    pub count: usize,
    /// Bits of the proof of work that comes right before the queries are drawn: it adds to no other round.
    pub work_bits: u32,
}

impl Queries {
    /// Proven: `-q log2(1 - (1 - rho) / 2) + work`.
    pub fn unique_decoding(&self) -> f64 {
        let rate = self.rate();
        self.bits(1.0 - (1.0 - rate) / 2.0)
    }

    /// Conjectured, by what random words allow: `-q log2(rho + eta) + work` with `eta = rho log2(e / rho) / 128`.
    pub fn random_words(&self) -> f64 {
        let rate = self.rate();
        let eta = rate * (core::f64::consts::E / rate).log2() / 128.0;
        self.bits(rate + eta)
    }

    /// Both.
    pub fn round(&self) -> Round {
        Round {
            name: "queries".to_owned(),
            proven: self.unique_decoding(),
            conjectured: self.random_words(),
        }
    }

    fn rate(&self) -> f64 {
        power(self.rate_bits).recip()
    }

    /// If each query is passed with the probability `passed`.
    fn bits(&self, passed: f64) -> f64 {
        -count(self.count) * passed.log2() + f64::from(self.work_bits)
    }
}

/// The rounds of folding: in each, as many words as its factor are combined over the domain that they are folded to, and one more
/// that may join them there. `arity_bits` are the log2 of the factors, `log_domain` that of the first domain.
pub fn folds(field_bits: f64, arity_bits: &[usize], log_domain: usize) -> Vec<Round> {
    let mut log_domain = log_domain;
    let numbered = arity_bits.iter().enumerate();
    numbered
        .map(|(index, arity_bits)| {
            log_domain = log_domain.saturating_sub(*arity_bits);
            let words = (1 << arity_bits) + 1;
            let bits = error_bits(field_bits, combined([(words, log_domain)]));
            Round::of(format!("fold {}", index + 1), bits)
        })
        .collect()
}

/// One round of a layer's protocol, in bits.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// What happens in it.
    pub name: String,
    /// In the unique-decoding regime, which needs no conjecture.
    pub proven: f64,
    /// By the conjectures that the crate's documentation names.
    pub conjectured: f64,
}

impl Round {
    /// A round with a bound that is proven for unique decoding, and conjectured to hold beyond.
    pub fn of(name: impl Into<String>, bits: f64) -> Self {
        Self {
            name: name.into(),
            proven: bits,
            conjectured: bits,
        }
    }
}

/// One layer of a proof: a STARK or a circuit.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// What it is.
    pub name: String,
    /// The rounds of its protocol, in order; the last are those that are in all of them.
    pub rounds: Vec<Round>,
}

impl Layer {
    /// The weakest round, with what is proven.
    pub fn proven(&self) -> f64 {
        least(self.rounds.iter().map(|round| round.proven))
    }

    /// The weakest round, with what is conjectured.
    pub fn conjectured(&self) -> f64 {
        least(self.rounds.iter().map(|round| round.conjectured))
    }

    /// The round of this name.
    pub fn round(&self, name: &str) -> Option<&Round> {
        self.rounds.iter().find(|round| round.name == name)
    }
}

fn least(bits: impl Iterator<Item = f64>) -> f64 {
    bits.fold(f64::INFINITY, f64::min)
}

/// Whole bits of a proof, rounded down, and the layers that set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Bits that are proven.
    pub proven_bits: u32,
    /// The first layer with the fewest proven bits.
    pub least_proven: Cow<'static, str>,
    /// Bits that are conjectured.
    pub conjectured_bits: u32,
    /// The first layer with the fewest conjectured bits.
    pub least_conjectured: Cow<'static, str>,
}

impl Level {
    /// What a proof is worth that stands on these layers: the weakest counts. `None` without layers.
    pub fn of<'a>(layers: impl IntoIterator<Item = &'a Layer> + Clone) -> Option<Self> {
        let weakest = |bits: fn(&Layer) -> f64| {
            let layers = layers.clone().into_iter();
            layers.min_by(|a, b| bits(a).total_cmp(&bits(b)))
        };
        let (proven, conjectured) = (weakest(Layer::proven)?, weakest(Layer::conjectured)?);
        Some(Self {
            proven_bits: whole(proven.proven()),
            least_proven: Cow::Owned(proven.name.clone()),
            conjectured_bits: whole(conjectured.conjectured()),
            least_conjectured: Cow::Owned(conjectured.name.clone()),
        })
    }
}

/// Rounded down; none if negative.
pub fn whole(bits: f64) -> u32 {
    // Saturates where a cast would not be exact.
    bits.floor() as u32
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

    fn about(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn queries_at_rates_with_known_answers() {
        // 1 - (1 - 1/2)/2 = 3/4.
        let mut queries = Queries {
            rate_bits: 1,
            count: 100,
            work_bits: 0,
        };
        assert!(about(
            queries.unique_decoding(),
            100.0 * (4.0f64 / 3.0).log2()
        ));
        queries.work_bits = 16;
        assert!(about(
            queries.unique_decoding(),
            100.0 * (4.0f64 / 3.0).log2() + 16.0
        ));
        // Even at the lowest rates a query has less than one proven bit; by random words it has almost all of the rate's.
        let queries = Queries {
            rate_bits: 8,
            count: 10,
            work_bits: 22,
        };
        let proven = queries.unique_decoding();
        assert!((31.9..32.0).contains(&proven), "{proven}");
        let conjectured = queries.random_words();
        assert!((100.9..102.0).contains(&conjectured), "{conjectured}");
    }

    #[test]
    fn combinations_lose_words_times_points() {
        // 8 * 2^10 + 2 * 2^12 = 2^14.
        assert!(about(
            error_bits(128.0, combined([(8, 10), (2, 12)])),
            114.0
        ));
        assert!(about(error_bits(128.0, 0.0), 128.0));
        let folds = folds(128.0, &[4, 3], 20);
        let names: Vec<_> = folds.iter().map(|round| round.name.as_str()).collect();
        assert_eq!(names, ["fold 1", "fold 2"]);
        assert!(about(folds[0].proven, 128.0 - 16.0 - 17f64.log2()));
        assert!(about(folds[1].proven, 128.0 - 13.0 - 9f64.log2()));
    }

    #[test]
    fn the_weakest_counts() {
        let layer = |name: &str, rounds: &[(f64, f64)]| Layer {
            name: name.to_owned(),
            rounds: rounds
                .iter()
                .map(|(proven, conjectured)| Round {
                    name: "round".to_owned(),
                    proven: *proven,
                    conjectured: *conjectured,
                })
                .collect(),
        };
        let layers = [
            layer("first", &[(110.0, 110.0), (52.1, 100.6), (98.04, 98.04)]),
            layer("second", &[(40.9, 101.6), (99.8, 99.8)]),
            layer("third", &[(40.9, 103.0)]),
        ];
        assert_eq!(layers[0].proven(), 52.1);
        assert_eq!(layers[0].conjectured(), 98.04);
        let level = Level::of(&layers).unwrap();
        let expected = Level {
            proven_bits: 40,
            least_proven: "second".into(),
            conjectured_bits: 98,
            least_conjectured: "first".into(),
        };
        assert_eq!(level, expected);
        assert_eq!(Level::of(&layers[..0]), None);
        assert_eq!(whole(-3.0), 0);
    }
}
