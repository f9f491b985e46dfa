//! Constraints and messages of `block_hash`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::{BlockHashColumns, DIFFERENCES};
use crate::bus::Message;
use crate::event::opcode::BLOCKHASH;
use crate::hash_leaf::{claim_key, claim_value};
use crate::word::widen;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct BlockHashTable;

impl Table for BlockHashTable {
    fn name(&self) -> &'static str {
        "block_hash"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<BlockHashColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &BlockHashColumns<B::X> = row.local();
        let (used, present, same) = (local.used, local.present, local.same);
        builder.assert_bool("block_hash/used", used);
        builder.assert_bool("block_hash/present", present);
        builder.assert_zero("block_hash/present", present * used.not());
        builder.assert_zero("block_hash/count", local.count * used.not());
        for element in local.value.value {
            builder.assert_zero("block_hash/absent", present.not() * element);
        }
        compare(local, builder);

        let label = "block_hash/index";
        claim_key(builder, label, &local.leaf, local.asked[0], used);
        claim_value(builder, &local.value, local.number, local.hash, present);
        let update = Message::TreeUpdate {
            step: local.step,
            key: local.leaf.key,
            present_before: present,
            before: local.value.value,
            present_after: present,
            after: local.value.value,
        };
        builder.send(update, used);
        let claim = Message::Compute {
            opcode: B::X::from_u64(BLOCKHASH.into()),
            a: local.asked,
            b: widen(&[]),
            c: local.hash.map(|limb| same * limb),
        };
        builder.receive(claim, local.count);
    }
}

/// Whether the leaf tells the number that is asked for.
fn compare<B: ConstraintBuilder>(local: &BlockHashColumns<B::X>, builder: &mut B) {
    let (present, same) = (local.present, local.same);
    builder.assert_bool("block_hash/same", same);
    builder.assert_zero("block_hash/same", same * present.not());
    let ([low, high, above @ ..], [number_low, number_high]) = (local.asked, local.number);
    let above: B::X = above.into_iter().sum();
    let differences: [B::X; DIFFERENCES] = [low - number_low, high - number_high, above];
    let mut shown = B::X::zero();
    for (flag, difference) in local.differs.into_iter().zip(differences) {
        builder.assert_zero("block_hash/same number", same * difference);
        builder.assert_bool("block_hash/differs", flag);
        shown = shown + flag * difference;
    }
    let differs: B::X = local.differs.into_iter().sum();
    builder.assert_eq("block_hash/differs", differs, present - same);
    builder.assert_eq("block_hash/other number", shown * local.inverse, differs);
}
