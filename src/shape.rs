//! Which shape chunks get.

use core::fmt;
use core::str::FromStr;

/// Size of the chunks. Each size has a shape for chunks of transfers, and may have others for chunks that run contract code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShapeChoice {
    /// Of each chunk the shape with which the whole job is estimated to cost least; large ones only if a transaction fits into nothing smaller.
    #[default]
    Auto,
    /// For tests and samples: a few transfers.
    Tiny,
    /// For some dozens of transactions.
    Small,
    /// For blocks, on a machine with 16 GiB of memory.
    Standard,
    /// For large blocks and much memory.
    Large,
}

/// What follows the size in the names of shapes that run contract code: of about as many steps as transfers of tokens have, or of many more.
const SUFFIXES: [&str; 2] = ["-calls", "-steps"];

impl ShapeChoice {
    /// All choices.
    pub const ALL: [Self; 5] = [
        Self::Auto,
        Self::Tiny,
        Self::Small,
        Self::Standard,
        Self::Large,
    ];

    /// Whether it allows the shape with this name.
    pub fn has(self, shape: &str) -> bool {
        let mut suffixes = SUFFIXES.iter();
        let size = suffixes.find_map(|suffix| shape.strip_suffix(suffix));
        let size = size.unwrap_or(shape);
        match self {
            Self::Auto => size != Self::Large.name(),
            _ => size == self.name(),
        }
    }

    /// The choices that are tried one after the other: large shapes are for whoever asks for them, and for what fits in nothing smaller.
    pub(crate) fn in_order(self) -> &'static [Self] {
        match self {
            Self::Auto => &[Self::Auto, Self::Large],
            Self::Tiny => &[Self::Tiny],
            Self::Small => &[Self::Small],
            Self::Standard => &[Self::Standard],
            Self::Large => &[Self::Large],
        }
    }

    /// What it is called; a shape for transfers is called the same, and those for contract code have more after that.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Standard => "standard",
            Self::Large => "large",
        }
    }
}

impl fmt::Display for ShapeChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ShapeChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|choice| choice.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no shape {text:?}, only {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for choice in ShapeChoice::ALL {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert!(ShapeChoice::Tiny.has("tiny") && ShapeChoice::Tiny.has("tiny-calls"));
        assert!(ShapeChoice::Standard.has("standard-steps"));
        assert!(!ShapeChoice::Tiny.has("standard-calls") && !ShapeChoice::Auto.has("large"));
        assert!(
            "huge"
                .parse::<ShapeChoice>()
                .unwrap_err()
                .contains("standard")
        );
    }
}
