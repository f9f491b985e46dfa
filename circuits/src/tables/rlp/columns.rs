//! The columns of [`super::Rlp`].

use braid_stark::Expression;

use crate::bus::field;
use crate::word::Word;

braid_stark::columns! {
    /// What role the row's byte plays in its item: one of five, or none on a padding row.
    pub struct Forms<T> {
        /// The whole item: a byte below 0x80 that encodes itself (or the type byte).
        pub single: T,
        /// A prefix that holds the length: 0x80 + n or 0xc0 + n with n at most 55.
        pub short: T,
        /// A prefix that holds the length of the length: 0xb7 + m or 0xf7 + m with m in 1..=3.
        pub long: T,
        /// A byte of the length after a long prefix, most significant first.
        pub length: T,
        /// A byte of the string after its prefix.
        pub content: T,
    }
}

braid_stark::columns! {
    /// Which item the row belongs to: one of these, or none on a padding row. Headers are the headers of lists, whose
    /// items are items of their own.
    pub struct Items<T> {
        /// The type byte of kinds 1 and 2.
        pub type_byte: T,
        /// The list header of the published bytes.
        pub published_header: T,
        /// The list header of the signing payload.
        pub signing_header: T,
        /// Chain id of kinds 1 and 2.
        pub chain_id: T,
        /// Nonce.
        pub nonce: T,
        /// Priority fee cap of kind 2.
        pub max_priority_fee: T,
        /// Gas price or fee cap.
        pub max_fee: T,
        /// Gas limit.
        pub gas_limit: T,
        /// Recipient.
        pub to: T,
        /// Value.
        pub value: T,
        /// Calldata.
        pub data: T,
        /// The header of the access list.
        pub access_header: T,
        /// The header of an entry of the access list.
        pub entry_header: T,
        /// The entry's address.
        pub entry_address: T,
        /// The header of the entry's list of keys.
        pub keys_header: T,
        /// A storage key.
        pub key: T,
        /// `v` or `y_parity`.
        pub v: T,
        /// `r`.
        pub r: T,
        /// `s`.
        pub s: T,
        /// The chain id at the end of a protected legacy signing payload.
        pub signing_chain_id: T,
        /// The first zero after it.
        pub first_zero: T,
        /// The second zero after it.
        pub second_zero: T,
    }
}

braid_stark::columns! {
    /// One byte of a transaction.
    pub struct RlpColumns<T> {
        /// Position of the transaction in the chunk, from 0.
        pub ordinal: T,
        /// Whether the transaction is of kind 1 (EIP-2930).
        pub access_list_kind: T,
        /// Whether the transaction is of kind 2 (EIP-1559).
        pub dynamic_fee_kind: T,
        /// Whether the signing payload covers the chain id (always for kinds 1 and 2).
        pub protected: T,
        /// Position of the transaction's first byte among the chunk's published bytes.
        pub published_start: T,
        /// Number of published bytes.
        pub published_length: T,
        /// Number of bytes of the signing payload.
        pub signing_length: T,
        /// Published position just after the access list; 0 without one.
        pub access_end: T,

        /// Whether this is the transaction's first row.
        pub start: T,
        /// Whether this is the transaction's last row.
        pub end: T,
        /// Whether this is the item's last row.
        pub item_end: T,
        /// Whether the row tells what only a transaction that runs code needs: the last bytes of its calldata so far, or the entry of the
        /// access list that ends here.
        pub gives: T,
        /// The item.
        pub items: Items<T>,
        /// The byte's role in the item.
        pub forms: Forms<T>,

        /// The byte.
        pub byte: T,
        /// Whether the byte is zero.
        pub is_zero: T,
        /// 1 / byte, or 0.
        pub byte_inverse: T,
        /// How many rows of the same run follow: length bytes after a long prefix, content bytes after a short one or after
        /// the length; 0 on list headers that end with their prefix.
        pub left: T,
        /// Whether the row is the first after a prefix.
        pub first_of_run: T,
        /// Whether it is the only one: first with `left` = 0.
        pub only_of_run: T,
        /// 1 / left on the first row of a longer run, else 0.
        pub left_inverse: T,
        /// A number that must be a byte; see the constraints.
        pub bounded: T,
        /// The payload length that the item's header tells, as far as it is read: on length rows, and on short list headers.
        pub payload_length: T,
        /// The last 32 bytes of the item's length and content, last byte first.
        pub register: [T; 32],

        /// Position of the byte in the published bytes, or of the next such byte.
        pub published_position: T,
        /// Position of the byte in the signing payload, or of the next such byte.
        pub signing_position: T,
        /// Published position just after the current entry of the access list; 0 before the first.
        pub entry_end: T,
        /// Zero bytes of calldata up to here.
        pub zero_bytes: T,
        /// Non-zero bytes of calldata up to here.
        pub nonzero_bytes: T,
        /// Addresses of the access list up to here.
        pub access_addresses: T,
        /// Keys of the access list up to here.
        pub access_keys: T,
    }
}

impl<X: Expression> Forms<X> {
    /// Whether the row belongs to a transaction.
    pub(super) fn active(&self) -> X {
        self.prefix() + self.length + self.content
    }

    /// Whether the row is the first of its item.
    pub(super) fn prefix(&self) -> X {
        self.single + self.short + self.long
    }
}

impl<X: Expression> Items<X> {
    /// Headers of lists.
    pub(super) fn lists(&self) -> X {
        self.published_header
            + self.signing_header
            + self.access_header
            + self.entry_header
            + self.keys_header
    }

    /// Integers of at most 8 bytes.
    pub(super) fn short_integers(&self) -> X {
        self.chain_id + self.nonce + self.gas_limit + self.signing_chain_id
    }

    /// Integers of at most 32 bytes.
    pub(super) fn long_integers(&self) -> X {
        self.max_priority_fee + self.max_fee + self.value + self.v + self.r + self.s
    }

    /// Items that only the published bytes have.
    pub(super) fn published_only(&self) -> X {
        self.published_header + self.v + self.r + self.s
    }

    /// Items that only the signing payload has.
    pub(super) fn signing_only(&self) -> X {
        self.signing_header + self.signing_chain_id + self.first_zero + self.second_zero
    }

    /// Items after which the entry of the access list may end.
    pub(super) fn keys(&self) -> X {
        self.keys_header + self.key
    }

    /// The fields that are told to the transaction table, and their ids.
    pub(super) fn fields(&self) -> [(X, u64); 11] {
        [
            (self.chain_id, field::CHAIN_ID),
            (self.nonce, field::NONCE),
            (self.max_fee, field::MAX_FEE),
            (self.max_priority_fee, field::MAX_PRIORITY_FEE),
            (self.gas_limit, field::GAS_LIMIT),
            (self.to, field::TO),
            (self.value, field::VALUE),
            (self.v, field::V),
            (self.r, field::R),
            (self.s, field::S),
            (self.signing_chain_id, field::SIGNING_CHAIN_ID),
        ]
    }

    /// What is told only if it is wanted, and its ids where an item ends.
    pub(super) fn given(&self) -> [(X, u64); 3] {
        [
            (self.data, field::CALLDATA_END),
            (self.entry_address, field::LISTED_ADDRESS),
            (self.key, field::LISTED_KEY),
        ]
    }
}

impl<X: Expression> RlpColumns<X> {
    /// Whether the transaction has a type byte.
    pub(super) fn typed(&self) -> X {
        self.access_list_kind + self.dynamic_fee_kind
    }

    /// Whether the row continues the transaction of the row before.
    pub(super) fn continues(&self) -> X {
        self.forms.active() - self.start
    }

    /// Whether the row's byte is published.
    pub(super) fn published(&self) -> X {
        self.forms.active() - self.items.signing_only()
    }

    /// Whether the row's byte is part of the signing payload.
    pub(super) fn signed(&self) -> X {
        self.forms.active() - self.items.published_only()
    }

    /// Whether the row is a byte of calldata: no prefix of more than one, and no byte of a length.
    pub(super) fn data_byte(&self) -> X {
        self.items.data * (self.forms.single + self.forms.content)
    }

    /// The register as a word.
    pub(super) fn word(&self) -> Word<X> {
        core::array::from_fn(|limb| X::from_limbs(&self.register[4 * limb..4 * limb + 4], 8))
    }
}
