//! Recovery of senders: by k256 and by libsecp256k1 on one thread, and a block of transfers made ready on all threads without and with a cache.
//!
//! Microseconds per signature and core are the time of a block, times the threads, by its transfers.

use std::hint::black_box;

use alloy_primitives::{B256, Bytes, U256};
use braid_witness::sample::{Draft, SAMPLE_CHAIN_ID, SampleKey};
use braid_witness::senders::{SenderCache, prepare};
use braid_witness::signature::Signature;
use braid_witness::transaction::SignedTransaction;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use k256::ecdsa::{RecoveryId, VerifyingKey};

/// Transfers in the block.
const TRANSFERS: u64 = 10_000;
/// Signatures recovered in one iteration on one thread.
const SIGNATURES: usize = 100;

/// Transfers of distinct senders to distinct recipients, all valid.
fn transfers() -> Vec<Bytes> {
    let key = |index| SampleKey::new(3, index).expect("a key");
    let signed = (0..TRANSFERS).map(|index| {
        let draft = Draft {
            chain_id: SAMPLE_CHAIN_ID,
            to: Some(key(TRANSFERS + index).address()),
            value: U256::from(1 + index),
            ..Draft::default()
        };
        draft.sign(&key(index)).expect("a signature")
    });
    signed.collect()
}

fn recover_with_k256(hash: B256, odd_y: bool, r: U256, s: U256) -> VerifyingKey {
    let signature =
        k256::ecdsa::Signature::from_scalars(r.to_be_bytes::<32>(), s.to_be_bytes::<32>())
            .expect("in range");
    let id = RecoveryId::new(odd_y, false);
    VerifyingKey::recover_from_prehash(hash.as_slice(), &signature, id).expect("a key")
}

fn recovery(criterion: &mut Criterion, block: &[Bytes]) {
    let signatures: Vec<_> = prepare(
        &block[..SIGNATURES],
        SAMPLE_CHAIN_ID,
        braid_witness::Rules::Cancun,
        None,
    )
    .into_iter()
    .map(|transaction| transaction.expect("valid"))
    .map(|transaction| {
        let SignedTransaction {
            signing_hash,
            odd_y,
            r,
            s,
            ..
        } = transaction;
        (signing_hash, odd_y, r, s)
    })
    .collect();
    let mut group = criterion.benchmark_group("recovery of 100 senders, one thread");
    group.throughput(Throughput::Elements(SIGNATURES as u64));
    group.bench_function("k256", |bencher| {
        bencher.iter(|| {
            for &(hash, odd_y, r, s) in black_box(&signatures) {
                black_box(recover_with_k256(hash, odd_y, r, s));
            }
        });
    });
    group.bench_function("secp256k1", |bencher| {
        bencher.iter(|| {
            for &(hash, odd_y, r, s) in black_box(&signatures) {
                let signature = Signature::new(hash, odd_y, r, s).expect("in range");
                black_box(signature.recover().expect("a key"));
            }
        });
    });
    group.finish();
}

fn blocks(criterion: &mut Criterion, block: &[Bytes]) {
    let threads = rayon::current_num_threads();
    let mut group =
        criterion.benchmark_group(format!("prepare 10,000 transfers, {threads} threads"));
    group.throughput(Throughput::Elements(TRANSFERS));
    group.bench_function("without a cache", |bencher| {
        bencher.iter(|| {
            prepare(
                black_box(block),
                SAMPLE_CHAIN_ID,
                braid_witness::Rules::Cancun,
                None,
            )
        });
    });
    group.bench_function("with an empty cache", |bencher| {
        bencher.iter_with_setup(SenderCache::default, |cache| {
            prepare(
                black_box(block),
                SAMPLE_CHAIN_ID,
                braid_witness::Rules::Cancun,
                Some(&cache),
            )
        });
    });
    let cache = SenderCache::default();
    prepare(
        block,
        SAMPLE_CHAIN_ID,
        braid_witness::Rules::Cancun,
        Some(&cache),
    );
    group.bench_function("with a warm cache", |bencher| {
        bencher.iter(|| {
            prepare(
                black_box(block),
                SAMPLE_CHAIN_ID,
                braid_witness::Rules::Cancun,
                Some(&cache),
            )
        });
    });
    assert_eq!(cache.misses(), TRANSFERS);
    group.finish();
}

fn senders(criterion: &mut Criterion) {
    let block = transfers();
    recovery(criterion, &block);
    blocks(criterion, &block);
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = senders
}
criterion_main!(benches);
