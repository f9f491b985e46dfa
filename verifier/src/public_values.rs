//! What a final proof proves, and its fixed byte layout.

use alloy_primitives::B256;
use braid_text::{Rules, counted};
use plonky2::field::types::{Field, PrimeField64};
use serde::{Deserialize, Serialize};

use crate::config::F;
use crate::error::{Error, malformed};

/// Version of the statement; the circuits fix it.
pub const STATEMENT_VERSION: u32 = 2;
/// Words of the ABI form.
pub const ABI_WORDS: usize = 11;
/// Bytes of the ABI form.
pub const ABI_BYTES: usize = 32 * ABI_WORDS;
/// Field elements that the final circuit exposes: the ABI form's bytes, four by four, as big-endian numbers.
pub const STATEMENT_LIMBS: usize = ABI_BYTES / 4;

/// The statement: "executing blocks `first_block` to `last_block` of chain `chain_id` by `rules` after the block `prev_block_hash`
/// with state `prev_state_root` gives the block `block_hash` with state `state_root`". It starts and ends between blocks.
///
/// As bytes it is the Solidity ABI encoding of a struct with eleven static fields, 32 bytes each:
///
/// | bytes | type | field |
/// |---|---|---|
/// | 0..32 | `uint256` (below 2^32) | `version`, 2 |
/// | 32..64 | `uint256` (below 2^64) | `chainId` |
/// | 64..96 | `uint256` | `rules`: [`Rules::number`] |
/// | 96..128 | `bytes32` | `prevBlockHash` |
/// | 128..160 | `bytes32` | `blockHash` |
/// | 160..192 | `bytes32` | `prevStateRoot` |
/// | 192..224 | `bytes32` | `stateRoot` |
/// | 224..256 | `uint256` (below 2^64) | `firstBlock` |
/// | 256..288 | `uint256` (below 2^64) | `lastBlock` |
/// | 288..320 | `bytes32` | `messageRoot`, zero for now |
/// | 320..352 | `bytes32` | `depositChain`, zero for now |
///
/// A state root is four field elements; its bytes are their canonical big-endian forms, first element first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublicValues {
    /// [`STATEMENT_VERSION`].
    pub version: u32,
    /// The chain.
    #[serde(with = "braid_text::quantity")]
    pub chain_id: u64,
    /// The rules of its transactions.
    pub rules: Rules,
    /// Hash of the block before the first.
    #[serde(deserialize_with = "braid_text::hash_field")]
    pub prev_block_hash: B256,
    /// Hash of the last block.
    #[serde(deserialize_with = "braid_text::hash_field")]
    pub block_hash: B256,
    /// State before the first block.
    #[serde(deserialize_with = "braid_text::hash_field")]
    pub prev_state_root: B256,
    /// State after the last block.
    #[serde(deserialize_with = "braid_text::hash_field")]
    pub state_root: B256,
    /// Number of the first block.
    #[serde(with = "braid_text::quantity")]
    pub first_block: u64,
    /// Number of the last block, at least `first_block`.
    #[serde(with = "braid_text::quantity")]
    pub last_block: u64,
    /// Reserved: zero.
    #[serde(deserialize_with = "braid_text::hash_field")]
    pub message_root: B256,
    /// Reserved: zero.
    #[serde(deserialize_with = "braid_text::hash_field")]
    pub deposit_chain: B256,
}

fn number_word(value: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&value.to_be_bytes());
    word
}

fn word_number(word: B256) -> Option<u64> {
    let (high, low) = word.0.split_last_chunk::<8>()?;
    high.iter()
        .all(|byte| *byte == 0)
        .then(|| u64::from_be_bytes(*low))
}

impl PublicValues {
    /// The eleven words in order.
    pub fn abi_words(&self) -> [B256; ABI_WORDS] {
        [
            B256::from(number_word(u64::from(self.version))),
            B256::from(number_word(self.chain_id)),
            B256::from(number_word(self.rules.number().into())),
            self.prev_block_hash,
            self.block_hash,
            self.prev_state_root,
            self.state_root,
            B256::from(number_word(self.first_block)),
            B256::from(number_word(self.last_block)),
            self.message_root,
            self.deposit_chain,
        ]
    }

    /// The ABI encoding.
    pub fn abi_encode(&self) -> [u8; ABI_BYTES] {
        let mut bytes = [0; ABI_BYTES];
        for (chunk, word) in bytes.chunks_exact_mut(32).zip(self.abi_words()) {
            chunk.copy_from_slice(word.as_slice());
        }
        bytes
    }

    /// Reads the ABI encoding.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the length is not [`ABI_BYTES`], a number does not fit its field, or no rules have the number.
    pub fn abi_decode(bytes: &[u8]) -> Result<Self, Error> {
        let bytes: &[u8; ABI_BYTES] = bytes.try_into().map_err(|_| {
            malformed(
                "public values",
                format!("{} instead of {ABI_BYTES}", counted(bytes.len(), "byte")),
            )
        })?;
        let word = |index: usize| B256::from_slice(&bytes[32 * index..32 * (index + 1)]);
        let number = |index: usize| {
            word_number(word(index)).ok_or_else(|| {
                malformed("public values", format!("word {index} is not below 2^64"))
            })
        };
        let rules = |number: u64| {
            Rules::from_number(number)
                .ok_or_else(|| malformed("public values", format!("no rules have number {number}")))
        };
        Ok(Self {
            version: u32::try_from(number(0)?)
                .map_err(|_| malformed("public values", "version is not below 2^32"))?,
            chain_id: number(1)?,
            rules: rules(number(2)?)?,
            prev_block_hash: word(3),
            block_hash: word(4),
            prev_state_root: word(5),
            state_root: word(6),
            first_block: number(7)?,
            last_block: number(8)?,
            message_root: word(9),
            deposit_chain: word(10),
        })
    }

    /// The final circuit's public inputs.
    pub fn to_limbs(&self) -> Vec<F> {
        let bytes = self.abi_encode();
        let (limbs, _) = bytes.as_chunks::<4>();
        limbs
            .iter()
            .map(|limb| F::from_canonical_u32(u32::from_be_bytes(*limb)))
            .collect()
    }

    /// Reads the final circuit's public inputs.
    ///
    /// # Errors
    /// [`Error::Malformed`] when their number or a limb is out of range.
    pub fn from_limbs(limbs: &[F]) -> Result<Self, Error> {
        let mut bytes = Vec::with_capacity(ABI_BYTES);
        for limb in limbs {
            let limb = u32::try_from(limb.to_canonical_u64())
                .map_err(|_| malformed("public values", "a limb is not below 2^32"))?;
            bytes.extend(limb.to_be_bytes());
        }
        Self::abi_decode(&bytes)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample() -> PublicValues {
        PublicValues {
            version: STATEMENT_VERSION,
            chain_id: 0x0102_0304_0506_0708,
            rules: Rules::Osaka,
            prev_block_hash: B256::repeat_byte(0x11),
            block_hash: B256::repeat_byte(0x22),
            prev_state_root: B256::repeat_byte(0x33),
            state_root: B256::repeat_byte(0x44),
            first_block: 7,
            last_block: u64::MAX,
            message_root: B256::ZERO,
            deposit_chain: B256::ZERO,
        }
    }

    #[test]
    fn layout_is_pinned() {
        let bytes = sample().abi_encode();
        assert_eq!(bytes.len(), 352);
        assert_eq!(bytes[..31], [0; 31]);
        assert_eq!(bytes[31], 2);
        assert_eq!(bytes[56..64], [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(bytes[32..56], [0; 24]);
        assert_eq!(bytes[64..95], [0; 31]);
        assert_eq!(bytes[95], 2);
        assert_eq!(bytes[96..128], [0x11; 32]);
        assert_eq!(bytes[128..160], [0x22; 32]);
        assert_eq!(bytes[160..192], [0x33; 32]);
        assert_eq!(bytes[192..224], [0x44; 32]);
        assert_eq!(bytes[255], 7);
        assert_eq!(bytes[280..288], [0xff; 8]);
        assert_eq!(bytes[288..], [0; 64]);
    }

    #[test]
    fn rules_are_names_in_json_and_numbers_in_bytes() {
        for (rules, number, name) in [
            (Rules::Cancun, 0, "cancun"),
            (Rules::Prague, 1, "prague"),
            (Rules::Osaka, 2, "osaka"),
        ] {
            let values = PublicValues { rules, ..sample() };
            let bytes = values.abi_encode();
            assert_eq!(bytes[64..96], number_word(number));
            assert_eq!(PublicValues::abi_decode(&bytes).unwrap(), values);
            let json = serde_json::to_value(values).unwrap();
            assert_eq!(json["rules"], name);
            assert_eq!(
                serde_json::from_value::<PublicValues>(json).unwrap(),
                values
            );
        }
        let mut bytes = sample().abi_encode();
        for number in [3, 255, u64::MAX] {
            bytes[64..96].copy_from_slice(&number_word(number));
            let error = PublicValues::abi_decode(&bytes).unwrap_err();
            assert!(error.is_malformed(), "{error}");
            let said = format!("no rules have number {number}");
            assert!(error.to_string().contains(&said), "{error}");
        }
        // A number of rules whose high bits are not zero.
        bytes[64..96].copy_from_slice(&number_word(2));
        bytes[64] = 1;
        assert!(PublicValues::abi_decode(&bytes).unwrap_err().is_malformed());
        let mut json = serde_json::to_value(sample()).unwrap();
        for wrong in [2.into(), "Osaka".into(), serde_json::Value::Null] {
            json["rules"] = wrong;
            assert!(serde_json::from_value::<PublicValues>(json.clone()).is_err());
        }
    }

    #[test]
    fn both_forms_survive_the_round_trip() {
        let values = sample();
        assert_eq!(
            PublicValues::abi_decode(&values.abi_encode()).unwrap(),
            values
        );
        assert_eq!(values.to_limbs().len(), STATEMENT_LIMBS);
        assert_eq!(
            PublicValues::from_limbs(&values.to_limbs()).unwrap(),
            values
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut bytes = sample().abi_encode();
        assert!(PublicValues::abi_decode(&bytes[1..]).is_err());
        bytes[40] = 1;
        assert!(PublicValues::abi_decode(&bytes).unwrap_err().is_malformed());
        let mut limbs = sample().to_limbs();
        limbs[20] = F::from_canonical_u64(1 << 32);
        assert!(PublicValues::from_limbs(&limbs).is_err());
        assert!(PublicValues::from_limbs(&limbs[1..]).is_err());
    }
}
