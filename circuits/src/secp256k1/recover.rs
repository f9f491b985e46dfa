//! Recovery of a public key from a signature, with every way in which there is none.

use alloy_primitives::{B256, U256};

use super::{Affine, GENERATOR, N};

/// What the precompile ECRECOVER finds in its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// The signature is of this public key.
    Key(Affine),
    /// `v` is neither 27 nor 28.
    WrongV,
    /// `r` is zero.
    ZeroR,
    /// `s` is zero.
    ZeroS,
    /// `r` is the group's order or more.
    LargeR,
    /// `s` is the group's order or more.
    LargeS,
    /// No point of the curve has `r` as its x.
    NoPoint,
    /// The public key would be infinity.
    Infinite,
}

/// The public key whose signature of `hash` is `(r, s)`, with the parity that `v` tells. `s` may be high: what EIP-2 says of transactions does not hold here.
pub fn recover(hash: B256, v: U256, r: U256, s: U256) -> Recovery {
    let odd_y = match v.try_into() {
        Ok(27u64) => false,
        Ok(28u64) => true,
        _ => return Recovery::WrongV,
    };
    match (r, s) {
        (U256::ZERO, _) => return Recovery::ZeroR,
        (_, U256::ZERO) => return Recovery::ZeroS,
        _ if r >= N => return Recovery::LargeR,
        _ if s >= N => return Recovery::LargeS,
        _ => {}
    }
    let point = Affine::decompress(r, odd_y);
    let (Some(point), Some(inverse)) = (point, r.inv_mod(N)) else {
        return Recovery::NoPoint;
    };
    let hash = U256::from_be_bytes(hash.0) % N;
    let first = multiple(point, s.mul_mod(inverse, N));
    let second = multiple(GENERATOR, hash.mul_mod(inverse, N));
    let key = sum(first, second.map(Affine::negated));
    key.map_or(Recovery::Infinite, Recovery::Key)
}

/// A sum in the group, where infinity is `None`.
fn sum(a: Option<Affine>, b: Option<Affine>) -> Option<Affine> {
    match (a, b) {
        (None, other) | (other, None) => other,
        (Some(a), Some(b)) if a == b => a.doubled(),
        // Of points with the same x that are not the same, there is none.
        (Some(a), Some(b)) => a.plus(&b),
    }
}

/// A multiple in the group.
fn multiple(point: Affine, scalar: U256) -> Option<Affine> {
    let mut found = None;
    for bit in (0..256).rev() {
        found = sum(found, found);
        if scalar.bit(bit) {
            found = sum(found, Some(point));
        }
    }
    found
}
