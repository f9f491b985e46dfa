//! Stores that fail or panic: every worker stops, and the block ends with what the store said; unless only a guess asked for what is broken.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use alloy_primitives::B256;
use braid_witness::execution::{AccountState, AccountStateChange, SlotChange, StateChanges};
use braid_witness::{Error, Result};
use revm::state::Bytecode;

use super::*;

const BROKEN: Address = Address::repeat_byte(0xbb);

/// What goes wrong with a store.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Error,
    Panic,
}

/// A store that breaks at an address, or when it has been asked often enough.
struct Faulty {
    state: State,
    fault: Fault,
    at: Option<Address>,
    healthy: AtomicUsize,
}

impl Faulty {
    fn ask(&self, address: &Address) -> Result<()> {
        let spent = || {
            let left = self.healthy.load(Ordering::Relaxed);
            self.healthy
                .store(left.saturating_sub(1), Ordering::Relaxed);
            left == 0
        };
        if self.at != Some(*address) && !spent() {
            return Ok(());
        }
        match self.fault {
            Fault::Error => Err(Error::Internal("the store broke".to_owned())),
            Fault::Panic => panic!("the store broke"),
        }
    }
}

impl StateReader for Faulty {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        self.ask(address)?;
        StateReader::account(&self.state, address)
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        self.ask(address)?;
        StateReader::storage(&self.state, address, slot)
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        self.ask(&Address::ZERO)?;
        StateReader::code(&self.state, hash)
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        self.ask(address)?;
        self.state.slots(address)
    }

    fn is_ordinary(&self) -> bool {
        self.state.is_ordinary()
    }
}

#[test]
fn a_store_that_breaks_ends_the_block_with_a_typed_error() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        if !text.contains("the store broke") {
            eprintln!("{text}");
        }
    }));
    for fault in [Fault::Error, Fault::Panic] {
        let everywhere = [
            COINBASE,
            CONTRACT,
            sender(0),
            sender(20),
            sender(47),
            Address::ZERO,
        ];
        let places = everywhere.map(|at| (Some(at), usize::MAX));
        let places = places.map(|(at, healthy)| (at, healthy, false));
        let moments = (0..69).step_by(3).map(|healthy| (None, healthy, false));
        // Where a creation may meet storage, each asks for slots.
        let with_storage = (1..85).step_by(7).map(|healthy| (None, healthy, true));
        let cases = places.into_iter().chain(moments).chain(with_storage);
        let cases = cases.flat_map(|case| DETAILS.map(|detail| (case, detail)));
        for ((at, healthy, has_storage), detail) in cases {
            // What is not noted is asked for less often.
            let is_spared = !has_storage && (60..usize::MAX).contains(&healthy);
            if detail == Detail::Receipts && is_spared {
                continue;
            }
            for workers in WORKERS {
                let stop = in_time(move || {
                    let (mut state, transactions) = mixed();
                    if has_storage {
                        state.apply(&storage_left(sender(2).create(0))).unwrap();
                        assert!(!state.is_ordinary());
                    }
                    let base = Faulty {
                        state,
                        fault,
                        at,
                        healthy: AtomicUsize::new(healthy),
                    };
                    let run =
                        || execute_with(detail, context(COINBASE), &transactions, &base, workers);
                    pool(workers.min(4)).install(run).map(|_| ())
                });
                let is_right = match (&stop, fault) {
                    (Err(Stop::Fatal(Error::Internal(text))), Fault::Error)
                    | (Err(Stop::Fatal(Error::Panicked(text))), Fault::Panic) => {
                        text == "the store broke"
                    }
                    _ => false,
                };
                assert!(
                    is_right,
                    "{fault:?} {at:?} {healthy}, {workers} workers, {detail:?}: {stop:?}"
                );
            }
        }
    }
}

/// A wei and a slot for an account that has neither code nor a nonce.
fn storage_left(address: Address) -> StateChanges {
    let change = AccountStateChange {
        address,
        before: None,
        after: Some(AccountState {
            balance: U256::from(1),
            ..AccountState::EMPTY
        }),
    };
    let slot = SlotChange {
        address,
        slot: U256::from(1),
        before: U256::ZERO,
        after: U256::from(1),
    };
    StateChanges {
        accounts: vec![change],
        storage: vec![slot],
        codes: Vec::new(),
    }
}

/// A store that breaks at one address and lets nobody read another before it has.
struct Misleading {
    state: State,
    first: Address,
    broke: AtomicBool,
}

impl StateReader for Misleading {
    fn account(&self, address: &Address) -> Result<Option<AccountState>> {
        if *address == BROKEN {
            self.broke.store(true, Ordering::SeqCst);
            return Err(Error::Internal("the store broke".to_owned()));
        }
        let start = Instant::now();
        while *address == self.first && !self.broke.load(Ordering::SeqCst) {
            assert!(start.elapsed() < PATIENCE, "nobody is misled");
            std::thread::yield_now();
        }
        StateReader::account(&self.state, address)
    }

    fn storage(&self, address: &Address, slot: &U256) -> Result<U256> {
        StateReader::storage(&self.state, address, slot)
    }

    fn code(&self, hash: &B256) -> Result<Bytecode> {
        StateReader::code(&self.state, hash)
    }

    fn slots(&self, address: &Address) -> Result<Vec<U256>> {
        self.state.slots(address)
    }
}

#[test]
fn what_only_a_guess_reads_may_be_broken() {
    // Adds one to slot 0; only if it was zero and the caller is not the first sender, it asks for a balance that the store cannot tell.
    const END: u8 = 60;
    let count = [0x60, 0, 0x54, 0x80, 0x60, 1, 0x01, 0x60, 0, 0x55];
    let code = [
        &count,
        &[0x73][..],
        sender(0).as_slice(),
        &[0x33, 0x14, 0x17, 0x60, END, 0x57, 0x73],
        BROKEN.as_slice(),
        &[0x31, 0x50, 0x5b, 0x00],
    ]
    .concat();
    assert_eq!(code[usize::from(END)], 0x5b);
    let state = state(2, &[(CONTRACT, contract(&code))]);
    let transactions = sends(2, CONTRACT);
    same_as_sequential("healthy", context(COINBASE), &transactions, &state);
    in_time(move || {
        let base = Misleading {
            state,
            first: sender(0),
            broke: AtomicBool::new(false),
        };
        let run = || execute(context(COINBASE), &transactions, &base, 2);
        let executed = pool(2).install(run).unwrap();
        assert!(base.broke.load(Ordering::SeqCst));
        assert_eq!(executed.transactions.len(), 2);
    });
}
