//! Columns, constraints and messages.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use crate::bus::{Message, tag};
use crate::limbs::{LIMBS, range_check_when};
use crate::state_hash::{Domain, RATE, WIDTH};
use crate::word::WORD_LIMBS;

/// Elements of a digest.
const DIGEST: usize = RATE / 2;

braid_stark::columns! {
    /// A digest.
    pub struct CodeIdentityColumns<T> {
        /// How often it is looked up.
        pub count: T,
        /// Whether the row is a digest.
        pub used: T,
        /// Keccak-256 of the bytecode in limbs of 16 bits, least significant first.
        pub keccak: [T; LIMBS],
        /// The bytecode's size in bytes, in such limbs.
        pub size: [T; 2],
        /// The digest of hash and size.
        pub identity: [T; DIGEST],
        /// The Poseidon hash of the bytecode.
        pub poseidon: [T; DIGEST],
        /// The digest.
        pub digest: [T; DIGEST],
    }
}

/// Position of `count` among the columns.
const COUNT: usize = 0;

/// Limbs of 16 bits in one piece of the hash.
const LIMBS_PER_PIECE: usize = 3;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeIdentityTable;

impl Table for CodeIdentityTable {
    fn name(&self) -> &'static str {
        "code_identity"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<CodeIdentityColumns<()>>()
    }

    fn lookups(&self) -> Vec<Lookup> {
        vec![Lookup {
            tag: tag::CodeIdentity,
            multiplicity: COUNT,
            rows: OfferedBy::Search,
        }]
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &CodeIdentityColumns<B::X> = row.local();
        let used = local.used;
        builder.assert_bool("code_identity/used", used);
        builder.assert_zero("code_identity/count", local.count * used.not());
        range_check_when(builder, &local.keccak, used);
        range_check_when(builder, &local.size, used);
        let size = B::X::from_limbs(&local.size, 16);
        let mut input = [B::X::zero(); RATE];
        let pieces = local.keccak.chunks(LIMBS_PER_PIECE);
        let pieces = pieces.map(|limbs| B::X::from_limbs(limbs, 16));
        for (element, piece) in input.iter_mut().zip(pieces.chain([size])) {
            *element = piece;
        }
        hash(Domain::CodeIdentity, input, local.identity, used, builder);
        let mut input = [B::X::zero(); RATE];
        input[..DIGEST].copy_from_slice(&local.identity);
        input[DIGEST..].copy_from_slice(&local.poseidon);
        hash(Domain::Code, input, local.digest, used, builder);
        let limb = |limb: usize| B::X::from_limbs(&local.keccak[2 * limb..2 * limb + 2], 16);
        let offered = Message::CodeIdentity {
            digest: local.digest,
            keccak: core::array::from_fn::<_, WORD_LIMBS, _>(limb),
            size,
        };
        builder.receive(offered, local.count);
    }
}

fn hash<B: ConstraintBuilder>(
    domain: Domain,
    elements: [B::X; RATE],
    output: [B::X; DIGEST],
    used: B::X,
    builder: &mut B,
) {
    let mut input = [B::X::zero(); WIDTH];
    input[..RATE].copy_from_slice(&elements);
    input[RATE] = B::X::from_u64(domain as u64);
    builder.send(Message::Poseidon { input, output }, used);
}
