//! Blocks that run code become chunks: what tables find in the traces is what execution committed, paths lead from root to root, and what is asked of tables suffices.

mod refusals;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_primitives::{Address, B256, U256};
use braid_circuits::chunk::{Demand, generate_with};
use braid_circuits::event::ChunkEvents;
use braid_circuits::event::opcode::*;
use braid_circuits::execution::{Execution, ListedTouch};
use braid_witness::chain::Chain;
use braid_witness::execution::{Settings, StateReader, execute_file, execute_on};
use braid_witness::provable::{execute_ahead_for, execute_for};
use braid_witness::sample::Draft;
use braid_witness::store::{Ahead, Genesis, Store};
use braid_witness::workload::{Preset, generate};
use braid_witness::{BlockFile, chunks, chunks_of};
use support::{
    CALLED, COLD, MAIN, call, check_paths, code_tables, file_of, generous, push, push_address,
};

/// Chunks of a file, of so many transactions at most, each checked.
fn checked_chunks(file: &BlockFile, most: usize) -> Vec<ChunkEvents> {
    let executed = execute_for(file, &generous()).unwrap();
    let chunks = chunks_of(&executed, most).unwrap();
    let mut position = chunks[0].start;
    for chunk in &chunks {
        assert_eq!(chunk.start, position);
        position = chunk.end;
        check_paths(chunk);
        check_codes(chunk);
        check_execution(chunk);
    }
    assert_eq!(position, executed.blocks.last().unwrap().end);
    chunks
}

/// Each bytecode that runs is there once, and no other.
fn check_codes(chunk: &ChunkEvents) {
    let frames = chunk.executions.iter().flat_map(|trace| &trace.frames);
    let run = frames.filter(|frame| frame.has_steps());
    let run: BTreeSet<_> = run.map(|frame| frame.code_hash).collect();
    let known: BTreeSet<_> = chunk.codes.iter().map(|code| code.keccak).collect();
    assert_eq!((run, chunk.codes.len()), (known.clone(), known.len()));
    assert!(chunk.codes.iter().all(|code| code.check_hash().is_ok()));
    let running = chunk.transactions.iter().filter(|event| event.runs_code);
    let hashes = chunk.executions.iter().map(|trace| trace.hash);
    assert!(running.map(|event| event.hash).eq(hashes));
}

/// What tables find in the traces is what the events say.
fn check_execution(chunk: &ChunkEvents) {
    let execution = Execution::of(chunk).unwrap();
    assert_eq!(execution.accounts.touched.len(), chunk.accounts.len());
    for ((address, first, last), event) in execution.accounts.touched.iter().zip(&chunk.accounts) {
        assert_eq!(*address, event.address);
        assert_eq!(
            first.account,
            event
                .before
                .unwrap_or(braid_circuits::event::Account::EMPTY)
        );
        assert_eq!(
            last.account,
            event.after.unwrap_or(braid_circuits::event::Account::EMPTY)
        );
    }
    let slots = execution.storage.touched.iter();
    let slots: Vec<_> = slots.filter(|slot| slot.key.space == 0).collect();
    assert_eq!(slots.len(), chunk.slots.len());
    for (slot, event) in slots.iter().zip(&chunk.slots) {
        assert_eq!(
            (slot.key.address, slot.key.slot),
            (event.address, event.slot)
        );
        assert_eq!((slot.first, slot.last.value), (event.before, event.after));
    }
    // What each trace found before its transaction is what the transactions before it left.
    for access in &execution.storage.accesses {
        let slot = (access.key.address, access.key.slot);
        assert!(access.key.space != 0 || chunk.slots.iter().any(|e| (e.address, e.slot) == slot));
    }
}

/// The chunks lead from the state before the file to the state after it, in every account and slot.
fn check_states(file: &BlockFile, chunks: &[ChunkEvents]) {
    let (_, after) = execute_file(file, Settings::default()).unwrap();
    let before = braid_witness::state::State::new(&file.alloc).unwrap();
    let (mut accounts, mut slots) = (BTreeMap::new(), BTreeMap::new());
    for chunk in chunks {
        for event in &chunk.accounts {
            let known = accounts.insert(event.address, event.after);
            let expected = known.unwrap_or_else(|| before.account(event.address));
            assert_eq!(event.before, expected, "{}", event.address);
        }
        for event in &chunk.slots {
            let known = slots.insert((event.address, event.slot), event.after);
            let expected = before.storage(&event.address, &event.slot).unwrap();
            assert_eq!(event.before, known.unwrap_or(expected));
        }
    }
    for (address, account) in accounts {
        assert_eq!(after.state().account(address), account, "{address}");
    }
    for ((address, slot), value) in slots {
        assert_eq!(after.storage(&address, &slot).unwrap(), value);
    }
    // Whatever changed is among it: roots are compared where the last chunk seals.
    assert_eq!(chunks.last().unwrap().end, after.position());
}

fn workload(preset: Preset, transactions: usize) -> BlockFile {
    generate(&preset.config(transactions, 7)).unwrap().file
}

#[test]
fn workloads_become_chunks() {
    for preset in Preset::ALL {
        let file = workload(preset, 14);
        for most in [1, 5, usize::MAX] {
            let chunks = checked_chunks(&file, most);
            assert_eq!(chunks.len(), 14_usize.div_ceil(most), "{}", preset.name());
            check_states(&file, &chunks);
        }
    }
    // Both kinds of transaction are in one chunk.
    let mixed = checked_chunks(&workload(Preset::Mixed, 14), usize::MAX);
    let running = mixed[0].transactions.iter().filter(|it| it.runs_code);
    assert!((1..14).contains(&running.count()));
}

/// The same from the pages of a store.
#[test]
fn stored_states_give_the_same_chunks() {
    let file = workload(Preset::Mixed, 30);
    let expected = execute_for(&file, &generous()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::init(folder.path(), &Genesis::from(&file)).unwrap();
    execute_on(&mut store, &file.blocks, Settings::default()).unwrap();
    let ahead = Ahead::new(store.view_at(file.parent.number).unwrap()).unwrap();
    let blocks = BlockFile {
        alloc: Default::default(),
        ..file
    };
    let found = execute_ahead_for(ahead, &blocks, (&generous()).into(), Settings::default());
    let found = found.unwrap();
    assert_eq!(found.blocks, expected.blocks);
    for most in [4, 100] {
        let [found, expected] = [&found, &expected].map(|it| chunks_of(it, most).unwrap());
        assert_eq!(found, expected);
    }
}

/// Accounts and slots for which there is only enough gas to look, listed ones that nothing asks for, slots that become zero, a frame that reverts, and plain transfers around.
fn edges() -> BlockFile {
    let cold = |opcode: u8| [push_address(COLD), vec![opcode, POP]].concat();
    // Called with little gas: looks at a slot and lacks the gas to read it.
    let called = [push(77), vec![SLOAD, POP, STOP]].concat();
    let call_called = |gas: u64| {
        let zeros = [PUSH0; 5].to_vec();
        [zeros, push_address(CALLED), push(gas), vec![CALL, POP]].concat()
    };
    let main = [
        // A slot that is there becomes zero, one that is not comes, and a third stays.
        [push(0), push(1), vec![SSTORE]].concat(),
        [push(5), push(2), vec![SSTORE]].concat(),
        [push(3), vec![SLOAD, POP]].concat(),
        [push(5), push(2), vec![TSTORE]].concat(),
        call_called(1_000),
        call_called(10_000),
        cold(BALANCE),
        cold(EXTCODEHASH),
        cold(EXTCODESIZE),
        [push(0), push(0), vec![LOG0]].concat(),
    ];
    // Reverts if it was sent wei.
    let mut main = main.concat();
    main.extend([CALLVALUE, ISZERO, PUSH1, 0, JUMPI, PUSH0, PUSH0, REVERT]);
    let target = main.len();
    main[target - 5] = target.try_into().unwrap();
    main.extend([JUMPDEST, STOP]);
    let listed = |address: Address, slots: &[u64]| AccessListItem {
        address,
        storage_keys: slots
            .iter()
            .map(|slot| B256::from(U256::from(*slot)))
            .collect(),
    };
    let list = AccessList(vec![
        listed(MAIN, &[1, 9, 9]),
        listed(Address::repeat_byte(0x55), &[4]),
        listed(Address::with_last_byte(2), &[]),
    ]);
    let transfer = Draft {
        to: Some(Address::repeat_byte(0x99)),
        value: U256::from(3),
        ..Draft::default()
    };
    let sent = Draft {
        value: U256::from(5),
        ..call(200_000)
    };
    let drafts = vec![
        transfer.clone(),
        call(200_000),
        Draft {
            access_list: list,
            ..call(300_000)
        },
        sent,
        transfer,
        // Runs out of gas at once.
        call(21_001),
    ];
    file_of(vec![(MAIN, main), (CALLED, called)], drafts)
}

#[test]
fn whatever_is_looked_at_is_in_the_chunk() {
    let file = edges();
    for most in [1, 2, 6] {
        check_states(&file, &checked_chunks(&file, most));
    }
    let chunks = checked_chunks(&file, 6);
    let [chunk] = chunks.as_slice() else {
        panic!("{} chunks", chunks.len());
    };
    let has = |address: Address| chunk.accounts.iter().any(|it| it.address == address);
    // Read by code, listed and never asked for, and a precompile that is listed.
    for address in [COLD, Address::repeat_byte(0x55), Address::with_last_byte(2)] {
        assert!(has(address), "{address}");
    }
    let slot = |address: Address, slot: u64| {
        let mut slots = chunk.slots.iter();
        let found = slots.find(|it| it.address == address && it.slot == U256::from(slot));
        found.map(|it| (it.before, it.after))
    };
    let values = |before: u64, after: u64| Some((U256::from(before), U256::from(after)));
    assert_eq!(slot(MAIN, 1), values(1, 0));
    assert_eq!(slot(MAIN, 2), values(0, 5));
    assert_eq!(slot(MAIN, 3), values(3, 3));
    assert_eq!(slot(MAIN, 9), values(0, 0));
    assert_eq!(slot(Address::repeat_byte(0x55), 4), values(0, 0));
    // Its first call lacks the gas to read it.
    assert_eq!(slot(CALLED, 77), values(8, 8));
    let execution = Execution::of(chunk).unwrap();
    let listed: Vec<_> = execution.transactions[2].listed.iter().collect();
    assert_eq!(listed.len(), 7);
    assert!(matches!(listed[1], ListedTouch::Slot(_)));
    let statuses = chunk.executions.iter().map(|trace| trace.receipt.status);
    let successes = statuses.filter(|status| status.is_success()).count();
    assert_eq!((chunk.executions.len(), successes), (4, 2));
}

/// A slot that a step lacks the gas to read, and that nothing else reads: no trace tells its value, the state does.
#[test]
fn slots_without_gas_to_read_them_have_their_values() {
    let main = [push(3), vec![SLOAD, STOP]].concat();
    let file = file_of(vec![(MAIN, main)], vec![call(21_000 + 3 + 150)]);
    let chunks = checked_chunks(&file, 1);
    let [slot] = chunks[0].slots.as_slice() else {
        panic!("{:?}", chunks[0].slots);
    };
    assert_eq!((slot.before, slot.after), (U256::from(3), U256::from(3)));
    check_states(&file, &chunks);
}

/// Calls that ask for the hashes of many blocks, of which some have the same leaf: the parent is block 0.
fn asking() -> BlockFile {
    let ask = |number: u64| [push(number), vec![BLOCKHASH, POP]].concat();
    let many = (0..40).map(|place| ask(256 * (place / 8) + place % 8));
    let main = many
        .chain([call_bytes(CALLED)])
        .collect::<Vec<_>>()
        .concat();
    let called = [ask(0), ask(1), ask(300), vec![PUSH0, NOT, BLOCKHASH, STOP]].concat();
    let drafts = vec![call(200_000), call(200_000), call(200_000), call(200_000)];
    file_of(vec![(MAIN, main), (CALLED, called)], drafts)
}

/// A call of a contract with nothing.
fn call_bytes(address: Address) -> Vec<u8> {
    let zeros = vec![PUSH0; 5];
    [zeros, push_address(address), vec![GAS, CALL, POP]].concat()
}

#[test]
fn block_hashes_that_are_asked_for_are_in_the_chunk() {
    let file = asking();
    for most in [1, 3, usize::MAX] {
        let chunks = checked_chunks(&file, most);
        check_states(&file, &chunks);
        for chunk in &chunks {
            // 40 numbers, 300, and the highest there is.
            assert_eq!(chunk.block_hashes.len(), 42);
            let own = |answer: B256| answer == B256::repeat_byte(7);
            let known = chunk.block_hashes.iter().filter(|it| own(it.answer()));
            assert_eq!(Vec::from_iter(known.map(|it| it.asked)), [U256::ZERO]);
            let leaves = chunk.block_hashes.iter().filter(|it| it.leaf.is_some());
            assert_eq!(leaves.count(), 5);
        }
    }
}

/// What is demanded while a chunk is cut suffices for its rows, and is not much more.
#[test]
fn what_is_demanded_suffices() {
    let files = Preset::ALL.map(|preset| (preset.name(), workload(preset, 14)));
    for (name, file) in files
        .into_iter()
        .chain([("edges", edges()), ("asking", asking())])
    {
        let executed = execute_for(&file, &generous()).unwrap();
        for most in [3, usize::MAX] {
            let mut demanded: Vec<BTreeMap<&str, usize>> = Vec::new();
            let seen = std::cell::RefCell::new(&mut demanded);
            let fits = |demand: &Demand<'_>| {
                let fits = demand.transactions <= most;
                if fits && demand.transactions > 0 {
                    let mut seen = seen.borrow_mut();
                    if demand.transactions == 1 {
                        seen.push(BTreeMap::new());
                    }
                    *seen.last_mut().unwrap() = demand.rows().collect();
                }
                support::fitting(fits)
            };
            let chunks = chunks(&executed, "few transactions", fits).unwrap();
            assert_eq!(chunks.len(), demanded.len());
            for (chunk, demanded) in chunks.iter().zip(&demanded) {
                check_demand(name, chunk, demanded);
            }
        }
    }
}

fn check_demand(name: &str, chunk: &ChunkEvents, demanded: &BTreeMap<&str, usize>) {
    let tables = code_tables();
    let filled = generate_with(&tables, chunk).unwrap();
    for (table, rows) in filled.rows() {
        let most = demanded[table];
        assert!(rows <= most, "{name}: {table} has {rows} rows, not {most}");
        // What is shared with tables that are not here has more.
        let shared = ["arith", "poseidon", "keccak_sponge", "keccak_f"].contains(&table);
        let close = shared || rows < 256 || 2 * most <= 3 * rows;
        assert!(close, "{name}: {table} has {rows} rows of {most}");
    }
    let levels = chunk.accounts.iter().map(|it| it.path.siblings.len());
    let levels = levels.chain(chunk.slots.iter().map(|it| it.path.siblings.len()));
    let levels = levels.chain(chunk.block_hashes.iter().map(|it| it.path.siblings.len()));
    let levels = levels.chain(chunk.parent_hash.iter().map(|it| it.path.siblings.len()));
    let rows = levels.sum::<usize>() + chunk.updates() as usize;
    let most = demanded["tree"];
    assert!(
        rows <= most && 2 * most <= 3 * rows,
        "{name}: {rows} levels of {most}"
    );
    let execution = Execution::of(chunk).unwrap();
    let end = execution.transactions.last().map_or(0, |it| it.ends);
    if !chunk.executions.is_empty() {
        assert!(demanded["clock"] > 2 * end as usize);
    }
}
