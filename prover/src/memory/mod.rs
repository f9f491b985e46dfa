//! How much memory there is, was used, and will be needed.
//!
//! * `size`: numbers of bytes as people write them;
//! * `system`: what the kernel says of the machine and of this process;
//! * `groups`: what the control groups leave that the process is in;
//! * [`estimates`]: what circuits take.

pub mod estimates;
mod groups;
mod size;
mod system;

pub use size::parse_bytes;
pub use system::System;

/// Part of the available memory that is used when nobody sets a limit, in percent: the estimates are estimates, and the
/// file cache needs some.
const PERCENT: u64 = 85;

/// The limit where the system does not tell how much memory there is: 8 GiB.
const FALLBACK: u64 = 8 << 30;

/// Bytes that this process can still use without swapping, as far as the system tells: the least that the machine, the
/// control groups of a container or service, and the process's own limits leave.
pub fn available() -> Option<u64> {
    System::default().available()
}

/// The limit when none is given.
pub fn default_limit() -> u64 {
    available().map_or(FALLBACK, |bytes| bytes / 100 * PERCENT)
}

/// Most bytes of this process that were in memory at once, as far as the system tells.
pub fn peak() -> Option<u64> {
    System::default().peak()
}
