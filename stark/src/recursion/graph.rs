//! Graphs of expressions as gates.

use plonky2::field::types::Field;

use super::{Builder, ChallengeTarget};
use crate::field::{Challenge, Felt};
use crate::symbolic::{Graph, Node, Operation, Variable};

/// Computes `roots` of `graph` in a circuit whose inputs `input` gives.
///
/// Nodes that no root needs cost nothing, and every other node is computed once. A product that only one sum or difference
/// uses is computed together with it, since a gate's operation is `c0 * x * y + c1 * z`.
pub(super) fn evaluate(
    builder: &mut Builder,
    graph: &Graph,
    roots: &[Node],
    mut input: impl FnMut(&mut Builder, Variable) -> ChallengeTarget,
) -> Vec<ChallengeTarget> {
    let operations = &graph.operations;
    let uses = count_uses(operations, roots);
    let fused = fused_products(operations, &uses);
    let zero = builder.zero_extension();
    let mut values = vec![zero; operations.len()];
    for (index, operation) in operations.iter().enumerate() {
        if uses[index] == 0 || fused[index] {
            continue;
        }
        let value_of = |node: Node| values[node.index()];
        let product_of = |node: Node| match operations[node.index()] {
            Operation::Mul(x, y) if fused[node.index()] => Some((value_of(x), value_of(y))),
            _ => None,
        };
        values[index] = match *operation {
            Operation::Variable(variable) => input(builder, variable),
            Operation::Constant(value) => builder.constant_extension(Challenge::from(value)),
            Operation::Add(a, b) => match (product_of(a), product_of(b)) {
                (Some((x, y)), _) => builder.mul_add_extension(x, y, value_of(b)),
                (None, Some((x, y))) => builder.mul_add_extension(x, y, value_of(a)),
                (None, None) => builder.add_extension(value_of(a), value_of(b)),
            },
            Operation::Sub(a, b) => match (product_of(a), product_of(b)) {
                (Some((x, y)), _) => builder.mul_sub_extension(x, y, value_of(b)),
                (None, Some((x, y))) => {
                    builder.arithmetic_extension(Felt::NEG_ONE, Felt::ONE, x, y, value_of(a))
                }
                (None, None) => builder.sub_extension(value_of(a), value_of(b)),
            },
            Operation::Mul(a, b) => builder.mul_extension(value_of(a), value_of(b)),
            Operation::Neg(a) => builder.mul_const_extension(Felt::NEG_ONE, value_of(a)),
        };
    }
    roots.iter().map(|root| values[root.index()]).collect()
}

/// How often each node is an operand of a node that the roots need, or a root.
fn count_uses(operations: &[Operation], roots: &[Node]) -> Vec<usize> {
    let mut uses = vec![0; operations.len()];
    for root in roots {
        // Twice, so that a root is never merged into another node.
        uses[root.index()] += 2;
    }
    // Operands come before their node, so one pass from the end reaches everything.
    for (index, operation) in operations.iter().enumerate().rev() {
        if uses[index] == 0 {
            continue;
        }
        match *operation {
            Operation::Add(a, b) | Operation::Sub(a, b) | Operation::Mul(a, b) => {
                uses[a.index()] += 1;
                uses[b.index()] += 1;
            }
            Operation::Neg(a) => uses[a.index()] += 1,
            Operation::Variable(_) | Operation::Constant(_) => {}
        }
    }
    uses
}

/// Products that are computed together with the one sum or difference that uses them: at most one of each.
fn fused_products(operations: &[Operation], uses: &[usize]) -> Vec<bool> {
    let mut fused = vec![false; operations.len()];
    let alone = |node: Node| {
        matches!(operations[node.index()], Operation::Mul(..)) && uses[node.index()] == 1
    };
    for (index, operation) in operations.iter().enumerate() {
        let (Operation::Add(a, b) | Operation::Sub(a, b)) = *operation else {
            continue;
        };
        if uses[index] == 0 {
            continue;
        }
        if alone(a) {
            fused[a.index()] = true;
        } else if alone(b) {
            fused[b.index()] = true;
        }
    }
    fused
}
