//! Filling the transaction table.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::air::ACCESSES;
use super::columns::{
    Environment, Fees, Gas, Kind, NoPrecompile, SignedFields, Touch, TransactionColumns,
};
use crate::access::{AccountAccess, AccountFields};
use crate::error::Error;
use crate::event::{Account, BlockEnvironment, ChunkEvents, TransactionEvent, TransactionKind};
use crate::word::{address, hash_word, u64_limbs, word};

/// A filled transaction table, and what block and state need to know of it.
#[derive(Clone, Debug)]
pub struct TransactionRequests {
    /// The rows, not padded.
    pub trace: Trace,
    /// When each account was accessed last.
    pub last_timestamps: BTreeMap<Address, u64>,
    /// The accounts after the last transaction.
    pub accounts: BTreeMap<Address, Account>,
    /// Gas used in the block after the last transaction.
    pub gas_used: u64,
    /// `tx_chain` after the last transaction.
    pub tx_chain: B256,
}

/// Fills a row for every transaction of the chunk, which runs in `block` on top of `gas_used` and `tx_chain`.
///
/// # Errors
/// [`Error::Events`] when a transaction cannot be paid, touches an account that the chunk does not list, or does not fit
/// the block: no row could satisfy the constraints.
pub fn generate(
    events: &ChunkEvents,
    block: &BlockEnvironment,
    gas_used: u64,
    tx_chain: B256,
) -> Result<TransactionRequests, Error> {
    let before = events
        .accounts
        .iter()
        .map(|a| (a.address, a.before.unwrap_or(Account::EMPTY)));
    let mut filler = Filler {
        chain_id: events.chain_id,
        block,
        accounts: before.collect(),
        last_timestamps: BTreeMap::new(),
        gas_used,
        tx_chain,
    };
    let mut trace = Trace::new(<TransactionColumns<Felt> as Columns<Felt>>::WIDTH);
    for (ordinal, event) in (0u64..).zip(&events.transactions) {
        filler.fill(ordinal, event, trace.push())?;
    }
    Ok(TransactionRequests {
        trace,
        last_timestamps: filler.last_timestamps,
        accounts: filler.accounts,
        gas_used: filler.gas_used,
        tx_chain: filler.tx_chain,
    })
}

struct Filler<'a> {
    chain_id: u64,
    block: &'a BlockEnvironment,
    accounts: BTreeMap<Address, Account>,
    last_timestamps: BTreeMap<Address, u64>,
    gas_used: u64,
    tx_chain: B256,
}

/// Gas that a transfer uses: see [`crate::tables::transaction`].
fn intrinsic_gas(event: &TransactionEvent) -> u64 {
    let zeros = event.data.iter().filter(|byte| **byte == 0).count() as u64;
    let nonzeros = event.data.len() as u64 - zeros;
    let list = 2_400 * event.access_addresses() + 1_900 * event.access_keys();
    21_000 + 4 * zeros + 16 * nonzeros + list
}

fn add(a: U256, b: U256, what: &str) -> Result<U256, Error> {
    a.checked_add(b)
        .ok_or_else(|| Error::Events(format!("{what} overflows")))
}

fn sub(a: U256, b: U256, what: &str) -> Result<U256, Error> {
    a.checked_sub(b)
        .ok_or_else(|| Error::Events(format!("{what} does not suffice")))
}

fn mul(a: U256, b: U256, what: &str) -> Result<U256, Error> {
    a.checked_mul(b)
        .ok_or_else(|| Error::Events(format!("{what} overflows")))
}

impl Filler<'_> {
    fn fill(
        &mut self,
        ordinal: u64,
        event: &TransactionEvent,
        row: &mut TransactionColumns<Felt>,
    ) -> Result<(), Error> {
        row.used = Felt::ONE;
        row.ordinal = Felt::from_canonical_u64(ordinal);
        row.kind = kind(event.kind);
        row.signed = signed_fields(event, self.chain_id);
        row.odd_y = Felt::from_bool(event.odd_y);
        row.v_carry = v_carry(event, self.chain_id);
        row.environment = Environment {
            chain_id: u64_limbs(self.chain_id),
            coinbase: address(self.block.coinbase),
            gas_limit: u64_limbs(self.block.gas_limit),
            base_fee: word(self.block.base_fee),
        };
        row.signing_hash = hash_word(event.signing_hash);
        row.hash = hash_word(event.hash);
        row.tx_chain_before = hash_word(self.tx_chain);
        self.tx_chain = keccak256([self.tx_chain.0, event.hash.0].concat());
        row.tx_chain_after = hash_word(self.tx_chain);
        row.sender_address = address(event.sender);
        row.no_precompile = no_precompile(event.to);

        let intrinsic = U256::from(intrinsic_gas(event));
        self.fill_gas(event, intrinsic, &mut row.gas)?;
        let sender_balance = self.account(event.sender)?.balance;
        let payment = fill_fees(
            event,
            self.block.base_fee,
            intrinsic,
            sender_balance,
            &mut row.fees,
        )?;
        row.nonce_after = u64_limbs(event.nonce.wrapping_add(1));

        let first = ACCESSES * ordinal + 1;
        row.sender = self.touch(event.sender, first, |account| {
            account.nonce = account.nonce.wrapping_add(1);
            account.balance = sub(account.balance, payment.cost, "the sender's balance")?;
            Ok(())
        })?;
        row.recipient = self.touch(event.to, first + 1, |account| {
            account.balance = add(account.balance, event.value, "the recipient's balance")?;
            Ok(())
        })?;
        row.coinbase = self.touch(self.block.coinbase, first + 2, |account| {
            account.balance = add(account.balance, payment.reward, "the coinbase's balance")?;
            Ok(())
        })?;
        Ok(())
    }

    fn fill_gas(
        &mut self,
        event: &TransactionEvent,
        intrinsic: U256,
        gas: &mut Gas<Felt>,
    ) -> Result<(), Error> {
        let gas_limit = U256::from(event.gas_limit);
        let used_before = U256::from(self.gas_used);
        let claimed = used_before + gas_limit;
        gas.intrinsic = narrow(intrinsic);
        gas.unused = word(sub(gas_limit, intrinsic, "the gas limit")?);
        gas.claimed = word(claimed);
        let left = sub(
            U256::from(self.block.gas_limit),
            claimed,
            "the block's gas limit",
        )?;
        gas.left_in_block = word(left);
        gas.used_before = u64_limbs(self.gas_used);
        self.gas_used += intrinsic_gas(event);
        gas.used_after = u64_limbs(self.gas_used);
        Ok(())
    }

    fn account(&self, address: Address) -> Result<&Account, Error> {
        let missing = || Error::Events(format!("touched account {address} is not listed"));
        self.accounts.get(&address).ok_or_else(missing)
    }

    fn touch(
        &mut self,
        address: Address,
        timestamp: u64,
        change: impl FnOnce(&mut Account) -> Result<(), Error>,
    ) -> Result<Touch<Felt>, Error> {
        let mut account = *self.account(address)?;
        let before = AccountFields::from(&account);
        change(&mut account)?;
        self.accounts.insert(address, account);
        let previous = self.last_timestamps.insert(address, timestamp).unwrap_or(0);
        Ok(Touch {
            before,
            balance_after: word(account.balance),
            access: AccountAccess::new(previous, timestamp),
        })
    }
}

fn narrow(value: U256) -> [Felt; 2] {
    let [low, high, ..] = word(value);
    [low, high]
}

fn kind(kind: TransactionKind) -> Kind<Felt> {
    let is = |other| Felt::from_bool(kind == other);
    Kind {
        legacy_plain: is(TransactionKind::Legacy { protected: false }),
        legacy_protected: is(TransactionKind::Legacy { protected: true }),
        access_list: is(TransactionKind::AccessList),
        dynamic_fee: is(TransactionKind::DynamicFee),
    }
}

/// The value of the field `v` or `y_parity`.
fn v_of(event: &TransactionEvent, chain_id: u64) -> u128 {
    let odd_y = u128::from(event.odd_y);
    match event.kind {
        TransactionKind::Legacy { protected: false } => 27 + odd_y,
        TransactionKind::Legacy { protected: true } => 35 + 2 * u128::from(chain_id) + odd_y,
        TransactionKind::AccessList | TransactionKind::DynamicFee => odd_y,
    }
}

fn v_carry(event: &TransactionEvent, chain_id: u64) -> [Felt; 2] {
    if event.kind != (TransactionKind::Legacy { protected: true }) {
        return [Felt::ZERO; 2];
    }
    let (low, high) = (chain_id & 0xffff_ffff, chain_id >> 32);
    let carry_low = (2 * low + 35 + u64::from(event.odd_y)) >> 32;
    let carry_high = (2 * high + carry_low) >> 32;
    [carry_low, carry_high].map(Felt::from_canonical_u64)
}

fn count(bytes: &Bytes) -> Felt {
    Felt::from_canonical_usize(bytes.len())
}

fn signed_fields(event: &TransactionEvent, chain_id: u64) -> SignedFields<Felt> {
    let zeros = event.data.iter().filter(|byte| **byte == 0).count();
    let [v_low, v_middle, v_high, ..] = word(U256::from(v_of(event, chain_id)));
    SignedFields {
        length: count(&event.raw),
        signing_length: count(&event.signing_payload),
        zero_bytes: Felt::from_canonical_usize(zeros),
        nonzero_bytes: Felt::from_canonical_usize(event.data.len() - zeros),
        access_addresses: Felt::from_canonical_u64(event.access_addresses()),
        access_keys: Felt::from_canonical_u64(event.access_keys()),
        nonce: u64_limbs(event.nonce),
        max_fee: word(event.max_fee),
        max_priority_fee: word(event.max_priority_fee),
        gas_limit: u64_limbs(event.gas_limit),
        to: address(event.to),
        value: word(event.value),
        v: [v_low, v_middle, v_high],
        r: word(event.r),
        s: word(event.s),
    }
}

/// What a transaction moves.
struct Payment {
    cost: U256,
    reward: U256,
}

fn fill_fees(
    event: &TransactionEvent,
    base_fee: U256,
    intrinsic: U256,
    sender_balance: U256,
    fees: &mut Fees<Felt>,
) -> Result<Payment, Error> {
    let headroom = sub(event.max_fee, base_fee, "the fee cap")?;
    let priority_slack = sub(event.max_fee, event.max_priority_fee, "the fee cap")?;
    let tip = headroom.min(event.max_priority_fee);
    let price = add(base_fee, tip, "the gas price")?;
    let max_gas_cost = mul(
        U256::from(event.gas_limit),
        event.max_fee,
        "the up-front cost",
    )?;
    let max_cost = add(max_gas_cost, event.value, "the up-front cost")?;
    let balance_slack = sub(sender_balance, max_cost, "the sender's balance")?;
    let gas_cost = mul(intrinsic, price, "the fee")?;
    let cost = add(gas_cost, event.value, "the cost")?;
    let reward = mul(intrinsic, tip, "the tip")?;
    *fees = Fees {
        headroom: word(headroom),
        priority_slack: word(priority_slack),
        tip_is_headroom: Felt::from_bool(tip == headroom),
        tip: word(tip),
        tip_below_priority: word(event.max_priority_fee - tip),
        tip_below_headroom: word(headroom - tip),
        price: word(price),
        max_gas_cost: word(max_gas_cost),
        max_cost: word(max_cost),
        balance_slack: word(balance_slack),
        gas_cost: word(gas_cost),
        cost: word(cost),
        reward: word(reward),
    };
    Ok(Payment { cost, reward })
}

fn no_precompile(to: Address) -> NoPrecompile<Felt> {
    let [low, high @ ..] = address(to);
    let high: Felt = high.into_iter().sum();
    let (is_high, low_is_zero) = (high != Felt::ZERO, low == Felt::ZERO);
    let low_is_above = !is_high && !low_is_zero;
    let mut distance = [Felt::ZERO; 2];
    if low_is_above {
        let low = hash_word(to.into_word())[0];
        let far = plonky2::field::types::PrimeField64::to_canonical_u64(
            &(low - Felt::from_canonical_u64(super::HIGHEST_PRECOMPILE + 1)),
        );
        // For a precompile the difference is negative: no limbs satisfy the constraint, as it must be.
        distance = [far & 0xffff, far >> 16].map(Felt::from_noncanonical_u64);
    }
    NoPrecompile {
        is_high: Felt::from_bool(is_high),
        low_is_zero: Felt::from_bool(!is_high && low_is_zero),
        low_is_above: Felt::from_bool(low_is_above),
        high_inverse: high.try_inverse().unwrap_or(Felt::ZERO),
        distance,
    }
}
