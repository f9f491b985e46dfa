//! `txs.rlp`: a JSON string with the hex of an RLP list; legacy transactions are lists in it, others strings.

use alloy_primitives::Bytes;
use alloy_rlp::Header;

use crate::block_file::{Text, bytes, parse};
use crate::error::{Error, Result};

/// The transactions of `txs.rlp`, not looked at.
///
/// # Errors
/// [`Error::Malformed`] unless it is one list and nothing else.
pub(super) fn transactions_from_rlp(json: &[u8]) -> Result<Vec<Bytes>> {
    const PLACE: &str = "txs.rlp";
    let text: Text = parse(json, PLACE, "")?;
    let list = bytes(&text, PLACE)?;
    let fault = |error: alloy_rlp::Error| Error::malformed(PLACE, error.to_string());
    let mut buffer: &[u8] = &list;
    let mut items = Header::decode_bytes(&mut buffer, true).map_err(fault)?;
    if !buffer.is_empty() {
        return Err(Error::malformed(PLACE, "bytes follow the list"));
    }
    let mut transactions = Vec::new();
    while !items.is_empty() {
        let whole = items;
        let header = Header::decode(&mut items).map_err(fault)?;
        let head = whole.len() - items.len();
        let (content, rest) = items
            .split_at_checked(header.payload_length)
            .ok_or_else(|| fault(alloy_rlp::Error::InputTooShort))?;
        let item = if header.list {
            whole
                .get(..head + header.payload_length)
                .unwrap_or_default()
        } else {
            content
        };
        transactions.push(Bytes::copy_from_slice(item));
        items = rest;
    }
    Ok(transactions)
}
