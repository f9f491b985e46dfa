//! Which shape chunks get.

use core::fmt;
use core::str::FromStr;

/// Size of the chunks. Each size has a shape for chunks of transfers, and may have one for chunks that run contract code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShapeChoice {
    /// The smallest shape that holds each block in one chunk, else the standard one, or the large one if a transaction fits into nothing smaller.
    #[default]
    Auto,
    /// For tests and samples: a few transfers.
    Tiny,
    /// For blocks, on a machine with 16 GiB of memory.
    Standard,
    /// For large blocks and much memory.
    Large,
}

/// What follows the size in the names of shapes that run contract code.
const CALLS: &str = "-calls";

impl ShapeChoice {
    /// All choices.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Tiny, Self::Standard, Self::Large];

    /// Whether the shape with this name is of this size.
    pub fn has(self, shape: &str) -> bool {
        let size = shape.strip_suffix(CALLS).unwrap_or(shape);
        self == Self::Auto || size == self.name()
    }

    /// What it is called; a shape for transfers is called the same, and one for contract code has `-calls` after that.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Tiny => "tiny",
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
        assert!(!ShapeChoice::Tiny.has("standard-calls") && ShapeChoice::Auto.has("large"));
        assert!(
            "huge"
                .parse::<ShapeChoice>()
                .unwrap_err()
                .contains("standard")
        );
    }
}
