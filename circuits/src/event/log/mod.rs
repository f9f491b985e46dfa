//! What happened to the state and beside it, in order, each with the step and the frame in which it did.

mod decode;
mod encode;

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};

pub use decode::Events;
pub use encode::EventLogBuilder;

/// An account as it was before the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountValue {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Wei.
    pub balance: U256,
    /// Keccak-256 of the bytecode.
    pub code_hash: B256,
}

/// What is hashed with Keccak-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hashed {
    /// The published transaction: its hash.
    Transaction,
    /// What was signed.
    SigningPayload,
    /// The sender's public key, x and y: the last 20 bytes are the sender.
    PublicKey,
    /// Memory, by the opcode KECCAK256.
    Memory,
    /// RLP of creator and nonce: the last 20 bytes are the address of CREATE.
    CreateAddress,
    /// 0xff, creator, salt and hash of the init code: the last 20 bytes are the address of CREATE2 (EIP-1014).
    Create2Address,
    /// Init code: its hash is part of the address of CREATE2.
    InitCode,
    /// The code of a created contract.
    Code,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "type"
)]
pub enum Action {
    /// The transaction came to need an account, which was so before it.
    AccountLoad {
        /// Which.
        address: Address,
        /// Before the transaction; `None` if it did not exist.
        value: Option<AccountValue>,
    },
    /// The transaction came to need the code hash of an account and nothing else of it.
    CodeHashLoad {
        /// Whose.
        address: Address,
        /// Before the transaction; that of no bytes if the account did not exist.
        value: B256,
    },
    /// The transaction came to need a slot, which was so before it.
    StorageLoad {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Before the transaction.
        value: U256,
    },
    /// A step asked for something of an account, or called its code.
    AccountRead {
        /// Which.
        address: Address,
    },
    /// An account was touched (EIP-161): if it is empty in the end it is removed.
    AccountTouch {
        /// Which.
        address: Address,
    },
    /// A contract came into being: its nonce is 1 now, its storage empty.
    AccountCreate {
        /// Which.
        address: Address,
    },
    /// SLOAD.
    StorageRead {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Its value.
        value: U256,
    },
    /// SSTORE, of the value that it has already too.
    StorageWrite {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Before.
        before: U256,
        /// After.
        after: U256,
    },
    /// TLOAD (EIP-1153).
    TransientRead {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Its value.
        value: U256,
    },
    /// TSTORE (EIP-1153).
    TransientWrite {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// Before.
        before: U256,
        /// After.
        after: U256,
    },
    /// BLOCKHASH of a block that it knows.
    BlockHashRead {
        /// The block.
        number: u64,
        /// Its hash.
        value: B256,
    },
    /// Wei went from one account to another.
    BalanceTransfer {
        /// From here.
        from: Address,
        /// To here.
        to: Address,
        /// Wei.
        value: U256,
    },
    /// The sender paid for all gas that the transaction may use.
    FeeCharge {
        /// The sender.
        address: Address,
        /// Wei.
        value: U256,
    },
    /// The sender got back what it paid for gas that was not used, refunds included.
    FeeReturn {
        /// The sender.
        address: Address,
        /// Wei.
        value: U256,
    },
    /// Wei disappeared: a contract destroyed itself in favour of itself.
    BalanceBurn {
        /// Whose.
        address: Address,
        /// Wei.
        value: U256,
    },
    /// A nonce grew.
    NonceChange {
        /// Whose.
        address: Address,
        /// Before.
        before: u64,
        /// After.
        after: u64,
    },
    /// A contract got its code.
    CodeSet {
        /// Which.
        address: Address,
        /// Keccak-256 of the code.
        hash: B256,
    },
    /// SELFDESTRUCT. The balance's transfer or burning is an event of its own.
    SelfDestruct {
        /// The contract.
        address: Address,
        /// Who gets the balance.
        beneficiary: Address,
        /// The contract's balance in wei.
        balance: U256,
        /// Whether the contract disappears at the transaction's end, as it was created in it (EIP-6780).
        removed: bool,
    },
    /// An account became warm (EIP-2929).
    AccountWarm {
        /// Which.
        address: Address,
    },
    /// A slot became warm (EIP-2929).
    StorageWarm {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
    },
    /// The refund counter changed (EIP-3529).
    Refund {
        /// By how much gas.
        change: i64,
    },
    /// Something was hashed.
    Hash {
        /// What.
        of: Hashed,
        /// Bytes.
        length: u64,
        /// Keccak-256 of them.
        digest: B256,
    },
}

/// Something that happened, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The step in which it happened; `None` before the first and after the last one. What opening a frame does belongs to the step that opens it.
    pub step: Option<u64>,
    /// The frame that undoes it if it fails; `None` for what no frame undoes.
    pub frame: Option<u32>,
    /// Whether it was undone.
    pub reverted: bool,
    /// What happened.
    #[serde(flatten)]
    pub action: Action,
}

/// Events in order, encoded: step and frame as differences, addresses and slots by their index once they occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventLog {
    count: u64,
    #[serde(with = "super::steps::bytes")]
    bytes: Vec<u8>,
}

impl EventLog {
    /// How many events there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.bytes.capacity()
    }

    /// Bytes that encode the events.
    pub fn encoded_length(&self) -> usize {
        self.bytes.len()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    step: Option<u64>,
    frame: Option<u32>,
}

impl Place {
    /// As differences are taken of it: 0 for none.
    fn numbers(self) -> (u64, u64) {
        let frame = self.frame.map_or(0, |frame| u64::from(frame) + 1);
        (self.step.map_or(0, |step| step.saturating_add(1)), frame)
    }
}

/// The bit of an event's first byte that says that step and frame are as for the event before.
const SAME_PLACE: u8 = 0x80;

/// The kinds of event, as the low bits of their first byte.
mod tag {
    pub const ACCOUNT_LOAD: u8 = 0;
    pub const ACCOUNT_LOAD_ABSENT: u8 = 1;
    pub const CODE_HASH_LOAD: u8 = 2;
    pub const STORAGE_LOAD: u8 = 3;
    pub const ACCOUNT_READ: u8 = 4;
    pub const ACCOUNT_TOUCH: u8 = 5;
    pub const ACCOUNT_CREATE: u8 = 6;
    pub const STORAGE_READ: u8 = 7;
    pub const STORAGE_WRITE: u8 = 8;
    pub const TRANSIENT_READ: u8 = 9;
    pub const TRANSIENT_WRITE: u8 = 10;
    pub const BLOCK_HASH_READ: u8 = 11;
    pub const BALANCE_TRANSFER: u8 = 12;
    pub const FEE_CHARGE: u8 = 13;
    pub const FEE_RETURN: u8 = 14;
    pub const BALANCE_BURN: u8 = 15;
    pub const NONCE_CHANGE: u8 = 16;
    pub const CODE_SET: u8 = 17;
    pub const SELF_DESTRUCT: u8 = 18;
    pub const SELF_DESTRUCT_REMOVED: u8 = 19;
    pub const ACCOUNT_WARM: u8 = 20;
    pub const STORAGE_WARM: u8 = 21;
    pub const REFUND: u8 = 22;
    /// Plus what is hashed.
    pub const HASH: u8 = 32;
}

const HASHED: [Hashed; 8] = [
    Hashed::Transaction,
    Hashed::SigningPayload,
    Hashed::PublicKey,
    Hashed::Memory,
    Hashed::CreateAddress,
    Hashed::Create2Address,
    Hashed::InitCode,
    Hashed::Code,
];
