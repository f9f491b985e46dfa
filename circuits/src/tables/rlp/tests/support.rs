//! Random transactions encoded by alloy, what the table should say about them, and what is wrong with a trace.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use braid_stark::check::{check_table, interactions_of};
use braid_stark::{Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};
use rand::Rng;
use rand::rngs::StdRng;

use crate::bus::{Message, field, string};
use crate::event::{TransactionEvent, TransactionKind};
use crate::tables::rlp::Rlp;
use crate::word;

/// What the table can prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unprotected,
    Protected,
    AccessList,
    DynamicFee,
}

/// A transaction's fields before encoding.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) kind: Kind,
    pub(super) chain_id: u64,
    pub(super) nonce: u64,
    pub(super) max_fee: u128,
    pub(super) max_priority_fee: u128,
    pub(super) gas_limit: u64,
    pub(super) to: Address,
    pub(super) value: U256,
    pub(super) data: Vec<u8>,
    /// Number of keys of each address of the access list.
    pub(super) access: Vec<usize>,
    pub(super) runs_code: bool,
    pub(super) odd_y: bool,
    pub(super) r: U256,
    pub(super) s: U256,
}

/// A random number of random length.
fn random_u256(rng: &mut StdRng) -> U256 {
    let number: U256 = U256::from_be_bytes(rng.r#gen::<[u8; 32]>());
    number >> rng.gen_range(0..=256usize)
}

fn random_u64(rng: &mut StdRng) -> u64 {
    rng.r#gen::<u64>()
        .checked_shr(rng.gen_range(0..=64))
        .unwrap_or(0)
}

impl Fields {
    pub(super) fn random(rng: &mut StdRng, kind: Kind) -> Self {
        let fee = |rng: &mut StdRng| u128::from(random_u64(rng)) * u128::from(random_u64(rng));
        let length = *[0, 1, 4, 40, 60, 300].get(rng.gen_range(0..6)).unwrap();
        Self {
            kind,
            chain_id: random_u64(rng),
            nonce: random_u64(rng),
            max_fee: fee(rng),
            max_priority_fee: fee(rng),
            gas_limit: random_u64(rng),
            to: Address::from(rng.r#gen::<[u8; 20]>()),
            value: random_u256(rng),
            data: (0..length)
                .map(|_| if rng.r#gen() { rng.r#gen() } else { 0 })
                .collect(),
            access: (0..rng.gen_range(0..4))
                .map(|_| rng.gen_range(0..4))
                .collect(),
            odd_y: rng.r#gen(),
            r: random_u256(rng),
            s: random_u256(rng),
            runs_code: rng.r#gen(),
        }
    }

    fn access_list(&self) -> AccessList {
        let entry = |(index, keys): (usize, &usize)| AccessListItem {
            address: Address::repeat_byte(index as u8),
            storage_keys: (0..*keys).map(|key| B256::repeat_byte(key as u8)).collect(),
        };
        AccessList(self.access.iter().enumerate().map(entry).collect())
    }

    pub(super) fn sample(self) -> Sample {
        let signature = Signature::new(self.r, self.s, self.odd_y);
        let (to, input) = (TxKind::Call(self.to), Bytes::from(self.data.clone()));
        let (raw, signing_payload) = match self.kind {
            Kind::Unprotected | Kind::Protected => {
                let transaction = TxLegacy {
                    chain_id: (self.kind == Kind::Protected).then_some(self.chain_id),
                    nonce: self.nonce,
                    gas_price: self.max_fee,
                    gas_limit: self.gas_limit,
                    to,
                    value: self.value,
                    input,
                };
                let payload = transaction.encoded_for_signing();
                let signed = TxEnvelope::Legacy(transaction.into_signed(signature));
                (signed.encoded_2718(), payload)
            }
            Kind::AccessList => {
                let transaction = TxEip2930 {
                    chain_id: self.chain_id,
                    nonce: self.nonce,
                    gas_price: self.max_fee,
                    gas_limit: self.gas_limit,
                    to,
                    value: self.value,
                    access_list: self.access_list(),
                    input,
                };
                let payload = transaction.encoded_for_signing();
                let signed = TxEnvelope::Eip2930(transaction.into_signed(signature));
                (signed.encoded_2718(), payload)
            }
            Kind::DynamicFee => {
                let transaction = TxEip1559 {
                    chain_id: self.chain_id,
                    nonce: self.nonce,
                    gas_limit: self.gas_limit,
                    max_fee_per_gas: self.max_fee,
                    max_priority_fee_per_gas: self.max_priority_fee,
                    to,
                    value: self.value,
                    access_list: self.access_list(),
                    input,
                };
                let payload = transaction.encoded_for_signing();
                let signed = TxEnvelope::Eip1559(transaction.into_signed(signature));
                (signed.encoded_2718(), payload)
            }
        };
        Sample {
            fields: self,
            raw: raw.into(),
            signing_payload: signing_payload.into(),
        }
    }
}

/// An encoded transaction.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) fields: Fields,
    pub(super) raw: Bytes,
    pub(super) signing_payload: Bytes,
}

/// A message: kind and payload.
pub(super) type Said = (&'static str, Vec<u64>);

impl Sample {
    pub(super) fn random(rng: &mut StdRng, kind: Kind) -> Self {
        let mut fields = Fields::random(rng, kind);
        // Larger ones have no `v` in alloy's type.
        fields.chain_id &= u64::MAX >> 2;
        fields.sample()
    }

    pub(super) fn any(rng: &mut StdRng) -> Self {
        let kind = match rng.gen_range(0..4) {
            0 => Kind::Unprotected,
            1 => Kind::Protected,
            2 => Kind::AccessList,
            _ => Kind::DynamicFee,
        };
        Self::random(rng, kind)
    }

    /// An event with these bytes, of a transaction that runs code or not; the table looks at nothing else.
    pub(super) fn event(&self) -> TransactionEvent {
        TransactionEvent {
            raw: self.raw.clone(),
            kind: TransactionKind::DynamicFee,
            nonce: 0,
            max_fee: U256::ZERO,
            max_priority_fee: U256::ZERO,
            gas_limit: 0,
            to: Address::ZERO,
            value: U256::ZERO,
            data: Bytes::new(),
            access_list: Vec::new(),
            runs_code: self.fields.runs_code,
            odd_y: false,
            r: U256::ZERO,
            s: U256::ZERO,
            signing_payload: Bytes::new(),
            signing_hash: B256::ZERO,
            hash: B256::ZERO,
            public_key_x: U256::ZERO,
            public_key_y: U256::ZERO,
            sender: Address::ZERO,
        }
    }

    /// What only a transaction that runs code tells: ids, how many bytes of calldata and entries were read, and values.
    fn given(&self) -> Vec<(u64, (usize, usize), U256)> {
        let Fields { kind, data, .. } = &self.fields;
        let mut given = Vec::new();
        for end in (1..=data.len()).filter(|end| end % 32 == 0 || *end == data.len()) {
            let id = match data.len() - end {
                0 => field::CALLDATA_END,
                _ => field::CALLDATA_WORD,
            };
            let bytes = &data[end.saturating_sub(32)..end];
            given.push((id, (end, 0), U256::from_be_slice(bytes)));
        }
        if matches!(kind, Kind::AccessList | Kind::DynamicFee) {
            let mut entries = Vec::new();
            for entry in self.fields.access_list().0 {
                let address = entry.address.into_word();
                entries.push((field::LISTED_ADDRESS, address));
                let keys = entry.storage_keys.into_iter();
                entries.extend(keys.map(|key| (field::LISTED_KEY, key)));
            }
            for (place, (id, value)) in (1..).zip(entries) {
                let value = U256::from_be_bytes(value.0);
                given.push((id, (data.len(), place), value));
            }
        }
        given
    }

    /// What the table should say of a transaction whose published bytes begin at `start`.
    pub(super) fn expected(&self, ordinal: u64, start: u64) -> Vec<Said> {
        let fields = &self.fields;
        let mut all = Vec::new();
        for (kind, index, start, bytes) in [
            (string::PUBLISHED, 0, start, &self.raw),
            (string::SIGNING_PAYLOAD, ordinal, 0, &self.signing_payload),
        ] {
            for (position, byte) in (start..).zip(bytes) {
                let payload = vec![kind, index, position, u64::from(*byte)];
                all.push(("HashByte", payload));
            }
        }
        let parity = U256::from(u8::from(fields.odd_y));
        let chain_id = U256::from(fields.chain_id);
        let v = match fields.kind {
            Kind::Unprotected => U256::from(27) + parity,
            Kind::Protected => U256::from(35) + chain_id * U256::from(2) + parity,
            _ => parity,
        };
        let kind = match fields.kind {
            Kind::Unprotected | Kind::Protected => 0,
            Kind::AccessList => 1,
            Kind::DynamicFee => 2,
        };
        let access = if kind == 0 { &[][..] } else { &fields.access };
        let before = (0, 0);
        let entries = access.len() + access.iter().sum::<usize>();
        let after = (fields.data.len(), entries);
        let mut values = vec![
            (field::NONCE, before, U256::from(fields.nonce)),
            (field::MAX_FEE, before, U256::from(fields.max_fee)),
            (field::GAS_LIMIT, before, U256::from(fields.gas_limit)),
            (
                field::TO,
                before,
                U256::from_be_bytes(fields.to.into_word().0),
            ),
            (field::VALUE, before, fields.value),
            (field::V, after, v),
            (field::R, after, fields.r),
            (field::S, after, fields.s),
        ];
        match fields.kind {
            Kind::Unprotected => {}
            Kind::Protected => values.push((field::SIGNING_CHAIN_ID, after, chain_id)),
            Kind::AccessList | Kind::DynamicFee => {
                values.push((field::CHAIN_ID, before, chain_id));
            }
        }
        if fields.kind == Kind::DynamicFee {
            let fee = U256::from(fields.max_priority_fee);
            values.push((field::MAX_PRIORITY_FEE, before, fee));
        }
        if fields.runs_code {
            values.extend(self.given());
        }
        for (id, (bytes, entries), value) in values {
            let mut payload = vec![ordinal, id, bytes as u64, entries as u64];
            payload.extend(word::word(value).map(|x| x.to_canonical_u64()));
            all.push(("TransactionField", payload));
        }
        let zero_bytes = fields.data.iter().filter(|byte| **byte == 0).count();
        let payload = vec![
            ordinal,
            start,
            kind,
            u64::from(fields.kind != Kind::Unprotected),
            self.raw.len() as u64,
            self.signing_payload.len() as u64,
            zero_bytes as u64,
            (fields.data.len() - zero_bytes) as u64,
            access.len() as u64,
            access.iter().sum::<usize>() as u64,
        ];
        all.push(("TransactionShape", payload));
        all
    }
}

/// Where the first byte is among the published ones of a chunk that starts in an open block.
pub(super) const START: u64 = 77;

/// What the table should say of transactions one after the other.
pub(super) fn expected_of(samples: &[Sample]) -> Vec<Said> {
    let (mut start, mut all) = (START, Vec::new());
    for (ordinal, sample) in (0..).zip(samples) {
        all.extend(sample.expected(ordinal, start));
        start += sample.raw.len() as u64;
    }
    all
}

/// A message as the bus's enum has it.
pub(super) fn message((kind, payload): &Said) -> Message<Felt> {
    let x: Vec<Felt> = payload
        .iter()
        .map(|x| Felt::from_canonical_u64(*x))
        .collect();
    match *kind {
        "HashByte" => Message::HashByte {
            kind: x[0],
            index: x[1],
            position: x[2],
            byte: x[3],
        },
        "TransactionField" => Message::TransactionField {
            ordinal: x[0],
            field: x[1],
            bytes: x[2],
            entries: x[3],
            value: core::array::from_fn(|limb| x[4 + limb]),
        },
        _ => Message::TransactionShape {
            ordinal: x[0],
            start: x[1],
            kind: x[2],
            protected: x[3],
            length: x[4],
            signing_length: x[5],
            zero_bytes: x[6],
            nonzero_bytes: x[7],
            access_addresses: x[8],
            access_keys: x[9],
        },
    }
}

/// Everything but lookups that the table says, sorted. Nothing is received, and nothing is said other than once.
pub(super) fn said(trace: &Trace) -> Vec<Said> {
    let mut all = Vec::new();
    for (_, interaction) in interactions_of(&Rlp, trace) {
        assert_eq!(interaction.multiplicity.to_canonical_u64(), 1);
        let payload = interaction.message.payload.iter();
        let payload: Vec<_> = payload.map(Felt::to_canonical_u64).collect();
        if interaction.message.tag.name != "U8" {
            all.push((interaction.message.tag.name, payload));
        }
    }
    all.sort();
    all
}

/// Labels of constraints that fail, and `"U8"` when something is looked up that is no byte; each once.
pub(super) fn findings(trace: &Trace) -> Vec<&'static str> {
    let mut found: Vec<_> = check_table(&Rlp, trace).iter().map(|v| v.label).collect();
    for (_, interaction) in interactions_of(&Rlp, trace) {
        let is_byte = interaction.message.payload[0].to_canonical_u64() < 256;
        if interaction.message.tag.name == "U8" && !is_byte {
            found.push("U8");
        }
    }
    found.sort();
    found.dedup();
    found
}
