//! Constraints as a graph: for degrees, for the recursion circuit, for the digest of a shape.

use core::cell::RefCell;
use core::iter::{Product, Sum};
use core::ops::{Add, Mul, Neg, Sub};

use plonky2::field::types::Field;

use crate::builder::Row;
use crate::expression::Expression;
use crate::field::Felt;
use crate::table::{AnyTable, Collected};

/// An input of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variable {
    /// A main column of the row.
    Local(usize),
    /// A main column of the next row.
    Next(usize),
    /// A fixed column of the row.
    Fixed(usize),
    /// The first-row selector.
    First,
    /// The last-row selector.
    Last,
    /// The transition selector.
    Transition,
    /// A value from outside of the rows (public values, challenges, auxiliary columns).
    Outside(usize),
}

/// How a node comes about. Operands come before their node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// An input.
    Variable(Variable),
    /// A constant.
    Constant(Felt),
    /// A sum.
    Add(Node, Node),
    /// A difference.
    Sub(Node, Node),
    /// A product.
    Mul(Node, Node),
    /// A negation.
    Neg(Node),
}

/// A node of the graph that is being built on this thread: see [`Graph::build`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node(u32);

impl Node {
    /// Position of the node in [`Graph::operations`].
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The input `variable`.
    pub fn variable(variable: Variable) -> Self {
        push(Operation::Variable(variable))
    }
}

thread_local! {
    static OPERATIONS: RefCell<Vec<Operation>> = const { RefCell::new(Vec::new()) };
}

fn push(operation: Operation) -> Node {
    OPERATIONS.with_borrow_mut(|operations| {
        let index = u32::try_from(operations.len()).expect("fewer than 2^32 nodes");
        operations.push(operation);
        Node(index)
    })
}

fn constant_of(node: Node) -> Option<Felt> {
    OPERATIONS.with_borrow(|operations| match operations.get(node.index()) {
        Some(Operation::Constant(value)) => Some(*value),
        _ => None,
    })
}

impl Add for Node {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        match (constant_of(self), constant_of(other)) {
            (Some(a), Some(b)) => Self::constant(a + b),
            (Some(k), None) if k == Felt::ZERO => other,
            (None, Some(k)) if k == Felt::ZERO => self,
            _ => push(Operation::Add(self, other)),
        }
    }
}

impl Sub for Node {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        match (constant_of(self), constant_of(other)) {
            (Some(a), Some(b)) => Self::constant(a - b),
            (None, Some(k)) if k == Felt::ZERO => self,
            _ => push(Operation::Sub(self, other)),
        }
    }
}

impl Mul for Node {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        match (constant_of(self), constant_of(other)) {
            (Some(a), Some(b)) => Self::constant(a * b),
            (Some(k), None) if k == Felt::ZERO => self,
            (None, Some(k)) if k == Felt::ZERO => other,
            (Some(k), None) if k == Felt::ONE => other,
            (None, Some(k)) if k == Felt::ONE => self,
            _ => push(Operation::Mul(self, other)),
        }
    }
}

impl Neg for Node {
    type Output = Self;
    fn neg(self) -> Self {
        match constant_of(self) {
            Some(value) => Self::constant(-value),
            None => push(Operation::Neg(self)),
        }
    }
}

impl Sum for Node {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.reduce(|a, b| a + b).unwrap_or_else(Self::zero)
    }
}

impl Product for Node {
    fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.reduce(|a, b| a * b).unwrap_or_else(Self::one)
    }
}

impl Expression for Node {
    fn constant(value: Felt) -> Self {
        push(Operation::Constant(value))
    }
}

/// A finished graph.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All nodes; operands before results.
    pub operations: Vec<Operation>,
}

impl Graph {
    /// Runs `body`, which computes with [`Node`]s, and returns its result with the graph of all nodes that it made.
    ///
    /// Nodes are meaningful only together with the graph of the call that made them. Calls do not nest.
    pub fn build<R>(body: impl FnOnce() -> R) -> (R, Self) {
        OPERATIONS.with_borrow_mut(Vec::clear);
        let result = body();
        let operations = OPERATIONS.with_borrow_mut(core::mem::take);
        (result, Self { operations })
    }

    /// The degree of every node in the row's columns.
    pub fn degrees(&self) -> Vec<usize> {
        let mut degrees: Vec<usize> = Vec::with_capacity(self.operations.len());
        for operation in &self.operations {
            let degree = match operation {
                Operation::Variable(Variable::Outside(_)) | Operation::Constant(_) => 0,
                Operation::Variable(_) => 1,
                Operation::Add(a, b) | Operation::Sub(a, b) => {
                    degrees[a.index()].max(degrees[b.index()])
                }
                Operation::Mul(a, b) => degrees[a.index()] + degrees[b.index()],
                Operation::Neg(a) => degrees[a.index()],
            };
            degrees.push(degree);
        }
        degrees
    }
}

/// A table's constraints and interactions as a graph.
#[derive(Clone, Debug)]
pub struct SymbolicTable {
    /// The graph.
    pub graph: Graph,
    /// Its roots.
    pub collected: Collected<Node>,
}

impl SymbolicTable {
    /// Evaluates `table` once, symbolically.
    pub fn of(table: &dyn AnyTable) -> Self {
        let width = table.column_names().len();
        let fixed_width = table.fixed_names().len();
        let (collected, graph) = Graph::build(|| {
            let variables = |count: usize, kind: fn(usize) -> Variable| -> Vec<Node> {
                (0..count).map(|i| Node::variable(kind(i))).collect()
            };
            let local = variables(width, Variable::Local);
            let next = variables(width, Variable::Next);
            let fixed = variables(fixed_width, Variable::Fixed);
            let mut collected = Collected::default();
            table.eval_symbolic(
                Row {
                    local: &local,
                    next: &next,
                    fixed: &fixed,
                    first: Node::variable(Variable::First),
                    last: Node::variable(Variable::Last),
                    transition: Node::variable(Variable::Transition),
                },
                &mut collected,
            );
            collected
        });
        Self { graph, collected }
    }

    /// Labels of constraints, and names of messages, whose degree is above what the prover supports.
    pub fn excessive_degrees(&self) -> Vec<(String, usize)> {
        let degrees = self.graph.degrees();
        let mut excessive = Vec::new();
        for (label, node) in &self.collected.constraints {
            let degree = degrees[node.index()];
            if degree > MAX_CONSTRAINT_DEGREE {
                excessive.push(((*label).to_owned(), degree));
            }
        }
        for interaction in &self.collected.interactions {
            let payload = interaction.message.payload.iter();
            let degree = payload.map(|x| degrees[x.index()]).max().unwrap_or(0);
            let multiplicity = degrees[interaction.multiplicity.index()];
            if degree > 2 || multiplicity > 2 {
                let name = format!("message {}", interaction.message.tag.name);
                excessive.push((name, degree.max(multiplicity)));
            }
        }
        excessive
    }
}

/// The highest degree of a constraint: its quotient then fits two chunks of the trace's length.
pub const MAX_CONSTRAINT_DEGREE: usize = 3;
