//! Derivatives of what a table says of a row, by going backwards through its graph.

use plonky2::field::types::Field;

use crate::builder::Row;
use crate::field::Felt;
use crate::message::Tag;
use crate::symbolic::{Node, Operation, SymbolicTable, Variable};
use crate::table::AnyTable;

/// A cell that a row's constraints look at: the column, and whether it is the next row's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub column: usize,
    pub next: bool,
}

/// The derivative of one expression: cells with non-zero factors, each once.
pub(super) type Gradient = Vec<(Seen, Felt)>;

/// An expression of a row at its witness.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub value: Felt,
    pub gradient: Gradient,
}

/// One message of a row.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub tag: Tag,
    pub multiplicity: Value,
    pub payload: Vec<Value>,
}

/// Everything that a table says of one row.
#[derive(Clone, Debug)]
pub(super) struct Differentiated {
    pub constraints: Vec<(&'static str, Value)>,
    pub said: Vec<Said>,
}

/// A table's graph, and for each root the nodes that it depends on.
pub(super) struct Differentiator {
    symbolic: SymbolicTable,
    cones: Vec<Vec<usize>>,
    values: Vec<Felt>,
    adjoints: Vec<Felt>,
}

impl Differentiator {
    pub fn of(table: &dyn AnyTable) -> Self {
        let symbolic = SymbolicTable::of(table);
        let count = symbolic.graph.operations.len();
        let mut stamps = vec![usize::MAX; count];
        let roots = roots_of(&symbolic);
        let cones = roots.iter().enumerate();
        let cones = cones.map(|(stamp, root)| cone(&symbolic, *root, stamp, &mut stamps));
        Self {
            cones: cones.collect(),
            values: Vec::with_capacity(count),
            adjoints: vec![Felt::ZERO; count],
            symbolic,
        }
    }

    /// Values and derivatives of everything that the table says of `row`.
    pub fn differentiate(&mut self, row: Row<'_, Felt>) -> Differentiated {
        self.evaluate(row);
        let labels = labels_of(&self.symbolic);
        let kinds = kinds_of(&self.symbolic);
        let mut next_root = 0;
        let mut values = |count: usize| -> Vec<Value> {
            let first = next_root;
            next_root += count;
            (first..next_root).map(|root| self.value(root)).collect()
        };
        let of_constraints = values(labels.len());
        let said = kinds.into_iter().map(|tag| {
            let mut all = values(1 + tag.length).into_iter();
            // One root is always there: that of the multiplicity.
            let multiplicity = all.next().expect("a multiplicity");
            Said {
                tag,
                multiplicity,
                payload: all.collect(),
            }
        });
        Differentiated {
            said: said.collect(),
            constraints: labels.into_iter().zip(of_constraints).collect(),
        }
    }

    fn evaluate(&mut self, row: Row<'_, Felt>) {
        let values = &mut self.values;
        values.clear();
        for operation in &self.symbolic.graph.operations {
            let value = match *operation {
                Operation::Variable(Variable::Local(column)) => row.local[column],
                Operation::Variable(Variable::Next(column)) => row.next[column],
                Operation::Variable(Variable::Fixed(column)) => row.fixed[column],
                Operation::Variable(Variable::First) => row.first,
                Operation::Variable(Variable::Last) => row.last,
                Operation::Variable(Variable::Transition) => row.transition,
                // Tables have no such inputs.
                Operation::Variable(Variable::Outside(_)) => Felt::ZERO,
                Operation::Constant(value) => value,
                Operation::Add(a, b) => values[a.index()] + values[b.index()],
                Operation::Sub(a, b) => values[a.index()] - values[b.index()],
                Operation::Mul(a, b) => values[a.index()] * values[b.index()],
                Operation::Neg(a) => -values[a.index()],
            };
            values.push(value);
        }
    }

    /// The root with this number, and its derivative.
    fn value(&mut self, root: usize) -> Value {
        let cone = &self.cones[root];
        let (values, adjoints) = (&self.values, &mut self.adjoints);
        let mut gradient = Vec::new();
        // The root is the first node of its cone.
        adjoints[cone[0]] = Felt::ONE;
        for &node in cone {
            let adjoint = core::mem::take(&mut adjoints[node]);
            if adjoint == Felt::ZERO {
                continue;
            }
            match self.symbolic.graph.operations[node] {
                Operation::Variable(Variable::Local(column)) => {
                    gradient.push((
                        Seen {
                            column,
                            next: false,
                        },
                        adjoint,
                    ));
                }
                Operation::Variable(Variable::Next(column)) => {
                    gradient.push((Seen { column, next: true }, adjoint));
                }
                Operation::Variable(_) | Operation::Constant(_) => {}
                Operation::Add(a, b) => {
                    adjoints[a.index()] += adjoint;
                    adjoints[b.index()] += adjoint;
                }
                Operation::Sub(a, b) => {
                    adjoints[a.index()] += adjoint;
                    adjoints[b.index()] -= adjoint;
                }
                Operation::Mul(a, b) => {
                    adjoints[a.index()] += adjoint * values[b.index()];
                    adjoints[b.index()] += adjoint * values[a.index()];
                }
                Operation::Neg(a) => adjoints[a.index()] -= adjoint,
            }
        }
        Value {
            value: values[cone[0]],
            gradient,
        }
    }
}

fn labels_of(symbolic: &SymbolicTable) -> Vec<&'static str> {
    let constraints = symbolic.collected.constraints.iter();
    constraints.map(|(label, _)| *label).collect()
}

fn kinds_of(symbolic: &SymbolicTable) -> Vec<Tag> {
    let said = symbolic.collected.interactions.iter();
    said.map(|said| said.message.tag).collect()
}

/// The constraints, then of each message its multiplicity and its payload.
fn roots_of(symbolic: &SymbolicTable) -> Vec<Node> {
    let collected = &symbolic.collected;
    let constraints = collected.constraints.iter().map(|(_, node)| *node);
    let said = collected.interactions.iter().flat_map(|said| {
        let payload = said.message.payload.iter().copied();
        core::iter::once(said.multiplicity).chain(payload)
    });
    constraints.chain(said).collect()
}

/// The nodes that `root` depends on, itself first and operands after what is made of them.
fn cone(symbolic: &SymbolicTable, root: Node, stamp: usize, stamps: &mut [usize]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut open = vec![root.index()];
    while let Some(node) = open.pop() {
        if core::mem::replace(&mut stamps[node], stamp) == stamp {
            continue;
        }
        found.push(node);
        match symbolic.graph.operations[node] {
            Operation::Variable(_) | Operation::Constant(_) => {}
            Operation::Add(a, b) | Operation::Sub(a, b) | Operation::Mul(a, b) => {
                open.extend([a.index(), b.index()]);
            }
            Operation::Neg(a) => open.push(a.index()),
        }
    }
    // Operands have lower numbers.
    found.sort_unstable_by(|a, b| b.cmp(a));
    found
}
