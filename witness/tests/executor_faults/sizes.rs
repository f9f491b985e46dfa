//! Pools without threads to spare, blocks of no or very many transactions.

use std::sync::Arc;

use super::*;

#[test]
fn pools_without_threads_to_spare() {
    let (state, transactions) = mixed();
    let context = context(COINBASE);
    let expected = execute(context, &transactions, &state, 1).unwrap();
    let (state, transactions) = (Arc::new(state), Arc::new(transactions));
    for threads in [1, 2, 3] {
        let (state, transactions) = (Arc::clone(&state), Arc::clone(&transactions));
        let same = in_time(move || {
            let run = || execute(context, &transactions, &*state, 16).unwrap();
            // Alone, inside of itself, and while the pool is busy with blocks of others.
            pool(threads).install(|| {
                let ((one, two), (three, four)) =
                    rayon::join(|| rayon::join(run, run), || rayon::join(run, run));
                [run(), one, two, three, four]
            })
        });
        for executed in same {
            assert_eq!(in_order(&executed.changes), in_order(&expected.changes));
            assert_eq!(executed.transactions, expected.transactions);
        }
    }
}

#[test]
fn blocks_of_hardly_any_transactions() {
    for count in 0..3 {
        let state = state(count, &[]);
        let executed =
            same_as_sequential("few", context(COINBASE), &sends(count, CONTRACT), &state);
        assert_eq!(executed.transactions.len(), count);
        assert_eq!(executed.gas_used, 21_000 * count as u64);
    }
}

#[test]
fn a_block_of_very_many_transfers() {
    const COUNT: usize = 1 << 16;
    const SENDERS: usize = 1 << 12;
    let state = state(SENDERS, &[]);
    let transactions = (0..COUNT).map(|index| {
        let to = match index % 3 {
            0 => CONTRACT,
            1 => sender(index * 7 % SENDERS),
            _ => sender(SENDERS + index),
        };
        let from = sender(index % SENDERS);
        let one = U256::from(1);
        let nonce = (index / SENDERS) as u64;
        let sent = transaction(index, from, Some(to), one, Bytes::new());
        SignedTransaction { nonce, ..sent }
    });
    let transactions: Vec<_> = transactions.collect();
    let [one, two, four] = [1, 2, 4].map(|workers| {
        let run = || execute(context(COINBASE), &transactions, &state, workers);
        pool(workers).install(run).unwrap()
    });
    assert_eq!(one.gas_used, 21_000 * COUNT as u64);
    for other in [two, four] {
        let [one_changes, other_changes] =
            [&one, &other].map(|execution| in_order(&execution.changes));
        assert!(one_changes == other_changes);
        assert!(one.coinbase_after_each() == other.coinbase_after_each());
        assert!(one.transactions == other.transactions);
    }
}
