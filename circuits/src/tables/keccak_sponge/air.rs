//! Constraints and messages of `keccak_sponge`.

use core::array::from_fn;

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table, Trace};

use super::columns::{Fixed, KeccakSpongeColumns};
use super::{DIGEST_LANES, RATE, RATE_LANES, generation};
use crate::bus::Message;

/// The table `keccak_sponge`.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeccakSponge;

type Local<X> = KeccakSpongeColumns<X>;

/// Halves of a lane, low half first, of its bytes, least significant first.
fn halves<X: Expression>(bytes: &[X; 8]) -> [X; 2] {
    [X::from_limbs(&bytes[..4], 8), X::from_limbs(&bytes[4..], 8)]
}

/// Four bytes as a big-endian number.
fn big_endian<X: Expression>(bytes: &[X]) -> X {
    bytes
        .iter()
        .copied()
        .reduce(|high, low| high.scale(256) + low)
        .unwrap_or_else(X::zero)
}

/// The halves of a lane with the bytes of each in reverse.
fn swapped<X: Expression>(bytes: &[X; 8]) -> [X; 2] {
    [big_endian(&bytes[..4]), big_endian(&bytes[4..])]
}

/// The ring's 17 lanes, the one that is held in bytes first.
fn ring<X: Expression>(columns: &Local<X>) -> [[X; 2]; RATE_LANES] {
    from_fn(|lane| match lane {
        0 => halves(&columns.lane),
        _ => columns.ring[lane - 1],
    })
}

/// The ring of the next row, when `last` is put behind lanes 1 to 16.
fn turned<X: Expression>(columns: &Local<X>, last: [X; 2]) -> [[X; 2]; RATE_LANES] {
    from_fn(|lane| columns.ring.get(lane).copied().unwrap_or(last))
}

/// The whole state, as messages hold it.
fn state<X: Expression>(ring: &[[X; 2]; RATE_LANES], capacity: &[[X; 2]; 8]) -> [X; 50] {
    from_fn(|i| match i / 2 {
        lane @ 0..RATE_LANES => ring[lane][i % 2],
        lane => capacity[lane - RATE_LANES][i % 2],
    })
}

/// Which blocks there are, and that they hang together.
fn blocks<B: ConstraintBuilder>(
    row: &Row<'_, B::X>,
    local: &Local<B::X>,
    next: &Local<B::X>,
    fixed: &Fixed<B::X>,
    builder: &mut B,
) {
    let block = &local.block;
    let following = &next.block;
    builder.assert_bool("keccak_sponge/used is boolean", block.used);
    builder.assert_bool("keccak_sponge/first is boolean", block.first);
    builder.assert_bool("keccak_sponge/last is boolean", block.last);
    builder.assert_bool("keccak_sponge/by_limbs is boolean", block.by_limbs);
    let unused = block.used.not();
    builder.assert_zero("keccak_sponge/first is used", block.first * unused);
    builder.assert_zero("keccak_sponge/last is used", block.last * unused);
    builder.assert_bool("keccak_sponge/resumes is boolean", block.resumes);
    builder.assert_bool("keccak_sponge/pauses is boolean", block.pauses);
    builder.assert_bool("keccak_sponge/full is boolean", block.full);
    let (first, last) = (block.first, block.last);
    builder.assert_zero("keccak_sponge/first resumes", block.resumes * first.not());
    builder.assert_zero("keccak_sponge/last pauses", block.pauses * last.not());
    builder.assert_zero("keccak_sponge/full pauses", block.full * block.pauses.not());
    let cut = block.resumes + block.pauses;
    builder.assert_zero("keccak_sponge/limbs are not cut", block.by_limbs * cut);

    let holds = fixed.absorbs + fixed.permutes + fixed.squeezes;
    for (before, after) in block.as_slice().iter().zip(following.as_slice()) {
        builder.assert_eq_when("keccak_sponge/block is constant", holds, *after, *before);
    }
    let in_block = holds + fixed.ends;
    builder.assert_zero("keccak_sponge/tail is unused", in_block.not() * block.used);

    // The row after the last complete block is an unused one, so this also makes that block last or unused.
    let goes_on = block.used - block.last;
    builder.assert_eq_when(
        "keccak_sponge/blocks follow",
        fixed.ends,
        following.used - following.first,
        goes_on,
    );
    builder.assert_eq_when(
        "keccak_sponge/first of all",
        row.first,
        block.first,
        block.used,
    );
    builder.assert_zero(
        "keccak_sponge/offset starts at zero",
        fixed.starts * block.first * block.offset,
    );
    let continues = fixed.ends * goes_on;
    for (after, before) in [
        (following.by_limbs, block.by_limbs),
        (following.kind, block.kind),
        (following.index, block.index),
        (following.length, block.length),
    ] {
        builder.assert_eq_when(
            "keccak_sponge/next block's string",
            continues,
            after,
            before,
        );
    }
    builder.assert_eq_when(
        "keccak_sponge/next block's offset",
        continues,
        following.offset,
        block.offset + B::X::from_u64(RATE as u64),
    );
}

/// Which bytes belong to the string, how many there are, and the padding.
fn bytes<B: ConstraintBuilder>(
    local: &Local<B::X>,
    next: &Local<B::X>,
    fixed: &Fixed<B::X>,
    builder: &mut B,
) {
    let block = &local.block;
    let data = &local.data;
    let absorbing = fixed.absorbs + fixed.permutes;
    // `data[0]` is settled on every row: zero where nothing is absorbed, `used` at the start, carried over in between.
    builder.assert_zero("keccak_sponge/data is absorbed", absorbing.not() * data[0]);
    builder.assert_eq_when(
        "keccak_sponge/data starts",
        fixed.starts,
        data[0],
        block.used,
    );
    builder.assert_eq_when(
        "keccak_sponge/data carries over",
        fixed.absorbs,
        next.data[0],
        data[8],
    );
    for i in 0..8 {
        builder.assert_bool("keccak_sponge/data is boolean", data[i + 1]);
        builder.assert_zero("keccak_sponge/data falls only", data[i + 1] * data[i].not());
    }
    builder.assert_eq_when(
        "keccak_sponge/data falls in the last block",
        fixed.permutes,
        data[8],
        block.used - block.last + block.full,
    );
    let rate = B::X::from_u64(RATE as u64);
    builder.assert_eq_when(
        "keccak_sponge/length of a full block",
        block.full,
        block.length,
        block.offset + rate,
    );
    let falls = data[0] - data[8];
    let count: B::X = data[1..].iter().copied().sum();
    builder.assert_eq_when(
        "keccak_sponge/length",
        falls,
        block.length,
        block.offset + fixed.position + count,
    );
    for limb in 0..2 {
        let (start, end) = (data[4 * limb + 1], data[4 * limb + 4]);
        builder.assert_eq_when("keccak_sponge/limbs are whole", block.by_limbs, start, end);
    }
    for i in 0..8 {
        // Where `data[i + 1]` is 0, `data[i]` tells whether the string ends just before.
        let mut padding = data[i] * block.pauses.not();
        if i == 7 {
            let digests = block.last - block.pauses;
            padding = padding + (fixed.permutes * digests).scale(0x80);
        }
        builder.assert_eq_when(
            "keccak_sponge/padding",
            data[i + 1].not(),
            local.bytes[i],
            padding,
        );
    }
}

/// Which bytes of a block were taken in before the string goes on there.
fn before<B: ConstraintBuilder>(
    local: &Local<B::X>,
    next: &Local<B::X>,
    fixed: &Fixed<B::X>,
    builder: &mut B,
) {
    let (block, before, data) = (&local.block, &local.before, &local.data);
    let absorbing = fixed.absorbs + fixed.permutes;
    // As `data`, but that it starts with `resumes`.
    let label = "keccak_sponge/before is absorbed";
    builder.assert_zero(label, absorbing.not() * before[0]);
    let label = "keccak_sponge/before starts";
    builder.assert_eq_when(label, fixed.starts, before[0], block.resumes);
    let label = "keccak_sponge/before carries over";
    builder.assert_eq_when(label, fixed.absorbs, next.before[0], before[8]);
    for i in 0..8 {
        let (here, earlier) = (before[i + 1], before[i]);
        builder.assert_bool("keccak_sponge/before is boolean", here);
        builder.assert_zero("keccak_sponge/before falls only", here * earlier.not());
        builder.assert_zero("keccak_sponge/before the end", here * data[i + 1].not());
        builder.assert_zero("keccak_sponge/before is nothing", here * local.bytes[i]);
    }
    let count: B::X = before[1..].iter().copied().sum();
    let (label, falls) = ("keccak_sponge/start", before[0] - before[8]);
    builder.assert_eq_when(label, falls, block.start, fixed.position + count);
    let (full, rate) = (fixed.permutes * before[8], B::X::from_u64(RATE as u64));
    builder.assert_eq_when(label, full, block.start, rate);
    let label = "keccak_sponge/start unused";
    builder.assert_zero(label, block.resumes.not() * block.start);
}

/// How the state goes from row to row.
fn states<B: ConstraintBuilder>(
    local: &Local<B::X>,
    next: &Local<B::X>,
    fixed: &Fixed<B::X>,
    builder: &mut B,
) {
    let block = &local.block;
    let here = ring(local);
    let there = ring(next);
    let absorbed = turned(local, halves(&local.absorbed));
    let squeezed = turned(local, swapped(&local.lane));
    let continues = fixed.ends * (block.used - block.last);
    let starts = fixed.starts * (block.first - block.resumes);
    let digests = block.last - block.pauses;
    let pauses = fixed.permutes * block.pauses;
    for lane in 0..RATE_LANES {
        for half in 0..2 {
            let (now, then) = (here[lane][half], there[lane][half]);
            builder.assert_zero("keccak_sponge/state starts at zero", starts * now);
            builder.assert_eq_when(
                "keccak_sponge/absorb",
                fixed.absorbs,
                then,
                absorbed[lane][half],
            );
            builder.assert_eq_when(
                "keccak_sponge/squeeze",
                fixed.squeezes,
                then,
                now + digests * (squeezed[lane][half] - now),
            );
            builder.assert_eq_when("keccak_sponge/pause", pauses, then, absorbed[lane][half]);
            builder.assert_eq_when("keccak_sponge/next block's state", continues, then, now);
        }
    }
    let lanes = local.capacity.as_flattened().iter();
    for (now, then) in lanes.zip(next.capacity.as_flattened()) {
        builder.assert_zero("keccak_sponge/state starts at zero", starts * *now);
        builder.assert_eq_when(
            "keccak_sponge/capacity rests",
            fixed.absorbs + fixed.squeezes,
            *then,
            *now,
        );
        builder.assert_eq_when("keccak_sponge/pause", pauses, *then, *now);
        builder.assert_eq_when("keccak_sponge/next block's state", continues, *then, *now);
    }
}

fn messages<B: ConstraintBuilder>(
    local: &Local<B::X>,
    next: &Local<B::X>,
    fixed: &Fixed<B::X>,
    builder: &mut B,
) {
    let block = &local.block;
    let (kind, index) = (block.kind, block.index);
    let position = |i: usize| block.offset + fixed.position + B::X::from_u64(i as u64);
    for i in 0..8 {
        builder.receive(
            Message::HashByte {
                kind,
                index,
                position: position(i),
                byte: local.bytes[i],
            },
            (local.data[i + 1] - local.before[i + 1]) * block.by_limbs.not(),
        );
        builder.send(
            Message::Xor {
                a: local.lane[i],
                b: local.bytes[i],
                c: local.absorbed[i],
            },
            block.used,
        );
    }
    for start in [0, 4] {
        builder.receive(
            Message::HashLimb {
                kind,
                index,
                position: position(start),
                limb: big_endian(&local.bytes[start..start + 4]),
            },
            local.data[start + 4] * block.by_limbs,
        );
    }

    let permutes = fixed.permutes * (block.used - block.pauses);
    let before = turned(local, halves(&local.absorbed));
    builder.send(
        Message::KeccakInput {
            id: block.permutation,
            lanes: state(&before, &local.capacity),
        },
        permutes,
    );
    builder.send(
        Message::KeccakOutput {
            id: block.permutation,
            lanes: state(&ring(next), &next.capacity),
        },
        permutes,
    );

    // On the last row the digest's lanes are the last three of the ring and the one in bytes.
    let lanes: [[B::X; 2]; DIGEST_LANES] = {
        let [.., first, second, third] = local.ring;
        [first, second, third, swapped(&local.lane)]
    };
    builder.receive(
        Message::Digest {
            kind,
            index,
            length: block.length,
            // The first byte is the most significant one.
            digest: from_fn(|limb| lanes[DIGEST_LANES - 1 - limb / 2][1 - limb % 2]),
        },
        fixed.ends * (block.last - block.pauses),
    );
    let taken = block.length - block.offset;
    let lanes = state(&ring(local), &local.capacity);
    builder.receive(
        Message::SpongeStart {
            kind,
            index,
            position: block.start,
            lanes,
        },
        fixed.starts * block.resumes,
    );
    builder.send(
        Message::SpongeEnd {
            kind,
            index,
            length: block.length,
            position: taken,
            lanes,
        },
        fixed.ends * block.pauses,
    );
    // A block that pauses has taken in a byte, unless it is the string's first: a full state is not permuted before the next byte comes.
    let value = taken - B::X::one() + block.first;
    builder.send(Message::U16 { value }, fixed.ends * block.pauses);
}

impl Table for KeccakSponge {
    fn name(&self) -> &'static str {
        "keccak_sponge"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<KeccakSpongeColumns<()>>()
    }

    fn fixed_names(&self) -> Vec<String> {
        names_of::<Fixed<()>>()
    }

    fn fixed(&self, height: usize) -> Trace {
        generation::fixed(height)
    }

    /// One block.
    fn min_height(&self) -> usize {
        32
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &Local<B::X> = row.local();
        let next: &Local<B::X> = row.next();
        let fixed: &Fixed<B::X> = row.fixed();
        blocks(&row, local, next, fixed, builder);
        bytes(local, next, fixed, builder);
        before(local, next, fixed, builder);
        states(local, next, fixed, builder);
        messages(local, next, fixed, builder);
    }
}
