//! Osaka's opcodes, which are Cancun's and CLZ: name, operands, constant gas, and which of a step's effects follow from what came before.
//!
//! Encoder and decoder of steps both take from this table what is stored, so that they cannot disagree.

use super::Rules;

/// What a step leaves in the encoded steps, beside nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Nothing: gas and result follow from code, stack, memory and frame.
    Nothing,
    /// The word that it puts on the stack; its gas is constant.
    Word,
    /// The gas that it costs; results come from the frame that follows, or there are none.
    Gas,
    /// Gas, then the word that it puts on the stack.
    GasAndWord,
    /// Gas, then the index of the code that is read among the trace's codes, plus 1; 0 for no code.
    GasAndCode,
    /// Gas, then the change of the refund counter.
    GasAndRefund,
}

/// An opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name, such as `PUSH1`.
    pub name: &'static str,
    /// Words that it takes from the stack (for DUP and SWAP: that it needs there).
    pub inputs: u8,
    /// Words that it puts there.
    pub outputs: u8,
    /// Its constant gas; for steps that store their gas, the least that it costs.
    pub gas: u16,
    /// What is stored of it.
    pub stored: Stored,
}

macro_rules! opcodes {
    ($($code:literal $name:ident $inputs:literal $outputs:literal $gas:literal $stored:ident;)*) => {
        $(
            #[doc = concat!("The opcode ", stringify!($name), ".")]
            pub const $name: u8 = $code;
        )*

        /// All opcodes by their byte; `None` where there is none by any rules.
        pub const OPERATIONS: [Option<Operation>; 256] = {
            let mut table = [None; 256];
            $(
                table[$code as usize] = Some(Operation {
                    name: stringify!($name),
                    inputs: $inputs,
                    outputs: $outputs,
                    gas: $gas,
                    stored: Stored::$stored,
                });
            )*
            table
        };
    };
}

opcodes! {
    0x00 STOP 0 0 0 Nothing;
    0x01 ADD 2 1 3 Nothing;
    0x02 MUL 2 1 5 Nothing;
    0x03 SUB 2 1 3 Nothing;
    0x04 DIV 2 1 5 Nothing;
    0x05 SDIV 2 1 5 Nothing;
    0x06 MOD 2 1 5 Nothing;
    0x07 SMOD 2 1 5 Nothing;
    0x08 ADDMOD 3 1 8 Nothing;
    0x09 MULMOD 3 1 8 Nothing;
    0x0a EXP 2 1 10 Nothing;
    0x0b SIGNEXTEND 2 1 5 Nothing;
    0x10 LT 2 1 3 Nothing;
    0x11 GT 2 1 3 Nothing;
    0x12 SLT 2 1 3 Nothing;
    0x13 SGT 2 1 3 Nothing;
    0x14 EQ 2 1 3 Nothing;
    0x15 ISZERO 1 1 3 Nothing;
    0x16 AND 2 1 3 Nothing;
    0x17 OR 2 1 3 Nothing;
    0x18 XOR 2 1 3 Nothing;
    0x19 NOT 1 1 3 Nothing;
    0x1a BYTE 2 1 3 Nothing;
    0x1b SHL 2 1 3 Nothing;
    0x1c SHR 2 1 3 Nothing;
    0x1d SAR 2 1 3 Nothing;
    0x1e CLZ 1 1 5 Nothing;
    0x20 KECCAK256 2 1 30 Nothing;
    0x30 ADDRESS 0 1 2 Nothing;
    0x31 BALANCE 1 1 100 GasAndWord;
    0x32 ORIGIN 0 1 2 Nothing;
    0x33 CALLER 0 1 2 Nothing;
    0x34 CALLVALUE 0 1 2 Nothing;
    0x35 CALLDATALOAD 1 1 3 Nothing;
    0x36 CALLDATASIZE 0 1 2 Nothing;
    0x37 CALLDATACOPY 3 0 3 Nothing;
    0x38 CODESIZE 0 1 2 Nothing;
    0x39 CODECOPY 3 0 3 Nothing;
    0x3a GASPRICE 0 1 2 Word;
    0x3b EXTCODESIZE 1 1 100 GasAndWord;
    0x3c EXTCODECOPY 4 0 100 GasAndCode;
    0x3d RETURNDATASIZE 0 1 2 Nothing;
    0x3e RETURNDATACOPY 3 0 3 Nothing;
    0x3f EXTCODEHASH 1 1 100 GasAndWord;
    0x40 BLOCKHASH 1 1 20 Word;
    0x41 COINBASE 0 1 2 Word;
    0x42 TIMESTAMP 0 1 2 Word;
    0x43 NUMBER 0 1 2 Word;
    0x44 PREVRANDAO 0 1 2 Word;
    0x45 GASLIMIT 0 1 2 Word;
    0x46 CHAINID 0 1 2 Word;
    0x47 SELFBALANCE 0 1 5 Word;
    0x48 BASEFEE 0 1 2 Word;
    0x49 BLOBHASH 1 1 3 Word;
    0x4a BLOBBASEFEE 0 1 2 Word;
    0x50 POP 1 0 2 Nothing;
    0x51 MLOAD 1 1 3 Nothing;
    0x52 MSTORE 2 0 3 Nothing;
    0x53 MSTORE8 2 0 3 Nothing;
    0x54 SLOAD 1 1 100 GasAndWord;
    0x55 SSTORE 2 0 100 GasAndRefund;
    0x56 JUMP 1 0 8 Nothing;
    0x57 JUMPI 2 0 10 Nothing;
    0x58 PC 0 1 2 Nothing;
    0x59 MSIZE 0 1 2 Nothing;
    0x5a GAS 0 1 2 Nothing;
    0x5b JUMPDEST 0 0 1 Nothing;
    0x5c TLOAD 1 1 100 Word;
    0x5d TSTORE 2 0 100 Nothing;
    0x5e MCOPY 3 0 3 Nothing;
    0x5f PUSH0 0 1 2 Nothing;
    0x60 PUSH1 0 1 3 Nothing;
    0x61 PUSH2 0 1 3 Nothing;
    0x62 PUSH3 0 1 3 Nothing;
    0x63 PUSH4 0 1 3 Nothing;
    0x64 PUSH5 0 1 3 Nothing;
    0x65 PUSH6 0 1 3 Nothing;
    0x66 PUSH7 0 1 3 Nothing;
    0x67 PUSH8 0 1 3 Nothing;
    0x68 PUSH9 0 1 3 Nothing;
    0x69 PUSH10 0 1 3 Nothing;
    0x6a PUSH11 0 1 3 Nothing;
    0x6b PUSH12 0 1 3 Nothing;
    0x6c PUSH13 0 1 3 Nothing;
    0x6d PUSH14 0 1 3 Nothing;
    0x6e PUSH15 0 1 3 Nothing;
    0x6f PUSH16 0 1 3 Nothing;
    0x70 PUSH17 0 1 3 Nothing;
    0x71 PUSH18 0 1 3 Nothing;
    0x72 PUSH19 0 1 3 Nothing;
    0x73 PUSH20 0 1 3 Nothing;
    0x74 PUSH21 0 1 3 Nothing;
    0x75 PUSH22 0 1 3 Nothing;
    0x76 PUSH23 0 1 3 Nothing;
    0x77 PUSH24 0 1 3 Nothing;
    0x78 PUSH25 0 1 3 Nothing;
    0x79 PUSH26 0 1 3 Nothing;
    0x7a PUSH27 0 1 3 Nothing;
    0x7b PUSH28 0 1 3 Nothing;
    0x7c PUSH29 0 1 3 Nothing;
    0x7d PUSH30 0 1 3 Nothing;
    0x7e PUSH31 0 1 3 Nothing;
    0x7f PUSH32 0 1 3 Nothing;
    0x80 DUP1 1 2 3 Nothing;
    0x81 DUP2 2 3 3 Nothing;
    0x82 DUP3 3 4 3 Nothing;
    0x83 DUP4 4 5 3 Nothing;
    0x84 DUP5 5 6 3 Nothing;
    0x85 DUP6 6 7 3 Nothing;
    0x86 DUP7 7 8 3 Nothing;
    0x87 DUP8 8 9 3 Nothing;
    0x88 DUP9 9 10 3 Nothing;
    0x89 DUP10 10 11 3 Nothing;
    0x8a DUP11 11 12 3 Nothing;
    0x8b DUP12 12 13 3 Nothing;
    0x8c DUP13 13 14 3 Nothing;
    0x8d DUP14 14 15 3 Nothing;
    0x8e DUP15 15 16 3 Nothing;
    0x8f DUP16 16 17 3 Nothing;
    0x90 SWAP1 2 2 3 Nothing;
    0x91 SWAP2 3 3 3 Nothing;
    0x92 SWAP3 4 4 3 Nothing;
    0x93 SWAP4 5 5 3 Nothing;
    0x94 SWAP5 6 6 3 Nothing;
    0x95 SWAP6 7 7 3 Nothing;
    0x96 SWAP7 8 8 3 Nothing;
    0x97 SWAP8 9 9 3 Nothing;
    0x98 SWAP9 10 10 3 Nothing;
    0x99 SWAP10 11 11 3 Nothing;
    0x9a SWAP11 12 12 3 Nothing;
    0x9b SWAP12 13 13 3 Nothing;
    0x9c SWAP13 14 14 3 Nothing;
    0x9d SWAP14 15 15 3 Nothing;
    0x9e SWAP15 16 16 3 Nothing;
    0x9f SWAP16 17 17 3 Nothing;
    0xa0 LOG0 2 0 375 Nothing;
    0xa1 LOG1 3 0 750 Nothing;
    0xa2 LOG2 4 0 1125 Nothing;
    0xa3 LOG3 5 0 1500 Nothing;
    0xa4 LOG4 6 0 1875 Nothing;
    0xf0 CREATE 3 1 32000 Gas;
    0xf1 CALL 7 1 100 Gas;
    0xf2 CALLCODE 7 1 100 Gas;
    0xf3 RETURN 2 0 0 Nothing;
    0xf4 DELEGATECALL 6 1 100 Gas;
    0xf5 CREATE2 4 1 32000 Gas;
    0xfa STATICCALL 6 1 100 Gas;
    0xfd REVERT 2 0 0 Nothing;
    0xfe INVALID 0 0 0 Nothing;
    0xff SELFDESTRUCT 1 0 5000 Gas;
}

/// The operation of a byte; `None` where there is none by any rules.
pub const fn operation(opcode: u8) -> Option<&'static Operation> {
    const TABLE: &[Option<Operation>; 256] = &OPERATIONS;
    TABLE[opcode as usize].as_ref()
}

/// Whether the byte is an opcode by these rules: CLZ is one from Osaka on (EIP-7939).
pub fn is_defined(opcode: u8, rules: Rules) -> bool {
    operation(opcode).is_some() && (opcode != CLZ || rules >= Rules::Osaka)
}

/// The constant gas of an opcode, 0 for what is none.
pub const fn gas_of(opcode: u8) -> u64 {
    match operation(opcode) {
        Some(operation) => operation.gas as u64,
        None => 0,
    }
}

/// What is stored of a step with this byte, unless it fails.
pub const fn stored(opcode: u8) -> Stored {
    match operation(opcode) {
        Some(operation) => operation.stored,
        None => Stored::Nothing,
    }
}

/// Bytes of data that follow an opcode.
pub const fn push_length(opcode: u8) -> u8 {
    match opcode {
        PUSH0..=PUSH32 => opcode - PUSH0,
        _ => 0,
    }
}
