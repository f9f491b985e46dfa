//! Constraints and messages.

use braid_stark::columns::names_of;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{Columns, ConstraintBuilder, Expression, Row, Table, Trace};

use super::columns::{CodeHashColumns, DIGEST};
use crate::bus::{Message, tag};
use crate::limbs::join_limbs;
use crate::state_hash::{BYTECODE_CHUNK, Domain, RATE, WIDTH};

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeHash;

/// The column that counts lookups of lengths: the last but one.
const LENGTHS: usize = CodeHashColumns::<u8>::WIDTH - 2;
/// The column that counts lookups of codes: the last one.
const COUNT: usize = CodeHashColumns::<u8>::WIDTH - 1;

/// Limbs of 16 bits in a piece of the Keccak-256 hash.
const LIMBS_PER_PIECE: usize = 3;

impl Table for CodeHash {
    fn name(&self) -> &'static str {
        "code_hash"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<CodeHashColumns<()>>()
    }

    fn lookups(&self) -> Vec<Lookup> {
        let lookup = |tag, multiplicity| Lookup {
            tag,
            multiplicity,
            rows: OfferedBy::Search,
        };
        vec![lookup(tag::CodeLength, LENGTHS), lookup(tag::Code, COUNT)]
    }

    fn pad(&self, trace: &mut Trace, height: usize) {
        trace.resize_with_last(height);
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        runs(&row, builder);
        length(&row, builder);
        chain(&row, builder);
        identity(&row, builder);
    }
}

/// 1 where the next row belongs to another code, 0 where to the same one.
fn change<X: Expression>(row: &Row<'_, X>) -> X {
    row.next::<CodeHashColumns<X>>().code - row.local::<CodeHashColumns<X>>().code
}

/// Each code is one run of rows that are counted from 0; they are all used or all not.
fn runs<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeHashColumns<B::X> = row.local();
    let next: &CodeHashColumns<B::X> = row.next();
    let change = change(row);
    let changes = row.transition * change;
    let stays = row.transition * change.not();
    builder.assert_bool("code_hash/used", local.used);
    builder.assert_zero("code_hash/edge", (row.first + row.last) * local.used);
    builder.assert_zero("code_hash/id_first", row.first * local.code);
    builder.assert_zero("code_hash/id", changes * change.not());
    builder.assert_eq_when("code_hash/used_run", stays, next.used, local.used);
    let counted = local.group + local.used;
    builder.assert_eq_when("code_hash/group", stays, next.group, counted);
    builder.assert_zero("code_hash/group_first", changes * next.group);
    builder.assert_eq_when("code_hash/size", stays, next.size, local.size);
    for (index, word) in (0..).zip(local.words) {
        let groups = local.group.scale(local.words.len() as u64);
        let received = Message::CodeWord {
            code: local.code,
            index: groups + B::X::from_u64(index),
            word,
        };
        builder.receive(received, local.used);
    }
}

/// The groups that are hashed are those that begin before the end; they are not all of a code's rows.
fn length<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeHashColumns<B::X> = row.local();
    let next: &CodeHashColumns<B::X> = row.next();
    let change = change(row);
    let ends = next.hashed.not();
    builder.assert_bool("code_hash/hashed", local.hashed);
    let unused = local.used.not();
    builder.assert_zero("code_hash/hashed_unused", local.hashed * unused);
    // An unused last row is not hashed and has size 0, so that what follows it need not be exempted.
    let over = change.not() * local.hashed.not();
    builder.assert_zero("code_hash/hashed_first", over * next.hashed);
    builder.assert_zero("code_hash/hashed_last", change * local.hashed);
    builder.assert_zero("code_hash/hashed_none", change * ends * next.size);
    // The last hashed group has 1 to 28 bytes.
    let group = BYTECODE_CHUNK as u64;
    let others = local.size - local.group.scale(group) - B::X::one();
    for value in [others, B::X::from_u64(group - 1) - others] {
        builder.send(Message::U8 { value }, local.hashed * ends);
    }
}

/// The digest starts from the size, takes in the hashed groups, and is carried on to the last row.
fn chain<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeHashColumns<B::X> = row.local();
    let next: &CodeHashColumns<B::X> = row.next();
    let change = change(row);
    let changes = row.transition * change;
    let carries = change.not() * local.hashed.not();
    let zero = B::X::zero();
    let start = [next.size, zero, zero, zero];
    for ((next, before), start) in next.before.into_iter().zip(local.before).zip(start) {
        builder.assert_eq_when("code_hash/start", changes, next, start);
        builder.assert_eq_when("code_hash/carry", carries, next, before);
    }
    let step = pair(local.before, local.words);
    hash(Domain::Bytecode, step, next.before, local.hashed, builder);
}

/// On the last row of a code: its size, the digest of its identity and that of the code part.
fn identity<B: ConstraintBuilder>(row: &Row<'_, B::X>, builder: &mut B) {
    let local: &CodeHashColumns<B::X> = row.local();
    let change = change(row);
    let last = change * local.used;
    let (code, size, digest) = (local.code, local.size, local.digest);
    builder.receive(Message::CodeSize { code, size }, last);
    for value in local.keccak {
        builder.send(Message::U16 { value }, last);
    }
    let mut input = [B::X::zero(); RATE];
    for (piece, limbs) in input.iter_mut().zip(local.keccak.chunks(LIMBS_PER_PIECE)) {
        *piece = B::X::from_limbs(limbs, 16);
    }
    input[local.keccak.len().div_ceil(LIMBS_PER_PIECE)] = size;
    hash(Domain::CodeIdentity, input, local.identity, last, builder);
    let input = pair(local.identity, local.before);
    hash(Domain::Code, input, digest, last, builder);
    for count in [local.lengths, local.count] {
        builder.assert_zero("code_hash/count", count * local.used.not());
    }
    // All rows of a code have its size.
    builder.assert_zero("code_hash/count_last", local.count * change.not());
    builder.receive(Message::CodeLength { code, size }, local.lengths);
    let offered = Message::Code {
        code,
        digest,
        keccak: join_limbs(&local.keccak),
        size,
    };
    builder.receive(offered, local.count);
}

fn pair<X: Expression>(left: [X; DIGEST], right: [X; DIGEST]) -> [X; RATE] {
    let mut elements = [X::zero(); RATE];
    elements[..DIGEST].copy_from_slice(&left);
    elements[DIGEST..].copy_from_slice(&right);
    elements
}

fn hash<B: ConstraintBuilder>(
    domain: Domain,
    elements: [B::X; RATE],
    output: [B::X; DIGEST],
    multiplicity: B::X,
    builder: &mut B,
) {
    let mut input = [B::X::zero(); WIDTH];
    input[..RATE].copy_from_slice(&elements);
    input[RATE] = B::X::from_u64(domain as u64);
    builder.send(Message::Poseidon { input, output }, multiplicity);
}
