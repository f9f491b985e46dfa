//! Words that are kept with a frame's memory though they are none of it ([`crate::bus::register`]).

use alloy_primitives::U256;

use super::frame::Returned;

/// What [`RETURN_DATA`](crate::bus::register::RETURN_DATA) says of a call: which frame was called, and what it hands back.
pub fn return_data(frame: u64, returned: Returned) -> U256 {
    let Returned { offset, length } = returned;
    U256::from(frame) | U256::from(offset) << 32 | U256::from(length) << 64
}
