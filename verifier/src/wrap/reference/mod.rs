//! The verifier of `docs/on-chain.md`, written from that page alone for the pinned key: offsets, gates and queries by hand. It
//! shows that the page says what plonky2 does.

use alloy_primitives::keccak256;
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::types::{Field, Field64, PrimeField64};

use self::gates::gate;
use super::tests::{Chain, sample};
use super::{WrapKey, WrappedProof, bound_limbs};
use crate::config::F;

mod gates;

type K = QuadraticExtension<F>;

fn base(value: u64) -> K {
    F::from_canonical_u64(value).into()
}

fn root_of_unity(bits: u32) -> F {
    let w_32 = F::from_canonical_u64(7277203076849721926);
    w_32.exp_power_of_2(32 - bits as usize)
}

const GENERATOR: u64 = 14293326489335486720;

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn word(&self, at: usize) -> F {
        let word = u64::from_be_bytes(self.0[at..at + 8].try_into().unwrap());
        assert!(word < F::ORDER);
        F::from_canonical_u64(word)
    }
    fn ext(&self, at: usize) -> K {
        QuadraticExtension([self.word(at), self.word(at + 8)])
    }
    fn exts(&self, at: usize, count: usize) -> Vec<K> {
        (0..count).map(|i| self.ext(at + 16 * i)).collect()
    }
    fn words(&self, at: usize, count: usize) -> Vec<K> {
        (0..count).map(|i| self.word(at + 8 * i).into()).collect()
    }
    fn digest(&self, at: usize) -> [u8; 32] {
        self.0[at..at + 32].try_into().unwrap()
    }
    /// The node above a leaf of `length` bytes at `leaf`, `height` levels up.
    fn climb(
        &self,
        leaf: usize,
        length: usize,
        path: usize,
        height: usize,
        index: usize,
    ) -> [u8; 32] {
        let mut node = keccak256([&[0], &self.0[leaf..leaf + length]].concat()).0;
        for level in 0..height {
            let sibling = self.digest(path + 32 * level);
            node = if (index >> level) & 1 == 1 {
                keccak256([sibling, node].concat()).0
            } else {
                keccak256([node, sibling].concat()).0
            };
        }
        node
    }
}

fn powers_sum(values: &[K], alpha: K) -> K {
    values
        .iter()
        .rev()
        .fold(K::ZERO, |sum, value| sum * alpha + *value)
}

fn verify(key: &WrapKey, proof: &WrappedProof) -> Result<(), &'static str> {
    let b = Bytes(&proof.proof);
    assert_eq!(b.0.len(), 49_016);
    // 2. The transcript.
    let mut digest = keccak256(proof.public_values.abi_encode()).0;
    for byte in digest.iter_mut().step_by(8) {
        *byte &= 0x7f;
    }
    let parameters = [8u64, 4, 22, 0, 4, 10, 0, 12, 4]
        .map(u64::to_be_bytes)
        .concat();
    let circuit = key.data().verifier_only.circuit_digest.0;
    let mut chain = Chain([0; 32], 0);
    chain.absorb(&[&parameters, &circuit[..], &digest, &b.0[..512]].concat());
    let betas: [F; 3] = chain.squeeze_many();
    let gammas: [F; 3] = chain.squeeze_many();
    chain.absorb(&b.0[512..1_024]);
    let alphas: [F; 3] = chain.squeeze_many();
    chain.absorb(&b.0[1_024..1_536]);
    let zeta = QuadraticExtension(chain.squeeze_many());
    chain.absorb(&b.0[1_536..4_240]);
    let fri_alpha = QuadraticExtension(chain.squeeze_many());
    chain.absorb(&b.0[4_240..4_752]);
    let fri_beta = QuadraticExtension(chain.squeeze_many());
    chain.absorb(&b.0[4_752..8_856]);
    let [work] = chain.squeeze_many();
    if work.to_canonical_u64() >= 1 << 42 {
        return Err("work");
    }
    let indices: [F; 10] = chain.squeeze_many();

    // 3. The statement.
    let constants = b.exts(1_536, 7);
    let sigmas = b.exts(1_648, 40);
    let wires = b.exts(2_288, 80);
    let zs = b.exts(3_568, 3);
    let partials = b.exts(3_616, 12);
    let quotients = b.exts(3_808, 24);
    let zs_next = b.exts(4_192, 3);
    let n = base(1 << 12);
    let w = K::from(root_of_unity(12));
    let zeta_n = zeta.exp_power_of_2(12);
    let vanishing = zeta_n - K::ONE;
    let limbs = proof.public_values.to_limbs();
    let column: K = bound_limbs()
        .zip(w.powers())
        .map(|(limb, x)| K::from(limbs[limb]) * x * vanishing / (n * (zeta - x)))
        .sum();
    if column != wires[79] {
        return Err("statement");
    }

    // 4. The quotient identity.
    let l_0 = vanishing / (n * (zeta - K::ONE));
    let mut terms: Vec<K> = zs.iter().map(|z| l_0 * (*z - K::ONE)).collect();
    for c in 0..3 {
        let (beta, gamma) = (K::from(betas[c]), K::from(gammas[c]));
        for m in 0..5 {
            let before = if m == 0 {
                zs[c]
            } else {
                partials[4 * c + m - 1]
            };
            let after = if m == 4 {
                zs_next[c]
            } else {
                partials[4 * c + m]
            };
            let chunk = 8 * m..8 * m + 8;
            let numerator: K = chunk
                .clone()
                .map(|j| wires[j] + beta * base(GENERATOR).exp_u64(j as u64) * zeta + gamma)
                .product();
            let denominator: K = chunk.map(|j| wires[j] + beta * sigmas[j] + gamma).product();
            terms.push(before * numerator - after * denominator);
        }
    }
    let digest_words: Vec<K> = digest
        .chunks(8)
        .map(|word| base(u64::from_be_bytes(word.try_into().unwrap())))
        .collect();
    let mut sums = vec![K::ZERO; 67];
    for (selector, group) in [0..7, 7..11, 11..13, 13..15].into_iter().enumerate() {
        let s = constants[selector];
        for k in group.clone() {
            let others = group.clone().filter(|m| *m != k);
            let filter: K = others.map(|m| base(m as u64) - s).product();
            let filter = filter * (base((1 << 32) - 1) - s);
            let constraints = gate(k, &wires, &constants[4..], &digest_words);
            for (sum, constraint) in sums.iter_mut().zip(constraints) {
                *sum += filter * constraint;
            }
        }
    }
    terms.extend(sums);
    for (i, alpha) in alphas.into_iter().enumerate() {
        let quotient = powers_sum(&quotients[8 * i..8 * i + 8], zeta_n);
        if powers_sum(&terms, alpha.into()) != vanishing * quotient {
            return Err("quotient");
        }
    }

    // 5. The queries.
    let opened = [constants, sigmas, wires, zs, partials, quotients].concat();
    let (a_0, b_0) = (
        powers_sum(&opened, fri_alpha),
        powers_sum(&zs_next, fri_alpha),
    );
    let final_poly = b.exts(4_752, 256);
    let point = |index: usize| {
        let reversed = (index as u32).reverse_bits() >> 12;
        base(GENERATOR) * K::from(root_of_unity(20).exp_u64(u64::from(reversed)))
    };
    for (query, index) in indices.into_iter().enumerate() {
        let start = 8_856 + 4_016 * query;
        let index = (index.to_canonical_u64() % (1 << 20)) as usize;
        for (tree, (leaf, length)) in [(0, 376), (376, 640), (1_016, 120), (1_136, 192)]
            .into_iter()
            .enumerate()
        {
            let top = b.climb(start + leaf, length, start + 1_328 + 512 * tree, 16, index);
            let cap = match tree {
                0 => key.data().verifier_only.constants_sigmas_cap.0[index >> 16].0,
                tree => b.digest(512 * (tree - 1) + 32 * (index >> 16)),
            };
            if top != cap {
                return Err("path");
            }
        }
        let x = point(index);
        let a = powers_sum(&b.words(start, 166), fri_alpha);
        let z_words = powers_sum(&b.words(start + 1_016, 3), fri_alpha);
        let value =
            fri_alpha.exp_u64(3) * (a - a_0) / (x - zeta) + (z_words - b_0) / (x - w * zeta);
        let values = b.exts(start + 3_376, 16);
        if values[index & 15] != value {
            return Err("value");
        }
        let coset = index >> 4;
        let top = b.climb(start + 3_376, 256, start + 3_632, 12, coset);
        if top != b.digest(4_240 + 32 * (coset >> 12)) {
            return Err("step path");
        }
        let points: Vec<K> = (0..16).map(|r| point(16 * coset + r)).collect();
        let mut folded = K::ZERO;
        for (r, value) in values.iter().enumerate() {
            let others = points.iter().enumerate().filter(|(s, _)| *s != r);
            let basis: K = others
                .map(|(_, y)| (fri_beta - *y) / (points[r] - *y))
                .product();
            folded += *value * basis;
        }
        if folded != powers_sum(&final_poly, x.exp_power_of_2(4)) {
            return Err("fold");
        }
    }
    Ok(())
}

#[test]
fn the_page_suffices() {
    let (key, proof) = sample();
    assert_eq!(verify(&key, &proof), Ok(()));
    let forged = |at: usize| {
        let mut bytes = proof.proof.to_vec();
        bytes[at + 7] ^= 1;
        let proof = bytes.into();
        verify(
            &key,
            &WrappedProof {
                proof,
                ..sample().1
            },
        )
        .unwrap_err()
    };
    // What comes before the proof of work spoils it; queries are checked one by one.
    assert_eq!(forged(2_000), "work");
    assert_eq!(forged(8_856 + 500), "path");
    assert_eq!(forged(8_856 + 3_376), "step path");
    assert_eq!(forged(8_856 + 3_632), "step path");
}

/// The key is what the page takes it to be.
#[test]
fn the_pages_numbers_are_the_keys() {
    let key = WrapKey::pinned().unwrap();
    let common = &key.data().common;
    assert_eq!(common.gates.len(), 15);
    assert_eq!(common.num_constants, 7);
    assert_eq!(common.num_gate_constraints, 67);
    assert_eq!(common.num_partial_products, 4);
    assert_eq!(common.quotient_degree_factor, 8);
    for (j, k) in common.k_is.iter().enumerate() {
        assert_eq!(K::from(*k), base(GENERATOR).exp_u64(j as u64));
    }
}
