//! What cheating provers try. Each forgery is coherent but for what must catch it.

use alloy_primitives::{B256, U256, keccak256};
use braid_stark::Felt;
use plonky2::field::types::Field;

use super::{
    Scene, assert_caught, assert_caught_only, claims, example, felt, for_key, infinite, other,
    signed, with_key,
};
use crate::bus::Message;
use crate::secp256k1::scalar::{digits_of, split};
use crate::secp256k1::{Affine, N, P};
use crate::tables::ecdsa::generation::Witness;
use crate::tables::ecdsa::{EcdsaColumns, EcdsaRequest, generate};
use crate::tables::secp_ladder::{BLOCK, LadderRequest, SecpLadderColumns};
use crate::word::{address, hash_word, word};

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

/// A signature that has a key, as if it had none: the ladder does not end where it should, whatever else is done.
#[test]
fn no_infinity() {
    let forged = EcdsaRequest {
        infinite: true,
        ..example()
    };
    let witness = Witness::of(&forged).unwrap();
    assert_caught_only(&Scene::forged(&witness), "Accumulator");
    // The true equation, in which the key has a part.
    let mut scene = Scene::honest(&[example()]);
    scene.row().infinite = Felt::ONE;
    scene.claims[0].1 = claims(1, &forged, &[]).swap_remove(0).1;
    assert_caught(&scene, "ecdsa/infinite v");
    scene.row().v = [Felt::ZERO; 4];
    assert_caught(&scene, "LadderScalars");
    // Nothing is proved where no signature is.
    let mut scene = Scene::honest(&[example()]);
    scene.row().active = Felt::ZERO;
    scene.row().infinite = Felt::ONE;
    assert_caught(&scene, "ecdsa/infinite sign");
}

/// Infinity, as if it were a key.
#[test]
fn no_key_of_infinity() {
    let request = infinite(3, 7);
    let mut scene = Scene::honest(&[request]);
    scene.row().infinite = Felt::ZERO;
    assert_caught(&scene, "ecdsa/v");
    assert_caught(&scene, "Recover");
    let mut scene = Scene::honest(&[request]);
    scene.row().negative = Felt::ONE;
    assert_caught(&scene, "ecdsa/infinite sign");
    // Of another hash, s or parity.
    let mut scene = Scene::honest(&[request]);
    scene.row().odd_y = Felt::ONE - scene.row().odd_y;
    assert_caught(&scene, "ecdsa/parity");
    let mut scene = Scene::honest(&[request]);
    scene.row().hash[0] += Felt::ONE;
    assert_caught(&scene, "MulMod");
    let mut scene = Scene::honest(&[request]);
    scene.row().s[0] += Felt::ONE;
    assert_caught(&scene, "MulMod");
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
    witness.digits = digits_of(zero);
    let (low, high) = split(witness.digits);
    witness.ladder = LadderRequest {
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
    let mut scene = Scene::honest(&[example()]);
    scene.row().nonce_point.x = [Felt::ZERO; 16];
    assert_caught(&scene, "ecdsa/not zero");
    let mut scene = Scene::honest(&[example()]);
    scene.row().s = [Felt::ZERO; 8];
    assert_caught(&scene, "ecdsa/not zero");
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
    assert_eq!(witness.digits, digits_of(U256::ZERO));
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

/// The inverse of the key, with its own address; and the sign of v turned in the claims only, or in the ladder only.
#[test]
fn wrong_sign() {
    let good = example();
    let key = Affine {
        x: good.public_key_x,
        y: good.public_key_y,
    };
    let forged = with_key(key.negated(), good.hash, good.odd_y, good.r, good.s);
    assert_ne!(forged.address, good.address);
    let witness = Witness::of(&forged).unwrap();
    assert_caught_only(&Scene::forged(&witness), "Accumulator");
    // With the ladder of the other sign it does close: -Q with -v. The products tell.
    let mut witness = witness;
    witness.ladder.negative = !witness.ladder.negative;
    let label = if witness.ladder.negative {
        "Add"
    } else {
        "ecdsa/v"
    };
    assert_caught_only(&Scene::forged(&witness), label);
}

/// Only one of the four offsets, and the ladder's own.
#[test]
fn offsets_cannot_be_mixed() {
    let honest = Scene::honest(&[example()]);
    let mut scene = honest.clone();
    scene.row().offset = [0, 1, 0, 0].map(felt);
    assert_caught_only(&scene, "Accumulator");
    let mut scene = honest.clone();
    scene.row().offset = [felt(1), felt(1), Felt::ZERO, Felt::ZERO];
    assert_caught(&scene, "ecdsa/one offset");
    let mut scene = honest;
    scene.row().offset = [felt(2), -felt(1), Felt::ZERO, Felt::ZERO];
    assert_caught(&scene, "ecdsa/offset");
}

/// Digits moved from one told piece to the next keep the number that a cheat wants only in the field.
#[test]
fn pieces_of_scalars_are_told_apart() {
    let mut scene = Scene::honest(&[example()]);
    let row = scene.row();
    row.z[1] -= Felt::ONE;
    row.z[0] += felt(1 << 32);
    assert_caught(&scene, "LadderScalars");
    // A sum that does not start from zero.
    let mut scene = Scene::honest(&[example()]);
    for row in 16..19 {
        scene.ladder_row(row).v += Felt::ONE;
    }
    assert_caught(&scene, "secp_ladder/window digits");
}

#[test]
fn idle_rows_are_silent() {
    let mut scene = Scene::honest(&[example()]);
    let idle: &mut EcdsaColumns<Felt> = scene.ecdsa.push();
    idle.negative = Felt::ONE;
    idle.r_product = word(N - U256::ONE);
    idle.v_product = word(U256::ONE);
    assert_caught(&scene, "ecdsa/idle sign");
    let mut scene = Scene::honest(&[example()]);
    let idle: &mut EcdsaColumns<Felt> = scene.ecdsa.push();
    idle.offset[0] = Felt::ONE;
    assert_caught(&scene, "ecdsa/one offset");
    // A block without a signature that offers a table point.
    let mut scene = Scene::honest(&[example()]);
    let idle: &mut SecpLadderColumns<Felt> = scene.ladder.push();
    idle.uses = Felt::ONE;
    assert_caught(&scene, "secp_ladder/idle uses");
}
