//! Constraints and messages of `byte_store`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{BYTES, ByteStoreColumns};
use crate::access::{MemoryAccess, access_memory};
use crate::bus::Message;
use crate::word::WORD_LIMBS;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByteStore;

impl Table for ByteStore {
    fn name(&self) -> &'static str {
        "byte_store"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ByteStoreColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ByteStoreColumns<B::X> = row.local();
        for flag in local.limb.into_iter().chain(local.byte) {
            builder.assert_bool("byte_store/flag", flag);
        }
        let used = local.limb.into_iter().sum();
        builder.assert_bool("byte_store/one limb", used);
        builder.assert_eq("byte_store/one byte", local.byte.into_iter().sum(), used);
        let limbs = (0..).zip(local.limb);
        let limb: B::X = limbs.map(|(limb, flag)| flag.scale(4 * limb)).sum();
        let bytes = (0..).zip(local.byte);
        let byte: B::X = bytes.map(|(byte, flag)| flag.scale(byte)).sum();
        let claim = Message::MemoryByte {
            frame: local.frame,
            offset: local.index.scale(32) + limb + byte,
            value: number_of(local.value),
            timestamp: local.timestamp,
        };
        builder.receive(claim, used);
        change(local, builder);
        for value in local.old.into_iter().chain(local.value) {
            builder.send(Message::U8 { value }, used);
        }
        let grows = |index: usize| local.limb[WORD_LIMBS - 1 - index] * local.change;
        let access = MemoryAccess {
            frame: local.frame,
            index: local.index,
            before: local.before,
            accessed: local.accessed,
            after: core::array::from_fn(|index| local.before[index] + grows(index)),
            timestamp: local.timestamp,
        };
        access_memory(builder, used, access);
    }
}

/// The number with these bytes.
fn number_of<X: Expression>(bytes: [X; BYTES]) -> X {
    let bytes = bytes.into_iter();
    bytes.fold(X::zero(), |number, byte| number.scale(256) + byte)
}

/// The limb that has the byte, and how it changes.
fn change<B: ConstraintBuilder>(local: &ByteStoreColumns<B::X>, builder: &mut B) {
    let limbs = local.before.into_iter().rev().zip(local.limb);
    let limb = limbs.map(|(limb, flag)| flag * limb).sum();
    builder.assert_eq("byte_store/old", limb, number_of(local.old));
    let [.., new] = local.value;
    let changes = core::array::from_fn(|byte| local.byte[byte] * (new - local.old[byte]));
    builder.assert_eq("byte_store/change", local.change, number_of(changes));
}
