//! Proofs of the fold as bytes, to be kept and taken up again.

use std::panic::{AssertUnwindSafe, catch_unwind};

use braid_prover::recursion::Proof;

use crate::error::Error;
use crate::fold::{Fold, Folded, Source};

/// Stands for [`Source::Node`] where a shape's position would stand.
const NODE: u32 = u32::MAX;

impl Fold {
    /// Writes a proof down: source, then plonky2's bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the source is none that there can be.
    pub fn write(&self, folded: &Folded) -> Result<Vec<u8>, Error> {
        let source = match folded.source {
            Source::Node => NODE,
            Source::Chunk { shape } => u32::try_from(shape)
                .ok()
                .filter(|shape| *shape != NODE)
                .ok_or_else(|| Error::Malformed("no such shape".to_owned()))?,
        };
        let mut bytes = source.to_le_bytes().to_vec();
        bytes.extend(folded.proof.to_bytes());
        Ok(bytes)
    }

    /// Reads what [`Fold::write`] wrote and verifies that it is a proof of this fold.
    ///
    /// # Errors
    /// [`Error::Malformed`], or as [`Fold::verify`].
    pub fn read(&self, bytes: &[u8]) -> Result<Folded, Error> {
        let malformed = || Error::Malformed("the bytes are no proof of the fold".to_owned());
        let (source, rest) = bytes.split_first_chunk::<4>().ok_or_else(malformed)?;
        let source = match u32::from_le_bytes(*source) {
            NODE => Source::Node,
            shape => Source::Chunk {
                shape: usize::try_from(shape).map_err(|_| malformed())?,
            },
        };
        // plonky2 indexes by lengths that it reads.
        let read = || Proof::from_bytes(rest.to_vec(), self.common());
        let proof = catch_unwind(AssertUnwindSafe(read))
            .map_err(|_| malformed())?
            .map_err(|_| malformed())?;
        let folded = Folded { proof, source };
        // One encoding per proof: no surplus bytes, no field elements beyond the order.
        if self.write(&folded)? != bytes {
            return Err(malformed());
        }
        self.verify(&folded)?;
        Ok(folded)
    }
}
