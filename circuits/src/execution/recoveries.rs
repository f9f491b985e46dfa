//! Calls of ECRECOVER that have the gas for it.

use alloy_primitives::{Address, B256, U256};

use super::copies::PerformedCopy;
use super::memory::TouchedWord;
use crate::secp256k1::recover::{Recovery, recover};
use crate::secp256k1::{Affine, GENERATOR, HALF_ORDER, N};

/// `v` of a signature whose R has an odd y.
const ODD_V: U256 = U256::from_limbs([28, 0, 0, 0]);

/// A call of ECRECOVER, with what it finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerformedRecovery {
    /// The frame.
    pub frame: u64,
    /// The first word of the input: what was signed.
    pub hash: B256,
    /// The second.
    pub v: U256,
    /// The third.
    pub r: U256,
    /// The fourth.
    pub s: U256,
    /// What the input is.
    pub found: Recovery,
    /// The word of memory with the address, if there is one.
    pub written: Option<TouchedWord>,
}

/// A signature in the form in which it is proved, with the key that it recovers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowSignature {
    /// Whether R's y is odd.
    pub odd_y: bool,
    /// s, in the lower half.
    pub s: U256,
    /// The key; any point where there is none.
    pub key: Affine,
    /// Whether the key would be infinity.
    pub infinite: bool,
}

impl PerformedRecovery {
    /// What a frame finds in the string that is its input.
    pub(super) fn of(frame: u64, input: &PerformedCopy) -> Option<Self> {
        let mut words = input.rows.iter().skip(usize::from(input.order.leads()));
        let mut word = || words.next().map(|row| row.window);
        let (hash, v, r, s) = (B256::from(word()?), word()?, word()?, word()?);
        Some(Self {
            frame,
            hash,
            v,
            r,
            s,
            found: recover(hash, v, r, s),
            written: None,
        })
    }

    /// The address that signed.
    pub fn address(&self) -> Option<Address> {
        match self.found {
            Recovery::Key(key) => Some(key.address()),
            _ => None,
        }
    }

    /// The signature as `ecdsa` proves it, of a key or of infinity. With `s` in the upper half it is the same as with `n - s` and the other parity.
    pub fn signature(&self) -> Option<LowSignature> {
        let (key, infinite) = match self.found {
            Recovery::Key(key) => (key, false),
            Recovery::Infinite => (GENERATOR, true),
            _ => return None,
        };
        let odd_y = self.v == ODD_V;
        let high = self.s > HALF_ORDER;
        Some(LowSignature {
            odd_y: odd_y != high,
            s: if high { N.checked_sub(self.s)? } else { self.s },
            key,
            infinite,
        })
    }
}
