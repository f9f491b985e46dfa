//! Constraints and messages of `merge`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{LIMB, MergeColumns};
use crate::bus::Message;
use crate::word::Word;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Merge;

impl Table for Merge {
    fn name(&self) -> &'static str {
        "merge"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<MergeColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &MergeColumns<B::X> = row.local();
        let used = flags(local, builder);
        split_limb(local, used, builder);
        whole_limbs(local, builder);
        for value in local.first_bytes.into_iter().chain(local.second_bytes) {
            builder.send(Message::U8 { value }, used);
        }
        let limbs = (0..).step_by(LIMB).zip(local.split);
        let limbs: B::X = limbs.map(|(bytes, flag)| flag.scale(bytes)).sum();
        let bytes = (1..).zip(local.bytes);
        let bytes: B::X = bytes.map(|(bytes, flag)| flag.scale(bytes)).sum();
        let claim = Message::Merge {
            bytes: limbs + bytes,
            first: local.first,
            second: local.second,
            merged: local.merged,
        };
        builder.receive(claim, used);
    }
}

/// Flags are flags; whether the row is a claim.
fn flags<B: ConstraintBuilder>(local: &MergeColumns<B::X>, builder: &mut B) -> B::X {
    for flag in local.split {
        builder.assert_bool("merge/split", flag);
    }
    let used: B::X = local.split.into_iter().sum();
    builder.assert_bool("merge/one split", used);
    for flag in local.bytes {
        builder.assert_bool("merge/bytes", flag);
    }
    let some: B::X = local.bytes.into_iter().sum();
    builder.assert_bool("merge/one number of bytes", some);
    builder.assert_zero("merge/bytes used", some * used.not());
    used
}

/// The limb that these bytes make.
fn limb_of<X: Expression>(bytes: impl Iterator<Item = X>) -> X {
    bytes.fold(X::zero(), |limb, byte| limb.scale(256) + byte)
}

/// The limb of a word that is split.
fn chosen<X: Expression>(local: &MergeColumns<X>, word: &Word<X>) -> X {
    let limbs = word.iter().rev();
    let limbs = limbs.zip(local.split);
    limbs.map(|(limb, flag)| flag * *limb).sum()
}

/// The limb in which the one word ends and the other begins.
fn split_limb<B: ConstraintBuilder>(local: &MergeColumns<B::X>, used: B::X, builder: &mut B) {
    let (first, second) = (local.first_bytes, local.second_bytes);
    let (of_first, of_second) = (limb_of(first.into_iter()), limb_of(second.into_iter()));
    builder.assert_eq("merge/first", chosen(local, &local.first), of_first);
    builder.assert_eq("merge/second", chosen(local, &local.second), of_second);
    let none = used - local.bytes.into_iter().sum();
    let choices = (1..).zip(local.bytes).map(|(bytes, flag)| {
        let taken = first.into_iter().take(bytes);
        flag * limb_of(taken.chain(second.into_iter().skip(bytes)))
    });
    let merged = none * of_second + choices.sum();
    builder.assert_eq("merge/merged", chosen(local, &local.merged), merged);
}

/// The limbs before and after.
fn whole_limbs<B: ConstraintBuilder>(local: &MergeColumns<B::X>, builder: &mut B) {
    for (place, flag) in local.split.into_iter().enumerate() {
        let limb = |word: &Word<B::X>| word[word.len() - 1 - place];
        let after: B::X = local.split.into_iter().take(place).sum();
        let before: B::X = local.split.into_iter().skip(place + 1).sum();
        let merged = limb(&local.merged);
        let whole = before * limb(&local.first) + after * limb(&local.second);
        builder.assert_eq("merge/whole limbs", merged, whole + flag * merged);
    }
}
