//! Exit codes of the command line.

/// Done.
pub const DONE: u8 = 0;
/// A fault of the program or of the machine.
pub const INTERNAL: u8 = 1;
/// Wrong options or arguments.
pub const USAGE: u8 = 2;
/// The input is not what it should be.
pub const MALFORMED: u8 = 3;
/// Ethereum would not accept the block.
pub const INVALID_BLOCK: u8 = 4;
/// The block is valid but cannot be proved yet.
pub const NOT_PROVABLE: u8 = 5;
/// The proof does not hold.
pub const INVALID_PROOF: u8 = 6;
/// The proof is for another verifying key.
pub const WRONG_KEY: u8 = 7;
/// The memory limit is too low.
pub const WOULD_NOT_FIT: u8 = 8;
