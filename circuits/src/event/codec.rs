//! The bytes that steps and events are made of: numbers of variable length and trimmed words.

use alloy_primitives::{Address, B256, U256};

/// What is wrong with encoded bytes.
pub(super) type Fault = &'static str;

/// Appends a number: seven bits a byte, low ones first (LEB128).
pub(super) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number so that small ones are short.
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_number(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends a word: its length in bytes without leading zeros, then these bytes, high ones first.
pub(super) fn put_word(out: &mut Vec<u8>, value: U256) {
    let length = value.byte_len();
    out.push(length as u8);
    out.extend_from_slice(&value.to_be_bytes::<32>()[32 - length..]);
}

/// Reads what the functions above wrote. Never past the end.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (bytes, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or("the encoded bytes end early")?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let (byte, rest) = self
            .rest
            .split_first()
            .ok_or("the encoded bytes end early")?;
        self.rest = rest;
        Ok(*byte)
    }

    pub(super) fn number(&mut self) -> Result<u64, Fault> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("a number is longer than 64 bits")
    }

    pub(super) fn signed(&mut self) -> Result<i64, Fault> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub(super) fn word(&mut self) -> Result<U256, Fault> {
        let length = usize::from(self.byte()?);
        if length > 32 {
            return Err("a word is longer than 32 bytes");
        }
        Ok(U256::from_be_slice(self.bytes(length)?))
    }

    pub(super) fn address(&mut self) -> Result<Address, Fault> {
        Ok(Address::from_slice(self.bytes(20)?))
    }

    pub(super) fn hash(&mut self) -> Result<B256, Fault> {
        Ok(B256::from_slice(self.bytes(32)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let numbers = [0, 1, 127, 128, 300, u64::MAX >> 1, u64::MAX];
        let signed = [0, 1, -1, 63, -64, i64::MAX, i64::MIN];
        let words = [
            U256::ZERO,
            U256::from(255),
            U256::from(256),
            U256::MAX,
            U256::MAX >> 1,
        ];
        let mut out = Vec::new();
        numbers
            .iter()
            .for_each(|value| put_number(&mut out, *value));
        signed.iter().for_each(|value| put_signed(&mut out, *value));
        words.iter().for_each(|value| put_word(&mut out, *value));
        let mut reader = Reader::new(&out);
        for value in numbers {
            assert_eq!(reader.number(), Ok(value));
        }
        for value in signed {
            assert_eq!(reader.signed(), Ok(value));
        }
        for value in words {
            assert_eq!(reader.word(), Ok(value));
        }
        assert!(reader.is_empty());
        assert!(reader.byte().is_err());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert!(Reader::new(&[0xff; 10]).number().is_err());
        assert!(Reader::new(&[0x80; 3]).number().is_err());
        assert!(Reader::new(&[33; 40]).word().is_err());
        assert!(Reader::new(&[2, 1]).word().is_err());
    }
}
