//! Strict decoding of signed transactions into the items of [`super::Rlp`]'s rows.

use super::MAX_LENGTH_BYTES;
use crate::error::Error;

/// What a run of rows belongs to; the flags of [`super::columns::Items`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    TypeByte,
    PublishedHeader,
    SigningHeader,
    ChainId,
    Nonce,
    MaxPriorityFee,
    MaxFee,
    GasLimit,
    To,
    Value,
    Data,
    AccessHeader,
    EntryHeader,
    EntryAddress,
    KeysHeader,
    Key,
    V,
    R,
    S,
    SigningChainId,
    FirstZero,
    SecondZero,
}

impl Item {
    /// Whether the item is the header of a list.
    pub(super) fn is_list(self) -> bool {
        use Item::*;
        matches!(
            self,
            PublishedHeader | SigningHeader | AccessHeader | EntryHeader | KeysHeader
        )
    }

    /// Whether the item's bytes are published.
    pub(super) fn is_published(self) -> bool {
        use Item::*;
        !matches!(
            self,
            SigningHeader | SigningChainId | FirstZero | SecondZero
        )
    }

    /// Whether the item's bytes are part of the signing payload.
    pub(super) fn is_signed(self) -> bool {
        use Item::*;
        !matches!(self, PublishedHeader | V | R | S)
    }

    /// The most bytes of an integer; `None` for what is no integer.
    pub(super) fn integer_bytes(self) -> Option<usize> {
        use Item::*;
        match self {
            ChainId | Nonce | GasLimit | SigningChainId => Some(8),
            MaxPriorityFee | MaxFee | Value | V | R | S => Some(32),
            _ => None,
        }
    }
}

/// A transaction cut into items in the order of the rows.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// 0, 1 or 2.
    pub(super) kind: u8,
    /// Whether the signing payload covers the chain id.
    pub(super) protected: bool,
    /// Every item with its encoding (of lists: the header only).
    pub(super) items: Vec<(Item, Vec<u8>)>,
}

impl Layout {
    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.items.iter().map(|(_, bytes)| bytes.len()).sum()
    }
}

fn malformed<T>(what: impl core::fmt::Display) -> Result<T, Error> {
    Err(Error::Events(format!("malformed transaction: {what}")))
}

/// A prefix with what it tells.
struct Head {
    is_list: bool,
    /// Bytes of the prefix and the length; 0 for a byte that encodes itself.
    header: usize,
    payload: usize,
}

/// Reads the head of the first item of `bytes` and checks that the item is complete.
fn head(bytes: &[u8]) -> Result<Head, Error> {
    let Some((&prefix, rest)) = bytes.split_first() else {
        return malformed("an item is missing");
    };
    if prefix < 0x80 {
        return Ok(Head {
            is_list: false,
            header: 0,
            payload: 1,
        });
    }
    let is_list = prefix >= 0xc0;
    let tells = usize::from(prefix & 0x3f);
    let (header, payload) = if tells <= 55 {
        (1, tells)
    } else {
        let count = tells - 55;
        if count as u64 > MAX_LENGTH_BYTES {
            return malformed("an item is too long");
        }
        let Some(length) = rest.get(..count) else {
            return malformed("a length is cut off");
        };
        if length.first() == Some(&0) {
            return malformed("a length has a leading zero");
        }
        let payload = length
            .iter()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        if payload <= 55 {
            return malformed("a short length is in long form");
        }
        (1 + count, payload)
    };
    if bytes.len() - header < payload {
        return malformed("an item is cut off");
    }
    if !is_list && payload == 1 && bytes.get(1).is_some_and(|&byte| byte < 0x80) {
        return malformed("a single byte below 0x80 has a prefix");
    }
    Ok(Head {
        is_list,
        header,
        payload,
    })
}

/// Takes items from the front of a list's payload.
struct Reader<'a, 'l> {
    rest: &'a [u8],
    layout: &'l mut Layout,
}

impl<'a> Reader<'a, '_> {
    /// Takes a string and appends it as `item`; returns its content.
    fn string(&mut self, item: Item) -> Result<&'a [u8], Error> {
        let head = head(self.rest)?;
        if head.is_list {
            return malformed(format!("{item:?} is a list"));
        }
        let (encoded, rest) = self.rest.split_at(head.header + head.payload);
        let content = &encoded[head.header..];
        if let Some(most) = item.integer_bytes() {
            if content.len() > most {
                return malformed(format!("{item:?} has more than {most} bytes"));
            }
            if content.first() == Some(&0) {
                return malformed(format!("{item:?} has a leading zero"));
            }
        }
        let exactly = match item {
            Item::To | Item::EntryAddress => 20,
            Item::Key => 32,
            _ => content.len(),
        };
        if content.len() != exactly {
            return malformed(format!(
                "{item:?} has {} bytes, not {exactly}",
                content.len()
            ));
        }
        self.layout.items.push((item, encoded.to_vec()));
        self.rest = rest;
        Ok(content)
    }

    /// Takes a list's header, appends it as `item` and returns the list's payload.
    fn list(&mut self, item: Item) -> Result<&'a [u8], Error> {
        let head = head(self.rest)?;
        if !head.is_list {
            return malformed(format!("{item:?} is not a list"));
        }
        let (encoded, rest) = self.rest.split_at(head.header + head.payload);
        let (header, payload) = encoded.split_at(head.header);
        self.layout.items.push((item, header.to_vec()));
        self.rest = rest;
        Ok(payload)
    }

    /// Continues in `payload`, a part of what was taken last.
    fn within(&mut self, payload: &'a [u8]) -> Reader<'a, '_> {
        Reader {
            rest: payload,
            layout: self.layout,
        }
    }

    fn access_list(&mut self) -> Result<(), Error> {
        let entries = self.list(Item::AccessHeader)?;
        let mut entries = self.within(entries);
        while !entries.rest.is_empty() {
            let entry = entries.list(Item::EntryHeader)?;
            let mut entry = entries.within(entry);
            entry.string(Item::EntryAddress)?;
            let keys = entry.list(Item::KeysHeader)?;
            entry.ends("an entry of the access list")?;
            let mut keys = entry.within(keys);
            while !keys.rest.is_empty() {
                keys.string(Item::Key)?;
            }
        }
        Ok(())
    }

    fn ends(&self, what: &str) -> Result<(), Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            malformed(format!("{} bytes too many after {what}", self.rest.len()))
        }
    }
}

/// The header of a list whose payload has `length` bytes.
pub(super) fn list_header(length: usize) -> Vec<u8> {
    if length <= 55 {
        return vec![0xc0 + length as u8];
    }
    let bytes = length.to_be_bytes();
    let significant = bytes.iter().skip_while(|byte| **byte == 0);
    let mut header = vec![0];
    header.extend(significant);
    header[0] = 0xf7 + (header.len() - 1) as u8;
    header
}

/// The canonical encoding of an integer.
pub(super) fn integer(value: u64) -> Vec<u8> {
    if (1..0x80).contains(&value) {
        return vec![value as u8];
    }
    let bytes = value.to_be_bytes();
    let mut encoded = vec![0];
    encoded.extend(bytes.iter().skip_while(|byte| **byte == 0));
    encoded[0] = 0x80 + (encoded.len() - 1) as u8;
    encoded
}

/// What `v` of a legacy transaction says: `None` for 27 and 28, else the chain id of EIP-155.
fn legacy_chain_id(v: &[u8]) -> Result<Option<u64>, Error> {
    if v.len() > 16 {
        return malformed("v is too large");
    }
    let v = v
        .iter()
        .fold(0u128, |sum, &byte| sum << 8 | u128::from(byte));
    match v {
        27 | 28 => Ok(None),
        35.. => match u64::try_from((v - 35) / 2) {
            Ok(chain_id) => Ok(Some(chain_id)),
            Err(_) => malformed("v is too large"),
        },
        _ => malformed(format!("v is {v}")),
    }
}

/// Decodes the published bytes of a transaction.
pub(super) fn decode(raw: &[u8]) -> Result<Layout, Error> {
    let Some(&first) = raw.first() else {
        return malformed("no bytes");
    };
    let mut layout = Layout {
        kind: 0,
        protected: true,
        items: Vec::new(),
    };
    let mut list = raw;
    match first {
        1 | 2 => {
            layout.kind = first;
            layout.items.push((Item::TypeByte, vec![first]));
            list = &raw[1..];
        }
        0xc0.. => {}
        _ => {
            return malformed(format!("type {first} is not 1, 2 or legacy"));
        }
    }
    let kind = layout.kind;
    let mut reader = Reader {
        rest: list,
        layout: &mut layout,
    };
    let payload = reader.list(Item::PublishedHeader)?;
    reader.ends("the transaction")?;
    // Filled in below, when the signing payload's length is known.
    reader.layout.items.push((Item::SigningHeader, Vec::new()));
    reader.rest = payload;
    if kind != 0 {
        reader.string(Item::ChainId)?;
    }
    reader.string(Item::Nonce)?;
    if kind == 2 {
        reader.string(Item::MaxPriorityFee)?;
    }
    for item in [
        Item::MaxFee,
        Item::GasLimit,
        Item::To,
        Item::Value,
        Item::Data,
    ] {
        reader.string(item)?;
    }
    if kind != 0 {
        reader.access_list()?;
    }
    let v = reader.string(Item::V)?;
    reader.string(Item::R)?;
    reader.string(Item::S)?;
    reader.ends("s")?;
    if kind == 0 {
        if let Some(chain_id) = legacy_chain_id(v)? {
            for (item, encoded) in [
                (Item::SigningChainId, integer(chain_id)),
                (Item::FirstZero, integer(0)),
                (Item::SecondZero, integer(0)),
            ] {
                layout.items.push((item, encoded));
            }
        } else {
            layout.protected = false;
        }
    }
    set_signing_header(&mut layout);
    Ok(layout)
}

/// Makes the signing payload's list header fit the items.
pub(super) fn set_signing_header(layout: &mut Layout) {
    let signed = layout.items.iter().filter(|(item, _)| {
        item.is_signed() && !matches!(item, Item::TypeByte | Item::SigningHeader)
    });
    let length = signed.map(|(_, bytes)| bytes.len()).sum();
    for (item, bytes) in &mut layout.items {
        if *item == Item::SigningHeader {
            *bytes = list_header(length);
        }
    }
}
