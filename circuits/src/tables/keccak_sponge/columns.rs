//! Columns of `keccak_sponge`.

braid_stark::columns! {
    /// What is the same on all rows of a block.
    pub struct Block<T> {
        /// Whether the block is part of a string.
        pub used: T,
        /// Whether it is the string's first.
        pub first: T,
        /// Whether it is the string's last.
        pub last: T,
        /// Whether it is the first and the string goes on here: the state before it is not zero, and bytes before `start` are taken in already.
        pub resumes: T,
        /// Whether it is the last and the string is not over: it is neither padded nor permuted.
        pub pauses: T,
        /// Whether it pauses with all its bytes taken in.
        pub full: T,
        /// Where `resumes`, the place of the first byte that is taken in here, 0 to 136; else zero.
        pub start: T,
        /// Whether the string is taken in by limbs of four bytes.
        pub by_limbs: T,
        /// The string's kind.
        pub kind: T,
        /// The string's index.
        pub index: T,
        /// The string's length in bytes.
        pub length: T,
        /// Bytes of the string before the block.
        pub offset: T,
        /// Id of the block's permutation.
        pub permutation: T,
    }
}

braid_stark::columns! {
    /// A row: one lane of a block, or of the digest.
    pub struct KeccakSpongeColumns<T> {
        /// The block.
        pub block: Block<T>,
        /// Whether the byte before the row's first (in the block), and each of its eight bytes, belong to the string.
        pub data: [T; 9],
        /// The same of bytes that were taken in before the string goes on here.
        pub before: [T; 9],
        /// The row's bytes: of the string, of the padding, or zero.
        pub bytes: [T; 8],
        /// Lane 0 of the ring, by bytes.
        pub lane: [T; 8],
        /// Exclusive or of `bytes` and `lane`.
        pub absorbed: [T; 8],
        /// Halves of lanes 1 to 16 of the ring.
        pub ring: [[T; 2]; 16],
        /// Halves of lanes 17 to 24 of the state.
        pub capacity: [[T; 2]; 8],
    }
}

braid_stark::columns! {
    /// What is known of a row beforehand. All zero on rows that are in no complete block.
    pub struct Fixed<T> {
        /// Place of the row's first byte in the block.
        pub position: T,
        /// 1 on row 0.
        pub starts: T,
        /// 1 on rows 0 to 15.
        pub absorbs: T,
        /// 1 on row 16, which absorbs, too.
        pub permutes: T,
        /// 1 on rows 17 to 19.
        pub squeezes: T,
        /// 1 on row 20.
        pub ends: T,
    }
}
