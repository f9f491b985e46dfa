//! Tests of `ecdsa`, with `secp_ladder`, `secp_base` and `arith`.

use alloy_primitives::{Address, B256, Signature, U256, keccak256};
use braid_stark::check::{Report, Unmatched, check, interactions_of};
use braid_stark::coverage::unnoticed_columns;
use braid_stark::lookup::fill_multiplicities;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{Columns, Felt, System, Table, Trace};
use k256::ecdsa::SigningKey;
use plonky2::field::types::Field;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::generation::Witness;
use super::{Ecdsa, EcdsaColumns, EcdsaRequest, generate};
use crate::bus::{Message, string, tag};
use crate::secp256k1::offset::OFFSETS;
use crate::secp256k1::{Affine, GENERATOR, N, P};
use crate::tables::arith::{self, Arith};
use crate::tables::secp_base::{self, SecpBase};
use crate::tables::secp_ladder::{BLOCK, SecpLadder, SecpLadderColumns, forge_block};
use crate::tables::test_support::{Claims, ranges_hold};
use crate::word::{address, hash_word, word};

/// The traces of all tables that take part.
#[derive(Clone)]
struct Scene {
    ecdsa: Trace,
    ladder: Trace,
    operations: Vec<arith::Operation>,
    claims: Vec<(Felt, Message<Felt>)>,
}

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// What the transaction table and the sponge say about a signature.
fn claims(index: u64, request: &EcdsaRequest, key_bytes: &[u8; 64]) -> Vec<(Felt, Message<Felt>)> {
    let (kind, index) = (felt(string::PUBLIC_KEY), felt(index));
    let mut claims = vec![(
        Felt::ONE,
        Message::Recover {
            hash: hash_word(request.hash),
            odd_y: Felt::from_bool(request.odd_y),
            r: word(request.r),
            s: word(request.s),
            address: address(request.address),
        },
    )];
    for (place, chunk) in key_bytes.chunks_exact(4).enumerate() {
        let limb = u32::from_be_bytes(chunk.try_into().unwrap());
        let (position, limb) = (felt(4 * place as u64), felt(limb.into()));
        claims.push((
            Felt::NEG_ONE,
            Message::HashLimb {
                kind,
                index,
                position,
                limb,
            },
        ));
    }
    let (length, digest) = (felt(64), hash_word(keccak256(key_bytes)));
    claims.push((
        Felt::NEG_ONE,
        Message::Digest {
            kind,
            index,
            length,
            digest,
        },
    ));
    claims
}

impl Scene {
    fn honest(requests: &[EcdsaRequest]) -> Self {
        let generated = generate(requests).unwrap();
        let hashes = requests.iter().zip(&generated.hashes);
        Self {
            claims: hashes
                .flat_map(|(request, hash)| claims(hash.index, request, &hash.bytes))
                .collect(),
            ecdsa: generated.ecdsa,
            ladder: generated.ladder,
            operations: generated.operations,
        }
    }

    /// What a cheating prover makes of a witness: claims of `arith` that have no answer are left out.
    fn forged(witness: &Witness) -> Self {
        let mut ecdsa = Trace::new(EcdsaColumns::<Felt>::WIDTH);
        // Where it cannot fill the row as it should it leaves zeros.
        let _ = witness.fill(ecdsa.push(), 0);
        let mut ladder = Trace::new(SecpLadderColumns::<Felt>::WIDTH);
        for row in forge_block(&witness.ladder).unwrap() {
            *ladder.push() = row;
        }
        let mut operations = Vec::new();
        witness.operations(&mut operations);
        operations.retain(|operation| operation.result().is_ok());
        let claims = claims(1, &witness.request, &witness.key_bytes);
        Self {
            ecdsa,
            ladder,
            operations,
            claims,
        }
    }

    fn row(&mut self) -> &mut EcdsaColumns<Felt> {
        EcdsaColumns::from_slice_mut(self.ecdsa.row_mut(0))
    }

    fn ladder_row(&mut self, row: usize) -> &mut SecpLadderColumns<Felt> {
        SecpLadderColumns::from_slice_mut(self.ladder.row_mut(row))
    }

    fn report(&self) -> Report {
        let system = System::new(
            vec![
                Box::new(Ecdsa),
                Box::new(SecpLadder),
                Box::new(SecpBase),
                Box::new(Arith),
                Box::new(Claims),
            ],
            NoPublicValues,
        );
        let mut traces = vec![
            self.ecdsa.clone(),
            self.ladder.clone(),
            secp_base::generate(),
            arith::generate(&self.operations).unwrap(),
            Claims::signed_trace(self.claims.iter().cloned()),
        ];
        for (table, trace) in system.tables.iter().zip(&mut traces) {
            let height = trace.height().next_power_of_two().max(table.min_height());
            table.pad(trace, height);
        }
        // A lookup without an answer stays unmatched, which the checker reports.
        let _ = fill_multiplicities(&system, &mut traces);
        let mut report = check(&system, &traces, &[]).unwrap();
        // In place of the table of 2^16 rows.
        report.unmatched.retain(|u| u.tag != "U16");
        for (table, trace) in system.tables.iter().zip(&traces) {
            if !ranges_hold(&interactions_of(table.as_ref(), trace)) {
                report.unmatched.push(Unmatched {
                    tag: "U16",
                    payload: Vec::new(),
                    net: 1,
                    speakers: Vec::new(),
                });
            }
        }
        report
    }
}

fn assert_caught(scene: &Scene, label: &str) {
    let report = scene.report();
    assert!(report.mentions(label), "expected {label}, got: {report}");
}

/// Only `label` stands in the way.
fn assert_caught_only(scene: &Scene, label: &str) {
    let report = scene.report();
    let others = report.violations.iter().any(|v| v.label != label)
        || report.unmatched.iter().any(|u| u.tag != label);
    assert!(
        !others && report.mentions(label),
        "expected only {label}, got: {report}"
    );
}

fn with_key(key: Affine, hash: B256, odd_y: bool, r: U256, s: U256) -> EcdsaRequest {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&key.x.to_be_bytes::<32>());
    bytes[32..].copy_from_slice(&key.y.to_be_bytes::<32>());
    EcdsaRequest {
        hash,
        odd_y,
        r,
        s,
        public_key_x: key.x,
        public_key_y: key.y,
        address: Address::from_slice(&keccak256(bytes)[12..]),
    }
}

/// Signs with k256 and recovers with alloy.
fn signed(private_key: U256, hash: B256) -> EcdsaRequest {
    let key = SigningKey::from_slice(&private_key.to_be_bytes::<32>()).unwrap();
    let (signature, recovery) = key.sign_prehash_recoverable(hash.as_slice()).unwrap();
    let signature = Signature::from_signature_and_parity(signature, recovery.is_y_odd());
    recovered(hash, signature.v(), signature.r(), signature.s())
}

fn recovered(hash: B256, odd_y: bool, r: U256, s: U256) -> EcdsaRequest {
    let signature = Signature::new(r, s, odd_y);
    let key = signature.recover_from_prehash(&hash).unwrap();
    let point = key.to_encoded_point(false);
    let key = Affine {
        x: U256::from_be_slice(point.x().unwrap()),
        y: U256::from_be_slice(point.y().unwrap()),
    };
    let request = with_key(key, hash, odd_y, r, s);
    let alloy = signature.recover_address_from_prehash(&hash).unwrap();
    assert_eq!(request.address, alloy);
    request
}

fn example() -> EcdsaRequest {
    signed(U256::from(0x1234_5678_9abc_u64), keccak256("an example"))
}

/// A second signature, for tests of mixing.
fn other() -> EcdsaRequest {
    signed(U256::from(77), keccak256("another"))
}

/// A signature of some hash for any key: R = u1 G + u2 Q, r = x(R), s = r / u2, hash = u1 s.
fn for_key(key: Affine, u1: u64) -> EcdsaRequest {
    (u1..)
        .find_map(|u1| {
            let mut r_point = GENERATOR;
            for _ in 1..u1 {
                r_point = if r_point == GENERATOR {
                    GENERATOR.doubled()?
                } else {
                    r_point.plus(&GENERATOR)?
                };
            }
            let r_point = r_point.plus(&key)?;
            let (r, s) = (r_point.x, r_point.x);
            let hash = U256::from(u1).mul_mod(s, N);
            let hash = B256::from(hash.to_be_bytes::<32>());
            (r < N && s <= N >> 1).then(|| with_key(key, hash, r_point.y.bit(0), r, s))
        })
        .unwrap()
}

#[test]
fn degrees() {
    assert_eq!(SymbolicTable::of(&Ecdsa).excessive_degrees(), []);
    assert_eq!(SymbolicTable::of(&SecpLadder).excessive_degrees(), []);
}

#[test]
fn signatures_agree_with_alloy() {
    let mut rng = StdRng::seed_from_u64(5);
    let mut requests = Vec::new();
    for private_key in [U256::ONE, U256::from(2), N - U256::ONE] {
        requests.push(signed(private_key, B256::from(rng.r#gen::<[u8; 32]>())));
    }
    requests.push(signed(U256::from(99), B256::ZERO));
    requests.push(signed(U256::from(99), B256::repeat_byte(0xff)));
    requests.push(signed(U256::from(99), B256::from(N.to_be_bytes::<32>())));
    let hash = keccak256("small s");
    let r = example().r;
    requests.push(recovered(hash, false, r, U256::ONE));
    requests.push(recovered(hash, true, r, N >> 1));
    // The least x on the curve as r.
    requests.push(recovered(hash, true, U256::ONE, U256::from(2)));
    while requests.len() < 17 {
        let private_key = U256::from_limbs(rng.r#gen()) % (N - U256::ONE) + U256::ONE;
        requests.push(signed(private_key, B256::from(rng.r#gen::<[u8; 32]>())));
    }
    let report = Scene::honest(&requests).report();
    assert!(report.is_ok(), "{report}");
}

/// A key for which the first offset meets an exception in its first addition.
#[test]
fn another_offset_takes_over() {
    let request = for_key(OFFSETS[0].window, 3);
    let mut scene = Scene::honest(&[request]);
    assert_eq!(scene.row().offset[0], Felt::ZERO);
    let report = scene.report();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn no_signature_is_fine() {
    let report = Scene::honest(&[]).report();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn malformed_requests_are_errors() {
    let good = example();
    let zero = U256::ZERO;
    for bad in [
        EcdsaRequest { r: zero, ..good },
        EcdsaRequest { s: zero, ..good },
        EcdsaRequest { r: N, ..good },
        EcdsaRequest {
            r: U256::MAX,
            ..good
        },
        EcdsaRequest {
            s: N - good.s,
            odd_y: !good.odd_y,
            ..good
        },
        EcdsaRequest {
            odd_y: !good.odd_y,
            ..good
        },
        EcdsaRequest {
            hash: B256::ZERO,
            ..good
        },
        EcdsaRequest {
            address: other().address,
            ..good
        },
        EcdsaRequest {
            public_key_x: P,
            public_key_y: zero,
            ..good
        },
        EcdsaRequest {
            public_key_y: zero,
            ..good
        },
    ] {
        assert!(generate(&[bad]).is_err(), "{bad:?}");
    }
}

#[test]
fn every_column_is_bound() {
    let scene = Scene::honest(&[example(), other()]);
    let mut ecdsa = scene.ecdsa.clone();
    Ecdsa.pad(&mut ecdsa, 4);
    assert_eq!(
        unnoticed_columns(&Ecdsa, &ecdsa, &[0], &[tag::U16]),
        [""; 0]
    );
    let mut ladder = scene.ladder.clone();
    SecpLadder.pad(&mut ladder, 512);
    // A base addition and a table row between them use everything.
    let rows = [3, BLOCK - 2];
    assert_eq!(
        unnoticed_columns(&SecpLadder, &ladder, &rows, &[tag::U16]),
        [""; 0]
    );
}

#[test]
fn every_column_of_a_used_row_breaks_the_proof() {
    let scene = Scene::honest(&[example()]);
    for column in (0..SecpLadderColumns::<Felt>::WIDTH).step_by(7) {
        let mut forged = scene.clone();
        forged.ladder.row_mut(BLOCK - 2)[column] += Felt::ONE;
        let used = !["uses"]
            .contains(&braid_stark::columns::names_of::<SecpLadderColumns<()>>()[column].as_str());
        assert!(!used || !forged.report().is_ok(), "ladder column {column}");
    }
}

#[test]
fn wrong_sender() {
    let mut scene = Scene::honest(&[example()]);
    let Message::Recover {
        address: claimed, ..
    } = &mut scene.claims[0].1
    else {
        panic!()
    };
    *claimed = address(other().address);
    assert_caught(&scene, "Recover");
    let low = address(other().address);
    scene.row().digest[..5].copy_from_slice(&low);
    assert_caught_only(&scene, "Digest");
}

/// Another key, with the signature's own hash and R: the ladder does not end where it should.
#[test]
fn wrong_key() {
    let (good, other) = (example(), other());
    let forged = EcdsaRequest {
        public_key_x: other.public_key_x,
        public_key_y: other.public_key_y,
        address: other.address,
        ..good
    };
    let witness = Witness::of(&forged).unwrap();
    assert_caught_only(&Scene::forged(&witness), "Accumulator");
}

/// Scalars that make a ladder close for any key must break the scalars' claims.
#[test]
fn zero_scalars() {
    let (good, other) = (example(), other());
    let forged = EcdsaRequest {
        public_key_x: other.public_key_x,
        public_key_y: other.public_key_y,
        address: other.address,
        ..good
    };
    let mut witness = Witness::of(&forged).unwrap();
    let zero = U256::ZERO;
    (witness.z, witness.v, witness.w) = (zero, zero, zero);
    witness.digits = crate::secp256k1::scalar::digits_of(zero);
    let (low, high) = crate::secp256k1::scalar::split(witness.digits);
    witness.ladder = crate::tables::secp_ladder::LadderRequest {
        z: 0,
        v: 0,
        low,
        high,
        negative: false,
        ..witness.ladder
    };
    let mut scene = Scene::forged(&witness);
    // The filler stopped at the missing inverse of z: finish the row as a cheat would.
    let honest = *Scene::honest(&[other]).row();
    let r = word(good.r);
    let row = scene.row();
    let sums: Felt = row.s.into_iter().sum();
    let r_sum: Felt = row.nonce_point.x.into_iter().sum();
    row.inverses = [Felt::ZERO, r_sum.inverse(), sums.inverse()];
    let room = |a: U256, limit: U256| word(a.wrapping_sub(limit));
    row.r_room = room(good.r, N);
    row.s_room = room(good.s, (N >> 1) + U256::ONE);
    let y = Affine::decompress(good.r, good.odd_y).unwrap().y;
    row.nonce_y_room = room(y, P);
    row.key_x_room = honest.key_x_room;
    row.key_y_room = honest.key_y_room;
    row.digest = honest.digest;
    assert_eq!(r[0], word(good.r)[0]);
    assert_caught_only(&scene, "ecdsa/not zero");
}

#[test]
fn wrong_hash() {
    let good = example();
    let forged = EcdsaRequest {
        hash: keccak256("not signed"),
        ..good
    };
    let witness = Witness::of(&forged).unwrap();
    assert_caught_only(&Scene::forged(&witness), "Accumulator");
    // The honest ladder with the other hash in the claim.
    let mut scene = Scene::honest(&[good]);
    scene.row().hash = hash_word(forged.hash);
    let Message::Recover { hash, .. } = &mut scene.claims[0].1 else {
        panic!()
    };
    *hash = hash_word(forged.hash);
    assert_caught_only(&scene, "MulMod");
}

#[test]
fn high_s() {
    let good = example();
    let forged = EcdsaRequest {
        s: N - good.s,
        odd_y: !good.odd_y,
        ..good
    };
    let witness = Witness::of(&forged).unwrap();
    assert_caught_only(&Scene::forged(&witness), "Add");
}

/// R with an x above n: recovery ids 2 and 3, which Ethereum refuses.
#[test]
fn r_above_the_order() {
    let point = (1..)
        .find_map(|k| Affine::decompress(N + U256::from(k), false))
        .unwrap();
    // Q = r^-1 s R with hash = 0 and s = r: Q = R.
    let r = point.x - N;
    let request = with_key(point, B256::ZERO, false, point.x, r);
    assert!(generate(&[request]).is_err());
    let witness = Witness::of(&request).unwrap();
    assert_caught_only(&Scene::forged(&witness), "Add");
}

#[test]
fn zero_r_or_s() {
    for (index, label) in [(1, "ecdsa/not zero"), (2, "ecdsa/not zero")] {
        let mut scene = Scene::honest(&[example()]);
        if index == 1 {
            scene.row().nonce_point.x = [Felt::ZERO; 16];
        } else {
            scene.row().s = [Felt::ZERO; 8];
        }
        assert_caught(&scene, label);
    }
}

#[test]
fn flipped_parity() {
    let good = example();
    let mut scene = Scene::honest(&[good]);
    let flipped = Felt::ONE - scene.row().odd_y;
    scene.row().odd_y = flipped;
    let Message::Recover { odd_y, .. } = &mut scene.claims[0].1 else {
        panic!()
    };
    *odd_y = flipped;
    assert_caught_only(&scene, "ecdsa/parity");
    // With the other R, the ladder does not close.
    let forged = EcdsaRequest {
        odd_y: !good.odd_y,
        ..good
    };
    let witness = Witness::of(&forged).unwrap();
    assert_caught_only(&Scene::forged(&witness), "Accumulator");
    // Half an odd limb as an element of the field.
    let mut scene = scene;
    let row = scene.row();
    row.half_y = (row.nonce_point.y[0] - flipped) * felt(2).inverse();
    assert_caught_only(&scene, "U16");
}

#[test]
fn key_off_the_curve() {
    let mut scene = Scene::honest(&[example()]);
    scene.row().key.y[3] += Felt::ONE;
    assert_caught(&scene, "ecdsa/curve");
    let mut scene = Scene::honest(&[example()]);
    scene.row().nonce_point.x[3] += Felt::ONE;
    assert_caught(&scene, "ecdsa/x squared");
}

/// The key (1, y) hashed as (1 + p, y), which is another address.
#[test]
fn key_not_canonical() {
    let key = Affine::decompress(U256::ONE, false).unwrap();
    let honest = for_key(key, 2);
    assert!(Scene::honest(&[honest]).report().is_ok());
    let lifted = Affine {
        x: P + U256::ONE,
        ..key
    };
    let forged = with_key(lifted, honest.hash, honest.odd_y, honest.r, honest.s);
    assert_ne!(forged.address, honest.address);
    let witness = Witness::of(&forged).unwrap();
    assert_caught_only(&Scene::forged(&witness), "Add");
}

/// w may be any number below 2^256 of its class: the claim is the same.
#[test]
fn another_representation_of_a_scalar_changes_nothing() {
    let request = signed(U256::from(5), B256::ZERO);
    let mut witness = Witness::of(&request).unwrap();
    assert_eq!(witness.w, U256::ZERO);
    witness.w = N;
    assert_eq!(
        witness.digits,
        crate::secp256k1::scalar::digits_of(U256::ZERO)
    );
    let report = Scene::forged(&witness).report();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn table_points_cannot_be_swapped() {
    let scene = Scene::honest(&[example()]);
    // A window that claims another digit for its point.
    let mut forged = scene.clone();
    let row = forged.ladder_row(16);
    row.digit_low += Felt::ONE;
    assert_caught(&forged, "LadderPoint");
    // A table row that denies a use and another that claims it.
    let mut forged = scene.clone();
    forged.ladder_row(1).uses += Felt::ONE;
    forged.ladder_row(2).uses -= Felt::ONE;
    assert_caught_only(&forged, "LadderPoint");
    // A base digit above 15.
    let mut forged = scene;
    forged.ladder_row(BLOCK - 2).digit_low += felt(16);
    assert_caught(&forged, "BasePoint");
}

#[test]
fn signatures_cannot_share_a_ladder() {
    let (first, second) = (example(), other());
    let mut scene = Scene::honest(&[first, second]);
    // The second claim on the first one's row.
    let swapped = scene.ecdsa.row(1).to_vec();
    let first_row = scene.ecdsa.row(0).to_vec();
    scene.ecdsa.row_mut(0).copy_from_slice(&swapped);
    scene.ecdsa.row_mut(1).copy_from_slice(&first_row);
    let key_bytes = |request: &EcdsaRequest| {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&request.public_key_x.to_be_bytes::<32>());
        bytes[32..].copy_from_slice(&request.public_key_y.to_be_bytes::<32>());
        bytes
    };
    scene.claims = claims(1, &second, &key_bytes(&second));
    scene.claims.extend(claims(2, &first, &key_bytes(&first)));
    for label in ["LadderPoint", "LadderScalars"] {
        assert_caught(&scene, label);
    }
}

#[test]
fn a_block_is_active_throughout() {
    let mut scene = Scene::honest(&[example()]);
    scene.ladder_row(BLOCK - 1).active = Felt::ZERO;
    assert_caught(&scene, "secp_ladder/active throughout");
    let mut scene = Scene::honest(&[example()]);
    for row in 0..BLOCK {
        scene.ladder_row(row).active = Felt::ZERO;
    }
    assert_caught(&scene, "Accumulator");
}
