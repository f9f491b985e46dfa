//! Constraints and messages of `block_value`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::columns::BlockValueColumns;
use crate::bus::Message;
use crate::event::opcode::BLOBHASH;
use crate::word::widen;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct BlockValueTable;

impl Table for BlockValueTable {
    fn name(&self) -> &'static str {
        "block_value"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<BlockValueColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &BlockValueColumns<B::X> = row.local();
        let (of_block, of_blob) = (local.of_block, local.of_blob);
        let used = of_block + of_blob;
        for flag in [of_block, of_blob, used] {
            builder.assert_bool("block_value/kind", flag);
        }
        builder.assert_zero("block_value/count", local.count * used.not());
        for limb in local.index {
            builder.assert_zero("block_value/index", of_block * limb);
        }
        for limb in local.value {
            builder.assert_zero("block_value/blob", of_blob * limb);
        }
        let opcode = B::X::from_u64(u64::from(BLOBHASH));
        builder.assert_eq_when("block_value/opcode", of_blob, local.opcode, opcode);
        let asked = Message::BlockValue {
            opcode: local.opcode,
            value: local.value,
        };
        builder.send(asked, of_block);
        let claim = Message::Compute {
            opcode: local.opcode,
            a: local.index,
            b: widen(&[]),
            c: local.value,
        };
        builder.receive(claim, local.count);
    }
}
