use std::collections::{BTreeMap, BTreeSet};

use braid_stark::check::{check_table, interactions_of};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Felt, Table, Trace};
use plonky2::field::types::{Field, Field64, PrimeField64};
use plonky2::hash::poseidon::Poseidon as _;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::reference::{Content, path, root};
use super::{Tree, Update, generate};
use crate::bus::tag;
use crate::state_hash::{Digest, EMPTY};

/// What a change of the tree says on the bus to those who ask for it: the updates and the roots.
pub(super) type Said = BTreeMap<(&'static str, Vec<u64>), i64>;

/// Everything that is wrong with a trace: labels of constraints that fail, and kinds of claim that no other table could
/// prove or that the table itself leaves unproved. Second, what it says about updates and roots.
pub(super) fn judge(trace: &Trace) -> (BTreeSet<&'static str>, Said) {
    let mut wrong: BTreeSet<_> = check_table(&Tree, trace).iter().map(|v| v.label).collect();
    let mut said = Said::new();
    for (_, interaction) in interactions_of(&Tree, trace) {
        let message = interaction.message;
        let payload = &message.payload;
        if message.tag == tag::Poseidon {
            let input: [Felt; 12] = core::array::from_fn(|i| payload[i]);
            if Felt::poseidon(input)[..4] != payload[12..] || input[9..] != [Felt::ZERO; 3] {
                wrong.insert("Poseidon");
            }
        } else if message.tag == tag::U16 {
            if payload[0].to_canonical_u64() > 0xffff {
                wrong.insert("U16");
            }
        } else {
            let payload = payload.iter().map(|x| x.to_canonical_u64()).collect();
            let count = if interaction.multiplicity == Felt::ONE {
                1
            } else {
                -1
            };
            *said.entry((message.tag.name, payload)).or_default() += count;
        }
    }
    said.retain(|_, count| *count != 0);
    if said.keys().any(|(name, _)| *name == tag::KeyBits.name) {
        wrong.insert("KeyBits");
    }
    (wrong, said)
}

/// What an honest table says for updates `(key, before, after)` between two roots.
fn claims(updates: &[(Digest, Digest, Digest)], first: Digest, last: Digest) -> Said {
    let mut said = Said::new();
    for (step, (key, before, after)) in updates.iter().enumerate() {
        let mut payload = vec![step as u64];
        payload.extend(key);
        payload.push(u64::from(*before != EMPTY));
        payload.extend(before);
        payload.push(u64::from(*after != EMPTY));
        payload.extend(after);
        said.insert(("TreeUpdate", payload), -1);
    }
    let roots = [(0, first, -1), (updates.len() as u64, last, 1)];
    for (step, root, count) in roots {
        let payload = [vec![step], root.to_vec()].concat();
        *said.entry(("StateRoot", payload)).or_default() += count;
    }
    said.retain(|_, count| *count != 0);
    said
}

/// Applies `(key, after)` one after the other, checks the root after each against the definition, and returns the padded trace.
fn run(content: &mut Content, changes: &[(Digest, Digest)]) -> Trace {
    let first = root(content);
    let mut owned = Vec::new();
    let mut roots = Vec::new();
    for (key, after) in changes {
        let before = content.get(key).copied().unwrap_or(EMPTY);
        owned.push((*key, before, *after, path(content, *key, *after)));
        if *after == EMPTY {
            content.remove(key);
        } else {
            content.insert(*key, *after);
        }
        roots.push(root(content));
    }
    let updates: Vec<_> = owned
        .iter()
        .map(|(key, before, after, path)| Update {
            key: *key,
            before: *before,
            after: *after,
            path,
        })
        .collect();
    let (mut trace, last) = generate(&updates, first).unwrap();
    assert_eq!(Some(last), roots.last().copied());
    trace.resize(trace.height().next_power_of_two());
    let (wrong, said) = judge(&trace);
    assert!(wrong.is_empty(), "{wrong:?}");
    let expected: Vec<_> = updates.iter().map(|u| (u.key, u.before, u.after)).collect();
    assert_eq!(said, claims(&expected, first, last));
    trace
}

pub(super) fn value(number: u64) -> Digest {
    [number, number + 1, 2, 3]
}

/// `base` with some bits turned.
pub(super) fn turned(base: Digest, bits: &[usize]) -> Digest {
    let mut key = base;
    for bit in bits {
        key[bit / 64] ^= 1 << (bit % 64);
    }
    key
}

pub(super) const BASE: Digest = [
    0x0123_4567_89ab_cdef,
    0xfedc_ba98_7654_3210,
    0,
    u64::MAX << 33 >> 1,
];

/// Leaves that share many bits with `BASE`: the ways part at the given bits.
pub(super) fn comb(bits: &[usize]) -> Content {
    let leaf = |bit: &usize| (turned(BASE, &[*bit]), value(*bit as u64));
    bits.iter().map(leaf).collect()
}

#[test]
fn random_histories_with_close_keys() {
    let mut rng = StdRng::seed_from_u64(3);
    let at = [
        0, 1, 2, 30, 31, 32, 33, 62, 63, 64, 65, 95, 96, 127, 128, 200, 254, 255,
    ];
    let mut pool = vec![
        BASE,
        [0; 4],
        [Felt::ORDER - 1; 4],
        [0xffff_fffe, 0, 0xffff_ffff, 1],
    ];
    for first in at {
        pool.push(turned(BASE, &[first]));
        pool.push(turned(BASE, &[first, at[rng.gen_range(0..at.len())]]));
    }
    pool.extend((0..10).map(|_| core::array::from_fn(|_| rng.r#gen::<u64>() >> 1)));
    let mut content = Content::new();
    for round in 0..12 {
        let changes: Vec<_> = (0..20)
            .map(|i| {
                let key = pool[rng.gen_range(0..pool.len())];
                let stays = content.get(&key).copied().unwrap_or(EMPTY);
                let after = match rng.gen_range(0..5) {
                    // What the tree held when the round began: often a plain read.
                    0 => stays,
                    // More deletions in later rounds.
                    n if n > 4 - round / 3 => EMPTY,
                    _ => value(100 * round + i),
                };
                (key, after)
            })
            .collect();
        run(&mut content, &changes);
    }
    // Down to the empty tree.
    let all: Vec<_> = content.keys().map(|key| (*key, EMPTY)).collect();
    run(&mut content, &all);
    assert!(content.is_empty());
}

#[test]
fn small_trees() {
    let other = turned(BASE, &[255]);
    let mut content = Content::new();
    run(
        &mut content,
        &[
            (BASE, EMPTY),
            (BASE, value(1)),
            (BASE, value(2)),
            (other, EMPTY),
            (other, value(3)),
            (BASE, EMPTY),
            (other, EMPTY),
            (other, EMPTY),
        ],
    );
    assert_eq!(root(&content), EMPTY);
}

/// A trace with all kinds of row: every column means something on some of its rows.
fn rich() -> Trace {
    let mut content = comb(&[3, 7, 40, 70]);
    let key = turned(BASE, &[7, 9]);
    let alone = turned(BASE, &[0]);
    run(
        &mut content,
        &[
            (BASE, value(1)),
            (key, value(2)),
            (key, EMPTY),
            (BASE, EMPTY),
            (alone, EMPTY),
        ],
    )
}

#[test]
fn every_column_is_bound() {
    let trace = rich();
    let rows: Vec<_> = (0..trace.height()).collect();
    assert_eq!(
        unnoticed_columns(&Tree, &trace, &rows, &[tag::U16]),
        Vec::<String>::new()
    );
}

#[test]
fn degrees_and_width() {
    assert_eq!(SymbolicTable::of(&Tree).excessive_degrees(), []);
    assert_eq!(Tree.column_names().len(), 69);
}

#[test]
fn padding_says_nothing() {
    let trace = Trace::zero(Tree.column_names().len(), 4);
    assert_eq!(judge(&trace), (BTreeSet::new(), Said::new()));
}
