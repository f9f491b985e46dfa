//! The memories of all open frames, one after the other in one buffer: a called frame reads its calldata where its caller keeps it.

use std::ops::Range;

use alloy_primitives::U256;

use crate::event::codec::Fault;

/// The fault of a trace whose open frames have more memory together than is decoded.
pub const MEMORY_LIMIT: &str = "memory grows beyond the decoder's limit";

/// Gas for this many words of memory in all (Yellow Paper, H.1); `None` above 2^64.
pub fn gas_of_words(words: u64) -> Option<u64> {
    let square = u128::from(words) * u128::from(words) / 512;
    u64::try_from(square + 3 * u128::from(words)).ok()
}

/// A place in a frame's memory. Length zero is nowhere, whatever the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) offset: usize,
    pub(super) length: usize,
}

impl Region {
    /// What two words of the stack say.
    pub(super) fn new(offset: U256, length: U256) -> Result<Self, Fault> {
        const FAR: Fault = "memory is used beyond 2^32 bytes";
        let small = |value: U256| u32::try_from(value).map_err(|_| FAR);
        if length.is_zero() {
            return Ok(Self {
                offset: 0,
                length: 0,
            });
        }
        Ok(Self {
            offset: small(offset)? as usize,
            length: small(length)? as usize,
        })
    }

    /// The number of memory bytes that it needs, whole words.
    fn end(&self) -> usize {
        match self.length {
            0 => 0,
            length => (self.offset + length).next_multiple_of(32),
        }
    }

    /// Words of 32 bytes, rounded up.
    pub(super) fn words(&self) -> u64 {
        self.length.div_ceil(32) as u64
    }
}

/// The shared buffer. The innermost frame's memory is from `start` to the end.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    bytes: Vec<u8>,
    start: usize,
    limit: usize,
}

impl Memory {
    /// Empty; never more than `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            limit,
        }
    }

    /// Opens the memory of a called frame; returns what [`Self::close`] needs.
    pub(super) fn open(&mut self) -> usize {
        core::mem::replace(&mut self.start, self.bytes.len())
    }

    /// Closes the innermost memory.
    pub(super) fn close(&mut self, outer: usize) {
        self.bytes.truncate(self.start);
        self.start = outer;
    }

    /// The innermost memory.
    pub(super) fn inner(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// The gas of growing the innermost memory for these regions.
    pub(super) fn gas(&self, regions: &[Region]) -> Result<u64, Fault> {
        const DEAR: Fault = "memory costs more than any gas";
        let size = self.inner().len();
        let needed = regions.iter().map(Region::end).max().unwrap_or_default();
        if needed <= size {
            return Ok(0);
        }
        let before = gas_of_words(size as u64 / 32).ok_or(DEAR)?;
        let after = gas_of_words(needed as u64 / 32).ok_or(DEAR)?;
        Ok(after - before)
    }

    /// Grows the innermost memory for a region; that must have been paid.
    pub(super) fn grow(&mut self, region: Region) -> Result<(), Fault> {
        let needed = self.start + region.end();
        if region.length > 0 && needed > self.bytes.len() {
            if needed > self.limit {
                return Err(MEMORY_LIMIT);
            }
            self.bytes.resize(needed, 0);
        }
        Ok(())
    }

    /// The bytes of a region of the innermost memory, which was grown for it.
    pub(super) fn read(&self, region: Region) -> Result<&[u8], Fault> {
        let start = self.start + region.offset;
        self.shared(start..start + region.length)
    }

    /// Where a region of the innermost memory is in the shared buffer.
    pub(super) fn range(&self, region: Region) -> Range<usize> {
        match region.length {
            0 => 0..0,
            length => self.start + region.offset..self.start + region.offset + length,
        }
    }

    /// Bytes anywhere in the shared buffer.
    pub(super) fn shared(&self, range: Range<usize>) -> Result<&[u8], Fault> {
        if range.is_empty() {
            return Ok(&[]);
        }
        self.bytes
            .get(range)
            .ok_or("memory is read where it is not")
    }

    /// Fills a region with what is in `source` from `offset` on, then zeros.
    pub(super) fn fill(
        &mut self,
        region: Region,
        source: &[u8],
        offset: U256,
    ) -> Result<(), Fault> {
        let given = usize::try_from(offset)
            .ok()
            .and_then(|offset| source.get(offset..))
            .unwrap_or_default();
        let target = self.region_mut(region)?;
        let length = given.len().min(target.len());
        if let (Some(to), Some(from)) = (target.get_mut(..length), given.get(..length)) {
            to.copy_from_slice(from);
        }
        if let Some(rest) = target.get_mut(length..) {
            rest.fill(0);
        }
        Ok(())
    }

    /// [`Self::fill`] from another place of the shared buffer.
    pub(super) fn fill_shared(
        &mut self,
        region: Region,
        source: Range<usize>,
        offset: U256,
    ) -> Result<(), Fault> {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let start = source.start.saturating_add(offset).min(source.end);
        let length = (source.end - start).min(region.length);
        if start + length > self.bytes.len() {
            return Err("memory is read where it is not");
        }
        let copied = Region {
            offset: region.offset,
            length,
        };
        // Checks the target before the copy.
        self.region_mut(region)?;
        self.bytes
            .copy_within(start..start + length, self.start + copied.offset);
        let rest = Region {
            offset: region.offset + length,
            length: region.length - length,
        };
        self.region_mut(rest)?.fill(0);
        Ok(())
    }

    fn region_mut(&mut self, region: Region) -> Result<&mut [u8], Fault> {
        if region.length == 0 {
            return Ok(&mut []);
        }
        let start = self.start + region.offset;
        self.bytes
            .get_mut(start..start + region.length)
            .ok_or("memory is written where it is not")
    }

    /// Moves bytes within the innermost memory (MCOPY).
    pub(super) fn copy(&mut self, to: Region, from: Region) -> Result<(), Fault> {
        self.read(from)?;
        self.region_mut(to)?;
        if from.length > 0 {
            let range = self.range(from);
            self.bytes.copy_within(range, self.start + to.offset);
        }
        Ok(())
    }
}
