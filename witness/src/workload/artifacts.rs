//! What the compiler made of the contracts in `witness/contracts`: bytecode, method selectors, where variables lie in storage.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use alloy_primitives::{Address, B256, Bytes, FixedBytes, U256, keccak256};
use serde::Deserialize;

use crate::error::{Error, Result};

/// A compiled contract.
#[derive(Clone, Debug, Deserialize)]
pub struct Contract {
    /// Init code, without the constructor's arguments.
    pub creation: Bytes,
    /// The code that an account of this contract has.
    pub runtime: Bytes,
    /// First four bytes of calldata by signature, such as `transfer(address,uint256)`; without `0x`.
    methods: BTreeMap<String, FixedBytes<4>>,
    /// Variables by name.
    storage: BTreeMap<String, Variable>,
}

/// Where a variable lies.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Variable {
    slot: u64,
    /// Bytes from the low end of the slot, for variables that share one.
    offset: usize,
}

#[derive(Deserialize)]
struct Artifacts {
    contracts: BTreeMap<String, Contract>,
}

static ARTIFACTS: LazyLock<core::result::Result<Artifacts, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../contracts/artifacts.json"))
        .map_err(|error| error.to_string())
});

fn missing(what: &str) -> Error {
    Error::Internal(format!("artifacts.json has no {what}"))
}

impl Contract {
    /// The contract with this name, such as `Token`.
    ///
    /// # Errors
    /// [`Error::Internal`] if there is none.
    pub fn named(name: &str) -> Result<&'static Self> {
        let artifacts = ARTIFACTS.as_ref();
        let artifacts = artifacts.map_err(|error| Error::Internal(error.clone()))?;
        artifacts.contracts.get(name).ok_or_else(|| missing(name))
    }

    /// The first four bytes of calldata for a method, such as `transfer(address,uint256)`.
    ///
    /// # Errors
    /// [`Error::Internal`] if the contract has no such method.
    pub fn selector(&self, method: &str) -> Result<FixedBytes<4>> {
        let selector = self.methods.get(method).copied();
        selector.ok_or_else(|| missing(method))
    }

    /// Calldata of a method whose arguments take one word each.
    ///
    /// # Errors
    /// [`Error::Internal`] if the contract has no such method.
    pub fn calldata(&self, method: &str, arguments: &[U256]) -> Result<Bytes> {
        let mut data = self.selector(method)?.to_vec();
        for argument in arguments {
            data.extend(argument.to_be_bytes::<32>());
        }
        Ok(data.into())
    }

    /// The slot of a variable.
    ///
    /// # Errors
    /// [`Error::Internal`] if the contract has no such variable.
    pub fn slot(&self, variable: &str) -> Result<U256> {
        Ok(U256::from(self.variable(variable)?.slot))
    }

    /// A value shifted to where a variable lies in its slot.
    ///
    /// # Errors
    /// [`Error::Internal`] if the contract has no such variable.
    pub fn packed(&self, variable: &str, value: U256) -> Result<U256> {
        Ok(value << (8 * self.variable(variable)?.offset))
    }

    /// The slot of an entry of a mapping, or of a mapping in a mapping: the keys from the outermost on.
    ///
    /// # Errors
    /// [`Error::Internal`] if the contract has no such variable.
    pub fn entry(&self, mapping: &str, keys: &[U256]) -> Result<U256> {
        let slot = self.slot(mapping)?;
        Ok(keys.iter().fold(slot, |slot, key| {
            let words = [key.to_be_bytes::<32>(), slot.to_be_bytes::<32>()];
            U256::from_be_bytes(keccak256(words.concat()).0)
        }))
    }

    fn variable(&self, name: &str) -> Result<Variable> {
        let variable = self.storage.get(name).copied();
        variable.ok_or_else(|| missing(name))
    }
}

/// An address as a word of calldata or storage.
pub fn word(address: Address) -> U256 {
    U256::from_be_bytes(B256::left_padding_from(address.as_slice()).0)
}
