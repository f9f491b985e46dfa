//! Which shape chunks get.

use core::fmt;
use core::str::FromStr;

/// Size of the chunks.
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

impl ShapeChoice {
    /// All choices.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Tiny, Self::Standard, Self::Large];

    /// What it is called; that of a shape is the shape's own name.
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
        assert!(
            "huge"
                .parse::<ShapeChoice>()
                .unwrap_err()
                .contains("standard")
        );
    }
}
