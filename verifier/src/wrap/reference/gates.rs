//! The constraints of the gates, as the page lists them.

use plonky2::field::types::Field;
use plonky2::hash::poseidon::Poseidon;

use super::{K, base, root_of_unity};
use crate::config::F;

/// An element of `K[Y]/(Y^2 - 7)`.
#[derive(Clone, Copy)]
struct Pair(K, K);

impl Pair {
    fn times(self, other: Self) -> Self {
        Self(
            self.0 * other.0 + base(7) * self.1 * other.1,
            self.0 * other.1 + self.1 * other.0,
        )
    }
    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
    fn minus(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }
    fn scaled(self, by: K) -> Self {
        Self(self.0 * by, self.1 * by)
    }
}

fn flat(pairs: Vec<Pair>) -> Vec<K> {
    pairs
        .into_iter()
        .flat_map(|pair| [pair.0, pair.1])
        .collect()
}

/// The rest of a permutation's half: S-boxes' inputs from wire `next` on.
struct Half<'a> {
    w: &'a [K],
    next: usize,
    state: [K; 12],
    out: Vec<K>,
}

impl Half<'_> {
    fn full(&mut self, round: usize, stored: bool) {
        F::constant_layer_field::<K, 2>(&mut self.state, round);
        for i in 0..12 {
            if stored {
                self.store(i);
            }
        }
        for value in &mut self.state {
            *value = value.exp_u64(7);
        }
        self.state = F::mds_layer_field::<K, 2>(&self.state);
    }
    fn store(&mut self, i: usize) {
        self.out.push(self.state[i] - self.w[self.next]);
        self.state[i] = self.w[self.next];
        self.next += 1;
    }
    fn partial(&mut self, round: usize, stored: bool) {
        if stored {
            self.store(0);
        }
        self.state[0] = self.state[0].exp_u64(7);
        if round < 21 {
            self.state[0] += base(F::FAST_PARTIAL_ROUND_CONSTANTS[round]);
        }
        self.state = F::mds_partial_layer_fast_field::<K, 2>(&self.state, round);
    }
    fn end(mut self) -> Vec<K> {
        for i in 0..12 {
            self.out.push(self.state[i] - self.w[12 + i]);
        }
        self.out
    }
}

/// The constraints of gate number `gate`.
pub(super) fn gate(gate: usize, w: &[K], c: &[K], digest: &[K]) -> Vec<K> {
    let one = K::ONE;
    let e = |i: usize| Pair(w[i], w[i + 1]);
    match gate {
        0 => vec![],
        1 => (0..3).map(|i| c[i] - w[i]).collect(),
        2 => (0..4).map(|i| w[i] - digest[i]).collect(),
        3 => vec![w[0] - w[79]],
        4 => {
            let sum: K = (0..39).map(|i| w[1 + i] * base(1 << i)).sum();
            let bits = (1..40).map(|i| w[i] * (w[i] - one));
            std::iter::once(sum - w[0]).chain(bits).collect()
        }
        5 | 6 => {
            let (count, start) = if gate == 5 { (17, 40) } else { (25, 31) };
            let mut acc = e(4);
            let mut out = vec![];
            for i in 0..count {
                let coefficient = if gate == 5 {
                    e(6 + 2 * i)
                } else {
                    Pair(w[6 + i], K::ZERO)
                };
                let next = if i == count - 1 {
                    e(0)
                } else {
                    e(start + 2 * i)
                };
                out.push(acc.times(e(2)).plus(coefficient).minus(next));
                acc = next;
            }
            flat(out)
        }
        7 => flat(
            (0..5)
                .map(|i| {
                    let product = e(8 * i).times(e(8 * i + 2)).scaled(c[0]);
                    e(8 * i + 6).minus(product.plus(e(8 * i + 4).scaled(c[1])))
                })
                .collect(),
        ),
        8 => (0..10)
            .map(|i| w[4 * i + 3] - (w[4 * i] * w[4 * i + 1] * c[0] + w[4 * i + 2] * c[1]))
            .collect(),
        9 => flat(
            (0..6)
                .map(|i| e(6 * i + 4).minus(e(6 * i).times(e(6 * i + 2)).scaled(c[0])))
                .collect(),
        ),
        10 => {
            let mut out = vec![];
            for i in 0..38 {
                let before = if i == 0 { one } else { w[39 + i] * w[39 + i] };
                let bit = w[38 - i];
                out.push(before * (bit * w[0] + one - bit) - w[40 + i]);
            }
            out.push(w[39] - w[77]);
            out
        }
        11 => {
            let mut out = vec![];
            for copy in 0..2 {
                let (list, bits) = (18 * copy, 39 + 4 * copy);
                for i in 0..4 {
                    out.push(w[bits + i] * (w[bits + i] - one));
                }
                let index: K = (0..4).map(|i| w[bits + i] * base(1 << i)).sum();
                out.push(index - w[list]);
                let mut items = w[list + 2..list + 18].to_vec();
                for i in 0..4 {
                    let bit = w[bits + i];
                    items = items
                        .chunks(2)
                        .map(|p| p[0] + bit * (p[1] - p[0]))
                        .collect();
                }
                out.push(items[0] - w[list + 1]);
            }
            out.extend((0..3).map(|i| c[i] - w[36 + i]));
            out
        }
        12 => {
            let mut out = vec![e(33).minus(e(45).scaled(w[0]))];
            let (mut value, mut product) = (Pair(K::ZERO, K::ZERO), Pair(one, K::ZERO));
            for i in 0..16usize {
                let x = K::from(root_of_unity(4).exp_u64(i as u64));
                let term = e(45).minus(Pair(x, K::ZERO));
                let weighted = e(1 + 2 * i).scaled(x * base(16).inverse());
                value = value.times(term).plus(weighted.times(product));
                product = product.times(term);
                if i == 5 || i == 10 {
                    let k = i / 5 - 1;
                    let (held_value, held_product) = (e(37 + 2 * k), e(41 + 2 * k));
                    out.push(held_value.minus(value));
                    out.push(held_product.minus(product));
                    (value, product) = (held_value, held_product);
                }
            }
            out.push(e(35).minus(value));
            flat(out)
        }
        13 => {
            let state = core::array::from_fn(|i| w[i]);
            let mut half = Half {
                w,
                next: 24,
                state,
                out: vec![],
            };
            for round in 14..22 {
                half.partial(round, round > 14);
            }
            for round in 26..30 {
                half.full(round, true);
            }
            half.end()
        }
        _ => {
            let swap = w[24];
            let mut state: [K; 12] = core::array::from_fn(|i| w[i]);
            let mut out = vec![swap * (swap - one)];
            for i in 0..4 {
                out.push(swap * (w[4 + i] - w[i]) - w[25 + i]);
                state[i] += w[25 + i];
                state[4 + i] -= w[25 + i];
            }
            let mut half = Half {
                w,
                next: 29,
                state,
                out,
            };
            for round in 0..4 {
                half.full(round, round > 0);
            }
            F::partial_first_constant_layer::<K, 2>(&mut half.state);
            half.state = F::mds_partial_layer_init::<K, 2>(&half.state);
            for round in 0..14 {
                half.partial(round, true);
            }
            half.end()
        }
    }
}
