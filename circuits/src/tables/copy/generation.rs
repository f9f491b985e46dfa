//! Filling `copy`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::CopyColumns;
use crate::bus::space;
use crate::execution::{CopiedWord, CopyOrder, PerformedCopy, ReadWord, WORD_BYTES, window};
use crate::limbs::low_limbs;
use crate::tables::merge::merged;
use crate::word::word;

/// The rows of all copies, after one that is not used: the first copy has nothing before it.
pub fn generate(copies: &[PerformedCopy]) -> Trace {
    let mut trace = Trace::new(CopyColumns::<Felt>::WIDTH);
    if !copies.is_empty() {
        trace.resize(1);
    }
    let mut previous = U256::ZERO;
    for copy in copies {
        let leading = usize::from(copy.order.leads());
        let mut was_beyond = false;
        for (place, row) in copy.rows.iter().enumerate() {
            let filled = trace.push();
            read(filled, copy, row, was_beyond);
            was_beyond = row.read == ReadWord::Beyond;
            match place.checked_sub(leading) {
                None => filled.leads = Felt::ONE,
                Some(place) => {
                    let window = window(copy.order.carried(), previous, row.cut);
                    write(filled, copy, row, window, place as u64);
                }
            }
            previous = row.cut;
        }
    }
    trace
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

/// What every row has, and its word of the source.
fn read(row: &mut CopyColumns<Felt>, copy: &PerformedCopy, copied: &CopiedWord, was_beyond: bool) {
    let order = &copy.order;
    row.clock = felt(order.clock);
    row.source = felt(order.source.space);
    row.source_id = felt(order.source.id);
    row.source_end = felt(order.source_end);
    row.index = felt(copied.index);
    row.read = word(copied.read.value());
    row.current = word(copied.cut);
    let start = WORD_BYTES * copied.index;
    match &copied.read {
        ReadWord::Memory(touched) => {
            row.reads = Felt::ONE;
            row.read_accessed = felt(touched.before.timestamp);
        }
        ReadWord::Constant(_) => row.looks_up = Felt::ONE,
        ReadWord::Beyond => {
            if !was_beyond {
                row.distance = low_limbs(start.saturating_sub(order.source_end));
            }
            return;
        }
    }
    match order.source_end.checked_sub(start + WORD_BYTES) {
        Some(rest) => row.distance = low_limbs(rest),
        None => row.cuts = Felt::from_bool(cuts(order, copied)),
    }
}

/// Whether a word that is read has bytes before the end of the source and others after it.
pub(super) fn cuts(order: &CopyOrder, copied: &CopiedWord) -> bool {
    let end = WORD_BYTES * (copied.index + 1);
    copied.read != ReadWord::Beyond && order.source_end < end
}

/// Whether memory keeps bytes before what is written, in the first word, and after it, in the last.
pub(super) fn keeps(order: &CopyOrder) -> [bool; 2] {
    let writes = order.target.space == space::MEMORY;
    let end = order.target.offset + order.length;
    let tail = !end.is_multiple_of(WORD_BYTES);
    [writes && order.head() > 0, writes && tail]
}

/// The word of the target, of which there were `place` before.
///
/// What a first window has before its first word that is read is whatever the row before has.
fn write(
    row: &mut CopyColumns<Felt>,
    copy: &PerformedCopy,
    copied: &CopiedWord,
    window: U256,
    place: u64,
) {
    let order = &copy.order;
    let (targets, head) = (order.targets(), order.head());
    let index = targets.start + place;
    let left = (order.target.offset + order.length).saturating_sub(WORD_BYTES * index);
    let (opens, last) = (place == 0, index + 1 == targets.end);
    row.opens = Felt::from_bool(opens);
    row.last = Felt::from_bool(last);
    row.target_id = felt(order.target.id);
    row.target_index = felt(index);
    row.left = felt(left);
    if opens {
        row.head = felt(head);
    }
    let carried = order.carried();
    if let Some(flag) = row.limbs.get_mut(carried as usize / 4) {
        *flag = Felt::ONE;
    }
    row.bytes = felt(carried % 4);
    row.splits = Felt::from_bool(!carried.is_multiple_of(4));
    row.window = word(window);
    if order.target.space != space::MEMORY {
        row.to_string = Felt::ONE;
        return;
    }
    row.to_memory = Felt::ONE;
    let Some(written) = &copied.written else {
        return;
    };
    row.before = word(written.before.value);
    row.accessed = felt(written.before.timestamp);
    row.after = word(written.after.value);
    let [keeps_head, keeps_tail] = keeps(order);
    let keeps_head = opens && keeps_head;
    row.keeps_head = Felt::from_bool(keeps_head);
    row.keeps_tail = Felt::from_bool(last && keeps_tail);
    row.headed = word(match keeps_head {
        true => merged(head as usize, written.before.value, window),
        false => window,
    });
}
