//! What a cheating prover tries, and what catches it.

use braid_stark::{Columns, Felt, Message as BusMessage, Trace};
use plonky2::field::types::Field;
use plonky2::hash::poseidon::Poseidon;

use super::CodeHashColumns;
use crate::bus::{Message, tag};
use crate::limbs::join_limbs;
use crate::state_hash::Domain;
use crate::tables::code::sample::{CODE_HASH, Sample, felt};

fn row_of(trace: &mut Trace, row: usize) -> &mut CodeHashColumns<Felt> {
    CodeHashColumns::from_slice_mut(trace.row_mut(row))
}

fn hash(domain: Domain, elements: [Felt; 8]) -> [Felt; 4] {
    let mut state = [Felt::ZERO; 12];
    state[..8].copy_from_slice(&elements);
    state[8] = felt(domain as usize);
    *Felt::poseidon(state).first_chunk().unwrap()
}

fn pair(left: [Felt; 4], right: [Felt; 4]) -> [Felt; 8] {
    core::array::from_fn(|i| if i < 4 { left[i] } else { right[i - 4] })
}

/// What a row offers.
fn offered(row: &CodeHashColumns<Felt>) -> BusMessage<Felt> {
    let message = Message::Code {
        code: row.code,
        digest: row.digest,
        keccak: join_limbs(&row.keccak),
        size: row.size,
    };
    message.into()
}

impl Sample {
    /// Hashes everything again as the flags say, and lets accounts have the digests that come out.
    fn rehash(&mut self) {
        self.asked.retain(|message| message.tag != tag::Code);
        let trace = &mut self.traces[CODE_HASH];
        for row in 1..trace.height() {
            let last = *row_of(trace, row - 1);
            let local = row_of(trace, row);
            local.before = if last.code != local.code {
                [local.size, Felt::ZERO, Felt::ZERO, Felt::ZERO]
            } else if last.hashed == Felt::ONE {
                hash(Domain::Bytecode, pair(last.before, last.words))
            } else {
                last.before
            };
        }
        for row in 0..trace.height() - 1 {
            let next = *row_of(trace, row + 1);
            let local = row_of(trace, row);
            if local.used == Felt::ONE && local.code != next.code {
                local.name();
                self.asked.push(offered(local));
            }
        }
    }
}

impl CodeHashColumns<Felt> {
    /// Makes the digest of the code part anew.
    fn name(&mut self) {
        let mut input = [Felt::ZERO; 8];
        for (piece, limbs) in input.iter_mut().zip(self.keccak.chunks(3)) {
            *piece = braid_stark::Expression::from_limbs(limbs, 16);
        }
        input[6] = self.size;
        self.identity = hash(Domain::CodeIdentity, input);
        self.digest = hash(Domain::Code, pair(self.identity, self.before));
    }
}

/// Nothing of what follows comes from rehashing.
#[test]
fn rehashing_honestly_changes_nothing() {
    let mut sample = Sample::standard();
    let before = sample.traces[CODE_HASH].clone();
    sample.rehash();
    assert_eq!(sample.traces[CODE_HASH], before);
    sample.assert_caught(&[]);
}

#[test]
fn groups_that_are_not_hashed() {
    // Code 1 has groups 0, 1, 2 of bytes and one of zeros. Its last group of bytes is left out.
    let mut sample = Sample::standard();
    sample.group(1, 2).hashed = Felt::ZERO;
    sample.rehash();
    sample.assert_caught(&["U8"]);
    // The first, or one in between.
    for group in [0, 1] {
        let mut sample = Sample::standard();
        sample.group(1, group).hashed = Felt::ZERO;
        sample.rehash();
        let found = sample.report();
        assert!(found.mentions("code_hash/hashed_first"), "{found}");
    }
    // All of them: the digest is what it starts from.
    for code in [2, 4] {
        let mut sample = Sample::standard();
        sample.group(code, 0).hashed = Felt::ZERO;
        sample.rehash();
        sample.assert_caught(&["code_hash/hashed_none"]);
    }
}

#[test]
fn groups_of_zeros_that_are_hashed() {
    // Code 4 fills one group; codes 2 and 3 have one group less, so that the next is their last. Code 3 is empty.
    let mut sample = Sample::standard();
    sample.group(4, 1).hashed = Felt::ONE;
    sample.rehash();
    sample.assert_caught(&["U8"]);
    let mut sample = Sample::standard();
    sample.group(3, 0).hashed = Felt::ONE;
    sample.rehash();
    sample.assert_caught(&["U8"]);
    let mut sample = Sample::standard();
    sample.group(2, 1).hashed = Felt::ONE;
    sample.rehash();
    let found = sample.report();
    assert!(found.mentions("code_hash/hashed_last"), "{found}");
    // Half of a group.
    let mut sample = Sample::standard();
    sample.group(4, 1).hashed = felt(2).inverse();
    sample.rehash();
    let found = sample.report();
    assert!(found.mentions("code_hash/hashed"), "{found}");
    // Rows of no code.
    let mut sample = Sample::standard();
    let last = sample.traces[CODE_HASH].height() - 1;
    row_of(&mut sample.traces[CODE_HASH], last).hashed = Felt::ONE;
    let found = sample.report();
    assert!(found.mentions("code_hash/hashed_unused"), "{found}");
}

#[test]
fn other_words_and_another_way_through_them() {
    // Another word, hashed: `code` gives the old one.
    let mut sample = Sample::standard();
    sample.group(1, 1).words[2] += Felt::ONE;
    sample.rehash();
    sample.assert_caught(&["CodeWord"]);
    // A word of zeros is none.
    let mut sample = Sample::standard();
    sample.group(1, 3).words[0] = Felt::ONE;
    sample.assert_caught(&["CodeWord"]);
    // Groups in another order.
    let mut sample = Sample::standard();
    sample.group(1, 1).group = Felt::ZERO;
    sample.group(1, 0).group = Felt::ONE;
    let found = sample.report();
    assert!(found.mentions("code_hash/group"), "{found}");
    // A digest that no hash leads to.
    let mut sample = Sample::standard();
    sample.group(1, 2).before[0] += Felt::ONE;
    let found = sample.report();
    assert!(
        found.violations.is_empty() && found.mentions("Poseidon"),
        "{found}"
    );
    // A digest that changes after the last hash.
    let mut sample = Sample::standard();
    let row = sample.group(4, 2);
    row.before[0] += Felt::ONE;
    row.name();
    let offer = offered(row);
    sample.asked.push(offer);
    let found = sample.report();
    assert!(found.mentions("code_hash/carry"), "{found}");
    // A digest that starts from another size.
    let mut sample = Sample::standard();
    let row = sample.group(3, 0);
    row.before[0] = Felt::ONE;
    sample.group(3, 1).before[0] = Felt::ONE;
    sample.group(3, 1).name();
    let offer = offered(sample.group(3, 1));
    sample.asked.push(offer);
    let found = sample.report();
    assert!(found.mentions("code_hash/start"), "{found}");
}

#[test]
fn sizes_that_are_one_off() {
    let off = [Felt::ONE, Felt::NEG_ONE];
    for change in off {
        // In all rows: `code` says another.
        let mut sample = Sample::standard();
        for group in 0..4 {
            sample.group(1, group).size += change;
        }
        sample.rehash();
        sample.assert_caught(&["CodeLength", "CodeSize"]);
        // In the last row only, in all others only.
        for groups in [3..4, 0..3] {
            let mut sample = Sample::standard();
            for group in groups {
                sample.group(1, group).size += change;
            }
            sample.rehash();
            let found = sample.report();
            assert!(found.mentions("code_hash/size"), "{found}");
        }
    }
}

#[test]
fn codes_that_change_names() {
    // Code 3 under the name of code 2, counted anew or on.
    for further in [false, true] {
        let mut sample = Sample::standard();
        for group in 0..2 {
            let row = sample.group(3, group);
            row.code = felt(2);
            if further {
                row.group += felt(2);
            }
        }
        let found = sample.report();
        let expected = if further {
            "code_hash/size"
        } else {
            "code_hash/group"
        };
        assert!(found.mentions(expected), "{found}");
    }
    // Code 4 under the name of code 1, and all under the next one's.
    let mut sample = Sample::standard();
    for group in 0..3 {
        sample.group(4, group).code = Felt::ONE;
    }
    let found = sample.report();
    assert!(found.mentions("code_hash/id"), "{found}");
    let mut sample = Sample::standard();
    let trace = &mut sample.traces[CODE_HASH];
    (0..trace.height()).for_each(|row| row_of(trace, row).code += Felt::ONE);
    let found = sample.report();
    assert!(found.mentions("code_hash/id_first"), "{found}");
    // A code that starts with group 1.
    let mut sample = Sample::standard();
    for group in [1, 0] {
        sample.group(3, group).group += Felt::ONE;
    }
    let found = sample.report();
    assert!(found.mentions("code_hash/group_first"), "{found}");
}

#[test]
fn rows_left_out() {
    // The last row of code 2 is unused: its size and hash are claimed by nobody.
    let mut sample = Sample::standard();
    sample.group(2, 1).used = Felt::ZERO;
    let found = sample.report();
    assert!(found.mentions("code_hash/used_run"), "{found}");
    let mut sample = Sample::standard();
    sample.group(2, 1).used = felt(2).inverse();
    let found = sample.report();
    assert!(found.mentions("code_hash/used"), "{found}");
    let mut sample = Sample::standard();
    row_of(&mut sample.traces[CODE_HASH], 0).used = Felt::ONE;
    let found = sample.report();
    assert!(found.mentions("code_hash/edge"), "{found}");
    // A table filled to the last row, whose code has no end.
    let mut sample = Sample::standard();
    let height = sample.traces[CODE_HASH].height();
    sample.traces[CODE_HASH].resize(height - 1);
    let found = sample.report();
    assert!(found.mentions("code_hash/edge"), "{found}");
}

#[test]
fn pieces_of_the_hash_in_another_form() {
    let more = felt(1 << 16);
    // Within a 32-bit limb, and from one 32-bit limb to the next within a piece of 48 bits.
    for limb in [0, 1] {
        let mut sample = Sample::standard();
        let row = sample.group(1, 3);
        let digest = row.digest;
        row.keccak[limb] += more;
        row.keccak[limb + 1] -= Felt::ONE;
        sample.rehash();
        assert_eq!(sample.group(1, 3).digest, digest);
        sample.assert_caught(&["U16"]);
    }
    // Another hash altogether has another digest.
    let mut sample = Sample::standard();
    let row = sample.group(1, 3);
    row.keccak[0] += Felt::ONE;
    row.name();
    sample.assert_caught(&["Code"]);
}

#[test]
fn offers_on_other_rows() {
    // A row that is not the code's last tells any digest and hash.
    let mut sample = Sample::standard();
    let row = sample.group(1, 2);
    row.digest = [felt(7); 4];
    let offer = offered(row);
    sample.asked.push(offer);
    sample.assert_caught(&["code_hash/count_last"]);
    // So does a row of no code, the one before all codes or one after them.
    let after = sample.traces[CODE_HASH].height() - 1;
    let both = ["code_hash/count", "code_hash/count_last"];
    for (row, expected) in [(0, &both[..1]), (after, &both)] {
        let mut sample = Sample::standard();
        let row = row_of(&mut sample.traces[CODE_HASH], row);
        row.digest = [felt(7); 4];
        let offer = offered(row);
        sample.asked.push(offer);
        sample.assert_caught(expected);
    }
}
