//! The execution trace of one transaction: what it signed, which frames ran, every step, and every access to state, in compact form.
//!
//! [`steps`](TransactionTrace::steps) and [`events`](TransactionTrace::events) decode what is stored. docs/traces.md says what is.

use alloy_primitives::map::B256Map;
use alloy_primitives::{Address, B256, Bytes, U256};
use serde::{Deserialize, Serialize};

use super::log::{EventLog, Events};
use super::steps::{StepStream, Steps};

/// A signature over [`TransactionTrace::signing_hash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionSignature {
    /// Whether R's y is odd.
    pub odd_y: bool,
    /// x of R.
    pub r: U256,
    /// s.
    pub s: U256,
    /// The sender's public key, x.
    pub public_key_x: U256,
    /// The sender's public key, y.
    pub public_key_y: U256,
}

/// Why a frame could not go on and lost its gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Halt {
    /// Not enough gas, in code or in a precompile.
    OutOfGas,
    /// A step needs more words than the stack has.
    StackUnderflow,
    /// The stack would have more than 1024 words.
    StackOverflow,
    /// A jump to what is no JUMPDEST.
    InvalidJump,
    /// A byte that is no opcode of Cancun.
    UndefinedOpcode,
    /// The opcode INVALID (EIP-141).
    InvalidOpcode,
    /// A change of state in a static call (EIP-214).
    StaticViolation,
    /// RETURNDATACOPY beyond the return data (EIP-211).
    ReturnDataOutOfBounds,
    /// A contract is already where one would be created.
    Collision,
    /// The nonce of a created contract cannot grow (EIP-2681).
    NonceOverflow,
    /// A balance would be 2^256 or more.
    BalanceOverflow,
    /// The created code is too long (EIP-170).
    CodeSize,
    /// The created code starts with 0xef (EIP-3541).
    CodePrefix,
    /// The init code is too long (EIP-3860).
    InitCodeSize,
    /// A precompiled contract refuses its input.
    Precompile,
}

/// Why a frame never started; its gas went back to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Refused {
    /// 1024 frames are open.
    Depth,
    /// The caller has less than the value.
    Funds,
    /// The creating account's nonce cannot grow (EIP-2681).
    Nonce,
}

/// How a frame ended. All but [`Self::Success`] undo what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FrameResult {
    /// It succeeded.
    Success,
    /// By the opcode REVERT.
    Revert,
    /// It never started.
    Refused(Refused),
    /// By an error, with all its gas.
    Halt(Halt),
}

impl FrameResult {
    /// Whether what the frame did stays, unless its caller fails.
    pub fn is_success(self) -> bool {
        self == Self::Success
    }
}

/// How a frame came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FrameKind {
    /// CALL, or a transaction with a recipient.
    Call,
    /// CALLCODE.
    CallCode,
    /// DELEGATECALL.
    DelegateCall,
    /// STATICCALL.
    StaticCall,
    /// CREATE, or a transaction without recipient.
    Create,
    /// CREATE2.
    Create2,
}

impl FrameKind {
    /// Whether it runs init code.
    pub fn is_create(self) -> bool {
        matches!(self, Self::Create | Self::Create2)
    }
}

/// The address of the identity precompile, whose output is its input.
pub const IDENTITY: Address =
    alloy_primitives::address!("0000000000000000000000000000000000000004");

/// One call or creation. A frame's calldata and return data are in the memories that [`Steps`] rebuilds, so that a large one that is passed on a thousand
/// times costs nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame {
    /// Index of the frame that opened it; `None` for the transaction's own, which is the first.
    pub parent: Option<u32>,
    /// 1 for the transaction's own frame, one more than the parent's for others.
    pub depth: u32,
    /// The kind.
    pub kind: FrameKind,
    /// What CALLER gives.
    pub caller: Address,
    /// Whose storage and balance it acts on; for a creation the new contract.
    pub address: Address,
    /// Whose code it runs; for a creation the new contract.
    pub code_address: Address,
    /// Keccak-256 of the code that it runs, for a creation of the init code.
    pub code_hash: B256,
    /// What CALLVALUE gives, in wei. Only CALL, CALLCODE and creations transfer it.
    #[serde(with = "trimmed")]
    pub value: U256,
    /// Gas that it starts with.
    pub gas: u64,
    /// Gas that went back to its caller.
    pub gas_left: u64,
    /// Index of its first step among all steps of the transaction.
    pub first_step: u64,
    /// Index after its last step; equal to `first_step` if no code ran. Steps of frames that it opened lie between.
    pub end_step: u64,
    /// How it ended.
    pub result: FrameResult,
    /// The output of a precompiled contract other than the identity; empty for all else.
    pub precompile_output: Bytes,
}

impl Frame {
    /// Whether code ran.
    pub fn has_steps(&self) -> bool {
        self.first_step < self.end_step
    }
}

/// A surviving log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogRecord {
    /// Who logged.
    pub address: Address,
    /// Up to four topics.
    pub topics: Vec<B256>,
    /// The data.
    pub data: Bytes,
}

/// What the transaction left behind beside the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceReceipt {
    /// How it ended; never [`FrameResult::Refused`].
    pub status: FrameResult,
    /// Gas that it used, after refunds.
    pub gas_used: u64,
    /// Surviving logs in order.
    pub logs: Vec<LogRecord>,
    /// Return data of a call or creation, or the reason of a revert.
    pub output: Bytes,
    /// The contract that it created, if it is a creation that succeeded.
    pub created: Option<Address>,
}

/// The bytecodes that a trace refers to. Encoded forms name the hashes only: bytecode is shared by many traces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<B256>", into = "Vec<B256>")]
pub struct Codes {
    list: Vec<(B256, Bytes)>,
    index: B256Map<usize>,
}

impl Codes {
    /// Adds a bytecode unless it is there; returns its index. A bytecode that is there without its bytes gets them.
    pub fn insert(&mut self, hash: B256, bytes: impl FnOnce() -> Bytes) -> usize {
        if let Some(&index) = self.index.get(&hash) {
            if let Some((_, known)) = self.list.get_mut(index)
                && known.is_empty()
            {
                *known = bytes();
            }
            return index;
        }
        let index = self.list.len();
        self.list.push((hash, bytes()));
        self.index.insert(hash, index);
        index
    }

    /// The bytecode with this hash.
    pub fn get(&self, hash: &B256) -> Option<&Bytes> {
        self.at(*self.index.get(hash)?).map(|(_, bytes)| bytes)
    }

    /// Hash and bytecode by index.
    pub fn at(&self, index: usize) -> Option<&(B256, Bytes)> {
        self.list.get(index)
    }

    /// All of them, in the order of first use. The bytes are empty where only the hash was read back.
    pub fn iter(&self) -> impl Iterator<Item = &(B256, Bytes)> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl From<Vec<B256>> for Codes {
    fn from(hashes: Vec<B256>) -> Self {
        let mut codes = Self::default();
        for hash in hashes {
            codes.insert(hash, Bytes::new);
        }
        codes
    }
}

impl From<Codes> for Vec<B256> {
    fn from(codes: Codes) -> Self {
        codes.list.into_iter().map(|(hash, _)| hash).collect()
    }
}

/// Everything that one transaction did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionTrace {
    /// Its index in the block.
    pub index: u64,
    /// Keccak-256 of its published bytes.
    pub hash: B256,
    /// Keccak-256 of what was signed.
    pub signing_hash: B256,
    /// The signature and the key that it recovers to.
    pub signature: TransactionSignature,
    /// The sender.
    pub sender: Address,
    /// Calldata or init code.
    pub input: Bytes,
    /// What it left behind beside the state.
    pub receipt: TraceReceipt,
    /// Wei that the coinbase gets for it. No event: nothing in the transaction sees it.
    #[serde(with = "trimmed")]
    pub tip: U256,
    /// The bytecodes that steps and frames refer to.
    pub codes: Codes,
    /// All frames in the order in which they were opened; the first is the transaction's own.
    pub frames: Vec<Frame>,
    /// The steps, encoded.
    pub steps: StepStream,
    /// Accesses to state, hashes and whatever else happened, encoded.
    pub events: EventLog,
}

impl TransactionTrace {
    /// Decodes the steps.
    pub fn steps(&self) -> Steps<'_> {
        Steps::new(self)
    }

    /// Decodes the events.
    pub fn events(&self) -> Events<'_> {
        self.events.iter(&self.frames)
    }

    /// About how many bytes of memory it takes, without bytecode and calldata, which it shares with others.
    pub fn size(&self) -> usize {
        let receipt = &self.receipt;
        let log = |log: &LogRecord| size_of::<LogRecord>() + 32 * log.topics.len() + log.data.len();
        size_of::<Self>()
            + receipt.logs.iter().map(log).sum::<usize>()
            + receipt.output.len()
            + self.codes.len() * 2 * size_of::<(B256, Bytes)>()
            + self.frames.capacity() * size_of::<Frame>()
            + self
                .frames
                .iter()
                .map(|frame| frame.precompile_output.len())
                .sum::<usize>()
            + self.steps.size()
            + self.events.size()
    }
}

/// Words in binary formats without their leading zeros.
pub(super) mod trimmed {
    use alloy_primitives::{Bytes, U256};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &U256, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return value.serialize(serializer);
        }
        serializer.serialize_bytes(&value.to_be_bytes_trimmed_vec())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<U256, D::Error> {
        if deserializer.is_human_readable() {
            return U256::deserialize(deserializer);
        }
        let bytes = Bytes::deserialize(deserializer)?;
        U256::try_from_be_slice(&bytes).ok_or_else(|| D::Error::custom("a word of over 32 bytes"))
    }
}
