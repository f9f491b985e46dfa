//! The hash of the published bytes of a block while it is open: Keccak-256 that can stop at any byte and go on.

use alloy_primitives::B256;
use keccak::Keccak;
use serde::{Deserialize, Serialize};

/// Bytes that a permutation takes in.
const RATE: usize = 136;

/// Keccak-256 of some bytes, of which more may come. Bytes are put into the state as they come; a full state is permuted when the next byte comes, not before, so that the same bytes always
/// leave the same sponge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedSponge {
    lanes: [u64; 25],
    position: u8,
}

impl PublishedSponge {
    /// A sponge in this state; `None` if more bytes were taken in since the last permutation than it takes, which is 136.
    pub fn from_parts(lanes: [u64; 25], position: u64) -> Option<Self> {
        let position = u8::try_from(position).ok()?;
        let known = usize::from(position) <= RATE;
        known.then_some(Self { lanes, position })
    }

    /// The 25 lanes.
    pub fn lanes(&self) -> &[u64; 25] {
        &self.lanes
    }

    /// Bytes taken in since the last permutation, 0 to 136.
    pub fn position(&self) -> u64 {
        self.position.into()
    }

    /// Takes in more bytes.
    pub fn absorb(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if usize::from(self.position) >= RATE {
                self.permute();
            }
            self.add(usize::from(self.position), *byte);
            self.position += 1;
        }
    }

    /// Keccak-256 of all bytes so far.
    pub fn digest(mut self) -> B256 {
        if usize::from(self.position) >= RATE {
            self.permute();
        }
        self.add(usize::from(self.position), 0x01);
        self.add(RATE - 1, 0x80);
        self.permute();
        let mut digest = [0; 32];
        for (bytes, lane) in digest.chunks_exact_mut(8).zip(self.lanes) {
            bytes.copy_from_slice(&lane.to_le_bytes());
        }
        B256::new(digest)
    }

    fn add(&mut self, position: usize, byte: u8) {
        if let Some(lane) = self.lanes.get_mut(position / 8) {
            *lane ^= u64::from(byte) << (8 * (position % 8));
        }
    }

    fn permute(&mut self) {
        Keccak::new().with_f1600(|f1600| f1600(&mut self.lanes));
        self.position = 0;
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::keccak256;

    use super::*;

    #[test]
    fn it_is_keccak_whatever_the_pieces() {
        let bytes = Vec::from_iter((0..600u32).map(|i| (i % 251) as u8));
        for length in [0, 1, 135, 136, 137, 271, 272, 273, 600] {
            let bytes = &bytes[..length];
            for piece in [1, 7, 136, 600] {
                let mut sponge = PublishedSponge::default();
                bytes.chunks(piece).for_each(|piece| sponge.absorb(piece));
                assert_eq!(sponge.digest(), keccak256(bytes), "{length} {piece}");
                let full = length > 0 && length % RATE == 0;
                let position = if full { RATE } else { length % RATE };
                assert_eq!(sponge.position(), position as u64);
                let same = PublishedSponge::from_parts(*sponge.lanes(), sponge.position());
                assert_eq!(same, Some(sponge));
            }
        }
        assert_eq!(PublishedSponge::from_parts([0; 25], 137), None);
    }

    /// What a file says need not be what a sponge can be.
    #[test]
    fn a_position_beyond_the_rate_is_harmless() {
        let mut sponge = PublishedSponge {
            lanes: [0; 25],
            position: u8::MAX,
        };
        sponge.absorb(&[1]);
        assert_eq!(sponge.position(), 1);
    }
}
