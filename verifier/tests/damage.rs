//! Damaged files of every kind: an error each time, never a crash, never a proof of something else.

use std::sync::OnceLock;

use alloy_primitives::{B256, Keccak256, keccak256};
use braid_verifier::config::{C, D, F, circuit_config};
use braid_verifier::{
    Proof, PublicValues, Rules, STATEMENT_LIMBS, STATEMENT_VERSION, VerifyingKey, verify,
};
use plonky2::gates::noop::NoopGate;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CommonCircuitData;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// A stand-in for the final circuit: exposes the statement and claims nothing about it.
fn sample() -> &'static (VerifyingKey, Proof) {
    static SAMPLE: OnceLock<(VerifyingKey, Proof)> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let values = PublicValues {
            version: STATEMENT_VERSION,
            chain_id: 7,
            rules: Rules::Prague,
            prev_block_hash: B256::repeat_byte(1),
            block_hash: B256::repeat_byte(2),
            prev_state_root: B256::repeat_byte(3),
            state_root: B256::repeat_byte(4),
            first_block: 5,
            last_block: u64::MAX,
            message_root: B256::ZERO,
            deposit_chain: B256::ZERO,
        };
        let limbs = values.to_limbs();
        let mut builder = CircuitBuilder::<F, D>::new(circuit_config());
        let targets = builder.add_virtual_public_input_arr::<STATEMENT_LIMBS>();
        while builder.num_gates() < 200 {
            builder.add_gate(NoopGate, vec![]);
        }
        let circuit = builder.build::<C>();
        let mut witness = PartialWitness::new();
        witness.set_target_arr(&targets, &limbs).unwrap();
        let proof = circuit.prove(witness).unwrap();
        let key = VerifyingKey::new(circuit.verifier_data()).unwrap();
        let proof = Proof::new(&key, "test", &proof).unwrap();
        assert_eq!(verify(&key, &proof).unwrap(), values);
        (key, proof)
    })
}

/// Changes bytes, cuts, repeats, or writes numbers that are too large for what they count.
fn damage(rng: &mut StdRng, bytes: &mut Vec<u8>) {
    let position = rng.gen_range(0..bytes.len());
    match rng.gen_range(0..6) {
        0 => bytes[position] ^= 1 << rng.gen_range(0..8),
        1 => bytes[position] = rng.r#gen(),
        2 => bytes.truncate(position),
        3 => bytes.extend_from_within(position..),
        kind => {
            let number = match kind {
                4 => rng.r#gen::<u64>() >> rng.gen_range(0..64),
                _ => u64::MAX,
            };
            let aligned = position / 8 * 8 + if rng.r#gen() { 0 } else { position % 8 };
            for (byte, new) in bytes[aligned..].iter_mut().zip(number.to_le_bytes()) {
                *byte = new;
            }
        }
    }
}

fn is_refused(bytes: &[u8], read: impl Fn(&[u8]) -> Result<Proof, braid_verifier::Error>) {
    let (key, good) = sample();
    match read(bytes) {
        Err(error) => assert!(error.is_malformed(), "{error}"),
        // The prover's version is for people only; everything else must be what was proved.
        Ok(bad) => match verify(key, &bad) {
            Ok(values) => {
                assert_eq!(values, good.public_values);
                assert_eq!(bad.proof, good.proof);
            }
            Err(error) => assert!(
                error.is_malformed() || error.is_wrong_key() || error.is_invalid_proof(),
                "{error}"
            ),
        },
    }
}

#[test]
fn damaged_proof_files_are_refused() {
    let mut rng = StdRng::seed_from_u64(1);
    let (_, good) = sample();
    let (bin, json) = (good.to_bin().unwrap(), good.to_json().unwrap());
    for _ in 0..2000 {
        let mut bytes = bin.clone();
        damage(&mut rng, &mut bytes);
        is_refused(&bytes, Proof::from_bin);
        let mut bytes = json.clone().into_bytes();
        damage(&mut rng, &mut bytes);
        is_refused(&bytes, Proof::from_json);
    }
    // Within the first bytes, where lengths are, more densely.
    for _ in 0..2000 {
        let mut bytes = bin.clone();
        let mut head = bytes[..500].to_vec();
        damage(&mut rng, &mut head);
        bytes.splice(..500, head);
        is_refused(&bytes, Proof::from_bin);
    }
}

/// plonky2's own proof bytes: one encoding is accepted, so that no element can be written as itself plus the order.
#[test]
fn elements_are_canonical() {
    let (key, good) = sample();
    let mut rng = StdRng::seed_from_u64(2);
    let order = 0xffff_ffff_0000_0001u64;
    let mut tried = 0;
    for (position, word) in good.proof.chunks_exact(8).enumerate() {
        let number = u64::from_le_bytes(word.try_into().unwrap());
        let Some(alias) = number.checked_add(order) else {
            continue;
        };
        let mut bytes = good.proof.to_vec();
        bytes[8 * position..8 * position + 8].copy_from_slice(&alias.to_le_bytes());
        let bad = Proof {
            proof: bytes.into(),
            ..good.clone()
        };
        assert!(verify(key, &bad).is_err(), "word {position}");
        tried += 1;
    }
    assert!(tried > 0);
    for _ in 0..500 {
        let mut bytes = good.proof.to_vec();
        damage(&mut rng, &mut bytes);
        let same = good.proof == bytes;
        let bad = Proof {
            proof: bytes.into(),
            ..good.clone()
        };
        assert_eq!(verify(key, &bad).is_ok(), same);
    }
}

/// The hash of a key file, as whoever takes a file at its word computes it.
fn hash_of(bytes: &[u8]) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(b"braid verifying key");
    hasher.update(keccak256(bytes));
    hasher.finalize()
}

/// plonky2 reserves memory for as many items as a file says it has. With numbers too large in every place, nothing of a
/// damaged key file is read, even by whoever asks for no other hash than the file's.
#[test]
fn damaged_key_files_do_no_harm() {
    let (key, _) = sample();
    assert_eq!(hash_of(key.to_bytes()), key.hash());
    let refused = |bytes: &[u8]| {
        if bytes != key.to_bytes() {
            let error = VerifyingKey::from_bytes(bytes, key.hash()).unwrap_err();
            assert!(error.is_wrong_key(), "{error}");
            let error = VerifyingKey::from_bytes(bytes, hash_of(bytes)).unwrap_err();
            assert!(error.is_malformed(), "{error}");
        }
    };
    for position in 0..key.to_bytes().len() - 8 {
        for number in [1u64 << 28, 1 << 40, 1 << 60, u64::MAX] {
            let mut bytes = key.to_bytes().to_vec();
            bytes[position..position + 8].copy_from_slice(&number.to_le_bytes());
            refused(&bytes);
        }
    }
    let mut rng = StdRng::seed_from_u64(3);
    for _ in 0..2000 {
        let mut bytes = key.to_bytes().to_vec();
        damage(&mut rng, &mut bytes);
        refused(&bytes);
    }
    let again = VerifyingKey::from_bytes(key.to_bytes(), key.hash()).unwrap();
    assert_eq!(&again, key);
}

/// Someone vouches for the key of a circuit with fewer queries, fewer challenges or another statement.
#[test]
fn weaker_circuits_have_no_key() {
    let (key, _) = sample();
    type Change = fn(&mut CommonCircuitData<F, D>);
    let changes: [Change; 8] = [
        |common| common.config.fri_config.num_query_rounds = 1,
        |common| common.fri_params.config.num_query_rounds = 1,
        |common| common.fri_params.config.proof_of_work_bits = 0,
        |common| common.fri_params.reduction_arity_bits.clear(),
        |common| common.fri_params.degree_bits += 40,
        |common| common.fri_params.hiding = true,
        |common| common.config.num_challenges = 2,
        |common| common.num_public_inputs -= 1,
    ];
    assert_eq!(&VerifyingKey::new(key.data().clone()).unwrap(), key);
    for change in changes {
        let mut data = key.data().clone();
        change(&mut data.common);
        assert!(VerifyingKey::new(data).unwrap_err().is_malformed());
    }
    let mut data = key.data().clone();
    data.verifier_only.constants_sigmas_cap.0.pop();
    assert!(VerifyingKey::new(data).unwrap_err().is_malformed());
}
