//! The protocol, and what prover, verifier and circuit derive from a system and a shape.
//!
//! A proof shows that there are traces, of the heights that the shape gives, on which all constraints hold and whose messages,
//! together with those of the public values, are received as often as they are sent.
//!
//! 0. Both sides know the [`digest`] of system and shape, the cap of the *fixed* columns, and the public values. The transcript
//!    ([`crate::transcript`]) starts with them.
//! 1. The prover commits to all *main* columns. Columns are polynomials of degree below the table's height `N`; their
//!    evaluations on the coset `7 H` of `2^rate_bits N` points are the leaves of one Merkle tree for all heights
//!    ([`crate::layout`]). The verifier draws `beta`, `gamma`.
//! 2. The prover commits to the bus's *auxiliary* columns and says the bus sum `S` of every table that speaks
//!    ([`crate::bus`]). The verifier draws `alpha`, and checks that all `S` and the public values' fractions sum to zero.
//! 3. The prover combines all constraints of a table, of its own and of the bus, with powers of `alpha` into `C`. Where they
//!    hold, the *quotient* `Q = C / (x^N - 1)` is a polynomial over F_p^2 of degree below `2N`, since constraints have degree
//!    at most 3: it commits to two chunks of `N` coefficients, each of two base-field columns. The verifier draws `zeta`.
//! 4. The prover opens all columns at `zeta`, and at `g zeta` those whose next row matters (`g` generates the table's rows). The
//!    verifier checks `C(zeta) = (zeta^N - 1) Q(zeta)` for every table ([`crate::evaluate`]).
//! 5. FRI shows that the opened values are those of polynomials of the right degrees that the commitments are close to.
//!    Per class of equal heights, the quotients `(f(x) - f(z)) / (x - z)` of all openings are combined with powers of one
//!    challenge. Folding starts with the highest class; where the folded word has reached the height of the next class, `folded * beta +
//!    word` joins that class's word: with the folding challenge's next power, so that folding and joining are one random
//!    combination. plonky2's `batch_fri` is used for this.
//!
//! Selectors are Lagrange polynomials of the first and the last row: 1 there, 0 on the other rows. Rows are cyclic.

use std::collections::HashMap;

use plonky2::field::extension::Extendable;
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::types::Field;
use plonky2::fri::FriParams;
use plonky2::fri::structure::{FriBatchInfo, FriInstanceInfo, FriOpeningBatch, FriOpenings};
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::config::Hasher as _;

use crate::bus::{BusChallenges, BusPlan};
use crate::error::Error;
use crate::evaluate::TableGraph;
use crate::field::{CHALLENGE_DEGREE, Challenge, Felt};
use crate::layout::{Layout, TableOpenings};
use crate::message::{Interaction, Message};
use crate::proof::{Digest, Hasher};
use crate::shape::{Shape, ShapeError};
use crate::symbolic::{Graph, Node, Operation, SymbolicTable, Variable};
use crate::system::System;

/// Changes whenever proofs of another version must not verify.
pub const PROTOCOL_VERSION: u64 = 1;

/// A system and shape, worked out: layout, bus plans, digest. Make it once per shape and reuse it.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// The shape.
    pub shape: Shape,
    /// Where all columns are.
    pub layout: Layout,
    /// How each table's messages are summed.
    pub plans: Vec<BusPlan>,
    /// How many constraints each table has of its own, without the bus's.
    pub constraint_counts: Vec<usize>,
    /// How many public values there are.
    pub public_count: usize,
    /// The longest payload of any message, of tables and public values.
    pub longest_payload: usize,
    /// How many messages the public values say.
    pub public_messages: usize,
    /// Binds everything above: see [`digest`].
    pub digest: Digest,
    /// FRI's parameters.
    pub fri_params: FriParams,
}

impl Protocol {
    /// Works out `shape` for `system`.
    ///
    /// # Errors
    /// When they do not fit each other, or a constraint's degree is too high.
    pub fn new(system: &System, shape: &Shape) -> Result<Self, Error> {
        shape.validate(system)?;
        let tables: Vec<SymbolicTable> = system
            .tables
            .iter()
            .map(|table| SymbolicTable::of(table.as_ref()))
            .collect();
        let mut tags = HashMap::new();
        let mut plans = Vec::with_capacity(tables.len());
        let mut names = Vec::new();
        for (table, symbolic) in system.tables.iter().zip(&tables) {
            let name = table.name();
            if names.contains(&name) {
                return Err(ShapeError::Name { table: name }.into());
            }
            names.push(name);
            if let Some((what, degree)) = symbolic.excessive_degrees().into_iter().next() {
                let table = name;
                return Err(ShapeError::Degree {
                    table,
                    what,
                    degree,
                }
                .into());
            }
            plans.push(
                BusPlan::of(symbolic).map_err(|(message, degree)| ShapeError::Degree {
                    table: name,
                    what: format!("message {message}"),
                    degree,
                })?,
            );
            for interaction in &symbolic.collected.interactions {
                check_tag(&mut tags, name, &interaction.message)?;
            }
        }
        let (public, public_graph) = public_graph(system);
        for interaction in &public {
            check_tag(&mut tags, "public values", &interaction.message)?;
        }
        let widths: Vec<_> = system
            .tables
            .iter()
            .map(|table| (table.fixed_names().len(), table.column_names().len()))
            .collect();
        let next_columns = tables.iter().map(next_columns).collect();
        let layout = Layout::new(shape, &widths, &plans, next_columns);
        let payloads = public.iter().map(|i| i.message.payload.len());
        let longest_payload = plans
            .iter()
            .map(|plan| plan.longest_payload)
            .chain(payloads)
            .max()
            .unwrap_or(0);
        Ok(Self {
            digest: digest_of(system, shape, &tables, &public, &public_graph),
            shape: shape.clone(),
            layout,
            plans,
            constraint_counts: tables
                .iter()
                .map(|table| table.collected.constraints.len())
                .collect(),
            public_count: system.public.count(),
            longest_payload,
            public_messages: public.len(),
            fri_params: shape.fri_params(),
        })
    }

    /// What the transcript starts with: digest, FRI parameters, number of public values.
    pub fn statement(&self) -> Vec<Felt> {
        let mut elements = self.digest.elements.to_vec();
        elements.extend(self.shape.fri_elements());
        elements.push(Felt::from_canonical_usize(self.public_count));
        elements
    }

    /// Table `index`'s equation at `zeta` as a graph.
    pub fn graph(&self, system: &System, index: usize) -> TableGraph {
        TableGraph::of(
            system.tables[index].as_ref(),
            &self.layout.tables[index],
            &self.plans[index],
        )
    }

    /// The generator of the rows of `class`: the next row's point is `g zeta`.
    pub fn generator(&self, class: usize) -> Felt {
        Felt::primitive_root_of_unity(self.layout.classes[class].log_height)
    }

    /// What FRI is asked about each class.
    pub fn instances(&self, zeta: Challenge) -> Vec<FriInstanceInfo<Felt, CHALLENGE_DEGREE>> {
        (0..self.layout.classes.len())
            .map(|class| {
                let next = zeta * Challenge::from(self.generator(class));
                let batches = self.layout.batches(class).into_iter();
                FriInstanceInfo {
                    oracles: self.layout.oracles(class),
                    batches: batches
                        .map(|batch| FriBatchInfo {
                            point: if batch.next { next } else { zeta },
                            polynomials: batch.polynomials,
                        })
                        .collect(),
                }
            })
            .collect()
    }

    /// The opened values as FRI is told them.
    pub fn fri_openings(
        &self,
        openings: &[TableOpenings<Challenge>],
    ) -> Vec<FriOpenings<Felt, CHALLENGE_DEGREE>> {
        (0..self.layout.classes.len())
            .map(|class| FriOpenings {
                batches: self
                    .layout
                    .batch_values(class, openings)
                    .into_iter()
                    .map(|values| FriOpeningBatch { values })
                    .collect(),
            })
            .collect()
    }

    /// The bus challenges with all the powers that any message needs.
    pub fn bus_challenges(&self, beta: Challenge, gamma: Challenge) -> BusChallenges<Challenge> {
        BusChallenges::new(Challenge::ONE, beta, gamma, self.longest_payload)
    }
}

/// The element `X` of F_p^2, whose square is 7.
pub fn basis() -> Challenge {
    debug_assert_eq!(<Felt as Extendable<2>>::W, Felt::from_canonical_u64(7));
    QuadraticExtension([Felt::ZERO, Felt::ONE])
}

/// The public values' messages as a graph, whose inputs `Variable::Outside(i)` are the public values.
pub fn public_graph(system: &System) -> (Vec<Interaction<Node>>, Graph) {
    Graph::build(|| {
        let public: Vec<Node> = (0..system.public.count())
            .map(|index| Node::variable(Variable::Outside(index)))
            .collect();
        system.public.interactions_symbolic(&public)
    })
}

fn check_tag(
    tags: &mut HashMap<u32, (&'static str, usize)>,
    table: &'static str,
    message: &Message<Node>,
) -> Result<(), ShapeError> {
    let tag = message.tag;
    let known = *tags.entry(tag.id).or_insert((tag.name, tag.length));
    if known == (tag.name, tag.length) && message.payload.len() == tag.length {
        Ok(())
    } else {
        Err(ShapeError::Tag {
            table,
            tag: tag.name,
            id: tag.id,
        })
    }
}

/// Main columns whose next row the table's constraints or messages look at, ascending.
fn next_columns(table: &SymbolicTable) -> Vec<usize> {
    let operations = &table.graph.operations;
    let mut used = vec![false; operations.len()];
    for (_, node) in &table.collected.constraints {
        used[node.index()] = true;
    }
    for interaction in &table.collected.interactions {
        used[interaction.multiplicity.index()] = true;
        for node in &interaction.message.payload {
            used[node.index()] = true;
        }
    }
    let mut columns = Vec::new();
    // Operands come before their node, so one pass from the end reaches everything.
    for (index, operation) in operations.iter().enumerate().rev() {
        if !used[index] {
            continue;
        }
        match *operation {
            Operation::Add(a, b) | Operation::Sub(a, b) | Operation::Mul(a, b) => {
                used[a.index()] = true;
                used[b.index()] = true;
            }
            Operation::Neg(a) => used[a.index()] = true,
            Operation::Variable(Variable::Next(column)) => columns.push(column),
            Operation::Variable(_) | Operation::Constant(_) => {}
        }
    }
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// Poseidon hash of everything that prover and verifier must agree on: protocol version, per table its name, widths, height, the
/// graph of its constraints and messages with their labels and kinds; the graph of the public values' messages; FRI
/// parameters. The fixed columns are bound by their cap.
///
/// # Errors
/// When the shape does not fit the system.
pub fn digest(system: &System, shape: &Shape) -> Result<Digest, Error> {
    Ok(Protocol::new(system, shape)?.digest)
}

fn digest_of(
    system: &System,
    shape: &Shape,
    tables: &[SymbolicTable],
    public: &[Interaction<Node>],
    public_graph: &Graph,
) -> HashOut<Felt> {
    let mut elements = Elements(Vec::new());
    elements.number(PROTOCOL_VERSION);
    elements.count(tables.len());
    for ((table, symbolic), log_height) in system.tables.iter().zip(tables).zip(shape.log_heights())
    {
        elements.text(table.name());
        elements.count(table.column_names().len());
        elements.count(table.fixed_names().len());
        elements.count(log_height);
        elements.graph(&symbolic.graph);
        elements.count(symbolic.collected.constraints.len());
        for (label, node) in &symbolic.collected.constraints {
            elements.text(label);
            elements.count(node.index());
        }
        elements.interactions(&symbolic.collected.interactions);
    }
    elements.count(system.public.count());
    elements.graph(public_graph);
    elements.interactions(public);
    elements.0.extend(shape.fri_elements());
    // Every part is preceded by its length, so no two descriptions give the same elements; the total length in front does the
    // same for the hash, which does not pad.
    let mut all = Elements(Vec::with_capacity(elements.0.len() + 1));
    all.count(elements.0.len());
    all.0.extend(elements.0);
    Hasher::hash_no_pad(&all.0)
}

/// A description as field elements.
struct Elements(Vec<Felt>);

impl Elements {
    fn number(&mut self, value: u64) {
        self.0.push(Felt::from_noncanonical_u64(value));
    }

    fn count(&mut self, value: usize) {
        self.0.push(Felt::from_canonical_usize(value));
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        for chunk in text.as_bytes().chunks(7) {
            let value = chunk
                .iter()
                .fold(0, |value, &byte| value << 8 | u64::from(byte));
            self.number(value);
        }
    }

    fn graph(&mut self, graph: &Graph) {
        self.count(graph.operations.len());
        for operation in &graph.operations {
            let (kind, first, second) = match *operation {
                Operation::Variable(variable) => {
                    let (kind, index) = match variable {
                        Variable::Local(index) => (0, index),
                        Variable::Next(index) => (1, index),
                        Variable::Fixed(index) => (2, index),
                        Variable::First => (3, 0),
                        Variable::Last => (4, 0),
                        Variable::Transition => (5, 0),
                        Variable::Outside(index) => (6, index),
                    };
                    (0, kind, index)
                }
                Operation::Constant(value) => {
                    self.count(1);
                    self.0.push(value);
                    continue;
                }
                Operation::Add(a, b) => (2, a.index(), b.index()),
                Operation::Sub(a, b) => (3, a.index(), b.index()),
                Operation::Mul(a, b) => (4, a.index(), b.index()),
                Operation::Neg(a) => (5, a.index(), 0),
            };
            // The kind tells how many elements follow.
            self.count(kind);
            self.count(first);
            self.count(second);
        }
    }

    fn interactions(&mut self, interactions: &[Interaction<Node>]) {
        self.count(interactions.len());
        for interaction in interactions {
            let tag = interaction.message.tag;
            self.number(u64::from(tag.id));
            self.text(tag.name);
            self.count(interaction.message.payload.len());
            for node in &interaction.message.payload {
                self.count(node.index());
            }
            self.count(interaction.multiplicity.index());
        }
    }
}
