//! The first bytes of binary files: what they are, and in which version.

/// Bytes of a [`Magic`].
pub const MAGIC_BYTES: usize = 16;

/// The first [`MAGIC_BYTES`] bytes of a file: a name, ` v`, the version in decimal, and zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Magic {
    /// The kind of file.
    pub name: &'static str,
    /// The version that is written and read.
    pub version: u32,
}

impl Magic {
    /// The bytes; a name that leaves no room for the version is cut off.
    pub fn bytes(&self) -> [u8; MAGIC_BYTES] {
        let text = format!("{} v{}", self.name, self.version);
        let mut bytes = [0; MAGIC_BYTES];
        for (to, from) in bytes.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        bytes
    }

    /// The version of a file of this kind, be it an older or a newer one; `None` for every other file.
    pub fn version_of(&self, file: &[u8]) -> Option<u32> {
        let (head, _) = file.split_first_chunk::<MAGIC_BYTES>()?;
        let version = head.strip_prefix(self.name.as_bytes())?;
        let version = version.strip_prefix(b" v")?;
        let end = version.iter().rposition(|byte| *byte != 0)? + 1;
        let digits = version.get(..end)?;
        // A sign would be read as part of the number.
        let legal = digits.iter().all(u8::is_ascii_digit);
        let digits = core::str::from_utf8(digits).ok().filter(|_| legal)?;
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_back() {
        let magic = |version| Magic {
            name: "braid sample",
            version,
        };
        for version in [0, 1, 9, 10, 99] {
            let bytes = magic(version).bytes();
            assert_eq!(magic(1).version_of(&bytes), Some(version));
            assert_eq!(magic(1).version_of(&bytes[..15]), None);
        }
        for other in [
            *b"braid sampler v1",
            *b"braid sample v\0\0",
            *b"braid sample v+1",
            *b"braid sample vx1",
        ] {
            assert_eq!(magic(1).version_of(&other), None);
        }
        assert_eq!(&magic(1).bytes(), b"braid sample v1\0");
    }
}
