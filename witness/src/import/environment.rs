//! A block's environment, as `t8n` and state tests write it.

use std::collections::BTreeMap;

use alloy_consensus::EMPTY_OMMER_ROOT_HASH;
use alloy_eips::eip1559::{BaseFeeParams, calc_next_block_base_fee};
use alloy_primitives::{B256, U256};
use braid_circuits::event::BlockEnvironment;
use braid_text::Rules;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::block_file::{
    Block, Comment, Entries, Parent, Text, address, excess_blob_gas, hash, number, older_hashes,
    small,
};
use crate::error::{Error, Result};
use crate::execution::machine::next_excess_blob_gas;
use crate::execution::reader::check_older;

/// The environment as both formats write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct JsonEnvironment {
    current_coinbase: Text,
    current_gas_limit: Text,
    current_number: Text,
    current_timestamp: Text,
    #[serde(default)]
    current_base_fee: Option<Text>,
    #[serde(default)]
    current_random: Option<Text>,
    #[serde(default)]
    current_difficulty: Option<Text>,
    #[serde(default)]
    current_excess_blob_gas: Option<Text>,
    #[serde(default)]
    parent_timestamp: Option<Text>,
    #[serde(default)]
    parent_difficulty: Option<Text>,
    #[serde(default)]
    parent_uncle_hash: Option<Text>,
    #[serde(default)]
    parent_base_fee: Option<Text>,
    #[serde(default)]
    parent_gas_used: Option<Text>,
    #[serde(default)]
    parent_gas_limit: Option<Text>,
    #[serde(default)]
    parent_excess_blob_gas: Option<Text>,
    #[serde(default)]
    parent_blob_gas_used: Option<Text>,
    #[serde(default)]
    parent_beacon_block_root: Option<Text>,
    #[serde(default)]
    previous_hash: Option<Text>,
    #[serde(default)]
    block_hashes: Option<Entries<Text, true>>,
    #[serde(default)]
    withdrawals: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    ommers: Option<Vec<IgnoredAny>>,
    /// Blob gas that the block used: an outcome, which nothing in the block sees. The second is its name in drafts of EIP-4844.
    #[serde(default, alias = "currentDataGasUsed")]
    current_blob_gas_used: Option<Text>,
    /// Seen by code of a fork after Osaka alone.
    #[serde(default)]
    slot_number: Option<Text>,
    #[serde(default, rename = "_comment")]
    _comment: Comment<true>,
}

/// A block without transactions, and what is known of its parent.
pub(super) struct Read {
    /// The block.
    pub(super) block: Block,
    /// The last sealed block before it, of which little more than the number is known.
    pub(super) parent: Parent,
}

/// Fields by name, with the path that errors name.
struct Fields<'a> {
    place: &'a str,
}

impl Fields<'_> {
    fn at(&self, field: &str) -> String {
        format!("{}.{field}", self.place)
    }

    fn fault(&self, field: &str, what: impl Into<String>) -> Error {
        Error::malformed(self.at(field), what)
    }

    fn required<'a>(&self, text: &'a Option<Text>, field: &str) -> Result<&'a Text> {
        let missing = || self.fault(field, "it is missing");
        text.as_ref().ok_or_else(missing)
    }

    fn small(&self, text: &Text, field: &str) -> Result<u64> {
        small(text, &self.at(field))
    }

    /// A field that must be there beside another one.
    fn required_small(&self, text: &Option<Text>, field: &str) -> Result<u64> {
        self.small(self.required(text, field)?, field)
    }
}

impl JsonEnvironment {
    /// Reads the block, where `base_fee` stands for one that is not given, if it may be missing.
    pub(super) fn read(&self, place: &str, rules: Rules, base_fee: Option<u64>) -> Result<Read> {
        let fields = Fields { place };
        self.refuse_what_is_not_there(&fields)?;
        self.check_what_is_not_used(&fields)?;
        let timestamp = fields.small(&self.current_timestamp, "currentTimestamp")?;
        let number = fields.small(&self.current_number, "currentNumber")?;
        let environment = BlockEnvironment {
            number,
            timestamp,
            coinbase: address(&self.current_coinbase, &fields.at("currentCoinbase"))?,
            gas_limit: fields.small(&self.current_gas_limit, "currentGasLimit")?,
            base_fee: U256::from(self.base_fee(&fields, base_fee)?),
            prev_randao: self.prev_randao(&fields)?,
            blob_base_fee: U256::ZERO,
        };
        let parent_number = number.checked_sub(1);
        let parent_number =
            parent_number.ok_or_else(|| fields.fault("currentNumber", "block 0 has no parent"))?;
        let (parent_hash, older_hashes) = self.hashes(&fields, number, parent_number)?;
        let parent_timestamp = match &self.parent_timestamp {
            Some(text) => fields.small(text, "parentTimestamp")?,
            None => timestamp.saturating_sub(1),
        };
        if parent_timestamp > timestamp {
            let what = format!("it is above the block's own, {timestamp}");
            return Err(fields.fault("parentTimestamp", what));
        }
        let root = self.parent_beacon_block_root.as_ref();
        let root = root.map(|root| hash(root, &fields.at("parentBeaconBlockRoot")));
        Ok(Read {
            block: Block {
                environment,
                older_hashes,
                excess_blob_gas: self.excess_blob_gas(&fields, rules)?,
                parent_beacon_block_root: root.transpose()?,
                transactions: Vec::new(),
            },
            parent: Parent {
                number: parent_number,
                timestamp: parent_timestamp,
                block_hash: parent_hash,
            },
        })
    }

    /// Whether hashes of earlier blocks are given.
    pub(super) fn gives_hashes(&self) -> bool {
        let hashes = self.block_hashes.as_ref();
        hashes.is_some_and(|hashes| !hashes.0.is_empty())
    }

    /// What the rollup does not have must not be there.
    fn refuse_what_is_not_there(&self, fields: &Fields<'_>) -> Result<()> {
        let some = |list: &Option<Vec<IgnoredAny>>| {
            let list = list.as_ref();
            list.is_some_and(|list| !list.is_empty())
        };
        if some(&self.withdrawals) {
            let what = "withdrawals are not part of the rollup";
            return Err(fields.fault("withdrawals", what));
        }
        if some(&self.ommers) {
            return Err(fields.fault("ommers", "a block of the rollup has no ommers"));
        }
        // After the Merge (EIP-3675) there is nothing that they could change.
        if let Some(difficulty) = &self.parent_difficulty {
            let difficulty = number(difficulty, &fields.at("parentDifficulty"))?;
            if !difficulty.is_zero() {
                let what = "a block of the rollup has no difficulty";
                return Err(fields.fault("parentDifficulty", what));
            }
        }
        if let Some(ommers) = &self.parent_uncle_hash {
            let ommers = hash(ommers, &fields.at("parentUncleHash"))?;
            // Zero is what `t8n` writes for a parent that is not known.
            if ommers != EMPTY_OMMER_ROOT_HASH && !ommers.is_zero() {
                let what = "a block of the rollup has no ommers";
                return Err(fields.fault("parentUncleHash", what));
            }
        }
        Ok(())
    }

    /// What says nothing here, or nothing beside another field, must be well-formed all the same: else the file is not what somebody means it to be.
    fn check_what_is_not_used(&self, fields: &Fields<'_>) -> Result<()> {
        let numbers = [
            (&self.current_blob_gas_used, "currentBlobGasUsed"),
            (&self.slot_number, "slotNumber"),
            (&self.parent_gas_used, "parentGasUsed"),
            (&self.parent_gas_limit, "parentGasLimit"),
            (&self.parent_excess_blob_gas, "parentExcessBlobGas"),
            (&self.parent_blob_gas_used, "parentBlobGasUsed"),
        ];
        for (text, field) in numbers {
            if let Some(text) = text {
                fields.small(text, field)?;
            }
        }
        if let Some(fee) = &self.parent_base_fee {
            number(fee, &fields.at("parentBaseFee"))?;
        }
        Ok(())
    }

    /// One instruction shows the difficulty before the Merge and the randomness after it (EIP-4399).
    fn prev_randao(&self, fields: &Fields<'_>) -> Result<B256> {
        let difficulty = self.current_difficulty.as_ref();
        let difficulty = difficulty.map(|text| number(text, &fields.at("currentDifficulty")));
        let difficulty = difficulty.transpose()?;
        let random = self.current_random.as_ref();
        let random = random.map(|text| number(text, &fields.at("currentRandom")));
        let word = match (random.transpose()?, difficulty) {
            (Some(random), Some(difficulty)) if !difficulty.is_zero() && difficulty != random => {
                let what = "it is neither 0 nor what currentRandom is";
                return Err(fields.fault("currentDifficulty", what));
            }
            (Some(word), _) | (None, Some(word)) => word,
            (None, None) => return Err(fields.fault("currentRandom", "it is missing")),
        };
        Ok(B256::from(word))
    }

    /// What the block says itself counts, as it does in `t8n`; else it follows from the parent (EIP-1559).
    fn base_fee(&self, fields: &Fields<'_>, default: Option<u64>) -> Result<u64> {
        if let Some(fee) = &self.current_base_fee {
            return fields.small(fee, "currentBaseFee");
        }
        let Some(parent_fee) = &self.parent_base_fee else {
            let what = "it is missing, and so is parentBaseFee, from which it follows";
            return default.ok_or_else(|| fields.fault("currentBaseFee", what));
        };
        let parent_fee = fields.small(parent_fee, "parentBaseFee")?;
        let gas_limit = fields.required_small(&self.parent_gas_limit, "parentGasLimit")?;
        let gas_used = fields.required_small(&self.parent_gas_used, "parentGasUsed")?;
        // A block can raise it by an eighth.
        if parent_fee > u64::MAX / 2 {
            return Err(fields.fault("parentBaseFee", "it is above 2^63"));
        }
        if gas_limit < 2 {
            return Err(fields.fault("parentGasLimit", "half of it is no gas"));
        }
        if gas_used > gas_limit {
            return Err(fields.fault("parentGasUsed", "it is above parentGasLimit"));
        }
        let parameters = BaseFeeParams::ethereum();
        Ok(calc_next_block_base_fee(
            gas_used, gas_limit, parent_fee, parameters,
        ))
    }

    /// As the base fee: the block's own, or what follows from the parent (EIP-4844, EIP-7918).
    fn excess_blob_gas(&self, fields: &Fields<'_>, rules: Rules) -> Result<u64> {
        if let Some(gas) = &self.current_excess_blob_gas {
            let gas = fields.small(gas, "currentExcessBlobGas")?;
            return excess_blob_gas(gas, rules, &fields.at("currentExcessBlobGas"));
        }
        if self.parent_excess_blob_gas.is_none() && self.parent_blob_gas_used.is_none() {
            return Ok(0);
        }
        let excess = fields.required_small(&self.parent_excess_blob_gas, "parentExcessBlobGas")?;
        let used = fields.required_small(&self.parent_blob_gas_used, "parentBlobGasUsed")?;
        // From Osaka on there is a least price, which depends on that of gas.
        let base_fee = match rules {
            Rules::Cancun | Rules::Prague => 0,
            Rules::Osaka => fields.required_small(&self.parent_base_fee, "parentBaseFee")?,
        };
        let place = fields.at("parentExcessBlobGas");
        let too_large = || Error::malformed(&*place, "it is too large");
        let next = next_excess_blob_gas(rules, excess, used, base_fee).ok_or_else(too_large)?;
        excess_blob_gas(next, rules, &place)
    }

    /// The hash of the parent, zero if nobody gives it, with which BLOCKHASH does not answer ([`BlockHashes`](crate::execution::BlockHashes)), and those of blocks before it.
    fn hashes(
        &self,
        fields: &Fields<'_>,
        block: u64,
        parent: u64,
    ) -> Result<(B256, BTreeMap<u64, B256>)> {
        let mut older = match &self.block_hashes {
            Some(entries) => older_hashes(entries, &fields.at("blockHashes"))?,
            None => BTreeMap::new(),
        };
        let checked = older
            .keys()
            .try_for_each(|number| check_older(block, *number));
        checked.map_err(|fault| fields.fault("blockHashes", fault.to_string()))?;
        let given = older.remove(&parent);
        let Some(previous) = &self.previous_hash else {
            return Ok((given.unwrap_or_default(), older));
        };
        let previous = hash(previous, &fields.at("previousHash"))?;
        if given.is_some_and(|given| given != previous) {
            let what = format!("blockHashes has another hash of block {parent}");
            return Err(fields.fault("previousHash", what));
        }
        Ok((previous, older))
    }
}
