//! The rules by which a chain executes, by name and by number.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::TextError;

/// The rules by which a chain executes, named after Ethereum's upgrades. Files have the name, statements the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Rules {
    /// March 2024.
    #[default]
    Cancun = 0,
    /// May 2025: a least price of calldata (EIP-7623).
    Prague = 1,
    /// December 2025: a cap on a transaction's gas (EIP-7825), CLZ (EIP-7939).
    Osaka = 2,
}

impl Rules {
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::Cancun, Self::Prague, Self::Osaka];

    /// The number in statements: 0 for Cancun, 1 for Prague, 2 for Osaka.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The rules with this number, if there are any.
    pub fn from_number(number: u64) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|rules| u64::from(rules.number()) == number)
    }

    /// The name in files and on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancun => "cancun",
            Self::Prague => "prague",
            Self::Osaka => "osaka",
        }
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Rules {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|rules| rules.name() == text);
        found.ok_or_else(|| TextError::NoRules(text.to_owned()))
    }
}

impl Serialize for Rules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Rules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_pinned() {
        let all = [
            (Rules::Cancun, 0, "cancun"),
            (Rules::Prague, 1, "prague"),
            (Rules::Osaka, 2, "osaka"),
        ];
        assert_eq!(all.map(|(rules, ..)| rules), Rules::ALL);
        for (rules, number, name) in all {
            assert_eq!(rules.number(), number);
            assert_eq!(Rules::from_number(number.into()), Some(rules));
            assert_eq!(rules.to_string(), name);
            assert_eq!(name.parse(), Ok(rules));
            assert_eq!(serde_json::to_value(rules).unwrap(), name);
            assert_eq!(serde_json::from_value::<Rules>(name.into()).unwrap(), rules);
        }
        assert_eq!(Rules::default(), Rules::Cancun);
    }

    #[test]
    fn everything_else_is_refused() {
        for number in [3, 256, 1 << 32, u64::MAX] {
            assert_eq!(Rules::from_number(number), None);
        }
        for text in ["", "Cancun", " cancun", "cancun ", "0", "shanghai"] {
            let expected = TextError::NoRules(text.to_owned());
            assert_eq!(text.parse::<Rules>(), Err(expected), "{text:?}");
        }
        assert_eq!(
            "shanghai".parse::<Rules>().unwrap_err().to_string(),
            r#""shanghai" is none of cancun, prague, osaka"#
        );
        for json in ["0", "null", r#"{"cancun":null}"#, r#""Osaka""#] {
            assert!(serde_json::from_str::<Rules>(json).is_err(), "{json}");
        }
    }
}
