//! Tests of `ecdsa`, with `secp_ladder`, `secp_base` and `arith`.

mod columns;
mod forgeries;

use alloy_primitives::{Address, B256, Signature, U256, keccak256};
use braid_stark::check::{Report, Unmatched, check, interactions_of};
use braid_stark::lookup::fill_multiplicities;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{
    AnyTable, Columns, Felt, FriParameters, Shape, System, Trace, prove, setup, verify,
};
use k256::ecdsa::SigningKey;
use plonky2::field::types::Field;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::generation::Witness;
use super::{Ecdsa, EcdsaColumns, EcdsaRequest, generate};
use crate::bus::{Message, string};
use crate::secp256k1::offset::OFFSETS;
use crate::secp256k1::{Affine, GENERATOR, N, P};
use crate::tables::arith::{self, Arith};
use crate::tables::keccak_f::{self, KeccakF};
use crate::tables::keccak_sponge::{self, KeccakSponge};
use crate::tables::range16::{self, Range16};
use crate::tables::secp_base::{self, SecpBase};
use crate::tables::secp_ladder::{
    LadderRequest, SecpLadder, SecpLadderColumns, fill_block, forge_block,
};
use crate::tables::test_support::{Claims, claims_of, ranges_hold};
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
fn claims(index: u64, request: &EcdsaRequest, key_bytes: &[u8]) -> Vec<(Felt, Message<Felt>)> {
    let (kind, index) = (felt(string::PUBLIC_KEY), felt(index));
    let (hash, odd_y) = (hash_word(request.hash), Felt::from_bool(request.odd_y));
    let (r, s) = (word(request.r), word(request.s));
    let recovered = match request.infinite {
        false => Message::Recover {
            hash,
            odd_y,
            r,
            s,
            address: address(request.address),
        },
        true => Message::RecoverNothing { hash, odd_y, r, s },
    };
    let mut claims = vec![(Felt::ONE, recovered)];
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
                .flat_map(|(request, hash)| claims(hash.index, request, &hash.bytes[..]))
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

/// A signature whose key would be infinity: `s R = hash G`, where R is this multiple of the generator.
fn infinite(nonce: u64, s: u64) -> EcdsaRequest {
    let mut point = GENERATOR;
    for step in 1..nonce {
        let next = if step == 1 {
            point.doubled()
        } else {
            point.plus(&GENERATOR)
        };
        point = next.unwrap();
    }
    let hash = U256::from(nonce).mul_mod(U256::from(s), N);
    EcdsaRequest {
        infinite: true,
        ..with_key(
            GENERATOR,
            hash.into(),
            point.y.bit(0),
            point.x,
            U256::from(s),
        )
    }
}

#[test]
fn infinity_is_shown() {
    for (nonce, s) in [(1, 1), (1, 77), (2, 1), (3, u64::MAX), (5, 5)] {
        let report = Scene::honest(&[infinite(nonce, s), example()]).report();
        assert!(report.is_ok(), "{nonce} {s}: {report}");
        // It has no other key.
        let other = EcdsaRequest {
            infinite: false,
            ..infinite(nonce, s)
        };
        assert!(generate(&[other]).is_err());
    }
    let one = EcdsaRequest {
        infinite: true,
        ..example()
    };
    assert!(generate(&[one]).is_err());
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
        infinite: false,
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

/// Whoever makes `r = s = hash / w` gets a signature with `z = v = 1` and the `w` of their choice, of a key that they need
/// not know. So the prover must not depend on this `w`.
#[test]
fn chosen_digits_are_not_the_only_ones() {
    let chosen = U256::from_limbs([7, 8, 9, 10]);
    let inverse = chosen.inv_mod(N).unwrap();
    let request = (0u64..)
        .find_map(|attempt| {
            let hash = keccak256(attempt.to_be_bytes());
            let r = (U256::from_be_bytes(hash.0) % N).mul_mod(inverse, N);
            let possible = r <= N >> 1 && Affine::decompress(r, false).is_some();
            possible.then(|| recovered(hash, false, r, r))
        })
        .unwrap();
    let first = Witness::of(&request).unwrap();
    assert_eq!((first.z, first.v, first.w), (U256::ONE, U256::ONE, chosen));
    for factor in [2, 3, 4] {
        let multiple = first.multiple(factor).unwrap();
        assert_ne!(multiple.digits, first.digits);
        let report = Scene::forged(&multiple).report();
        assert!(report.is_ok(), "{factor}: {report}");
    }
    // If no offset worked for the chosen digits, the next multiple would be taken.
    let fill = |ladder: &LadderRequest| (ladder.z > 1).then(|| fill_block(ladder))?;
    let (taken, _) = first.first_multiple(fill).unwrap();
    assert_eq!(taken.z, U256::from(2));
    let mut long = first;
    long.ladder.v = u128::MAX / 3;
    assert!(long.multiple(3).is_some() && long.multiple(4).is_none());
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

/// With the real sponge and ranges, and through the proof system.
#[test]
fn a_signature_is_proved() {
    let request = example();
    let generated = generate(&[request]).unwrap();
    let sponge = keccak_sponge::generate(&generated.hashes).unwrap();
    let permutations = keccak_f::inputs(&claims_of(&KeccakSponge, &sponge)).unwrap();
    let recover = claims(1, &request, &[]).swap_remove(0);
    let tables: Vec<(Box<dyn AnyTable>, Trace)> = vec![
        (Box::new(Ecdsa), generated.ecdsa),
        (Box::new(SecpLadder), generated.ladder),
        (Box::new(SecpBase), secp_base::generate()),
        (
            Box::new(Arith),
            arith::generate(&generated.operations).unwrap(),
        ),
        (Box::new(KeccakSponge), sponge),
        (Box::new(KeccakF), keccak_f::generate(&permutations)),
        (Box::new(Range16), range16::generate()),
        (Box::new(Claims), Claims::signed_trace([recover])),
    ];
    let (tables, mut traces): (Vec<_>, Vec<_>) = tables.into_iter().unzip();
    for (table, trace) in tables.iter().zip(&mut traces) {
        let height = trace
            .height()
            .max(table.min_height())
            .max(16)
            .next_power_of_two();
        table.pad(trace, height);
    }
    let system = System::new(tables, NoPublicValues);
    fill_multiplicities(&system, &mut traces).unwrap();
    let report = check(&system, &traces, &[]).unwrap();
    assert!(report.is_ok(), "{report}");
    let heights = traces
        .iter()
        .map(|trace| trace.height().trailing_zeros() as usize);
    let heights: Vec<_> = heights.collect();
    let shape = Shape::of(&system, "test", &heights, FriParameters::FAST);
    let (key, verifying_key) = setup(&system, &shape).unwrap();
    let proof = prove(&system, &key, traces, &[], &()).unwrap();
    verify(&system, &verifying_key, &shape, &proof, &[]).unwrap();
}
