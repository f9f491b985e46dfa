//! Every message that tables exchange: one enum, so that two tables cannot disagree about a payload.
//!
//! Convention: a *claim* is sent once by the table that needs it and received by the table that proves it. Words are 8
//! limbs of 32 bits, addresses 5, 64-bit numbers 2, least significant first ([`crate::word`]).

mod values;

pub use values::*;

use braid_stark::{Expression, Message as BusMessage};

use crate::word::{AddressLimbs, U64Limbs, Word};

/// A message field: one element or an array of them.
trait Flat<X> {
    const LENGTH: usize;
    fn push_to(self, payload: &mut Vec<X>);
}

impl<X> Flat<X> for X {
    const LENGTH: usize = 1;
    fn push_to(self, payload: &mut Vec<X>) {
        payload.push(self);
    }
}

impl<X, const N: usize> Flat<X> for [X; N] {
    const LENGTH: usize = N;
    fn push_to(self, payload: &mut Vec<X>) {
        payload.extend(self);
    }
}

/// Declares the enum, the tags and the conversion to the bus's plain form.
macro_rules! messages {
    ($(
        $(#[$meta:meta])*
        $name:ident = $id:literal { $( $(#[$field_meta:meta])* $field:ident : $ty:ty ),* $(,)? }
    )*) => {
        /// A message of the bus.
        #[derive(Clone, Debug)]
        #[allow(missing_docs)]
        pub enum Message<X> {
            $( $(#[$meta])* $name { $( $(#[$field_meta])* $field : $ty ),* } ),*
        }

        /// The kinds of message.
        #[allow(non_upper_case_globals)]
        pub mod tag {
            use super::*;
            use braid_stark::Tag;
            type X = u8;
            $(
                #[doc = concat!("The kind of [`Message::", stringify!($name), "`](super::Message).")]
                pub const $name: Tag = Tag {
                    id: $id,
                    name: stringify!($name),
                    length: 0 $( + <$ty as Flat<X>>::LENGTH )*,
                };
            )*
            /// All kinds.
            pub const ALL: &[Tag] = &[$( $name ),*];
        }

        impl<X: Expression> From<Message<X>> for BusMessage<X> {
            fn from(message: Message<X>) -> Self {
                match message {
                    $( Message::$name { $( $field ),* } => {
                        let mut payload = Vec::with_capacity(tag::$name.length);
                        $( <$ty as Flat<X>>::push_to($field, &mut payload); )*
                        Self::new(tag::$name, payload)
                    } )*
                }
            }
        }
    };
}

messages! {
    // Fixed tables (lookups).

    /// `value` is below 2^16. Answered by `u16`.
    U16 = 1 { value: X }
    /// `value` is below 2^8. Answered by `u8`.
    U8 = 2 { value: X }
    /// `a` and `b` are below 2^8 and `c` is their exclusive or. Answered by `u16`.
    Xor = 3 { a: X, b: X, c: X }

    // Hashing.

    /// Byte `position` of byte string `(kind, index)`, given to the sponge by whoever holds the string. `kind` is one of
    /// [`crate::bus::string`]. Whoever gives it may rely on the sponge for `byte < 2^8`.
    HashByte = 10 { kind: X, index: X, position: X, byte: X }
    /// Bytes `position..position + 4` (a multiple of 4) of string `(kind, index)`, as a big-endian number. Whoever
    /// gives it may rely on the sponge for `limb < 2^32`.
    HashLimb = 11 { kind: X, index: X, position: X, limb: X }
    /// Claim: the `length` bytes of string `(kind, index)` have this Keccak-256 digest, read as a big-endian number.
    /// Proved by `keccak_sponge`, which takes in bytes `0..length` exactly once each; so do not
    /// give a position of a string twice.
    Digest = 12 { kind: X, index: X, length: X, digest: Word<X> }
    /// Permutation `id` of `keccak_f` starts from these 25 lanes, low half first.
    KeccakInput = 13 { id: X, lanes: [X; 50] }
    /// Permutation `id` of `keccak_f` ends in these 25 lanes.
    KeccakOutput = 14 { id: X, lanes: [X; 50] }
    /// Claim: the Poseidon permutation of `input` starts with `output`. Proved by `poseidon`.
    Poseidon = 15 { input: [X; 12], output: [X; 4] }

    /// Claim: string `(kind, index)` goes on. Its bytes before position `position`, 0 to 136, and all that came before them, left the sponge with these lanes, low half first, when as many bytes as `position` says were taken in
    /// since the last permutation. Holders give its bytes from this position on. Proved by `keccak_sponge`, which takes the claim once.
    SpongeStart = 16 { kind: X, index: X, position: X, lanes: [X; 50] }
    /// String `(kind, index)` is not over at position `length`: its bytes up to there left the sponge with these lanes, and `position` of them were taken in since the last permutation. Sent by `keccak_sponge` in place of the claim of a digest.
    SpongeEnd = 17 { kind: X, index: X, length: X, position: X, lanes: [X; 50] }

    // Arithmetic. `arith` checks that all limbs of all three operands are below 2^32.

    /// Claim: `a + b = c`, below 2^256.
    Add = 20 { a: Word<X>, b: Word<X>, c: Word<X> }
    /// Claim: `a * b = c`, below 2^256.
    Mul = 21 { a: Word<X>, b: Word<X>, c: Word<X> }
    /// Claim: `a * b mod m = c < m` for a non-zero `m`, whose limbs the sender vouches for.
    MulMod = 22 { a: Word<X>, b: Word<X>, m: Word<X>, c: Word<X> }

    // Signatures.

    /// Claim: ECDSA recovery over secp256k1 of `hash` with `(odd_y, r, s)` gives `address`, and r, s are in range with s low
    /// (EIP-2). `odd_y` is checked to be boolean. Proved by `ecdsa`.
    Recover = 30 { hash: Word<X>, odd_y: X, r: Word<X>, s: Word<X>, address: AddressLimbs<X> }
    /// Claim: as in [`Message::Recover`], but the public key would be infinity: `s R = hash G`. Proved by `ecdsa`.
    RecoverNothing = 160 { hash: Word<X>, odd_y: X, r: Word<X>, s: Word<X> }
    /// A point that the ladder of `signature` adds, asked for by the addition and answered by who made it. `operand` is one
    /// of [`crate::bus::operand`]; `a` and `b` are zero but for table points. x has limbs of 16 bits, y of 32, signed or not.
    LadderPoint = 31 { signature: X, operand: X, a: X, b: X, x: [X; 16], y: Word<X> }
    /// A fixed point of the ladder: `(low + 1) G + (high + 1) 2^128 G`, in canonical limbs. A lookup answered by `secp_base`.
    BasePoint = 32 { low: X, high: X, x: [X; 16], y: Word<X> }
    /// The ladder of `signature` has this point in its accumulator at `place` ([`crate::bus::place`]); signed limbs.
    Accumulator = 33 { signature: X, place: X, x: [X; 16], y: [X; 16] }
    /// The scalars that the ladder of `signature` went by, 32 bits of each; `position` 0 is the most significant. All four are
    /// below 2^32.
    LadderScalars = 34 { signature: X, position: X, z: X, v: X, low: X, high: X }

    // Transactions. `ordinal` counts the chunk's transactions from 0.

    /// `rlp` found this value in field `field` ([`crate::bus::field`]) of the transaction. `bytes` of calldata and `entries` of the
    /// access list (addresses and keys) were read when it was, itself included. Sent by `rlp` exactly once for each
    /// field that the transaction's kind has; integers are canonical, absent bytes are zero. What calldata and access list hold is sent
    /// at most once for each place, to whoever wants it.
    TransactionField = 40 { ordinal: X, field: X, bytes: X, entries: X, value: Word<X> }
    /// `rlp` read the whole transaction, whose published bytes begin at position `start` of those of the chunk. `kind` is 0, 1 or 2; `protected` (0 or 1; 1 for kinds 1 and 2) tells whether the
    /// signing payload covers the chain id; lengths are of the published bytes and of the signing payload; then the
    /// numbers of zero and non-zero bytes of calldata and of addresses and keys in the access list.
    TransactionShape = 41 {
        ordinal: X, start: X, kind: X, protected: X, length: X, signing_length: X,
        zero_bytes: X, nonzero_bytes: X, access_addresses: X, access_keys: X,
    }
    /// Where the open block stands before transaction `ordinal` (or after the last). Handed from `block` through the rows of
    /// `transaction` and back to `block`. The transaction begins at `clock`.
    /// Its published bytes begin at position `published` of those of the chunk.
    BlockProgress = 42 { ordinal: X, gas_used: U64Limbs<X>, published: X, clock: X }
    /// The environment of the open block, handed to each transaction (a lookup with one entry, answered by `block`). `rules` is that of the statement.
    Environment = 43 {
        chain_id: U64Limbs<X>, coinbase: AddressLimbs<X>, gas_limit: U64Limbs<X>, base_fee: Word<X>, rules: X,
    }

    // State.

    /// The state root before the `step`-th touched account (or after the last). From `block` through `tree` and back.
    StateRoot = 51 { step: X, root: [X; 4] }
    /// Claim: as the `step`-th update of the state tree, the leaf of `key` goes from value hash `before` to `after`; a side
    /// that is not present (0; else 1) has no leaf and an all-zero value hash. Whoever sends it vouches for the flags. Proved
    /// by `tree`, which takes [`Message::StateRoot`] from `step` to `step + 1`.
    TreeUpdate = 52 {
        step: X, key: [X; 4], present_before: X, before: [X; 4], present_after: X, after: [X; 4],
    }
    /// Claim: element `element` of a key, as a number below the field's order, starts (least significant bit first) as
    /// follows. `high` is 0: its first log2(`power`) bits are the number `prefix`, and `low` is 0. `high` is 1: its low 32 bits
    /// are `low` and the next log2(`power`) bits are `prefix`. `power` is at most 2^32. Asked and proved by `tree`.
    KeyBits = 53 { element: X, high: X, low: X, prefix: X, power: X }

    // Contract execution. Timestamps order all accesses of a chunk ([`crate::tables::clock`]). `frame` counts the chunk's
    // frames, `code` its bytecodes from 1. All limbs of words on the stack are below 2^32: whoever pushes vouches for it.

    /// `value` is below the number of rows of `clock`, which answers: a gap between timestamps that is not negative.
    Clock = 70 { value: X }
    /// What `evm` does with opcode `index % 256`; `index` is the opcode, plus 256 for a step that halts the frame. A lookup answered by `opcode`; see
    /// [`crate::tables::opcode`] for the fields.
    Opcode = 71 { index: X, operation: [X; 15] }
    /// `PUSH` opcodes are followed by `length` bytes of data, others by 0; `opcode` is below 2^8. A lookup answered by `opcode`.
    PushLength = 72 { opcode: X, length: X }
    /// What the step table needs to know of opcodes that it does not carry out: whether the byte is an opcode (INVALID is none), how many words it needs on the stack and
    /// how many it leaves there in their place, whether the step table does it itself (0 or 1), and its gas if so. A lookup answered by `opcode`.
    OpcodeNeeds = 84 { opcode: X, defined: X, inputs: X, outputs: X, own: X, cost: X }
    /// An instruction starts at byte `pc` of `code`, and it is `opcode`; beyond the end of the code there are STOPs. Where no instruction starts, since the byte is data of a PUSH, `opcode` is the
    /// byte plus [`DATA`]. A lookup answered by `code`.
    Instruction = 73 { code: X, pc: X, opcode: X }
    /// Byte `position` of `code` is `byte`, which is below 2^8; beyond the end of the code there are zeros. A lookup answered by `code`.
    CodeByte = 74 { code: X, position: X, byte: X }
    /// Bytes `7 index .. 7 index + 7` of `code` as a big-endian number. Given by `code` to `code_hash`, once each.
    CodeWord = 75 { code: X, index: X, word: X }
    /// `code` has `size` bytes. Given by `code` to `code_hash`, once for each code.
    CodeSize = 76 { code: X, size: X }
    /// `code` has this Keccak-256 hash, as a big-endian number, and this size, and `digest` is the digest of the code part of accounts that have it
    /// ([`crate::state_hash::code_digest`]). A lookup answered by `code_hash`. That `keccak` is the hash is the word of whoever put the account into the state.
    Code = 77 { code: X, digest: [X; 4], keccak: Word<X>, size: X }
    /// `code` has `size` bytes. A lookup answered by `code_hash`.
    CodeLength = 85 { code: X, size: X }
    /// Claim: `c` is what `opcode` makes of the words `a`, from the top of the stack, and `b`, which is zero where the opcode does not take it. For PUSH
    /// opcodes and PC, `a` is `(pc, code, 0, ...)` and `b` zero; for opcodes that read the frame's or block's environment `a` is `(frame, 0, ...)`. The sender vouches for limbs
    /// below 2^32 of the operands that the opcode takes, the table that proves it for those of `c`. For limbs of `b` where the opcode does not take it nobody vouches: the table that proves it shows each to be zero, or reads none.
    Compute = 78 { opcode: X, a: Word<X>, b: Word<X>, c: Word<X> }
    /// Claim: as [`Message::Compute`], of opcodes that take three words.
    Compute3 = 79 { opcode: X, a: Word<X>, b: Word<X>, m: Word<X>, c: Word<X> }
    /// The word at `index` of the stack of `frame`, pushed at `timestamp`. A push sends it, the pop that takes it away receives it.
    StackWord = 80 { frame: X, index: X, value: Word<X>, timestamp: X }
    /// The frame `frame` goes on at step `clock` with instruction `pc` of `code`, `sp` words on its stack, this gas, `words` words of memory, and after `writes` writes
    /// that can be undone. Sent once by whoever opens or resumes the frame, received by the step.
    Enter = 81 { clock: X, frame: X, code: X, pc: X, sp: X, gas: X, words: X, writes: X }
    /// Step `clock` of `frame` is done by another table than `evm`, stack and memory included, and the frame goes on with the next step. Pairs are before and after.
    Step = 82 {
        clock: X, frame: X, opcode: X, sp: X, next_sp: X, gas: X, next_gas: X, words: X, next_words: X, writes: X, next_writes: X,
    }
    /// After step `clock` of `frame` another frame goes on or none; `index` is the opcode, plus 256 if the step halts the frame. Whoever receives it does the step.
    Leave = 83 { clock: X, frame: X, code: X, pc: X, index: X, sp: X, gas: X, words: X, writes: X }

    /// Step `clock` ended `frame` with this `outcome` ([`crate::bus::outcome`]), giving back `gas`, after `writes` writes that can be undone; the return data is `length` bytes from `offset` of
    /// its memory.
    FrameEnd = 86 { clock: X, frame: X, outcome: X, gas: X, writes: X, offset: X, length: X }
    /// Claim: `exponent` has `bytes` bytes without leading zeros, 0 to 32. The sender vouches for limbs below 2^32. Proved by `exponent_bytes`.
    ExponentBytes = 87 { exponent: Word<X>, bytes: X }

    // Memory of frames. All limbs of words in memory are below 2^32: whoever writes vouches for it. Offsets and lengths are in bytes and below 2^32: whoever claims
    // something of them vouches for it.

    /// A version of a word of memory: what the bytes `32 index .. 32 index + 32` of the memory of `frame` were after the access at `timestamp` (0: at first, all zero), as a big-endian number. Each access
    /// receives the version before and sends the one after; first versions come from `cells`, which takes the last.
    MemoryWord = 90 { frame: X, index: X, value: Word<X>, timestamp: X }
    /// Claim: a memory of `words` words that is to hold `length` bytes from `offset` has `next_words` words then, and what is missing costs `gas` (Yellow Paper, H.1). `length` is not zero. Unless `unpaid` is 1, which whoever asks says
    /// of steps that lack the gas for it, `next_words` is at most 2^26 if `words` is. A lookup answered by `growth`.
    MemoryGrowth = 91 { words: X, offset: X, length: X, unpaid: X, next_words: X, gas: X }
    /// Claim: at `timestamp` the 32 bytes from `offset` of the memory of `frame` are `value`, or become it if `writes` is 1 and not 0. Proved by `window`.
    MemoryWindow = 92 { frame: X, offset: X, value: Word<X>, timestamp: X, writes: X }
    /// Claim: at `timestamp` byte `offset` of the memory of `frame` becomes the lowest of `value`, a limb. Proved by `byte_store`.
    MemoryByte = 93 { frame: X, offset: X, value: X, timestamp: X }
    /// Claim: where 9 limbs, most significant bytes first, start with `first` and end with `last`, they are `moved` if the bytes of `value` are put in from byte `bytes` on, which is 1, 2 or 3. All
    /// limbs are below 2^32. Proved by `byte_shift`.
    ByteShift = 94 { bytes: X, value: Word<X>, first: X, last: X, moved: [X; 9] }

    // Frames. `frame` counts the chunk's frames from 1, `transaction` its transactions that run code from 0. A *clock* is half a timestamp: step `c` reads at `2 c` and writes at `2 c + 1`.

    /// A frame opens at clock `opened`, after `writes` writes that can be undone; its first step is the one after. Sent by whoever opens it (a call or a transaction), who vouches for all of it; received by `frame`, whose number is
    /// `frame`. What it is follows from `opening` ([`crate::bus::opening`]): it runs `code`, which is the number of a precompile if it is one, and 0 if there is no code. When it is open, `first_writes` writes have been made: value
    /// may have moved. It is called with `input_length` bytes from `input_offset` of the memory of `input_frame`, or of the transaction's calldata where that is 0. `parent` is 0 for a transaction's first frame, whose depth is 1.
    FrameStart = 100 {
        frame: X, transaction: X, parent: X, depth: X, is_static: X, address: AddressLimbs<X>, caller: AddressLimbs<X>, value: Word<X>, opening: X, code: X,
        input_frame: X, input_offset: X, input_length: X, gas: X, opened: X, writes: X, first_writes: X,
    }
    /// How `frame` ended, told to whoever opened it. All that is undone is undone before clock `closed`, at which the result is taken; who goes on does so at the next one.
    FrameResult = 101 { frame: X, outcome: X, gas: X, writes: X, offset: X, length: X, closed: X }
    /// The frame's place. A change of the state with number `n` that it makes is undone at `undone_at - n`, or not at all where `undone_at` is 0. A lookup answered by `frame`.
    FrameContext = 102 { frame: X, transaction: X, depth: X, is_static: X, address: AddressLimbs<X>, undone_at: X }
    /// Who called the frame, and with what value. A lookup answered by `frame`.
    FrameCaller = 103 { frame: X, caller: AddressLimbs<X>, value: Word<X> }
    /// What the frame is called with, as in [`Message::FrameStart`]. A lookup answered by `frame`.
    FrameInput = 104 { frame: X, input_frame: X, offset: X, length: X, transaction: X }
    /// The bytecode that the frame runs. A lookup answered by `frame`.
    FrameCode = 105 { frame: X, code: X }
    /// What ORIGIN or GASPRICE gives in the transaction. Answered by `invocation`, as often as it is asked, for no other opcodes. Limbs are below 2^32.
    TransactionValue = 106 { transaction: X, opcode: X, value: Word<X> }
    /// As in [`Message::FrameContext`]. A lookup answered by `frame`.
    FrameUndone = 107 { frame: X, transaction: X, undone_at: X }
    /// `frame`, which opens at `clock`, is a call of the precompile `number` with this gas, after `writes` writes that can be undone. Sent by `frame`; the table of that precompile receives it, and sends
    /// [`Message::FrameEnd`] with the same clock and number of writes. What the frame hands back it writes to the frame's memory at that clock.
    Precompile = 108 { frame: X, clock: X, number: X, gas: X, writes: X }
    /// What an opcode without operands gives that asks for a value of the block: COINBASE to CHAINID, BASEFEE, BLOBBASEFEE. Answered by `block`, as often as it is asked, for no other opcodes. Limbs are below 2^32.
    BlockValue = 109 { opcode: X, value: Word<X> }

    /// As in [`Message::FrameContext`]. Sent by the rows of `frame` whose frame it opened and that did not fail, and received by its own as often.
    ParentUndone = 119 { frame: X, undone_at: X }

    // Moving bytes.

    /// Claim: at `clock`, `length` bytes go from `source_offset` of a source to `target_offset` of a target. `source` and `target` are of [`crate::bus::space`], with the number of frame, transaction, code or string. From byte
    /// `source_end` of the source on they are zeros. The sender vouches for integers, all below 2^33 and the end at most 2^32, and for a length that is not zero. Proved by `copy`.
    Copy = 110 {
        clock: X, source: X, source_id: X, source_offset: X, source_end: X, target: X, target_id: X, target_offset: X, length: X,
    }
    /// The 32 bytes from `32 index` of a source that does not change, which ends in zeros: calldata of a transaction or a bytecode ([`crate::bus::space`]). A claim, made as often as it is needed; each kind of source has a table that proves it,
    /// bytecodes `code_words`, calldata `calldata`. Limbs are below 2^32.
    SourceWord = 111 { source: X, source_id: X, index: X, value: Word<X> }
    /// Claim: `merged` has the first `bytes` bytes, 0 to 32, of `first` and then those of `second`. The sender vouches for limbs of both below 2^32; those of `merged` then are. Proved by `merge`.
    Merge = 112 { bytes: X, first: Word<X>, second: Word<X>, merged: Word<X> }

    /// Bytes `position .. position + bytes` of the string of step `string` are the first 1 to 32 bytes of `value`, which has limbs below 2^32. Sent by `copy` for each word of a string, to `string`, which gives it to the sponge, to `log_data`, or
    /// to the step or the precompile that takes its words itself.
    StringWord = 113 { string: X, position: X, value: Word<X>, bytes: X }

    // Storage. `space` is 0 for storage, and for transient storage the transaction plus 1.

    /// A version of a slot: what it was after the access at `timestamp` (0: before the chunk). `transaction` is 1 plus the last transaction of the chunk that accessed it, or 0; to any other it is cold, and `original`, its value before
    /// that transaction, says nothing. Each access receives the version before and sends the one after; `storage` sends the first and receives the last.
    StorageVersion = 120 {
        space: X, address: AddressLimbs<X>, slot: Word<X>, value: Word<X>, original: Word<X>, transaction: X, timestamp: X,
    }
    /// A version of the refund counter of `transaction`: `refund` may be negative in between. The transaction sends the first, 0 at the time at which its first frame opens, and receives the last.
    RefundVersion = 121 { transaction: X, refund: X, timestamp: X }
    /// Claim: step `clock` changes the refund counter of `transaction` by `change`, as the write with number `number`, in a frame with this `undone_at` ([`Message::FrameContext`]). Proved by `refund`.
    Refund = 122 { clock: X, transaction: X, undone_at: X, number: X, change: X }

    /// A log of the chunk that is not undone, in its place among those, from 0: who logged, how many topics and what they are (zero where there are no more), and the digest of the data. Limbs are below 2^32, topics at most 4. Sent by `log`, once for
    /// each; received by `log_chain`.
    LogRecord = 123 {
        number: X, address: AddressLimbs<X>, topics: X, first: Word<X>, second: Word<X>, third: Word<X>, fourth: Word<X>, digest: [X; 4],
    }
    /// So many logs of the chunk that are not undone were there at `timestamp`. `block` sends the first, 0 at timestamp 0, and receives the last.
    LogCount = 124 { count: X, timestamp: X }
    /// The chain over logs before number `index` of the chunk's that are not undone, or after the last. `block` sends the first and receives the last; `log_chain` takes one and sends the next.
    LogChain = 141 { index: X, chain: [X; 4] }
    /// Claim: the words of string `string` ([`Message::StringWord`]) are `length` bytes with this digest ([`crate::state_hash::logs::log_data`]). The sender vouches for the length of the string, which is not zero. Proved by `log_data`.
    LogData = 150 { string: X, length: X, digest: [X; 4] }

    // Accounts that contracts read.

    /// Claim: at step `clock` of `frame`, as the write with number `number`, the account `address` is accessed, which `was_warm` (0 or 1) and is warm then; it has this balance and digest of its code part, `exists` (0 or 1) unless it is empty
    /// (EIP-161), and `is_precompile` (0 or 1) by the rules. Proved by `account`.
    AccountAccess = 130 {
        clock: X, frame: X, number: X, address: AddressLimbs<X>, was_warm: X, exists: X, is_precompile: X, balance: Word<X>, code: [X; 4],
    }
    /// Claim: when `frame` opens at clock `opened`, `value` goes from one account to another, as the writes with numbers `writes + 1` and `writes + 2`. The sender must have it. Proved by `transfer`.
    Transfer = 131 { opened: X, frame: X, writes: X, from: AddressLimbs<X>, to: AddressLimbs<X>, value: Word<X> }
    /// Claim: at `clock` the account `address` has at least `value`, if `enough` is 1 and not 0, or less. A read at the time `2 clock`, at which nothing else is done to the account. The sender vouches for limbs of `value` below 2^32, and
    /// for `enough`. Proved by `transfer`.
    Funds = 132 { clock: X, address: AddressLimbs<X>, value: Word<X>, enough: X }
    /// Claim: step `clock` of `frame`, which halts the frame, would access the account `address`, and that is as in [`Message::AccountAccess`]; nothing changes. Proved by `account`.
    AccountView = 133 { clock: X, frame: X, address: AddressLimbs<X>, was_warm: X, exists: X }
    /// A version of an account: what it was after the access at `timestamp` (0: before the chunk). `code` is the digest of
    /// the account's code part ([`crate::state_hash::code_digest`]), `transaction` is 1 plus the last transaction of the chunk that accessed it, or 0: to any other it is cold (EIP-2929). An absent account is a version with nonce 0, balance
    /// 0 and no code. Each access receives the version before and sends the one after; `state` sends the first and receives the last.
    StampedAccount = 134 {
        address: AddressLimbs<X>, nonce: U64Limbs<X>, balance: Word<X>, code: [X; 4], transaction: X, timestamp: X,
    }
    /// `digest` is the digest of the code part of accounts whose bytecode has this Keccak-256 hash and this size, whether the bytecode is in the chunk or not. A lookup answered by `code_identity`. Limbs are below 2^32.
    CodeIdentity = 135 { digest: [X; 4], keccak: Word<X>, size: X }

    // Transactions that run code.

    /// Claim: transaction `ordinal` calls the account `to`, whose code part has the digest `code`, with `value` and `input_length` bytes of calldata, and its first frame gets `gas`. It began at clock `clock`; its access list has `listed` entries. Its code
    /// runs, which with what was used before and after refunds comes to `spent`. Of what was paid, `gas_limit - used` at `price` goes back to the sender, and `reward` to the coinbase; then the next transaction begins, at `next_clock`. The sender vouches
    /// for limbs below 2^32, and for `gas_limit` below 2^63 + 2^49, `gas` and `used` not above that. Proved by `invocation`.
    Invocation = 136 {
        ordinal: X, clock: X, next_clock: X, sender: AddressLimbs<X>, to: AddressLimbs<X>, coinbase: AddressLimbs<X>, value: Word<X>, code: [X; 4],
        input_length: X, listed: X, gas_limit: X, gas: X, spent: X, used: X, price: Word<X>, reward: Word<X>,
    }
    /// The entries of the access list of `transaction` are accessed one after the other from `timestamp` on. Sent by `invocation` once for each entry.
    AccessListStart = 140 { transaction: X, timestamp: X }
    /// The rules of the statement. A lookup answered by `block`.
    Rules = 142 { rules: X }

    // The statement: said by the public values.

    /// The chunk's start.
    ChunkStart = 60 { checkpoint: [X; 109], chain_id: U64Limbs<X>, rules: X }
    /// The chunk's end.
    ChunkEnd = 61 { checkpoint: [X; 109] }
}
