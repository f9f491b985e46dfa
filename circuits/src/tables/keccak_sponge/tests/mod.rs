mod columns;
mod cut;
mod forgeries;
mod valid;

use alloy_primitives::Bytes;
use braid_stark::check::{Report, check};
use braid_stark::columns::names_of;
use braid_stark::lookup::fill_multiplicities;
use braid_stark::system::NoPublicValues;
use braid_stark::{ConstraintBuilder, Error, Felt, Row, System, Table, Trace};
use plonky2::field::types::Field;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

use super::generation::{Block, blocks_of, push_block};
use super::*;
use crate::bus::Message;
use crate::event::PublishedSponge;
use crate::statement::PublishedLimbs;
use crate::tables::keccak_f::{self, KeccakF};
use crate::tables::range16::{self, Range16};
use crate::word::{Word, hash_word};

braid_stark::columns! {
    /// A row of the test's holder of strings: a byte, a limb or a claimed digest.
    struct HolderColumns<T> {
        byte: T,
        limb: T,
        digest: T,
        starts: T,
        stops: T,
        kind: T,
        index: T,
        position_or_length: T,
        value: T,
        word: Word<T>,
        taken: T,
        lanes: [T; 50],
    }
}

/// Holds the strings and claims their digests; it checks nothing itself.
struct Holder;

impl Table for Holder {
    fn name(&self) -> &'static str {
        "holder"
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<HolderColumns<()>>()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let &HolderColumns {
            byte,
            limb,
            digest,
            starts,
            stops,
            kind,
            index,
            position_or_length: position,
            value,
            word,
            taken,
            lanes,
        } = row.local();
        builder.send(
            Message::HashByte {
                kind,
                index,
                position,
                byte: value,
            },
            byte,
        );
        builder.send(
            Message::HashLimb {
                kind,
                index,
                position,
                limb: value,
            },
            limb,
        );
        builder.send(
            Message::Digest {
                kind,
                index,
                length: position,
                digest: word,
            },
            digest,
        );
        builder.send(
            Message::SpongeStart {
                kind,
                index,
                position: taken,
                lanes,
            },
            starts,
        );
        builder.receive(
            Message::SpongeEnd {
                kind,
                index,
                length: position,
                position: taken,
                lanes,
            },
            stops,
        );
    }
}

fn holder(requests: &[HashRequest]) -> Trace {
    let mut trace = Trace::new(names_of::<HolderColumns<()>>().len());
    let felt = Felt::from_canonical_u64;
    for request in requests {
        let width = if request.by_limbs { 4 } else { 1 };
        for (number, bytes) in request.bytes.chunks(width).enumerate() {
            let row: &mut HolderColumns<Felt> = trace.push();
            row.byte = Felt::from_bool(!request.by_limbs);
            row.limb = Felt::from_bool(request.by_limbs);
            (row.kind, row.index) = (felt(request.kind), felt(request.index));
            let start = request.before.position() as usize;
            row.position_or_length = Felt::from_canonical_usize(start + number * width);
            row.value = felt(bytes.iter().fold(0, |x, b| x << 8 | u64::from(*b)));
        }
        let (kind, index) = (felt(request.kind), felt(request.index));
        if request.resumes {
            let row: &mut HolderColumns<Felt> = trace.push();
            (row.starts, row.kind, row.index) = (Felt::ONE, kind, index);
            (row.taken, row.lanes) = limbs_of(&request.before);
        }
        let length = request.before.position() + request.bytes.len() as u64;
        let mut sponge = request.before;
        sponge.absorb(&request.bytes);
        let row: &mut HolderColumns<Felt> = trace.push();
        (row.kind, row.index) = (kind, index);
        row.position_or_length = felt(length);
        if request.pauses {
            row.stops = Felt::ONE;
            (row.taken, row.lanes) = limbs_of(&sponge);
        } else {
            row.digest = Felt::ONE;
            row.word = hash_word(sponge.digest());
        }
    }
    trace
}

fn limbs_of(sponge: &PublishedSponge) -> (Felt, [Felt; 50]) {
    let limbs = PublishedLimbs::from(sponge);
    (limbs.position, limbs.lanes)
}

/// A string that goes on after `taken` bytes, or stops after `length` more, or both.
fn cut(taken: usize, length: usize, resumes: bool, pauses: bool) -> HashRequest {
    let index = (1000 * taken + length) as u64;
    let mut before = PublishedSponge::default();
    before.absorb(&request(index + 1, taken, false).bytes);
    HashRequest {
        before,
        resumes,
        pauses,
        ..request(index, length, false)
    }
}

fn request(index: u64, length: usize, by_limbs: bool) -> HashRequest {
    let mut bytes = vec![0; length];
    StdRng::seed_from_u64(index).fill_bytes(&mut bytes);
    HashRequest {
        by_limbs,
        ..HashRequest::whole(1 + index % 3, index, Bytes::from(bytes))
    }
}

fn padded<T: Table>(table: &T, mut trace: Trace) -> Trace {
    let height = trace.height().next_power_of_two().max(table.min_height());
    table.pad(&mut trace, height);
    trace
}

fn system() -> System {
    System::new(
        vec![
            Box::new(Holder),
            Box::new(KeccakSponge),
            Box::new(KeccakF),
            Box::new(Range16),
        ],
        NoPublicValues,
    )
}

/// Checks a sponge against holders of `honest` strings and the permutations of `inputs`.
fn report(honest: &[HashRequest], sponge: Trace, permutations: Trace) -> Result<Report, Error> {
    report_of(holder(honest), sponge, permutations)
}

/// Checks a sponge against a holder and the permutations of `inputs`.
fn report_of(holder: Trace, sponge: Trace, permutations: Trace) -> Result<Report, Error> {
    let mut traces = vec![
        padded(&Holder, holder),
        padded(&KeccakSponge, sponge),
        padded(&KeccakF, permutations),
        padded(&Range16, range16::generate()),
    ];
    let system = system();
    fill_multiplicities(&system, &mut traces)?;
    check(&system, &traces, &[])
}

/// The sponge and the permutations of `blocks`, as a prover who believes in them would fill them.
fn fill(blocks: &[Block]) -> (Trace, Trace) {
    let mut sponge = Trace::new(Table::column_names(&KeccakSponge).len());
    for block in blocks {
        push_block(&mut sponge, block);
    }
    let permuted = blocks.iter().filter(|block| !block.pauses);
    let inputs: Vec<_> = permuted.map(Block::absorbed).collect();
    (sponge, keccak_f::generate(&inputs))
}

/// What the checker says of `blocks` when the holders are honest about `honest`.
fn report_blocks(honest: &[HashRequest], blocks: &[Block]) -> Report {
    let (sponge, permutations) = fill(blocks);
    report(honest, sponge, permutations).unwrap()
}
