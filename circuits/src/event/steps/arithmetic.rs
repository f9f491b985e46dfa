//! The opcodes whose result is a function of their operands alone (Yellow Paper, H.2).

use alloy_primitives::{I256, U256};

use crate::event::opcode::*;

/// The result of an opcode with these operands, `a` from the top of the stack; operands that it does not have are ignored. `None` if its result
/// depends on more.
pub(crate) fn result(opcode: u8, a: U256, b: U256, c: U256) -> Option<U256> {
    Some(match opcode {
        ADD => a.wrapping_add(b),
        MUL => a.wrapping_mul(b),
        SUB => a.wrapping_sub(b),
        DIV => a.checked_div(b).unwrap_or_default(),
        SDIV => signed_quotient(a, b),
        MOD => a.checked_rem(b).unwrap_or_default(),
        SMOD => signed_remainder(a, b),
        ADDMOD => a.add_mod(b, c),
        MULMOD => a.mul_mod(b, c),
        EXP => a.wrapping_pow(b),
        SIGNEXTEND => sign_extended(a, b),
        LT => U256::from(a < b),
        GT => U256::from(a > b),
        SLT => U256::from(signed(a) < signed(b)),
        SGT => U256::from(signed(a) > signed(b)),
        EQ => U256::from(a == b),
        ISZERO => U256::from(a.is_zero()),
        AND => a & b,
        OR => a | b,
        XOR => a ^ b,
        NOT => !a,
        BYTE => below(a, 32).map_or(U256::ZERO, |index| U256::from(b.byte(31 - index))),
        SHL => below(a, 256).map_or(U256::ZERO, |bits| b << bits),
        SHR => below(a, 256).map_or(U256::ZERO, |bits| b >> bits),
        CLZ => U256::from(a.leading_zeros()),
        SAR => b.arithmetic_shr(below(a, 256).unwrap_or(256)),
        _ => return None,
    })
}

/// The value as an index below a limit.
fn below(value: U256, limit: usize) -> Option<usize> {
    usize::try_from(value).ok().filter(|value| *value < limit)
}

fn signed(value: U256) -> I256 {
    I256::from_raw(value)
}

/// Rounded towards zero; -2^255 / -1 wraps to -2^255.
fn signed_quotient(a: U256, b: U256) -> U256 {
    if b.is_zero() {
        return U256::ZERO;
    }
    signed(a).wrapping_div(signed(b)).into_raw()
}

/// With the sign of `a`.
fn signed_remainder(a: U256, b: U256) -> U256 {
    if b.is_zero() {
        return U256::ZERO;
    }
    signed(a).wrapping_rem(signed(b)).into_raw()
}

/// Copies the top bit of byte `a` of `b`, counted from the lowest, into all higher bits.
fn sign_extended(a: U256, b: U256) -> U256 {
    match below(a, 31) {
        Some(byte) => {
            let unused = 256 - 8 * (byte + 1);
            (b << unused).arithmetic_shr(unused)
        }
        None => b,
    }
}
