//! Columns.

use braid_stark::columns;

columns! {
    /// An account before or after the chunk.
    pub struct SideColumns<X> {
        /// Limbs of 16 bits, least significant first.
        pub nonce: [X; 4],
        /// Limbs of 16 bits, least significant first.
        pub balance: [X; 16],
        /// Digest of the code part.
        pub code: [X; 4],
        /// Whether the account is empty (EIP-161).
        pub empty: X,
        /// Factors that show that it is not: of the sum of all limbs, and of the differences of `code` from that of no code.
        pub factors: [X; 5],
        /// Digest of nonce and balance; zero if empty.
        pub numbers: [X; 4],
        /// Value hash; zero if empty.
        pub value: [X; 4],
    }
}

columns! {
    /// A row.
    pub struct StateColumns<X> {
        /// Whether the row is an account.
        pub used: X,
        /// The row's number.
        pub step: X,
        /// Limbs of 16 bits of the address as a number, least significant first.
        pub address: [X; 10],
        /// Key of the account in the state tree.
        pub key: [X; 4],
        /// Before the chunk.
        pub before: SideColumns<X>,
        /// After the chunk.
        pub after: SideColumns<X>,
        /// 1 plus the transaction of the last version, or 0.
        pub last_transaction: X,
        /// Timestamp of the last version.
        pub last_timestamp: X,
        /// The most significant 32-bit limb in which the next row's address differs.
        pub differs: [X; 5],
        /// How much larger it is there, minus 1, in limbs of 16 bits.
        pub gap: [X; 2],
    }
}
