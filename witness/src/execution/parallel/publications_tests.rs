//! Filters and publications, where nobody decides whose turn it is: the model checker has its own tests of both.

use super::publications::{Filter, Met, Publications};

/// Something like a hash.
fn hash(key: u64) -> u64 {
    key.wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
        .wrapping_mul(0xd6e8_feb8_6659_fd93)
}

#[test]
fn what_was_written_is_never_missed_and_little_else_seems_to_be() {
    let publications = Publications::default();
    let keys: Vec<u64> = (0..10_000).map(hash).collect();
    for (place, part) in keys.chunks(100).enumerate() {
        publications.push(place, part);
    }
    let mut filter = Filter::new(keys.len());
    assert_eq!(filter.follow(&publications, 50), 100);
    assert_eq!(filter.follow(&publications, 0), 100);
    assert!(keys.iter().all(|key| filter.has(*key)));
    let wrong = (10_000..110_000).filter(|key| filter.has(hash(*key)));
    let wrong = wrong.count();
    assert!(wrong < 2_000, "{wrong}");
}

#[test]
fn only_new_writes_below_are_met() {
    let publications = Publications::default();
    publications.push(3, &[hash(1)]);
    publications.push(7, &[hash(2), hash(3)]);
    let meet = |seen, place, keys: &[u64]| {
        let asked: Vec<u64> = keys.iter().copied().map(hash).collect();
        publications.meet(seen, place, &asked)
    };
    let written = |place, key| Met::Written {
        place,
        hash: hash(key),
    };
    assert_eq!(meet(0, 9, &[5, 1]), written(3, 1));
    assert_eq!(meet(1, 9, &[3]), written(7, 3));
    let nothing = |beside| Met::Nothing { now: 2, beside };
    assert_eq!(meet(1, 9, &[1]), nothing(true));
    assert_eq!(meet(2, 9, &[1, 2, 3]), nothing(false));
    assert_eq!(meet(0, 7, &[2]), nothing(true));
    assert_eq!(meet(0, 3, &[1]), nothing(false));
    assert_eq!(meet(0, 9, &[4]), nothing(true));
    assert_eq!(meet(0, 9, &[]), nothing(true));
    assert!(!publications.rewritten(3).has(hash(2)));
    publications.push(8, &[hash(2)]);
    let rewritten = publications.rewritten(publications.keys());
    assert!(rewritten.has(hash(2)) && !rewritten.has(hash(1)));
}
