//! Filling the transaction table.

use alloy_primitives::{Address, Bytes, U256};
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{Environment, Fees, Gas, Kind, SignedFields, Touch, TransactionColumns};
use crate::access::StampedFields;
use crate::error::Error;
use crate::event::{BlockEnvironment, ChunkEvents, Rules, TransactionEvent, TransactionKind};
use crate::execution::{
    AccountTouch, Execution, GAS_CAP, GasPrice, PerformedTransaction, add, floor_gas,
    intrinsic_gas, mul, sub,
};
use crate::gas::{TOP, gas_limbs};
use crate::limbs::low_limbs;
use crate::precompile::{AddressKind, RuleFlags};
use crate::tables::block::working_block;
use crate::word::{address, hash_word, u64_limbs, word};

/// Fills a row for every transaction of the chunk.
///
/// # Errors
/// [`Error::Events`] when a transaction cannot be paid, touches an account that the chunk does not list, or does not fit
/// the block: no row could satisfy the constraints.
pub fn generate(events: &ChunkEvents, execution: &Execution) -> Result<Trace, Error> {
    let mut filler = Filler {
        events,
        block: working_block(events),
        gas_used: events.start.gas_used,
        published: events.start.published.position(),
    };
    let mut trace = Trace::new(<TransactionColumns<Felt> as Columns<Felt>>::WIDTH);
    for (event, performed) in events.transactions.iter().zip(&execution.transactions) {
        let spent = match &performed.run {
            Some(run) => {
                let gas_left = execution.frame(run.frame)?.gas_left;
                spent_by(event, gas_left, execution.refund_of(performed.ordinal))
            }
            None => intrinsic_gas(event),
        };
        for touch in [&performed.sender, &performed.recipient, &performed.coinbase] {
            is_listed(events, touch.address)?;
        }
        filler.fill(event, performed, spent, trace.push())?;
    }
    Ok(trace)
}

fn is_listed(events: &ChunkEvents, address: Address) -> Result<(), Error> {
    let found = events
        .accounts
        .binary_search_by_key(&address, |account| account.address);
    match found {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::Events(format!(
            "touched account {address} is not listed"
        ))),
    }
}

struct Filler<'a> {
    events: &'a ChunkEvents,
    block: BlockEnvironment,
    gas_used: u64,
    published: u64,
}

impl Filler<'_> {
    fn fill(
        &mut self,
        event: &TransactionEvent,
        performed: &PerformedTransaction,
        spent: u64,
        row: &mut TransactionColumns<Felt>,
    ) -> Result<(), Error> {
        let (chain_id, rules) = (self.events.chain_id, self.events.rules);
        row.used = Felt::ONE;
        row.ordinal = Felt::from_noncanonical_u64(performed.ordinal);
        row.runs_code = Felt::from_bool(event.runs_code);
        row.clock = Felt::from_noncanonical_u64(performed.begins);
        row.next_clock = Felt::from_noncanonical_u64(performed.ends + 1);
        row.kind = kind(event.kind);
        row.signed = signed_fields(event, chain_id);
        row.odd_y = Felt::from_bool(event.odd_y);
        row.v_carry = v_carry(event, chain_id);
        row.environment = Environment {
            chain_id: u64_limbs(chain_id),
            coinbase: address(self.block.coinbase),
            gas_limit: u64_limbs(self.block.gas_limit),
            base_fee: word(self.block.base_fee),
            rules: RuleFlags::of(rules),
        };
        row.signing_hash = hash_word(event.signing_hash);
        row.published = Felt::from_canonical_u64(self.published);
        self.published += event.raw.len() as u64;
        row.sender_address = address(event.sender);
        // A precompile has no row that passes: it is in the range, or it is the one apart.
        (row.recipient_kind, _) = AddressKind::of(event.to, rules);

        let used = self.fill_gas(event, spent, &mut row.gas)?;
        let sender_balance = performed.sender.before.account.balance;
        let base_fee = self.block.base_fee;
        row.fees = fees(event, base_fee, used, sender_balance)?;
        row.nonce_after = u64_limbs(event.nonce.wrapping_add(1));
        row.sender = Touch::from(&performed.sender);
        row.recipient = Touch::from(&performed.recipient);
        row.coinbase = Touch::from(&performed.coinbase);
        Ok(())
    }

    /// Gas that is paid.
    fn fill_gas(
        &mut self,
        event: &TransactionEvent,
        spent: u64,
        gas: &mut Gas<Felt>,
    ) -> Result<u64, Error> {
        let what = "the gas limit";
        let limit = U256::from(event.gas_limit);
        let [spent, floor, intrinsic] = [
            spent,
            floor_gas(event, self.events.rules),
            intrinsic_gas(event),
        ]
        .map(U256::from);
        let used = spent.max(floor);
        gas.spent = low(spent);
        gas.floor = low(floor);
        gas.floor_binds = Felt::from_bool(floor > spent);
        gas.apart = wide(used - spent.min(floor));
        gas.used = narrow(used);
        gas.used_inverse = inverse_below(gas.used[1]);
        gas.given = wide(sub(limit, intrinsic, what)?);
        gas.above_floor = wide(sub(limit, floor, what)?);
        if self.events.rules >= Rules::Osaka {
            gas.below_cap = limbs(sub(U256::from(GAS_CAP), limit, "the cap on gas")?);
        }
        let used_before = U256::from(self.gas_used);
        let claimed = used_before + limit;
        gas.claimed = word(claimed);
        let left = sub(
            U256::from(self.block.gas_limit),
            claimed,
            "the block's gas limit",
        )?;
        gas.left_in_block = word(left);
        gas.used_before = u64_limbs(self.gas_used);
        let used = used.saturating_to::<u64>();
        self.gas_used += used;
        gas.used_after = u64_limbs(self.gas_used);
        Ok(used)
    }
}

/// What is used when the first frame gives back `gas_left` and the refund counter is at `refund`: at most a fifth is refunded (EIP-3529).
pub fn spent_by(event: &TransactionEvent, gas_left: u64, refund: u64) -> u64 {
    let used = event.gas_limit.saturating_sub(gas_left);
    used - refund.min(used / REFUND_QUOTIENT)
}

/// At most one part in this many of what was used is refunded (EIP-3529).
pub const REFUND_QUOTIENT: u64 = 5;

impl From<&AccountTouch> for Touch<Felt> {
    fn from(touch: &AccountTouch) -> Self {
        Self {
            before: StampedFields::from(&touch.before),
            accessed: Felt::from_noncanonical_u64(touch.before.timestamp),
            balance_after: word(touch.after.account.balance),
        }
    }
}

/// The inverse of what the high limb of a number is below 2^32 - 1.
pub fn inverse_below(high: Felt) -> Felt {
    let below = Felt::from_canonical_u32(u32::MAX) - high;
    below.try_inverse().unwrap_or_default()
}

fn wide(value: U256) -> [Felt; 4] {
    gas_limbs(value.as_limbs()[0], TOP)
}

fn limbs<const N: usize>(value: U256) -> [Felt; N] {
    low_limbs(value.as_limbs()[0])
}

fn low(value: U256) -> Felt {
    Felt::from_noncanonical_u64(value.as_limbs()[0])
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

fn fees(
    event: &TransactionEvent,
    base_fee: U256,
    used: u64,
    sender_balance: U256,
) -> Result<Fees<Felt>, Error> {
    let GasPrice {
        headroom,
        tip,
        price,
    } = GasPrice::of(event, base_fee)?;
    let (limit, used) = (U256::from(event.gas_limit), U256::from(used));
    let priority_slack = sub(event.max_fee, event.max_priority_fee, "the fee cap")?;
    let max_gas_cost = mul(limit, event.max_fee, "the up-front cost")?;
    let max_cost = add(max_gas_cost, event.value, "the up-front cost")?;
    let balance_slack = sub(sender_balance, max_cost, "the sender's balance")?;
    let (paid, value) = match event.runs_code {
        true => (limit, U256::ZERO),
        false => (used, event.value),
    };
    let gas_cost = mul(paid, price, "the fee")?;
    let cost = add(gas_cost, value, "the cost")?;
    let reward = mul(used, tip, "the tip")?;
    Ok(Fees {
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
    })
}
