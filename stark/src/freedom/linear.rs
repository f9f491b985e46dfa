//! Homogeneous linear equations over the field: which variables they leave free.

use std::collections::BTreeMap;

use plonky2::field::types::Field;

use crate::field::Felt;

/// A sum of variables with non-zero factors, each variable once.
pub(super) type Sum = Vec<(usize, Felt)>;

/// What a system of equations leaves free.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Solutions {
    /// Variables that can be chosen at will.
    pub free: Vec<usize>,
    /// What follows for others: variables that some free one moves, as sums of free ones.
    pub following: BTreeMap<usize, Sum>,
}

/// Solves `equations`, each a sum that must be zero, over `count` variables.
pub(super) fn solve(count: usize, mut equations: Vec<Sum>) -> Solutions {
    let zero = pin(count, &mut equations);
    equations.retain(|sum| !sum.is_empty());
    // Short ones first: they make others short.
    equations.sort_by_key(Vec::len);
    let mut pivots: BTreeMap<usize, Sum> = BTreeMap::new();
    for equation in equations {
        // Sums of lower variables are put in for higher ones.
        let mut rest: BTreeMap<usize, Felt> = equation.into_iter().collect();
        let mut kept: Sum = Vec::new();
        while let Some((variable, factor)) = rest.pop_last() {
            match pivots.get(&variable) {
                Some(sum) => add(&mut rest, sum, factor),
                None => kept.push((variable, factor)),
            }
        }
        if let Some(((variable, factor), lower)) = kept.split_first() {
            let scale = -factor.inverse();
            let sum = lower.iter().map(|(other, f)| (*other, *f * scale));
            pivots.insert(*variable, sum.collect());
        }
    }
    let mut following: BTreeMap<usize, Sum> = BTreeMap::new();
    for (variable, sum) in &pivots {
        let mut reduced = BTreeMap::new();
        for (other, factor) in sum {
            match following.get(other) {
                Some(sum) => add(&mut reduced, sum, *factor),
                None if pivots.contains_key(other) => {}
                None => add(&mut reduced, &[(*other, Felt::ONE)], *factor),
            }
        }
        if !reduced.is_empty() {
            following.insert(*variable, reduced.into_iter().collect());
        }
    }
    let is_free = |variable: &usize| !zero[*variable] && !pivots.contains_key(variable);
    Solutions {
        free: (0..count).filter(is_free).collect(),
        following,
    }
}

/// Adds `factor * sum`.
fn add(target: &mut BTreeMap<usize, Felt>, sum: &[(usize, Felt)], factor: Felt) {
    for (variable, value) in sum {
        let entry = target.entry(*variable).or_insert(Felt::ZERO);
        *entry += factor * *value;
        if *entry == Felt::ZERO {
            target.remove(variable);
        }
    }
}

/// Finds the variables that are zero because an equation has no other that is not, again and again, and takes them out.
fn pin(count: usize, equations: &mut [Sum]) -> Vec<bool> {
    let mut zero = vec![false; count];
    let mut holding: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut left: Vec<usize> = equations.iter().map(Vec::len).collect();
    for (index, sum) in equations.iter().enumerate() {
        for (variable, _) in sum {
            holding[*variable].push(index);
        }
    }
    let mut open: Vec<usize> = (0..equations.len()).filter(|i| left[*i] == 1).collect();
    while let Some(index) = open.pop() {
        let pinned = equations[index].iter().find(|(v, _)| !zero[*v]);
        let Some(&(variable, _)) = pinned else {
            continue;
        };
        zero[variable] = true;
        for &other in &holding[variable] {
            left[other] -= 1;
            if left[other] == 1 {
                open.push(other);
            }
        }
    }
    for sum in equations {
        sum.retain(|(variable, _)| !zero[*variable]);
    }
    zero
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(terms: &[(usize, i64)]) -> Sum {
        let terms = terms.iter();
        let felt = |value: i64| match value < 0 {
            true => -Felt::from_canonical_u64(value.unsigned_abs()),
            false => Felt::from_canonical_u64(value.unsigned_abs()),
        };
        terms.map(|(v, f)| (*v, felt(*f))).collect()
    }

    #[test]
    fn what_is_determined_is_not_free() {
        // x = 0; x + y = 0; so both are zero, and z = u stays.
        let equations = vec![
            sum(&[(0, 1), (1, 1)]),
            sum(&[(0, 5)]),
            sum(&[(2, 1), (3, -1)]),
        ];
        let found = solve(4, equations);
        assert_eq!(found.free, [2]);
        assert_eq!(found.following, BTreeMap::from([(3, sum(&[(2, 1)]))]));
    }

    #[test]
    fn dependent_equations_leave_one_variable() {
        // Three equations of three variables, of which the last is the sum of the others.
        let equations = vec![
            sum(&[(0, 1), (1, 1), (2, 1)]),
            sum(&[(0, 1), (1, 2), (2, 3)]),
            sum(&[(0, 2), (1, 3), (2, 4)]),
        ];
        let found = solve(3, equations.clone());
        assert_eq!(found.free, [0]);
        let expected = [(1, sum(&[(0, -2)])), (2, sum(&[(0, 1)]))];
        assert_eq!(found.following, BTreeMap::from(expected));
        let mut independent = equations;
        independent[2] = sum(&[(0, 2), (1, 3), (2, 5)]);
        assert_eq!(solve(3, independent), Solutions::default());
    }

    #[test]
    fn variables_without_an_equation_are_free() {
        assert_eq!(solve(2, vec![]).free, [0, 1]);
    }
}
