//! Kinds of transactions.

use alloy_eips::eip7702::{Authorization, RecoveredAuthority, RecoveredAuthorization};
use alloy_primitives::{Address, U256};
use braid_circuits::event;
use braid_text::Rules;

use crate::signature::Signature;

/// The kinds of transaction that are executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionKind {
    /// Before EIP-2718; `protected` by a chain id (EIP-155) or not.
    Legacy {
        /// Whether the signature covers the chain id.
        protected: bool,
    },
    /// EIP-2930.
    AccessList,
    /// EIP-1559.
    DynamicFee,
    /// EIP-7702: as EIP-1559, with authorizations to set code.
    SetCode,
}

impl TransactionKind {
    /// The type of EIP-2718; 0 for those before it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Legacy { .. } => 0,
            Self::AccessList => 1,
            Self::DynamicFee => 2,
            Self::SetCode => 4,
        }
    }

    /// The first byte of the published bytes; none before EIP-2718.
    pub const fn type_byte(self) -> &'static [u8] {
        match self {
            Self::Legacy { .. } => &[],
            Self::AccessList => &[1],
            Self::DynamicFee => &[2],
            Self::SetCode => &[4],
        }
    }

    /// Whether it has a fee cap and a priority fee cap in place of a gas price.
    pub const fn has_priority_fee(self) -> bool {
        matches!(self, Self::DynamicFee | Self::SetCode)
    }

    /// The first rules by which such transactions are taken.
    pub const fn since(self) -> Rules {
        match self {
            Self::Legacy { .. } | Self::AccessList | Self::DynamicFee => Rules::Cancun,
            Self::SetCode => Rules::Prague,
        }
    }

    /// The kind as tables know it; `None` of one that cannot be proved.
    pub const fn of_tables(self) -> Option<event::TransactionKind> {
        match self {
            Self::Legacy { protected } => Some(event::TransactionKind::Legacy { protected }),
            Self::AccessList => Some(event::TransactionKind::AccessList),
            Self::DynamicFee => Some(event::TransactionKind::DynamicFee),
            Self::SetCode => None,
        }
    }
}

/// An authorization as it is signed, with its signature (EIP-7702). What is wrong with the signature makes the authorization void, not the transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignedAuthorization {
    /// The chain on which it holds; 0 for all chains.
    pub chain_id: U256,
    /// Whose code the authority takes; zero for nobody's.
    pub address: Address,
    /// The authority's nonce.
    pub nonce: u64,
    /// Whether R's y is odd: 0 or 1, else it is void.
    pub y_parity: u8,
    /// x of R.
    pub r: U256,
    /// s.
    pub s: U256,
}

impl SignedAuthorization {
    /// What is signed.
    pub fn unsigned(&self) -> Authorization {
        Authorization {
            chain_id: self.chain_id,
            address: self.address,
            nonce: self.nonce,
        }
    }

    /// The authorization with its authority, if there is one.
    pub fn recovered(&self) -> RecoveredAuthorization {
        let unsigned = self.unsigned();
        let signer = || {
            let odd_y = match self.y_parity {
                0 => false,
                1 => true,
                _ => return None,
            };
            let signature = Signature::new(unsigned.signature_hash(), odd_y, self.r, self.s);
            Some(signature.ok()?.recover().ok()?.address)
        };
        let authority = match signer() {
            Some(address) => RecoveredAuthority::Valid(address),
            None => RecoveredAuthority::Invalid,
        };
        RecoveredAuthorization::new_unchecked(unsigned, authority)
    }
}
