//! Signatures of transactions: which ones Ethereum takes, and who made them.
//!
//! Sources: EIP-2 (low s), the yellow paper's appendix F (recovery, addresses). The curve arithmetic is libsecp256k1's.

use alloy_primitives::{Address, B256, U256, keccak256};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, PublicKey, SECP256K1};

use crate::error::TransactionFault;

/// Order of secp256k1.
pub const CURVE_ORDER: U256 = U256::from_limbs([
    0xbfd2_5e8c_d036_4141,
    0xbaae_dce6_af48_a03b,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
]);

/// Who made a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
    /// x and y of the public key.
    pub public_key: (U256, U256),
    /// The last 20 bytes of the key's Keccak-256.
    pub address: Address,
}

impl From<&PublicKey> for Signer {
    fn from(key: &PublicKey) -> Self {
        let [_, point @ ..] = key.serialize_uncompressed();
        let (x, y) = point.split_at(32);
        Self {
            public_key: (U256::from_be_slice(x), U256::from_be_slice(y)),
            address: Address::from_word(keccak256(point)),
        }
    }
}

/// A signature of a hash: `r` and `s` are in range and `s` is low, but there may be no key that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    hash: B256,
    odd_y: bool,
    r: U256,
    s: U256,
}

impl Signature {
    /// Takes apart what was signed, whether R's y is odd, `r` and `s`.
    ///
    /// # Errors
    /// [`TransactionFault::SignatureR`] and [`TransactionFault::SignatureS`] if a number is zero or not below [`CURVE_ORDER`],
    /// [`TransactionFault::HighS`] if `s` is above half of it.
    pub fn new(hash: B256, odd_y: bool, r: U256, s: U256) -> Result<Self, TransactionFault> {
        if r.is_zero() || r >= CURVE_ORDER {
            return Err(TransactionFault::SignatureR);
        }
        if s.is_zero() || s >= CURVE_ORDER {
            return Err(TransactionFault::SignatureS);
        }
        if s > CURVE_ORDER >> 1 {
            return Err(TransactionFault::HighS);
        }
        Ok(Self { hash, odd_y, r, s })
    }

    /// The one signer that this signature verifies for.
    ///
    /// # Errors
    /// [`TransactionFault::Unrecoverable`] if `r` is not the x of a point or the key would be the point at infinity.
    pub fn recover(&self) -> Result<Signer, TransactionFault> {
        let mut compact = [0; 64];
        let (r, s) = compact.split_at_mut(32);
        r.copy_from_slice(&self.r.to_be_bytes::<32>());
        s.copy_from_slice(&self.s.to_be_bytes::<32>());
        // v tells only the parity, so that x of R is r itself and never r + n.
        let id = if self.odd_y {
            RecoveryId::One
        } else {
            RecoveryId::Zero
        };
        let key = RecoverableSignature::from_compact(&compact, id)
            .and_then(|signature| {
                SECP256K1.recover_ecdsa(Message::from_digest(self.hash.0), &signature)
            })
            .map_err(|_| TransactionFault::Unrecoverable)?;
        Ok(Signer::from(&key))
    }
}
