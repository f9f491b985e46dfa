//! What filled tables ask of the tables that prove: read off their messages, so that a request is stated once.

use std::collections::BTreeMap;

use alloy_primitives::{Bytes, U256};
use braid_stark::check::interactions_of;
use braid_stark::{AnyTable, Felt, Trace};
use plonky2::field::types::PrimeField64;

use crate::bus::tag;
use crate::error::Error;
use crate::tables::arith::Operation;
use crate::tables::keccak_sponge::HashRequest;
use crate::word::WORD_LIMBS;

/// Gathers claims from one table after the other.
#[derive(Debug, Default)]
pub struct Claims {
    operations: Vec<Operation>,
    strings: BTreeMap<(u64, u64), String>,
}

/// A byte string that is to be hashed, piece by piece in any order.
#[derive(Debug, Default)]
struct String {
    bytes: BTreeMap<u64, u8>,
    by_limbs: bool,
}

impl Claims {
    /// Takes in what the filled rows of `table` claim about arithmetic, and the byte strings that they give to be hashed.
    pub fn read(&mut self, table: &dyn AnyTable, trace: &Trace) {
        for (_, interaction) in interactions_of(table, trace) {
            let payload = &interaction.message.payload;
            let word = |index: usize| word_at(payload, index);
            let number = |index: usize| payload[index].to_canonical_u64();
            let (a, b) = (|| word(0), || word(1));
            match interaction.message.tag {
                tag::Add => self.operations.push(Operation::Add { a: a(), b: b() }),
                tag::Mul => self.operations.push(Operation::Mul { a: a(), b: b() }),
                tag::MulMod => {
                    self.operations.push(Operation::MulMod {
                        a: a(),
                        b: b(),
                        m: word(2),
                    });
                }
                tag::HashByte => {
                    let string = self.strings.entry((number(0), number(1))).or_default();
                    string.bytes.insert(number(2), number(3).to_le_bytes()[0]);
                }
                tag::HashLimb => {
                    let string = self.strings.entry((number(0), number(1))).or_default();
                    string.by_limbs = true;
                    let [.., b0, b1, b2, b3] = number(3).to_be_bytes();
                    let limb = (number(2)..).zip([b0, b1, b2, b3]);
                    string.bytes.extend(limb);
                }
                _ => {}
            }
        }
    }

    /// The operations for `arith`, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The strings for `keccak_sponge`.
    ///
    /// # Errors
    /// [`Error::Events`] when a string has a gap.
    pub fn hashes(&self) -> Result<Vec<HashRequest>, Error> {
        let strings = self.strings.iter().map(|(&(kind, index), string)| {
            let whole = string
                .bytes
                .keys()
                .copied()
                .eq(0..string.bytes.len() as u64);
            if !whole {
                return Err(Error::Events(format!(
                    "byte string {kind}/{index} has gaps"
                )));
            }
            let bytes: Bytes = string.bytes.values().copied().collect();
            Ok(HashRequest {
                kind,
                index,
                bytes,
                by_limbs: string.by_limbs,
            })
        });
        strings.collect()
    }
}

/// The `index`-th word of a payload of words.
fn word_at(payload: &[Felt], index: usize) -> U256 {
    let limbs = payload.iter().skip(WORD_LIMBS * index).take(WORD_LIMBS);
    let shifted = (0..).step_by(32).zip(limbs);
    shifted.fold(U256::ZERO, |sum, (shift, limb)| {
        sum + (U256::from(limb.to_canonical_u64()) << shift)
    })
}
