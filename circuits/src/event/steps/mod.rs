//! The steps of a transaction: what is stored of them, and the decoder that rebuilds each in full.
//!
//! A step is determined by code, stack, memory and frame but for what comes from the world outside: values of the state and the block, gas that depends on what
//! is warm or was changed before, and errors. Only that is stored, so that most steps take no byte at all.

pub(crate) mod arithmetic;
mod decode;
mod memory;

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};

use super::codec::{Reader, put_number, put_signed, put_word};

pub use decode::{FramePayload, PayloadLimits, Step, Steps};
pub use memory::{MEMORY_LIMIT, gas_of_words};

/// Steps, encoded. Encoder: [`Self::step`] for each, followed by what [`stored`](super::opcode::stored) of its opcode asks for if it succeeds. When the last
/// step of a frame that ends in [`Halt`](super::trace::FrameResult::Halt) is over, only the gas that this step took away follows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepStream {
    count: u64,
    #[serde(with = "bytes")]
    bytes: Vec<u8>,
}

impl StepStream {
    /// How many steps there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.bytes.capacity()
    }

    /// Bytes that encode the steps.
    pub fn encoded_length(&self) -> usize {
        self.bytes.len()
    }

    fn reader(&self) -> Reader<'_> {
        Reader::new(&self.bytes)
    }

    /// Starts a step.
    pub fn step(&mut self) {
        self.count += 1;
    }

    /// Stores gas.
    pub fn gas(&mut self, gas: u64) {
        put_number(&mut self.bytes, gas);
    }

    /// Stores a word.
    pub fn word(&mut self, word: U256) {
        put_word(&mut self.bytes, word);
    }

    /// Stores the change of the refund counter.
    pub fn refund(&mut self, change: i64) {
        put_signed(&mut self.bytes, change);
    }

    /// Stores the index of a code, or that there is none.
    pub fn code(&mut self, index: Option<usize>) {
        put_number(&mut self.bytes, index.map_or(0, |index| index as u64 + 1));
    }

    /// The finished steps; this is as new afterwards.
    pub fn finish(&mut self) -> Self {
        let mut stream = core::mem::take(self);
        stream.bytes.shrink_to_fit();
        stream
    }
}

/// Bytes as one string instead of a list of numbers.
pub(super) mod bytes {
    use alloy_primitives::Bytes;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.serialize_str(&alloy_primitives::hex::encode_prefixed(bytes));
        }
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        Ok(Bytes::deserialize(deserializer)?.into())
    }
}
