//! The layout of the statement that one chunk's proof makes, and what it says on the bus.
//!
//! The public values of a chunk are `start ‖ end ‖ chain id ‖ rules`: two checkpoints of 109 field elements, the two limbs of
//! the chain id, and a number for the rules. Everyone who reads or writes them (the `block` table, the chunk circuit, the fold circuits) goes by
//! [`CheckpointLimbs`] and [`ChunkStatement`].

use alloy_primitives::{Address, B256, U256};
use braid_stark::columns::names_of;
use braid_stark::{
    Columns, Expression, Felt, Interaction, Message as BusMessage, PublicBus, columns,
};
use plonky2::field::types::{Field, PrimeField64};

use crate::bus::Message;
use crate::event::{BlockEnvironment, Checkpoint, PublishedSponge, Rules};
use crate::word::{AddressLimbs, U64Limbs, Word, address, hash_word, u64_limbs, word};

columns! {
    /// The hash of an open block's published bytes so far: [`PublishedSponge`].
    pub struct PublishedLimbs<X> {
        /// The 25 lanes, the low half of each first.
        pub lanes: [X; 50],
        /// Bytes taken in since the last permutation, 0 to 136.
        pub position: X,
    }
}

columns! {
    /// A checkpoint as field elements. All but `state_root` and `log_chain` are limbs of 32 bits, least significant first; hashes and
    /// addresses are read as big-endian numbers.
    ///
    /// A block is open exactly when `gas_limit` is not zero. Between blocks everything from `coinbase` on is zero, and
    /// `number` and `timestamp` are those of the last sealed block.
    pub struct CheckpointLimbs<X> {
        /// Root of the state tree: four field elements.
        pub state_root: [X; 4],
        /// Hash of the last sealed block.
        pub block_hash: Word<X>,
        /// Number of the open block, or of the last sealed one.
        pub number: U64Limbs<X>,
        /// Timestamp of the same block.
        pub timestamp: U64Limbs<X>,
        /// The open block's beneficiary.
        pub coinbase: AddressLimbs<X>,
        /// The open block's gas limit.
        pub gas_limit: U64Limbs<X>,
        /// The open block's base fee.
        pub base_fee: Word<X>,
        /// The open block's randomness.
        pub prev_randao: Word<X>,
        /// The open block's base fee of blob gas.
        pub blob_base_fee: Word<X>,
        /// Transactions of the open block so far.
        pub tx_count: X,
        /// Gas that they used.
        pub gas_used: U64Limbs<X>,
        /// Their published bytes, as far as they are hashed.
        pub published: PublishedLimbs<X>,
        /// Chain over their logs: four field elements.
        pub log_chain: [X; 4],
        /// Reserved for a transaction that is cut: zero.
        pub suspended: [X; 4],
    }
}

columns! {
    /// The public values of a chunk, and of every fold of chunks: `start` leads to `end` on chain `chain_id`.
    pub struct ChunkStatement<X> {
        /// Where it starts.
        pub start: CheckpointLimbs<X>,
        /// Where it ends.
        pub end: CheckpointLimbs<X>,
        /// The chain.
        pub chain_id: U64Limbs<X>,
        /// Its rules: 0 for Cancun, 1 for Prague, 2 for Osaka.
        pub rules: X,
    }
}

/// Field elements of a checkpoint.
pub const CHECKPOINT_WIDTH: usize = <CheckpointLimbs<Felt> as Columns<Felt>>::WIDTH;

/// Field elements of a chunk's statement.
pub const STATEMENT_WIDTH: usize = <ChunkStatement<Felt> as Columns<Felt>>::WIDTH;

const _: () = assert!(CHECKPOINT_WIDTH == 109 && STATEMENT_WIDTH == 221);

impl<X: Copy> CheckpointLimbs<X> {
    /// The elements in order.
    pub fn to_array(&self) -> [X; CHECKPOINT_WIDTH] {
        let slice = self.as_slice();
        core::array::from_fn(|i| slice[i])
    }

    /// Everything that is zero between blocks: all from `coinbase` on.
    pub fn open_block(&self) -> &[X] {
        let first = CHECKPOINT_WIDTH - OPEN_BLOCK_WIDTH;
        &self.as_slice()[first..]
    }
}

/// Elements from `coinbase` on.
const OPEN_BLOCK_WIDTH: usize = 5 + 2 + 8 + 8 + 8 + 1 + 2 + 51 + 4 + 4;

impl From<&PublishedSponge> for PublishedLimbs<Felt> {
    fn from(sponge: &PublishedSponge) -> Self {
        let lanes = sponge.lanes().map(u64_limbs);
        let limbs = lanes.as_flattened();
        Self {
            lanes: core::array::from_fn(|limb| limbs[limb]),
            position: Felt::from_canonical_u64(sponge.position()),
        }
    }
}

impl PublishedLimbs<Felt> {
    /// In plain form; `None` if a limb is not below 2^32, or the position above 136.
    fn to_sponge(self) -> Option<PublishedSponge> {
        let mut lanes = [0; 25];
        for (lane, limbs) in lanes.iter_mut().zip(self.lanes.chunks_exact(2)) {
            *lane = u64_of(limbs.try_into().ok()?)?;
        }
        PublishedSponge::from_parts(lanes, self.position.to_canonical_u64())
    }
}

impl From<&Checkpoint> for CheckpointLimbs<Felt> {
    fn from(checkpoint: &Checkpoint) -> Self {
        let block = &checkpoint.block;
        Self {
            state_root: checkpoint.state_root.map(Felt::from_noncanonical_u64),
            block_hash: hash_word(checkpoint.block_hash),
            number: u64_limbs(block.number),
            timestamp: u64_limbs(block.timestamp),
            coinbase: address(block.coinbase),
            gas_limit: u64_limbs(block.gas_limit),
            base_fee: word(block.base_fee),
            prev_randao: hash_word(block.prev_randao),
            blob_base_fee: word(block.blob_base_fee),
            tx_count: Felt::from_canonical_u32(checkpoint.tx_count),
            gas_used: u64_limbs(checkpoint.gas_used),
            published: (&checkpoint.published).into(),
            log_chain: checkpoint.log_chain.map(Felt::from_noncanonical_u64),
            suspended: [Felt::ZERO; 4],
        }
    }
}

/// The number whose limbs these are; `None` if one of them is not below 2^32.
fn number_of<const N: usize>(limbs: &[Felt; N]) -> Option<U256> {
    let mut bytes = [0u8; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(4).zip(limbs) {
        let limb = u32::try_from(limb.to_canonical_u64()).ok()?;
        chunk.copy_from_slice(&limb.to_le_bytes());
    }
    Some(U256::from_le_bytes(bytes))
}

fn u64_of(limbs: &U64Limbs<Felt>) -> Option<u64> {
    u64::try_from(number_of(limbs)?).ok()
}

fn hash_of(limbs: &Word<Felt>) -> Option<B256> {
    number_of(limbs).map(B256::from)
}

impl CheckpointLimbs<Felt> {
    /// The checkpoint in plain form; `None` if a limb is not below 2^32, or a transaction is cut.
    pub fn to_checkpoint(&self) -> Option<Checkpoint> {
        if self.suspended != [Felt::ZERO; 4] {
            return None;
        }
        let coinbase = number_of(&self.coinbase)?;
        let gas_limit = u64_of(&self.gas_limit)?;
        Some(Checkpoint {
            state_root: self.state_root.map(|x| x.to_canonical_u64()),
            block_hash: hash_of(&self.block_hash)?,
            block: BlockEnvironment {
                number: u64_of(&self.number)?,
                timestamp: u64_of(&self.timestamp)?,
                coinbase: Address::from_word(B256::from(coinbase)),
                gas_limit,
                base_fee: number_of(&self.base_fee)?,
                prev_randao: hash_of(&self.prev_randao)?,
                blob_base_fee: number_of(&self.blob_base_fee)?,
            },
            open: gas_limit != 0,
            tx_count: u32::try_from(self.tx_count.to_canonical_u64()).ok()?,
            gas_used: u64_of(&self.gas_used)?,
            published: self.published.to_sponge()?,
            log_chain: self.log_chain.map(|x| x.to_canonical_u64()),
        })
    }
}

/// The rules as the statement has them.
pub fn rules_element(rules: Rules) -> Felt {
    Felt::from_canonical_u8(rules.number())
}

impl ChunkStatement<Felt> {
    /// The statement that `start` leads to `end` on chain `chain_id`.
    pub fn new(start: &Checkpoint, end: &Checkpoint, chain_id: u64, rules: Rules) -> Self {
        Self {
            start: start.into(),
            end: end.into(),
            chain_id: u64_limbs(chain_id),
            rules: rules_element(rules),
        }
    }

    /// The public values in order.
    pub fn to_vec(&self) -> Vec<Felt> {
        self.as_slice().to_vec()
    }
}

/// One field of the layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPlace {
    /// Its name.
    pub name: String,
    /// Position of its first element.
    pub offset: usize,
    /// How many elements it has.
    pub width: usize,
}

/// The fields of a checkpoint in order, for documentation and tools.
pub fn checkpoint_fields() -> Vec<FieldPlace> {
    let cells = names_of::<CheckpointLimbs<()>>();
    let mut fields: Vec<FieldPlace> = Vec::new();
    for (offset, cell) in cells.iter().enumerate() {
        let name = cell.split('[').next().unwrap_or_default();
        match fields.last_mut() {
            Some(field) if field.name == name => field.width += 1,
            _ => fields.push(FieldPlace {
                name: name.to_owned(),
                offset,
                width: 1,
            }),
        }
    }
    fields
}

/// What a chunk's public values say on the bus: they send the start, with the chain id, and receive the end.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChunkPublicBus;

impl PublicBus for ChunkPublicBus {
    fn count(&self) -> usize {
        STATEMENT_WIDTH
    }

    /// # Panics
    /// If there are fewer than [`STATEMENT_WIDTH`] values; callers compare with [`PublicBus::count`] first.
    fn interactions<X: Expression>(&self, public: &[X]) -> Vec<Interaction<X>> {
        let statement: &ChunkStatement<X> = ChunkStatement::from_slice(public);
        let start = Message::ChunkStart {
            checkpoint: statement.start.to_array(),
            chain_id: statement.chain_id,
            rules: statement.rules,
        };
        let end = Message::ChunkEnd {
            checkpoint: statement.end.to_array(),
        };
        vec![
            Interaction {
                message: BusMessage::from(start),
                multiplicity: X::one(),
            },
            Interaction {
                message: BusMessage::from(end),
                multiplicity: -X::one(),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::tag;
    use rand::{Rng, SeedableRng, rngs::StdRng};

    fn random_checkpoint(rng: &mut StdRng) -> Checkpoint {
        Checkpoint {
            state_root: core::array::from_fn(|_| rng.r#gen::<u32>().into()),
            block_hash: B256::from(rng.r#gen::<[u8; 32]>()),
            block: BlockEnvironment {
                number: rng.r#gen(),
                timestamp: rng.r#gen(),
                coinbase: Address::from(rng.r#gen::<[u8; 20]>()),
                gas_limit: rng.r#gen(),
                base_fee: U256::from_le_bytes(rng.r#gen::<[u8; 32]>()),
                prev_randao: B256::from(rng.r#gen::<[u8; 32]>()),
                blob_base_fee: U256::from_le_bytes(rng.r#gen::<[u8; 32]>()),
            },
            open: true,
            tx_count: rng.r#gen(),
            gas_used: rng.r#gen(),
            published: PublishedSponge::from_parts(rng.r#gen(), rng.gen_range(0..=136)).unwrap(),
            log_chain: core::array::from_fn(|_| rng.r#gen::<u32>().into()),
        }
    }

    #[test]
    fn layout_is_pinned() {
        let fields = checkpoint_fields();
        let seen: Vec<_> = fields
            .iter()
            .map(|f| (f.name.as_str(), f.offset, f.width))
            .collect();
        assert_eq!(
            seen,
            [
                ("state_root", 0, 4),
                ("block_hash", 4, 8),
                ("number", 12, 2),
                ("timestamp", 14, 2),
                ("coinbase", 16, 5),
                ("gas_limit", 21, 2),
                ("base_fee", 23, 8),
                ("prev_randao", 31, 8),
                ("blob_base_fee", 39, 8),
                ("tx_count", 47, 1),
                ("gas_used", 48, 2),
                ("published.lanes", 50, 50),
                ("published.position", 100, 1),
                ("log_chain", 101, 4),
                ("suspended", 105, 4),
            ]
        );
    }

    #[test]
    fn checkpoints_survive_the_round_trip() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..20 {
            let checkpoint = random_checkpoint(&mut rng);
            let limbs = CheckpointLimbs::from(&checkpoint);
            assert_eq!(limbs.to_checkpoint(), Some(checkpoint));
        }
        let mut limbs = CheckpointLimbs::from(&random_checkpoint(&mut rng));
        limbs.number[0] = Felt::from_canonical_u64(1 << 32);
        assert_eq!(limbs.to_checkpoint(), None);
    }

    #[test]
    fn between_blocks_is_all_from_coinbase_on() {
        let sealed = Checkpoint {
            state_root: [1, 2, 3, 4],
            block_hash: B256::repeat_byte(7),
            block: BlockEnvironment {
                number: 5,
                timestamp: 6,
                ..Default::default()
            },
            ..Default::default()
        };
        let mut limbs = CheckpointLimbs::from(&sealed);
        assert!(limbs.open_block().iter().all(|x| *x == Felt::ZERO));
        assert_eq!(limbs.open_block().len(), 93);
        limbs.coinbase[0] = Felt::ONE;
        assert_eq!(limbs.open_block()[0], Felt::ONE);
    }

    #[test]
    fn public_values_speak_start_and_end() {
        let mut rng = StdRng::seed_from_u64(2);
        let (start, end) = (random_checkpoint(&mut rng), random_checkpoint(&mut rng));
        let public = ChunkStatement::new(&start, &end, 0x1234_5678_9abc, Rules::Osaka).to_vec();
        let said = ChunkPublicBus.interactions(&public);
        assert_eq!(said[0].message.tag, tag::ChunkStart);
        assert_eq!(said[0].multiplicity, Felt::ONE);
        assert_eq!(said[0].message.payload[..109], public[..109]);
        assert_eq!(said[0].message.payload[109..], public[218..]);
        assert_eq!(said[1].message.tag, tag::ChunkEnd);
        assert_eq!(said[1].multiplicity, -Felt::ONE);
        assert_eq!(said[1].message.payload, public[109..218]);
    }
}
