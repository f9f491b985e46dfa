//! A signed transaction as revm asks about it, without copies of its parts.

use alloy_eips::eip2930::AccessListItem;
use alloy_eips::eip7702::RecoveredAuthorization;
use alloy_primitives::{Address, B256, Bytes, U256};
use revm::context_interface::Transaction;
use revm::primitives::TxKind;

use super::signed_chain_id;
use crate::transaction::SignedTransaction;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    tx_type: u8,
    chain_id: Option<u64>,
    caller: Address,
    nonce: u64,
    gas_limit: u64,
    max_fee: u128,
    max_priority_fee: Option<u128>,
    kind: TxKind,
    value: U256,
    data: &'a Bytes,
    access_list: &'a [AccessListItem],
    authorizations: &'a [RecoveredAuthorization],
}

static NO_DATA: Bytes = Bytes::new();

impl<'a> Sent<'a> {
    /// A transaction whose fees fit: see [`super::fee_fits`].
    pub(super) fn new(transaction: &'a SignedTransaction, chain_id: u64) -> Self {
        let kind = transaction.kind;
        Self {
            tx_type: kind.number(),
            chain_id: signed_chain_id(kind, chain_id),
            caller: transaction.sender,
            nonce: transaction.nonce,
            gas_limit: transaction.gas_limit,
            max_fee: transaction.max_fee.saturating_to(),
            max_priority_fee: kind
                .has_priority_fee()
                .then(|| transaction.max_priority_fee.saturating_to()),
            kind: transaction.to.map_or(TxKind::Create, TxKind::Call),
            value: transaction.value,
            data: &transaction.data,
            access_list: &transaction.access_list.0,
            authorizations: &transaction.authorizations,
        }
    }

    /// In place of a transaction before the first.
    pub(super) fn nothing() -> Self {
        Self {
            tx_type: 0,
            chain_id: None,
            caller: Address::ZERO,
            nonce: 0,
            gas_limit: 0,
            max_fee: 0,
            max_priority_fee: None,
            kind: TxKind::Create,
            value: U256::ZERO,
            data: &NO_DATA,
            access_list: &[],
            authorizations: &[],
        }
    }
}

impl Transaction for Sent<'_> {
    type AccessListItem<'b>
        = &'b AccessListItem
    where
        Self: 'b;
    type Authorization<'b>
        = &'b RecoveredAuthorization
    where
        Self: 'b;

    fn tx_type(&self) -> u8 {
        self.tx_type
    }

    fn caller(&self) -> Address {
        self.caller
    }

    fn gas_limit(&self) -> u64 {
        self.gas_limit
    }

    fn value(&self) -> U256 {
        self.value
    }

    fn input(&self) -> &Bytes {
        self.data
    }

    fn nonce(&self) -> u64 {
        self.nonce
    }

    fn kind(&self) -> TxKind {
        self.kind
    }

    fn chain_id(&self) -> Option<u64> {
        self.chain_id
    }

    fn gas_price(&self) -> u128 {
        self.max_fee
    }

    fn access_list(&self) -> Option<impl Iterator<Item = Self::AccessListItem<'_>>> {
        Some(self.access_list.iter())
    }

    fn blob_versioned_hashes(&self) -> &[B256] {
        &[]
    }

    fn max_fee_per_blob_gas(&self) -> u128 {
        0
    }

    fn authorization_list_len(&self) -> usize {
        self.authorizations.len()
    }

    fn authorization_list(&self) -> impl Iterator<Item = Self::Authorization<'_>> {
        self.authorizations.iter()
    }

    fn max_priority_fee_per_gas(&self) -> Option<u128> {
        self.max_priority_fee
    }
}
