//! What is called.

use braid_stark::{ConstraintBuilder, Expression, Felt};
use plonky2::field::types::Field;

use super::{CallColumns, opens, reaches};
use crate::bus::Message;
use crate::event::code::DELEGATION;
use crate::state_hash::EMPTY_CODE_DIGEST;
use crate::word::AddressLimbs;

/// Whose code is called.
pub(super) fn target<X: Expression>(local: &CallColumns<X>) -> AddressLimbs<X> {
    core::array::from_fn(|limb| local.target[limb])
}

pub(super) fn eval<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    access(local, builder);
    bytecode(local, builder);
    precompile(local, builder);
}

/// The account is accessed, or would have been.
fn access<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let (at, account) = (&local.at, &local.account);
    let claim = Message::AccountAccess {
        clock: at.clock,
        frame: at.frame,
        number: at.writes + B::X::one(),
        address: target(local),
        was_warm: account.was_warm,
        exists: account.exists,
        is_precompile: account.is_precompile,
        balance: account.balance,
        code: account.digest,
    };
    builder.send(claim, opens(local));
    let claim = Message::AccountView {
        clock: at.clock,
        frame: at.frame,
        address: target(local),
        was_warm: account.was_warm,
        exists: account.exists,
    };
    builder.send(claim, local.lacks + local.far);
}

/// Which bytecode runs.
fn bytecode<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let account = &local.account;
    let claim = Message::Code {
        code: account.code,
        digest: account.digest,
        keccak: account.keccak,
        size: account.size,
    };
    builder.send(claim, local.runs);
    let first = Message::CodeByte {
        code: account.code,
        position: B::X::zero(),
        byte: account.first_byte,
    };
    builder.send(first, local.runs);
    let other = account.first_byte - B::X::from_u64(DELEGATION.into());
    let shown = other * account.byte_inverse;
    builder.assert_eq_when("call/delegation", local.runs, shown, B::X::one());
    for (digest, empty) in account.digest.into_iter().zip(EMPTY_CODE_DIGEST) {
        let empty = B::X::constant(Felt::from_canonical_u64(empty));
        builder.assert_eq_when("call/no code", local.is_empty, digest, empty);
    }
    let runs_nothing = opens(local) - local.runs - local.is_precompile;
    builder.assert_zero("call/code", runs_nothing * account.code);
}

/// Whether it is a precompile; its number is the address then, whose other limbs are zero.
fn precompile<B: ConstraintBuilder>(local: &CallColumns<B::X>, builder: &mut B) {
    let account = &local.account;
    let [low, ..] = target(local);
    let opened = reaches(local) * (account.is_precompile - local.is_precompile);
    builder.assert_zero("call/precompile", opened);
    builder.assert_eq_when("call/number", local.is_precompile, account.code, low);
}
