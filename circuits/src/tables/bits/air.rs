//! The constraints of `bits`.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Felt, Row, Table};
use plonky2::field::types::Field;

use super::columns::BitsColumns;
use super::{Bits, WORD_BYTES};
use crate::bus::Message;
use crate::event::opcode::*;
use crate::word::{WORD_LIMBS, Word};

/// Bytes of a limb.
const LIMB_BYTES: usize = WORD_BYTES / WORD_LIMBS;

impl Table for Bits {
    fn name(&self) -> &'static str {
        "bits"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<BitsColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &BitsColumns<B::X> = row.local();
        let flags = [local.is_and, local.is_or, local.is_xor];
        for flag in flags {
            builder.assert_bool("bits/flag", flag);
        }
        let used = flags.into_iter().sum();
        builder.assert_bool("bits/one operation", used);
        for ((a, b), c) in local.a.iter().zip(&local.b).zip(&local.xor) {
            let (a, b, c) = (*a, *b, *c);
            builder.send(Message::Xor { a, b, c }, B::X::one());
        }
        let [a, b, xor] = [&local.a, &local.b, &local.xor].map(limbs);
        let half = B::X::constant(Felt::TWO.inverse());
        let c = core::array::from_fn(|limb| {
            let sum = a[limb] + b[limb];
            local.is_and * half * (sum - xor[limb])
                + local.is_or * half * (sum + xor[limb])
                + local.is_xor * xor[limb]
        });
        let opcode = [AND, OR, XOR].into_iter().zip(flags);
        let opcode = opcode.map(|(opcode, flag)| flag.scale(opcode.into())).sum();
        builder.receive(Message::Compute { opcode, a, b, c }, used);
    }
}

fn limbs<X: Expression>(bytes: &[X; WORD_BYTES]) -> Word<X> {
    core::array::from_fn(|limb| {
        X::from_limbs(&bytes[LIMB_BYTES * limb..LIMB_BYTES * (limb + 1)], 8)
    })
}
