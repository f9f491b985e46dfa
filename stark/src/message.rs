//! Messages of the bus.

use crate::field::Felt;
use plonky2::field::types::Field;

/// The kind of a message. Two kinds never share an id; the id is the first element of the fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    /// Distinguishes the kind, non-zero.
    pub id: u32,
    /// What reports call the kind.
    pub name: &'static str,
    /// How many elements the payload has.
    pub length: usize,
}

/// One message: `(tag, payload...)`.
#[derive(Clone, Debug)]
pub struct Message<X> {
    /// The kind.
    pub tag: Tag,
    /// The elements, `tag.length` of them, each of degree at most 2 in the row's columns.
    pub payload: Vec<X>,
}

impl<X> Message<X> {
    /// A message of the kind `tag`.
    pub fn new(tag: Tag, payload: Vec<X>) -> Self {
        debug_assert_eq!(payload.len(), tag.length, "payload of {}", tag.name);
        Self { tag, payload }
    }
}

/// A message together with how often it is put on the bus. Receiving is sending with the negated multiplicity.
#[derive(Clone, Debug)]
pub struct Interaction<X> {
    /// What is said.
    pub message: Message<X>,
    /// How often it is sent; negative when received.
    pub multiplicity: X,
}

/// The multiplicity as a signed integer, as reports print it.
pub fn signed(multiplicity: Felt) -> i128 {
    use plonky2::field::types::{Field64, PrimeField64};
    let value = multiplicity.to_canonical_u64();
    if value > Felt::ORDER / 2 {
        i128::from(value) - i128::from(Felt::ORDER)
    } else {
        i128::from(value)
    }
}

/// Whether a multiplicity says anything.
pub fn is_silent(multiplicity: Felt) -> bool {
    multiplicity == Felt::ZERO
}
