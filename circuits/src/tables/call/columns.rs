//! The columns of `call`.

use crate::delegated::Delegated;
use crate::region::Region;
use crate::word::{AddressLimbs, Word};

braid_stark::columns! {
    /// A call.
    pub struct CallColumns<T> {
        /// It is CALL.
        pub calls: T,
        /// It is CALLCODE.
        pub calls_code: T,
        /// It is DELEGATECALL.
        pub delegates: T,
        /// It is STATICCALL.
        pub calls_static: T,
        /// It opens a frame that runs code.
        pub runs: T,
        /// It opens a frame of an account without code.
        pub is_empty: T,
        /// It opens a frame of a precompile.
        pub is_precompile: T,
        /// It is refused, since the frame would be too deep.
        pub too_deep: T,
        /// It is refused, since the caller has less than the value.
        pub lacks_funds: T,
        /// It halts: it costs more than is left.
        pub lacks: T,
        /// It halts: a region is far.
        pub far: T,
        /// It halts: it has a value, and the frame is static.
        pub violates: T,
        /// Where the step is.
        pub at: Delegated<T>,
        /// The gas that the frame is to be given.
        pub asked: Word<T>,
        /// When that was pushed.
        pub asked_pushed: T,
        /// Whose code is called, in its lowest limbs.
        pub target: Word<T>,
        /// When that was pushed.
        pub target_pushed: T,
        /// The value, of CALL and CALLCODE.
        pub value: Word<T>,
        /// When that was pushed.
        pub value_pushed: T,
        /// Where the calldata is.
        pub input: Region<T>,
        /// Where the output goes.
        pub output: Region<T>,
        /// The opcode takes a value, and it is not zero.
        pub pays: T,
        /// The inverse of the sum of the value's limbs, where that is not zero.
        pub value_inverse: T,
        /// It is CALL with a value that is not zero.
        pub sends: T,
        /// Words of memory when the input has its place.
        pub input_words: T,
        /// What that costs.
        pub input_growth: T,
        /// Words of memory when the output has its place too.
        pub next_words: T,
        /// What that costs.
        pub output_growth: T,
        /// What is called.
        pub account: CalledAccount<T>,
        /// Who calls.
        pub caller: CallingFrame<T>,
        /// Gas.
        pub gas: GivenGas<T>,
        /// The frame that is opened.
        pub child: T,
        /// Its outcome, what it hands back, and when.
        pub result: CallResult<T>,
    }
}

braid_stark::columns! {
    /// The account whose code is called.
    pub struct CalledAccount<T> {
        /// It was accessed before.
        pub was_warm: T,
        /// It is not empty.
        pub exists: T,
        /// It is a precompile.
        pub is_precompile: T,
        /// Its balance.
        pub balance: Word<T>,
        /// The digest of its code part.
        pub digest: [T; 4],
        /// Its bytecode, or its number as a precompile, or 0.
        pub code: T,
        /// Keccak-256 of the bytecode.
        pub keccak: Word<T>,
        /// Size of the bytecode.
        pub size: T,
        /// The first byte of the bytecode.
        pub first_byte: T,
        /// The inverse of its difference from that of delegations.
        pub byte_inverse: T,
    }
}

braid_stark::columns! {
    /// The frame that calls.
    pub struct CallingFrame<T> {
        /// The transaction.
        pub transaction: T,
        /// Its depth.
        pub depth: T,
        /// Whether it is static.
        pub is_static: T,
        /// Its address.
        pub address: AddressLimbs<T>,
        /// When what it does is undone.
        pub undone_at: T,
        /// What CALLER gives there, for DELEGATECALL.
        pub caller: AddressLimbs<T>,
        /// What CALLVALUE gives there, for DELEGATECALL.
        pub value: Word<T>,
    }
}

braid_stark::columns! {
    /// How gas is shared out.
    pub struct GivenGas<T> {
        /// A 64th of what is left when the call is paid for, which its frame keeps: limbs ([`crate::gas`]), the top one of which counts 2^41.
        pub kept: [T; 4],
        /// What is left beyond 64 times that.
        pub remainder: T,
        /// No more is asked for than can be given.
        pub asks_less: T,
        /// No less is asked for, but less than 2^63.
        pub asks_more: T,
        /// 2^63 or more is asked for.
        pub asks_far: T,
        /// The highest bit of the second limb of what is asked for.
        pub asked_top: T,
        /// The 16 bits below it.
        pub asked_high: T,
        /// The inverse of the sum of that bit and all limbs above, where it is not zero.
        pub asked_inverse: T,
        /// What is asked for less or more, or what is missing but one, in limbs ([`crate::gas`]); of what is asked for less the top one counts 2^47 - 2^40.
        pub difference: [T; 4],
        /// What is given, without the stipend.
        pub given: T,
    }
}

braid_stark::columns! {
    /// What a call comes to.
    pub struct CallResult<T> {
        /// How the frame ended.
        pub outcome: T,
        /// Gas that it gives back.
        pub gas: T,
        /// Writes that can be undone when it ended.
        pub writes: T,
        /// The first byte of what it hands back.
        pub offset: T,
        /// Bytes that it hands back.
        pub length: T,
        /// When the result is taken, as a clock.
        pub closed: T,
        /// What was noted of the call before.
        pub noted: Word<T>,
        /// When that was accessed.
        pub accessed: T,
        /// Bytes that go to the caller's memory.
        pub copied: T,
        /// There are any.
        pub copies: T,
        /// The inverse of their number.
        pub copied_inverse: T,
        /// The output has no more room than there are bytes.
        pub full: T,
        /// Bytes too many or too few for it, in limbs of 16 bits.
        pub difference: [T; 2],
    }
}
