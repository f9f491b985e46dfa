//! Shapes: fixed table heights with the parameters of the low-degree test.

use plonky2::field::types::Field;
use plonky2::fri::FriParams;
use plonky2::fri::reduction_strategies::FriReductionStrategy;
use serde::{Deserialize, Serialize};

use crate::field::Felt;
use crate::system::System;

/// Log2 of the most points that an evaluation domain can have: the two-adicity of `p - 1`.
pub const MAX_LOG_DOMAIN: usize = 32;

/// Log2 of the largest folding factor of one FRI step; in-circuit interpolation of 16 points fits one gate.
pub const MAX_ARITY_BITS: usize = 4;

/// Folding goes on until the polynomial has at most `2^FINAL_POLYNOMIAL_BITS` coefficients, where heights allow.
pub const FINAL_POLYNOMIAL_BITS: usize = 5;

/// Parameters of the low-degree test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FriParameters {
    /// The rate is `2^-rate_bits`, the blow-up `2^rate_bits`; at least 1.
    pub rate_bits: usize,
    /// Merkle caps have `2^cap_height` hashes.
    pub cap_height: usize,
    /// How many points are queried.
    pub queries: usize,
    /// Leading zero bits of the proof of work before the queries are drawn.
    pub proof_of_work_bits: u32,
}

impl FriParameters {
    /// Blow-up 2 with 87 queries: the fastest prover. 100 conjectured bits, 52 proven (see [`crate::security`]).
    pub const FAST: Self = Self {
        rate_bits: 1,
        cap_height: 4,
        queries: 87,
        proof_of_work_bits: 16,
    };

    /// Blow-up 4 with 44 queries: an in-circuit verifier of half the size for twice the commitments. 100 conjectured bits.
    pub const BALANCED: Self = Self {
        rate_bits: 2,
        cap_height: 4,
        queries: 44,
        proof_of_work_bits: 16,
    };

    /// Blow-up 8 with 29 queries: the smallest in-circuit verifier. 100 conjectured bits, 40 proven.
    pub const SMALL: Self = Self {
        rate_bits: 3,
        cap_height: 4,
        queries: 29,
        proof_of_work_bits: 16,
    };
}

/// A table of a shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableHeight {
    /// The table's name.
    pub table: String,
    /// Log2 of its height.
    pub log_height: usize,
}

/// Tables, their heights, and FRI parameters: everything about a proof's size. Heights never come from a proof.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shape {
    /// What people call it. Not part of the digest.
    pub name: String,
    /// The tables that it has, in the system's order. A table that it does not have says nothing on the bus, so its part of the sum is zero.
    pub tables: Vec<TableHeight>,
    /// The low-degree test's parameters.
    pub fri: FriParameters,
}

/// Why a shape does not fit a system, or cannot be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// The shape's tables are not those of the system, in order.
    #[error("the shape has the tables {shape:?}, the system {system:?}")]
    Tables {
        /// Tables of the shape.
        shape: Vec<String>,
        /// Tables of the system.
        system: Vec<&'static str>,
    },
    /// A system without tables.
    #[error("there is no table")]
    NoTables,
    /// A table is lower than it must be, or lower than two rows.
    #[error("table {table} has 2^{log_height} rows but needs at least {least}")]
    TooLow {
        /// The table's name.
        table: &'static str,
        /// Log2 of its height.
        log_height: usize,
        /// The least height.
        least: usize,
    },
    /// A table's evaluation domain is larger than the field allows.
    #[error("table {table} has 2^{log_height} rows: its evaluation domain is too large")]
    TooHigh {
        /// The table's name.
        table: &'static str,
        /// Log2 of its height.
        log_height: usize,
    },
    /// A table without columns.
    #[error("table {table} has no columns")]
    NoColumns {
        /// The table's name.
        table: &'static str,
    },
    /// A FRI parameter is out of range.
    #[error("{parameter} is {value}, outside of {least}..={most}")]
    Parameter {
        /// Which one.
        parameter: &'static str,
        /// Its value.
        value: usize,
        /// The least value.
        least: usize,
        /// The largest value.
        most: usize,
    },
    /// A constraint or message has too high a degree.
    #[error("table {table}: {what} has degree {degree}")]
    Degree {
        /// The table's name.
        table: &'static str,
        /// The constraint's label or the message's name.
        what: String,
        /// Its degree.
        degree: usize,
    },
    /// Two kinds of message share an id, or a message does not have its kind's length.
    #[error("table {table}: message {tag} does not agree with other messages of id {id}")]
    Tag {
        /// The table's name.
        table: &'static str,
        /// The message's name.
        tag: &'static str,
        /// The id.
        id: u32,
    },
    /// Two tables share a name.
    #[error("two tables are called {table}")]
    Name {
        /// The name.
        table: &'static str,
    },
}

impl Shape {
    /// A shape of all tables of `system`, with these log2 heights in its order.
    pub fn of(system: &System, name: &str, log_heights: &[usize], fri: FriParameters) -> Self {
        let tables = system.tables.iter().zip(log_heights);
        let tables = tables.map(|(table, &log_height)| TableHeight {
            table: table.name().to_owned(),
            log_height,
        });
        Self {
            name: name.to_owned(),
            tables: tables.collect(),
            fri,
        }
    }

    /// Log2 of the height of the table called `table`, if the shape has it.
    pub fn log_height_of(&self, table: &str) -> Option<usize> {
        let mut tables = self.tables.iter();
        tables
            .find(|known| known.table == table)
            .map(|known| known.log_height)
    }

    /// Log2 of the heights in order.
    pub fn log_heights(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        self.tables.iter().map(|table| table.log_height)
    }

    /// Checks heights and parameters against the tables of `system`.
    ///
    /// # Errors
    /// When they do not fit.
    pub fn validate(&self, system: &System) -> Result<(), ShapeError> {
        if system.tables.is_empty() {
            return Err(ShapeError::NoTables);
        }
        let names = || system.tables.iter().map(|table| table.name());
        if !names().eq(self.tables.iter().map(|table| table.table.as_str())) {
            return Err(ShapeError::Tables {
                shape: self
                    .tables
                    .iter()
                    .map(|table| table.table.clone())
                    .collect(),
                system: names().collect(),
            });
        }
        let parameter = |parameter, value, least, most| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(ShapeError::Parameter {
                    parameter,
                    value,
                    least,
                    most,
                })
            }
        };
        parameter("rate_bits", self.fri.rate_bits, 1, 8)?;
        parameter("queries", self.fri.queries, 1, 1000)?;
        let work = usize::try_from(self.fri.proof_of_work_bits).unwrap_or(usize::MAX);
        parameter("proof_of_work_bits", work, 0, 40)?;
        for (table, log_height) in system.tables.iter().zip(self.log_heights()) {
            let (name, least) = (table.name(), table.min_height().max(2));
            if log_height > MAX_LOG_DOMAIN - self.fri.rate_bits {
                return Err(ShapeError::TooHigh {
                    table: name,
                    log_height,
                });
            }
            if 1 << log_height < least {
                return Err(ShapeError::TooLow {
                    table: name,
                    log_height,
                    least,
                });
            }
            if table.column_names().is_empty() {
                return Err(ShapeError::NoColumns { table: name });
            }
        }
        let lowest = self.log_heights().min().unwrap_or(0);
        // A cap is a layer of every Merkle tree, also of the one over the lowest tables' evaluations.
        let most = lowest + self.fri.rate_bits;
        parameter("cap_height", self.fri.cap_height, 0, most)
    }

    /// Log2 of the height of table `index`.
    pub fn log_height(&self, index: usize) -> usize {
        self.tables[index].log_height
    }

    /// The height of table `index`.
    pub fn height(&self, index: usize) -> usize {
        1 << self.log_height(index)
    }

    /// Distinct log2 heights, from the highest: one class of polynomials each.
    pub fn class_heights(&self) -> Vec<usize> {
        let mut heights: Vec<_> = self.log_heights().collect();
        heights.sort_unstable_by(|a, b| b.cmp(a));
        heights.dedup();
        heights
    }

    /// Log2 of the folding factors of the FRI steps. Every class's height is reached by some step, since that is where
    /// its polynomials join.
    pub fn reduction_arity_bits(&self) -> Vec<usize> {
        let classes = self.class_heights();
        let mut arities = Vec::new();
        for pair in classes.windows(2) {
            // As few steps as possible, as equal as possible.
            let mut gap = pair[0] - pair[1];
            while gap > 0 {
                let steps = gap.div_ceil(MAX_ARITY_BITS);
                let arity = gap.div_ceil(steps);
                arities.push(arity);
                gap -= arity;
            }
        }
        let mut degree = classes.last().copied().unwrap_or(0);
        while degree > FINAL_POLYNOMIAL_BITS {
            // A step's tree must be at least as high as the cap.
            let room = (degree + self.fri.rate_bits).saturating_sub(self.fri.cap_height);
            let arity = MAX_ARITY_BITS.min(room);
            if arity == 0 {
                break;
            }
            arities.push(arity);
            degree -= arity;
        }
        arities
    }

    /// The parameters as plonky2's FRI wants them.
    pub fn fri_params(&self) -> FriParams {
        let reduction_arity_bits = self.reduction_arity_bits();
        FriParams {
            config: plonky2::fri::FriConfig {
                rate_bits: self.fri.rate_bits,
                cap_height: self.fri.cap_height,
                proof_of_work_bits: self.fri.proof_of_work_bits,
                reduction_strategy: FriReductionStrategy::Fixed(reduction_arity_bits.clone()),
                num_query_rounds: self.fri.queries,
            },
            hiding: false,
            degree_bits: self.log_heights().max().unwrap_or(0),
            reduction_arity_bits,
        }
    }

    /// The FRI parameters as the transcript observes them: rate bits, cap height, queries, proof-of-work bits, number of
    /// folding steps, and their arities in bits.
    pub fn fri_elements(&self) -> Vec<Felt> {
        let arities = self.reduction_arity_bits();
        let fri = &self.fri;
        let work = u64::from(fri.proof_of_work_bits);
        [fri.rate_bits, fri.cap_height, fri.queries]
            .into_iter()
            .map(Felt::from_canonical_usize)
            .chain([Felt::from_canonical_u64(work)])
            .chain([Felt::from_canonical_usize(arities.len())])
            .chain(arities.iter().map(|&a| Felt::from_canonical_usize(a)))
            .collect()
    }
}
