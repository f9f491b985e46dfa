//! Transactions that ask for very much memory: the block is refused by name, whoever executes it, and only where the gas would really pay for it.

use braid_witness::error::MemoryFault;
use braid_witness::execution::{MEMORY_LIMIT, RECEIPTS_LIMIT};
use braid_witness::transaction::Refusal;

use super::*;

const OTHER: Address = Address::repeat_byte(0xdd);
/// Pays for 128 GiB of memory and more.
const MUCH_GAS: u64 = 1 << 56;
const MIB: u64 = 1 << 20;

fn wide() -> BlockContext {
    let mut context = context(COINBASE);
    context.environment.gas_limit = u64::MAX;
    context
}

/// Stores one byte's worth, so that memory has this many bytes.
fn grow(bytes: u64) -> Vec<u8> {
    let offset = (bytes - 32).to_be_bytes();
    [&[0x60, 1, 0x67][..], &offset, &[0x52]].concat()
}

fn push4(value: u64) -> Vec<u8> {
    let bytes = u32::try_from(value).unwrap().to_be_bytes();
    [&[0x63][..], &bytes].concat()
}

/// Calls without value, input or room for output, and forgets the result.
fn call(to: Address) -> Vec<u8> {
    let zeros = [0x5f; 5];
    [&zeros[..], &[0x73], to.as_slice(), &[0x5a, 0xf1, 0x50]].concat()
}

fn calls(count: usize, gas_limit: u64) -> Vec<SignedTransaction> {
    let transactions = sends(count, CONTRACT).into_iter();
    let transactions = transactions.map(|sent| SignedTransaction { gas_limit, ..sent });
    transactions.collect()
}

/// Every way of execution refuses this transaction.
fn refused(
    what: &str,
    transactions: &[SignedTransaction],
    state: &State,
    index: usize,
    fault: MemoryFault,
    all_workers: &[usize],
) {
    for &workers in all_workers {
        for detail in DETAILS {
            let execute = || execute_with(detail, wide(), transactions, state, workers);
            let stop = pool(workers).install(execute).unwrap_err();
            let refusal = Refusal::WouldNotFit(fault);
            let expected = Stop::Refused { index, refusal };
            assert_eq!(stop, expected, "{what}, {workers} workers, {detail:?}");
        }
    }
}

const ALONE: MemoryFault = MemoryFault::Transaction {
    limit: MEMORY_LIMIT,
};

#[test]
fn whoever_could_pay_for_too_much_is_refused() {
    let recursion = [grow(64 * MIB), call(CONTRACT)].concat();
    let returns = [call(OTHER), call(CONTRACT)].concat();
    let logs = [&[0x5b][..], &push4(32 * MIB), &[0x5f, 0xa0, 0x5f, 0x56]].concat();
    // The exponent has 2^45 bytes, none of which is in memory.
    let modexp = [
        &[0x67][..],
        &(1_u64 << 45).to_be_bytes(),
        &[0x60, 32, 0x52, 0x60, 1, 0x60, 64, 0x52],
        &[0x5f, 0x5f, 0x60, 96, 0x5f, 0x60, 5, 0x5a, 0xfa],
    ]
    .concat();
    let copy = [push4(1 << 31), vec![0x5f, 0x5f, 0x37]].concat();
    let inner = call(OTHER);
    let gives = [push4(60 * MIB), vec![0x5f, 0xf3]].concat();
    for (what, code, other) in [
        ("one word too many", grow(MEMORY_LIMIT + 32), vec![]),
        ("64 GiB", grow(64 << 30), vec![]),
        ("calldata", copy, vec![]),
        ("all frames together", recursion, vec![]),
        ("an inner frame", inner, grow(64 << 30)),
        ("returned data", returns, gives),
        ("logs", logs, vec![]),
        ("numbers of MODEXP", modexp, vec![]),
    ] {
        let state = state(6, &[(CONTRACT, contract(&code)), (OTHER, contract(&other))]);
        let mut transactions = calls(6, MUCH_GAS);
        for sent in [0, 1, 2, 5] {
            transactions[sent].to = Some(sender(100));
        }
        refused(what, &transactions, &state, 3, ALONE, &WORKERS);
    }
}

/// A machine that has less memory refuses more, by name and with its own limit.
#[test]
fn the_limit_may_be_lower() {
    // Below what a guess may hold, and above.
    for limit in [MIB, 16 * MIB] {
        for (bytes, fits) in [(limit, true), (limit + 32, false)] {
            let state = state(6, &[(CONTRACT, contract(&grow(bytes)))]);
            let mut transactions = calls(6, MUCH_GAS);
            for sent in [0, 1, 2] {
                transactions[sent].to = Some(sender(100));
            }
            for (workers, detail) in WORKERS.into_iter().flat_map(|it| DETAILS.map(|d| (it, d))) {
                let options = Options {
                    workers,
                    detail,
                    memory: limit,
                    ..Options::default()
                };
                let hashes = BlockHashes::default();
                let execute = || execute_block(wide(), &hashes, &transactions, &state, options);
                let found = pool(workers).install(execute).map(drop);
                let refusal = Refusal::WouldNotFit(MemoryFault::Transaction { limit });
                let refused = Err(Stop::Refused { index: 3, refusal });
                let expected = if fits { Ok(()) } else { refused };
                assert_eq!(
                    found, expected,
                    "{bytes} bytes, {workers} workers, {detail:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_within_the_limit_is_as_in_revm() {
    // Much in the first, and more than a guess may hold in all.
    let guess = [
        vec![0x5f, 0x54, 0x60, 1, 0x5f, 0x55, 0x60, 28, 0x57],
        grow(MEMORY_LIMIT),
        vec![0x00],
    ];
    let mut code = guess.concat();
    code.resize(28, 0xfe);
    code.push(0x5b);
    code.extend(grow(8 * MIB));
    let state = state(12, &[(CONTRACT, contract(&code))]);
    same_as_sequential("large", wide(), &calls(12, MUCH_GAS), &state);
}

#[test]
fn whoever_cannot_pay_runs_out_of_gas() {
    let modexp = [
        &[0x67][..],
        &(1_u64 << 45).to_be_bytes(),
        &[0x60, 32, 0x52, 0x60, 1, 0x60, 64, 0x52],
        &[0x5f, 0x5f, 0x60, 96, 0x5f, 0x60, 5, 0x5a, 0xfa],
    ]
    .concat();
    let codes = [grow(64 << 30), grow(MEMORY_LIMIT + 32), call(OTHER), modexp];
    for code in codes {
        let accounts = [
            (CONTRACT, contract(&code)),
            (OTHER, contract(&grow(64 << 30))),
        ];
        let state = state(6, &accounts);
        same_as_sequential("no gas", wide(), &calls(6, 1_000_000_000), &state);
    }
}

#[test]
fn logs_that_are_rolled_back_are_not_held() {
    let logs = [push4(32 * MIB), vec![0x5f, 0xa0, 0x5f, 0x5f, 0xfd]].concat();
    let code = call(OTHER).repeat(12);
    let state = state(3, &[(CONTRACT, contract(&code)), (OTHER, contract(&logs))]);
    same_as_sequential("rolled back", wide(), &calls(3, MUCH_GAS), &state);
}

#[test]
fn a_guess_refuses_nothing() {
    // With input it sets slot 0, after a while; without, it asks for much if the slot is not set.
    let set = [0x5b, 0x60, 1, 0x5f, 0x55, 0x00];
    let mut code = vec![0x36, 0x60, 40, 0x57, 0x5f, 0x54, 0x60, 60, 0x57];
    code.extend(grow(64 << 30));
    code.resize(40, 0xfe);
    // Counts down from 2^16.
    code.extend([
        0x5b, 0x62, 1, 0, 0, 0x5b, 0x60, 1, 0x90, 0x03, 0x80, 0x60, 45, 0x57,
    ]);
    code.extend(&set[1..]);
    code.resize(60, 0xfe);
    code.extend([0x5b, 0x00]);
    let state = state(64, &[(CONTRACT, contract(&code))]);
    let mut transactions = calls(64, MUCH_GAS);
    transactions[0].data = Bytes::from_static(&[1]);
    same_as_sequential("a guess", wide(), &transactions, &state);
}

#[test]
fn the_receipts_of_a_block_are_limited() {
    let each = 120 * MIB;
    let code = [push4(each), vec![0x5f, 0xa0]].concat();
    let count = usize::try_from(RECEIPTS_LIMIT / each).unwrap();
    let state = state(count + 3, &[(CONTRACT, contract(&code))]);
    let transactions = calls(count + 3, MUCH_GAS);
    let fault = MemoryFault::Receipts {
        limit: RECEIPTS_LIMIT,
    };
    refused("receipts", &transactions, &state, count, fault, &[1, 4]);
}
