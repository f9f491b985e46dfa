//! Numbers, hashes, addresses, bytes and names of rules as files and command lines write them.
//!
//! Every text has the forms that are described here and no others: no second `0x`, no `0X`, no sign, no spaces, no `_`, no half byte. The parsers of the types
//! themselves are more generous (a hash without `0x`, a number in octal), so that texts from outside go through this crate.

mod fields;
pub mod json;
pub mod quantity;
mod rules;
mod words;

use alloy_primitives::{Address, B256, Bytes, U256, hex};

pub use fields::{
    bytes as bytes_field, hash as hash_field, optional_address as optional_address_field,
};
pub use rules::Rules;

/// A number with its unit: "1 chunk", "2 chunks". The unit is given in the singular.
pub fn counted(count: impl TryInto<u64>, unit: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {}", of_number(count, unit))
}

/// A unit, given in the singular, as it stands behind a number.
pub fn of_number(count: u64, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{unit}{plural}")
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Bytes in hex do not begin with `0x`.
    #[error("hex must start with 0x")]
    NoPrefix,
    /// Something after `0x` is no hex digit.
    #[error("wrong hex: {0:?} is no hex digit")]
    NoHexDigit(char),
    /// The digits make no whole bytes.
    #[error("wrong hex: {}, an odd number", counted(*.0, "digit"))]
    OddDigits(usize),
    /// There are more or fewer bytes than must be.
    #[error("{} instead of {expected}", counted(*found, "byte"))]
    Length {
        /// In the text.
        found: usize,
        /// As many as the type has.
        expected: usize,
    },
    /// Neither decimal digits nor `0x` and hex digits.
    #[error("{0:?} is not a number")]
    NoNumber(String),
    /// The number does not fit.
    #[error("{text:?} is 2^{bits} or above")]
    TooLarge {
        /// The text.
        text: String,
        /// Bits that the number may have.
        bits: usize,
    },
    /// No rules have this name.
    #[error("{0:?} is none of {names}", names = Rules::ALL.map(Rules::name).join(", "))]
    NoRules(String),
}

/// A number below 2^256: decimal digits, or hex digits after `0x`. Leading zeros are allowed.
///
/// # Errors
/// [`TextError::NoNumber`], [`TextError::TooLarge`].
pub fn number(text: &str) -> Result<U256, TextError> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(TextError::NoNumber(text.to_owned()));
    }
    let number = U256::from_str_radix(digits, radix.into());
    number.map_err(|_| TextError::TooLarge {
        text: text.to_owned(),
        bits: 256,
    })
}

/// A number below 2^64, as [`number`].
///
/// # Errors
/// As [`number`].
pub fn number64(text: &str) -> Result<u64, TextError> {
    let number = number(text)?;
    u64::try_from(number).map_err(|_| TextError::TooLarge {
        text: text.to_owned(),
        bits: 64,
    })
}

/// Any number of bytes: `0x` and two hex digits each, in any case of letters.
///
/// # Errors
/// [`TextError::NoPrefix`], [`TextError::NoHexDigit`], [`TextError::OddDigits`].
pub fn bytes(text: &str) -> Result<Bytes, TextError> {
    let digits = text.strip_prefix("0x").ok_or(TextError::NoPrefix)?;
    // What follows takes a prefix of its own, which is none of these digits.
    if let Some(other) = digits.chars().find(|digit| !digit.is_ascii_hexdigit()) {
        return Err(TextError::NoHexDigit(other));
    }
    let decoded = hex::decode(digits).map_err(|_| TextError::OddDigits(digits.len()))?;
    Ok(decoded.into())
}

fn fixed<const N: usize>(text: &str) -> Result<[u8; N], TextError> {
    let bytes = bytes(text)?;
    let array = <[u8; N]>::try_from(bytes.as_ref());
    array.map_err(|_| TextError::Length {
        found: bytes.len(),
        expected: N,
    })
}

/// A hash: 32 bytes, as [`bytes`].
///
/// # Errors
/// As [`bytes`], or [`TextError::Length`].
pub fn hash(text: &str) -> Result<B256, TextError> {
    fixed(text).map(B256::new)
}

/// An address: 20 bytes, as [`bytes`]. Checksums (EIP-55) are not looked at.
///
/// # Errors
/// As [`bytes`], or [`TextError::Length`].
pub fn address(text: &str) -> Result<Address, TextError> {
    fixed(text).map(Address::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits() {
        assert_eq!(number("0"), Ok(U256::ZERO));
        assert_eq!(number("0x00ff"), Ok(U256::from(255)));
        assert_eq!(number("0xfF"), Ok(U256::from(255)));
        assert_eq!(number("0010"), Ok(U256::from(10)));
        assert_eq!(number64("18446744073709551615"), Ok(u64::MAX));
        assert_eq!(number(&format!("0x{}", "f".repeat(64))), Ok(U256::MAX));
        for text in [
            "", "0x", "0X10", "0x0x10", "+1", "-1", " 1", "1 ", "1_000", "0x1_0", "0b1", "0o7",
            "1e3", "ff", "1.0", "\u{0661}",
        ] {
            let expected = TextError::NoNumber(text.to_owned());
            assert_eq!(number(text), Err(expected), "{text:?}");
        }
        let large = format!("0x1{}", "0".repeat(64));
        assert!(matches!(
            number(&large),
            Err(TextError::TooLarge { bits: 256, .. })
        ));
        assert!(matches!(
            number64("0x10000000000000000"),
            Err(TextError::TooLarge { bits: 64, .. })
        ));
    }

    #[test]
    fn bytes_are_whole_and_have_one_prefix() {
        assert_eq!(bytes("0x"), Ok(Bytes::new()));
        assert_eq!(bytes("0x00aB"), Ok(Bytes::from_static(&[0, 0xab])));
        assert_eq!(bytes("0x0x00"), Err(TextError::NoHexDigit('x')));
        assert_eq!(bytes("0x0X00"), Err(TextError::NoHexDigit('X')));
        for (text, digit) in [
            ("0x+1", '+'),
            ("0x0 ", ' '),
            ("0x0_0", '_'),
            ("0x\n00", '\n'),
        ] {
            assert_eq!(bytes(text), Err(TextError::NoHexDigit(digit)), "{text:?}");
        }
        for text in ["", "00", "0X00", " 0x00", "x00"] {
            assert_eq!(bytes(text), Err(TextError::NoPrefix), "{text:?}");
        }
        assert_eq!(bytes("0x123"), Err(TextError::OddDigits(3)));
    }

    #[test]
    fn units_go_with_their_numbers() {
        assert_eq!(counted(0_u8, "byte"), "0 bytes");
        assert_eq!(counted(1_usize, "byte"), "1 byte");
        assert_eq!(counted(u64::MAX, "byte"), format!("{} bytes", u64::MAX));
        let texts = [
            (bytes("0x1"), "wrong hex: 1 digit, an odd number"),
            (bytes("0x123"), "wrong hex: 3 digits, an odd number"),
            (
                address("0x11").map(|_| Bytes::new()),
                "1 byte instead of 20",
            ),
            (address("0x").map(|_| Bytes::new()), "0 bytes instead of 20"),
        ];
        for (read, text) in texts {
            assert_eq!(read.unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn hashes_and_addresses_have_their_length() {
        let word = format!("0x{}", "aB".repeat(32));
        assert_eq!(hash(&word), Ok(B256::repeat_byte(0xab)));
        let expected = TextError::Length {
            found: 32,
            expected: 20,
        };
        assert_eq!(address(&word), Err(expected));
        let twice = format!("0x0x{}", "ab".repeat(20));
        assert_eq!(address(&twice), Err(TextError::NoHexDigit('x')));
        let half = format!("0x{}", "a".repeat(39));
        assert_eq!(address(&half), Err(TextError::OddDigits(39)));
    }
}
