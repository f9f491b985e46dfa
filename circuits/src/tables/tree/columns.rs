//! Columns.

use braid_stark::columns;

columns! {
    /// Room to prove one claim about the first bits of an element of a key.
    pub struct KeyBitsColumns<X> {
        /// Whether a claim is proved here.
        pub used: X,
        /// The element in limbs of 16 bits.
        pub limbs: [X; 4],
        /// Inverse of `2^32 - 1` minus the high half, or zero.
        pub high_inverse: X,
        /// The limb in which the claimed bits end.
        pub cut: [X; 4],
        /// Its claimed bits.
        pub part: X,
        /// Its other bits.
        pub rest: X,
        /// 2 to the number of the limb's claimed bits.
        pub scale: X,
        /// 2 to the number of the limb's other bits.
        pub rest_scale: X,
    }
}

columns! {
    /// A row.
    pub struct TreeColumns<X> {
        /// The row is an inner node above the key's place.
        pub shared: X,
        /// The row is a level that the key and its neighbour go down together, or the one where they part.
        pub split: X,
        /// The row is what is below all levels.
        pub end: X,
        /// The row is the first of its update: the root.
        pub start: X,
        /// An end row below split rows.
        pub neighbour: X,
        /// An end row of a key that is deleted without neighbour.
        pub removed: X,
        /// The last shared row before split rows.
        pub turn: X,
        /// Which update this is.
        pub step: X,
        /// The key.
        pub key: [X; 4],
        /// Whether the side hashes (`shared`, `split`: a node; `end`: the key's leaf).
        pub hash_old: X,
        /// The same for the new side.
        pub hash_new: X,
        /// Hash of the subtree before.
        pub old: [X; 4],
        /// Hash of the subtree after.
        pub new: [X; 4],
        /// The other child; on the end row the hash that `left` and `right` open, or zero.
        pub sibling: [X; 4],
        /// The way from this node: 1 is right. Zero on end rows.
        pub bit: X,
        /// Which of the key's elements the bit is from.
        pub element: [X; 4],
        /// Whether it is from the element's high 32 bits.
        pub high: X,
        /// If so, the low 32 bits.
        pub low: X,
        /// The bits of this half down to this row's, as a number.
        pub prefix: X,
        /// The weight of this row's bit in `prefix`; on end rows that of the next bit.
        pub power: X,
        /// Inverse of `power - 2^32` on nodes: there are no more than 32 bits in a half.
        pub power_inverse: X,
        /// The next row is a node and starts the high half.
        pub wrap_half: X,
        /// The next row is a node and starts the next element.
        pub wrap_element: X,
        /// On an end row with neighbour: the neighbour's `prefix`.
        pub neighbour_prefix: X,
        /// On end rows: value hash before.
        pub before: [X; 4],
        /// On end rows: value hash after.
        pub after: [X; 4],
        /// On end rows: the neighbour's key, or the left child of the sibling of a removed key. On turns: factors that show
        /// the sibling to be non-zero.
        pub left: [X; 4],
        /// On end rows: the neighbour's value hash, or the right child.
        pub right: [X; 4],
        /// A claim about key bits, unrelated to the rest of the row.
        pub bits: KeyBitsColumns<X>,
    }
}
