//! What the verifier checks at `zeta`, written once for the native verifier and the circuit.
//!
//! For each table the equation is `C(zeta) = Z(zeta) Q(zeta)`, where `C` combines all constraints of the table and of the bus
//! with powers of `alpha`, `Z(x) = x^N - 1` vanishes on the rows, and `Q` is the quotient. `C`, `Q` are polynomials over F_p^2:
//! a value `low + high X` is opened as two base-field polynomials.

use plonky2::field::types::Field;

use crate::builder::Row;
use crate::bus::{self, BusChallenges, BusPlan, BusRow, Extended};
use crate::expression::Expression;
use crate::field::{Challenge, Felt};
use crate::layout::{Oracle, QUOTIENT_CHUNKS, TableLayout, TableOpenings};
use crate::symbolic::{Graph, Node, Variable};
use crate::table::{AnyTable, Collected};

/// What opened values are: `Challenge` in the verifier, `Node` in a graph.
pub trait AtPoint: Expression + Extended<Base = Self> {
    /// Evaluates the constraints of `table`.
    fn eval(table: &dyn AnyTable, row: Row<'_, Self>, out: &mut Collected<Self>);
}

impl AtPoint for Challenge {
    fn eval(table: &dyn AnyTable, row: Row<'_, Self>, out: &mut Collected<Self>) {
        table.eval_challenge(row, out);
    }
}

impl AtPoint for Node {
    fn eval(table: &dyn AnyTable, row: Row<'_, Self>, out: &mut Collected<Self>) {
        table.eval_symbolic(row, out);
    }
}

/// The row selectors at a point; on the rows themselves they are 1 or 0.
#[derive(Clone, Copy, Debug)]
pub struct Selectors<X> {
    /// 1 on the first row only.
    pub first: X,
    /// 1 on the last row only.
    pub last: X,
    /// 0 on the last row only.
    pub transition: X,
}

/// For the first and the last row: the row's point and its selector's factor. Selectors are Lagrange polynomials: the one of
/// row `i` is `g^i / N * (x^N - 1) / (x - g^i)`. The transition selector is 1 minus the last row's.
pub fn selector_constants(log_height: usize) -> [(Felt, Felt); 2] {
    let height = Felt::from_canonical_u64(1 << log_height);
    let last_point = Felt::primitive_root_of_unity(log_height).inverse();
    [Felt::ONE, last_point].map(|point| (point, point / height))
}

/// The selectors at `zeta`.
///
/// # Panics
/// If `zeta` is the first or the last row's point; a `zeta` outside of the base field never is.
pub fn selectors_at(
    log_height: usize,
    zeta: Challenge,
    zeta_power: Challenge,
) -> Selectors<Challenge> {
    let vanishing = zeta_power - Challenge::ONE;
    let [first, last] = selector_constants(log_height).map(|(point, factor)| {
        vanishing * Challenge::from(factor) / (zeta - Challenge::from(point))
    });
    Selectors {
        first,
        last,
        transition: Challenge::ONE - last,
    }
}

/// Everything that one table's equation at `zeta` is computed from.
#[derive(Clone, Debug)]
pub struct PointInputs<X> {
    /// The table's opened values.
    pub openings: TableOpenings<X>,
    /// The selectors at `zeta`.
    pub selectors: Selectors<X>,
    /// The element `X` of F_p^2, a square root of 7.
    pub basis: X,
    /// The constraint challenge.
    pub alpha: X,
    /// The bus challenges.
    pub bus: BusChallenges<X>,
    /// The table's bus sum divided by its height; unused if the table says nothing.
    pub share: X,
    /// `zeta^N`.
    pub zeta_power: X,
}

/// Constraints of one row combined with powers of `alpha` (Horner's rule: the first constraint has the highest power):
/// first those of the table in its order, then those of the bus.
pub fn combine<E: Extended>(
    collected: &Collected<E::Base>,
    plan: &BusPlan,
    challenges: &BusChallenges<E>,
    row: &BusRow<'_, E>,
    alpha: E,
) -> Option<E> {
    let own = collected.constraints.iter();
    let own = own.map(|(_, value)| E::from_base(*value));
    let bus = if plan.is_silent() {
        Vec::new()
    } else {
        bus::constraints(plan, challenges, &collected.interactions, row)
    };
    own.chain(bus).reduce(|sum, value| sum * alpha + value)
}

/// `C(zeta) - Z(zeta) Q(zeta)` for one table: zero if and only if its equation holds.
///
/// `inputs.openings` must have the lengths that `layout` gives.
pub fn defect<X: AtPoint>(
    table: &dyn AnyTable,
    layout: &TableLayout,
    plan: &BusPlan,
    inputs: &PointInputs<X>,
) -> X {
    let openings = &inputs.openings;
    // Columns that no constraint looks at on the next row are not opened there.
    let mut next = vec![X::zero(); layout.widths[Oracle::Main as usize]];
    for (&column, &value) in layout.next_columns.iter().zip(&openings.main_next) {
        next[column] = value;
    }
    let mut collected = Collected::default();
    let row = Row {
        local: &openings.main,
        next: &next,
        fixed: &openings.fixed,
        first: inputs.selectors.first,
        last: inputs.selectors.last,
        transition: inputs.selectors.transition,
    };
    X::eval(table, row, &mut collected);

    let join = |pair: &[X]| match *pair {
        [low, high] => low + inputs.basis * high,
        _ => X::zero(),
    };
    let auxiliary: Vec<X> = openings.auxiliary.chunks(2).map(join).collect();
    let (phi, helpers) = match auxiliary.split_last() {
        Some((&phi, helpers)) => (phi, helpers),
        None => (X::zero(), &[][..]),
    };
    let bus_row = BusRow {
        helpers,
        phi,
        phi_next: join(&openings.phi_next),
        share: inputs.share,
    };
    let combined = combine(&collected, plan, &inputs.bus, &bus_row, inputs.alpha);

    // Q = low + high X, each of low and high = chunk 0 + x^N chunk 1.
    let chunks = openings.quotient.chunks(QUOTIENT_CHUNKS);
    let parts: Vec<X> = chunks
        .map(|chunks| {
            let chunks = chunks.iter().rev().copied();
            let sum = chunks.reduce(|high, low| high * inputs.zeta_power + low);
            sum.unwrap_or_else(X::zero)
        })
        .collect();
    let vanishing = inputs.zeta_power - X::one();
    let quotient = vanishing * join(&parts);
    combined.map_or(-quotient, |combined| combined - quotient)
}

/// An input of [`TableGraph`] that is not a row's cell or selector: what `Variable::Outside` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutsideInput {
    /// [`TableOpenings::auxiliary`] at the position.
    Auxiliary(usize),
    /// [`TableOpenings::quotient`] at the position.
    Quotient(usize),
    /// [`TableOpenings::phi_next`] at the position.
    PhiNext(usize),
    /// [`PointInputs::basis`].
    Basis,
    /// [`PointInputs::alpha`].
    Alpha,
    /// [`BusChallenges::gamma`].
    Gamma,
    /// This power of `beta`, at least the first.
    BetaPower(usize),
    /// [`PointInputs::share`].
    Share,
    /// [`PointInputs::zeta_power`].
    ZetaPower,
}

/// [`defect`] of one table as a graph: what a circuit computes. All inputs are opened values or challenges in F_p^2.
///
/// `Variable::Local` and `Variable::Fixed` are opened main and fixed columns, `Variable::Next(c)` is the opening of the
/// next row's column `c`, which is one of [`TableLayout::next_columns`].
#[derive(Clone, Debug)]
pub struct TableGraph {
    /// The graph; not every node of it is used.
    pub graph: Graph,
    /// The node that must be zero.
    pub root: Node,
    /// What `Variable::Outside(i)` stands for, at position `i`.
    pub outside: Vec<OutsideInput>,
}

impl TableGraph {
    /// Evaluates [`defect`] symbolically.
    pub fn of(table: &dyn AnyTable, layout: &TableLayout, plan: &BusPlan) -> Self {
        let mut outside = Vec::new();
        let (root, graph) = Graph::build(|| {
            let mut input = |kind: OutsideInput| {
                outside.push(kind);
                Node::variable(Variable::Outside(outside.len() - 1))
            };
            let auxiliary = layout.widths[Oracle::Auxiliary as usize];
            let quotient = layout.widths[Oracle::Quotient as usize];
            let mut openings = TableOpenings {
                fixed: Vec::new(),
                main: Vec::new(),
                auxiliary: (0..auxiliary)
                    .map(|i| input(OutsideInput::Auxiliary(i)))
                    .collect(),
                quotient: (0..quotient)
                    .map(|i| input(OutsideInput::Quotient(i)))
                    .collect(),
                main_next: Vec::new(),
                phi_next: (0..layout.phi_columns().len())
                    .map(|i| input(OutsideInput::PhiNext(i)))
                    .collect(),
            };
            let basis = input(OutsideInput::Basis);
            let alpha = input(OutsideInput::Alpha);
            let gamma = input(OutsideInput::Gamma);
            let share = input(OutsideInput::Share);
            let zeta_power = input(OutsideInput::ZetaPower);
            let mut beta_powers = vec![Node::one()];
            beta_powers
                .extend((1..=plan.longest_payload).map(|i| input(OutsideInput::BetaPower(i))));

            let local = 0..layout.widths[Oracle::Main as usize];
            openings.main = local.map(|i| Node::variable(Variable::Local(i))).collect();
            let fixed = 0..layout.widths[Oracle::Fixed as usize];
            openings.fixed = fixed.map(|i| Node::variable(Variable::Fixed(i))).collect();
            let next = layout.next_columns.iter();
            openings.main_next = next.map(|&i| Node::variable(Variable::Next(i))).collect();
            let inputs = PointInputs {
                openings,
                selectors: Selectors {
                    first: Node::variable(Variable::First),
                    last: Node::variable(Variable::Last),
                    transition: Node::variable(Variable::Transition),
                },
                basis,
                alpha,
                bus: BusChallenges { beta_powers, gamma },
                share,
                zeta_power,
            };
            defect(table, layout, plan, &inputs)
        });
        Self {
            graph,
            root,
            outside,
        }
    }
}
