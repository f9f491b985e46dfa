//! A process that works with a store is killed at any moment: what it had acknowledged is there, and nothing half done.

mod store_model;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use braid_witness::Error;
use braid_witness::store::{Store, StoreError};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use store_model::{CHAIN_ID, Model, PARENT, genesis};

/// Tells this program, started again, to be the process that is killed, and in which folder.
const FOLDER: &str = "BRAID_TEST_STORE_FOLDER";
const SEED: u64 = 20;
const ADDRESSES: u64 = 60;
/// Accounts of the store whose making is broken off.
const MANY: u64 = 4_000;

/// The process that is killed: makes the store if there is none, and goes on with blocks for as long as it is let. It writes the
/// number of every block that is done.
#[test]
#[ignore = "started by the other tests"]
fn worker() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let mut out = std::io::stdout();
    if folder.ends_with("init") {
        writeln!(out, "\nbegun 0").unwrap();
        let alloc = Model::genesis(MANY).alloc();
        let _store = Store::init(&folder, &genesis(&alloc)).unwrap();
        writeln!(out, "\ndone 0").unwrap();
        return;
    }
    let mut store = Store::open(&folder, Some(CHAIN_ID)).unwrap();
    let mut model = Model::genesis(ADDRESSES);
    for number in PARENT.number + 1..=store.head().number {
        model.step(SEED, number, ADDRESSES);
    }
    for number in store.head().number + 1.. {
        let (block, changes) = model.step(SEED, number, ADDRESSES);
        store.apply(&block, &changes).unwrap();
        writeln!(out, "\ndone {number}").unwrap();
        if number % 5 == 0 {
            store.prune(3).unwrap();
        }
        if number % 7 == 0 {
            store.undo().unwrap();
            store.apply(&block, &changes).unwrap();
        }
    }
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "worker", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills a process some time after its first line, and gives the numbers that it wrote.
fn kill(mut child: Child, after: Duration) -> Vec<u64> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (first, begun) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut numbers = Vec::new();
        for line in out.lines().map_while(Result::ok) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["done" | "begun", number] = words[..] {
                numbers.push(number.parse().unwrap());
                let _ = first.send(());
            }
        }
        numbers
    });
    begun.recv().unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn killed_while_it_applies_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let alloc = Model::genesis(ADDRESSES).alloc();
    drop(Store::init(folder.path(), &genesis(&alloc)).unwrap());
    let mut random = StdRng::seed_from_u64(3);
    let mut model = Model::genesis(ADDRESSES);
    let mut at = PARENT.number;
    for _ in 0..15 {
        let after = Duration::from_millis(random.gen_range(0..60));
        let acknowledged = kill(start(folder.path()), after);
        let begun = Instant::now();
        let store = Store::open(folder.path(), Some(CHAIN_ID)).unwrap();
        let opened = begun.elapsed();
        assert!(opened < Duration::from_millis(500), "{opened:?}");
        let head = store.head().number;
        let least = acknowledged.last().copied().unwrap_or(at);
        // One block may be done and not acknowledged, or taken back at the moment.
        assert!(
            (least.saturating_sub(1)..=least + 1).contains(&head),
            "{head}, {least}"
        );
        if least % 7 != 0 {
            assert!(head >= least, "{head}, {least}");
        }
        if head < at {
            model = Model::genesis(ADDRESSES);
            at = PARENT.number;
        }
        while at < head {
            at += 1;
            model.step(SEED, at, ADDRESSES);
        }
        // The model's root is computed from all accounts and slots; `check` computes it from those in the store.
        model.assert_is(store.view(), ADDRESSES);
        store.check().unwrap();
    }
    assert!(at > PARENT.number + 20, "{at}");
}

#[test]
fn killed_while_it_makes_a_store() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("init");
    let mut unmade = 0;
    for delay in [0, 1, 2, 5, 10, 20, 40, 60] {
        kill(start(&folder), Duration::from_millis(delay));
        match Store::open(&folder, None) {
            Ok(store) => {
                store.check().unwrap();
                drop(store);
                std::fs::remove_dir_all(&folder).unwrap();
            }
            Err(Error::Store(StoreError::Missing(_) | StoreError::HalfMade(_))) => unmade += 1,
            Err(error) => panic!("{error}"),
        }
    }
    println!("{unmade} of 8 stores not made");
    if folder.join("state.redb").exists() {
        return;
    }
    let alloc = Model::genesis(MANY).alloc();
    let store = Store::init(&folder, &genesis(&alloc)).unwrap();
    assert_eq!(store.check().unwrap().counts.accounts, MANY);
    let root = Model::genesis(MANY).state().tree().root();
    assert_eq!(store.head().state_root, root);
}
