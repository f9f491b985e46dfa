//! Recovery of senders against k256, and the cache of senders.

use alloy_primitives::{B256, Bytes, U256, keccak256};
use braid_witness::Rules;
use braid_witness::error::TransactionFault;
use braid_witness::sample::{Draft, SAMPLE_CHAIN_ID, SampleConfig, SampleKey, sample};
use braid_witness::senders::{SenderCache, prepare};
use braid_witness::signature::{CURVE_ORDER, Signature};
use braid_witness::transaction::TransactionKind;
use braid_witness::transaction::{Refusal, SignedTransaction};
use k256::ecdsa::{RecoveryId, VerifyingKey};
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use k256::{ProjectivePoint, Scalar};
use proptest::prelude::*;

/// The prime of secp256k1's field.
const FIELD_PRIME: U256 = U256::from_limbs([0xffff_fffe_ffff_fc2f, u64::MAX, u64::MAX, u64::MAX]);

/// A key from k256's ladder, after every check that Ethereum makes; `plus_order` takes x of R for `r + n`.
fn oracle(
    hash: B256,
    odd_y: bool,
    r: U256,
    s: U256,
    plus_order: bool,
) -> Result<(U256, U256), TransactionFault> {
    if r.is_zero() || r >= CURVE_ORDER {
        return Err(TransactionFault::SignatureR);
    }
    if s.is_zero() || s >= CURVE_ORDER {
        return Err(TransactionFault::SignatureS);
    }
    if s > CURVE_ORDER / U256::from(2) {
        return Err(TransactionFault::HighS);
    }
    let (r, s) = (r.to_be_bytes::<32>(), s.to_be_bytes::<32>());
    let signature = k256::ecdsa::Signature::from_scalars(r, s).unwrap();
    let id = RecoveryId::new(odd_y, plus_order);
    let key = VerifyingKey::recover_from_prehash(hash.as_slice(), &signature, id)
        .map_err(|_| TransactionFault::Unrecoverable)?;
    let point = key.as_affine().to_encoded_point(false);
    let number = |bytes: &[u8]| U256::from_be_slice(bytes);
    Ok((number(point.x().unwrap()), number(point.y().unwrap())))
}

fn ours(hash: B256, odd_y: bool, r: U256, s: U256) -> Result<(U256, U256), TransactionFault> {
    let signer = Signature::new(hash, odd_y, r, s)?.recover()?;
    let (x, y) = signer.public_key;
    let bytes = [x.to_be_bytes::<32>(), y.to_be_bytes::<32>()].concat();
    assert_eq!(signer.address[..], keccak256(bytes)[12..]);
    Ok(signer.public_key)
}

fn agreed(hash: B256, odd_y: bool, r: U256, s: U256) -> Result<(U256, U256), TransactionFault> {
    let found = ours(hash, odd_y, r, s);
    assert_eq!(
        found,
        oracle(hash, odd_y, r, s, false),
        "{hash} {odd_y} {r} {s}"
    );
    found
}

/// Transaction `index` of the key with the same number, of any kind.
fn transfer(index: u64) -> Bytes {
    let kinds = [
        TransactionKind::Legacy { protected: false },
        TransactionKind::Legacy { protected: true },
        TransactionKind::AccessList,
        TransactionKind::DynamicFee,
    ];
    let draft = Draft {
        kind: kinds[index as usize % kinds.len()],
        chain_id: SAMPLE_CHAIN_ID,
        nonce: index,
        ..Draft::default()
    };
    draft.sign(&SampleKey::new(9, index).unwrap()).unwrap()
}

fn scalar(number: U256) -> Scalar {
    Option::from(Scalar::from_repr(number.to_be_bytes::<32>().into())).unwrap()
}

fn number(scalar: &Scalar) -> U256 {
    U256::from_be_slice(&scalar.to_repr())
}

/// Signatures that were made, and the same with a bit of any part flipped, recover to what k256 says, or to the same refusal.
#[test]
fn recovery_agrees_with_k256() {
    let mut refused = 0;
    for index in 0..8 {
        let raw = transfer(index);
        let key = SampleKey::new(9, index).unwrap();
        let made = SignedTransaction::decode(raw, SAMPLE_CHAIN_ID).unwrap();
        assert_eq!(made.sender, key.address());
        let (hash, odd_y, r, s) = (made.signing_hash, made.odd_y, made.r, made.s);
        assert_eq!(agreed(hash, odd_y, r, s), Ok(made.public_key));
        assert_ne!(agreed(hash, !odd_y, r, s), Ok(made.public_key));
        for bit in (index as usize..256).step_by(5) {
            let flip = U256::from(1) << bit;
            let other = B256::from(U256::from_be_bytes(hash.0) ^ flip);
            assert_ne!(agreed(other, odd_y, r, s), Ok(made.public_key));
            for found in [
                agreed(hash, odd_y, r ^ flip, s),
                agreed(hash, odd_y, r, s ^ flip),
            ] {
                assert_ne!(found, Ok(made.public_key));
                refused += usize::from(found.is_err());
            }
        }
    }
    // Half of all numbers are not the x of a point.
    assert!(refused > 100, "{refused}");
}

/// Every limit of `r` and `s` on both sides.
#[test]
fn limits_of_r_and_s_agree_with_k256() {
    let one = U256::from(1);
    let half = CURVE_ORDER >> 1;
    let (mut recovered, mut faults) = (0, Vec::new());
    for hash in [
        B256::ZERO,
        B256::from(CURVE_ORDER),
        B256::from(CURVE_ORDER - one),
        B256::from(CURVE_ORDER + one),
        B256::repeat_byte(0xff),
        keccak256("a hash"),
    ] {
        for r in [
            U256::ZERO,
            one,
            U256::from(5),
            half,
            CURVE_ORDER - U256::from(2),
            CURVE_ORDER - one,
            CURVE_ORDER,
            CURVE_ORDER + one,
            FIELD_PRIME - one,
            FIELD_PRIME,
            U256::MAX,
        ] {
            for s in [
                U256::ZERO,
                one,
                half,
                half + one,
                CURVE_ORDER - one,
                CURVE_ORDER,
                U256::MAX,
            ] {
                for odd_y in [false, true] {
                    match agreed(hash, odd_y, r, s) {
                        Ok(_) => recovered += 1,
                        Err(fault) => faults.push(fault),
                    }
                }
            }
        }
    }
    assert!(recovered > 0);
    for fault in [
        TransactionFault::SignatureR,
        TransactionFault::SignatureS,
        TransactionFault::HighS,
        TransactionFault::Unrecoverable,
    ] {
        assert!(faults.contains(&fault), "{fault}");
    }
}

/// An `r` for which both `r` and `r + n` are the x of a point has two keys for each parity. The one with `r` is the sender.
#[test]
fn x_of_r_is_never_above_the_order() {
    let hash = keccak256("both");
    let s = U256::from(7);
    let mut both = 0;
    for small in 1..60 {
        let r = U256::from(small);
        assert!(r < FIELD_PRIME - CURVE_ORDER);
        for odd_y in [false, true] {
            let found = agreed(hash, odd_y, r, s);
            let above = oracle(hash, odd_y, r, s, true);
            if above.is_ok() {
                assert_ne!(found, above);
                both += usize::from(found.is_ok());
            }
        }
    }
    assert!(both > 10, "{both}");
}

/// With `s R = z G` the key is the point at infinity, which is nobody.
#[test]
fn the_point_at_infinity_is_no_sender() {
    for secret in 1..20u64 {
        let nonce = Scalar::from(secret);
        let point = (ProjectivePoint::GENERATOR * nonce)
            .to_affine()
            .to_encoded_point(false);
        let (x, y) = (point.x().unwrap(), point.y().unwrap());
        let r = U256::from_be_slice(x);
        let odd_y = y[31] & 1 == 1;
        let s = U256::from(secret + 1_000);
        let hash = B256::from(number(&(scalar(s) * nonce)));
        assert_eq!(
            agreed(hash, odd_y, r, s),
            Err(TransactionFault::Unrecoverable)
        );
        assert!(agreed(hash, !odd_y, r, s).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Any numbers at all, and any of these with a true signature by a random key.
    #[test]
    fn any_signature_agrees_with_k256(
        hash: [u8; 32], r: [u8; 32], s: [u8; 32], secret: [u8; 32], odd_y: bool, low: bool,
    ) {
        let (hash, r, s) = (B256::from(hash), U256::from_be_bytes(r), U256::from_be_bytes(s));
        let s = if low { s >> 1 } else { s };
        let _ = agreed(hash, odd_y, r, s);
        if let Ok(key) = k256::ecdsa::SigningKey::from_slice(&secret) {
            let (made, id) = key.sign_prehash_recoverable(hash.as_slice()).unwrap();
            let (r, s) = (
                U256::from_be_slice(&made.r().to_bytes()),
                U256::from_be_slice(&made.s().to_bytes()),
            );
            let point = key.verifying_key().as_affine().to_encoded_point(false);
            let found = agreed(hash, id.is_y_odd(), r, s).unwrap();
            prop_assert_eq!(found.0, U256::from_be_slice(point.x().unwrap()));
            let _ = agreed(hash, odd_y, r, s);
        }
    }
}

/// All blocks' transactions, and each with one bit flipped.
fn good_and_bad() -> Vec<Bytes> {
    let file = sample(&SampleConfig::new(5, 40)).unwrap();
    let good = file.blocks.into_iter().flat_map(|block| block.transactions);
    good.enumerate()
        .flat_map(|(index, raw)| {
            let mut flipped = raw.to_vec();
            let position = index * 7 % flipped.len();
            flipped[position] ^= 1 << (index % 8);
            [raw, flipped.into()]
        })
        .collect()
}

/// A block gets the same transactions and refusals in the same order without a cache, with an empty one, with a warm one and with one that is
/// too small; so does each of its transactions alone.
#[test]
fn a_cache_changes_no_result() {
    let block = good_and_bad();
    let expected: Vec<_> = block
        .iter()
        .map(|raw| {
            let transaction = SignedTransaction::decode(raw.clone(), SAMPLE_CHAIN_ID)?;
            transaction.check_static(Rules::Cancun)?;
            Ok::<_, Refusal>(transaction)
        })
        .collect();
    assert!(expected.iter().filter(|result| result.is_ok()).count() >= 40);
    assert!(expected.iter().any(Result::is_err));
    assert_eq!(
        prepare(&block, SAMPLE_CHAIN_ID, Rules::Cancun, None),
        expected
    );
    for capacity in [0, 1, 10, 100_000] {
        let cache = SenderCache::new(capacity);
        for _ in 0..3 {
            assert_eq!(
                prepare(&block, SAMPLE_CHAIN_ID, Rules::Cancun, Some(&cache)),
                expected
            );
        }
        assert!(cache.len() as u64 <= cache.capacity());
        for (raw, expected) in block.iter().zip(&expected) {
            let alone = prepare(
                core::slice::from_ref(raw),
                SAMPLE_CHAIN_ID,
                Rules::Cancun,
                Some(&cache),
            );
            assert_eq!(alone, core::slice::from_ref(expected));
        }
    }
}

/// A known signer does not carry a transaction past another check: of the chain, of the form, of the range of `s`, of the gas limit. Nor does
/// it stand for a transaction with another byte.
#[test]
fn a_known_signer_excuses_nothing() {
    let cache = SenderCache::default();
    let raw = transfer(3);
    let known = cache.decode(raw.clone(), SAMPLE_CHAIN_ID).unwrap();
    assert_eq!((cache.hits(), cache.misses()), (0, 1));
    assert_eq!(
        cache.decode(raw.clone(), SAMPLE_CHAIN_ID),
        Ok(known.clone())
    );
    assert_eq!((cache.hits(), cache.misses()), (1, 1));

    let other_chain = SAMPLE_CHAIN_ID + 1;
    assert_eq!(
        cache.decode(raw.clone(), other_chain),
        SignedTransaction::decode(raw.clone(), other_chain)
    );
    for position in 0..raw.len() {
        let mut bytes = raw.to_vec();
        bytes[position] ^= 1;
        let bytes = Bytes::from(bytes);
        let found = cache.decode(bytes.clone(), SAMPLE_CHAIN_ID);
        assert_eq!(
            found,
            SignedTransaction::decode(bytes.clone(), SAMPLE_CHAIN_ID)
        );
        assert!(found.is_err() || found.unwrap().sender != known.sender);
    }
    assert_eq!(cache.hits(), 1);

    // Out of gas before it starts, but well signed: known, and refused.
    let draft = Draft {
        chain_id: SAMPLE_CHAIN_ID,
        gas_limit: 20_999,
        ..Draft::default()
    };
    let poor = [draft.sign(&SampleKey::new(9, 0).unwrap()).unwrap()];
    for _ in 0..2 {
        let fault = TransactionFault::IntrinsicGas {
            gas_limit: 20_999,
            intrinsic: 21_000,
        };
        assert_eq!(
            prepare(&poor, SAMPLE_CHAIN_ID, Rules::Cancun, Some(&cache)),
            [Err(fault.into())]
        );
    }
    assert_eq!(cache.hits(), 2);
}

/// Refusals are not kept, and each of them is found anew.
#[test]
fn refusals_are_not_cached() {
    let cache = SenderCache::default();
    let draft = Draft {
        chain_id: SAMPLE_CHAIN_ID,
        ..Draft::default()
    };
    // 5 is not the x of a point.
    let nobody = draft.with_signature(false, U256::from(5), U256::from(1));
    let high = draft.with_signature(false, U256::from(1), CURVE_ORDER - U256::from(1));
    for (raw, fault) in [
        (nobody, TransactionFault::Unrecoverable),
        (high, TransactionFault::HighS),
    ] {
        for _ in 0..2 {
            assert_eq!(
                cache.decode(raw.clone(), SAMPLE_CHAIN_ID),
                Err(fault.clone().into())
            );
        }
    }
    assert!(cache.is_empty());
    assert_eq!((cache.hits(), cache.misses()), (0, 2));
}

/// However many transactions pass, a cache keeps no more than its capacity, and some of the last ones.
#[test]
fn a_cache_is_bounded() {
    let block: Vec<_> = (0..300).map(transfer).collect();
    let cache = SenderCache::new(64);
    assert!((64..=128).contains(&cache.capacity()));
    for raw in &block {
        cache.decode(raw.clone(), SAMPLE_CHAIN_ID).unwrap();
        assert!(cache.len() as u64 <= cache.capacity());
    }
    assert_eq!((cache.hits(), cache.misses()), (0, 300));
    assert!(!cache.is_empty());
    for raw in block {
        cache.decode(raw, SAMPLE_CHAIN_ID).unwrap();
    }
    assert!((1..=128).contains(&cache.hits()), "{}", cache.hits());
}
