//! Constraints and messages of `byte_shift`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{ByteShiftColumns, LIMB};
use crate::bus::Message;
use crate::word::WORD_LIMBS;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByteShift;

impl Table for ByteShift {
    fn name(&self) -> &'static str {
        "byte_shift"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<ByteShiftColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &ByteShiftColumns<B::X> = row.local();
        for flag in local.bytes {
            builder.assert_bool("byte_shift/bytes", flag);
        }
        let used = local.bytes.into_iter().sum();
        builder.assert_bool("byte_shift/one", used);
        let bytes = local.first.into_iter().chain(local.value);
        for value in bytes.chain(local.last) {
            builder.send(Message::U8 { value }, used);
        }
        let flags = (1..).zip(local.bytes);
        let value = |limb: usize| limb_of(local.value.into_iter().skip(LIMB * limb));
        let claim = Message::ByteShift {
            bytes: flags.map(|(bytes, flag)| flag.scale(bytes)).sum(),
            value: core::array::from_fn(|limb| value(WORD_LIMBS - 1 - limb)),
            first: limb_of(local.first.into_iter()),
            last: limb_of(local.last.into_iter()),
            moved: core::array::from_fn(|limb| moved(local, limb)),
        };
        builder.receive(claim, used);
    }
}

/// The limb that starts with these bytes.
fn limb_of<X: Expression>(bytes: impl Iterator<Item = X>) -> X {
    bytes
        .take(LIMB)
        .fold(X::zero(), |limb, byte| limb.scale(256) + byte)
}

/// A limb of what is made.
fn moved<X: Expression>(local: &ByteShiftColumns<X>, limb: usize) -> X {
    let choices = (1..).zip(local.bytes);
    let choices = choices.map(|(stay, flag)| {
        let bytes = local.first.into_iter().take(stay);
        let bytes = bytes.chain(local.value);
        let bytes = bytes.chain(local.last.into_iter().skip(stay));
        flag * limb_of(bytes.skip(LIMB * limb))
    });
    choices.sum()
}
