//! The columns of `environment`.

use crate::word::{AddressLimbs, Word};

braid_stark::columns! {
    /// A value that a frame asks for.
    pub struct EnvironmentColumns<T> {
        /// ADDRESS.
        pub is_address: T,
        /// CALLER.
        pub is_caller: T,
        /// CALLVALUE.
        pub is_value: T,
        /// CALLDATASIZE.
        pub is_input_size: T,
        /// CODESIZE.
        pub is_code_size: T,
        /// ORIGIN.
        pub is_origin: T,
        /// GASPRICE.
        pub is_gas_price: T,
        /// How often it is claimed.
        pub count: T,
        /// The frame.
        pub frame: T,
        /// The frame's address or caller.
        pub account: AddressLimbs<T>,
        /// The frame's value, or the transaction's origin or gas price.
        pub amount: Word<T>,
        /// The length of the calldata or of the code.
        pub size: T,
        /// The transaction.
        pub transaction: T,
        /// The frame's depth.
        pub depth: T,
        /// Whether the frame is static.
        pub is_static: T,
        /// When what the frame does is undone.
        pub undone_at: T,
        /// Where the calldata is.
        pub input_frame: T,
        /// Its first byte.
        pub input_offset: T,
        /// The bytecode.
        pub code: T,
    }
}
