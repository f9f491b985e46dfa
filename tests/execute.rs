//! `braid execute`, through the binary: contract calls, traces, the timeline, and a state that lives on.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use braid::workload::{Preset, generate};
use braid::{BlockFile, MemoryChain};
use serde_json::Value;
use tempfile::TempDir;

fn braid() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("braid"))
}

/// Runs `braid execute`; gives the exit code, the answer for machines and what is on stderr.
fn execute(block: &Path, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let mut command = braid();
    command
        .args(["execute", "--json", "--quiet"])
        .arg(block)
        .args(arguments);
    let output = command.output().unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), json, stderr)
}

fn mixed(folder: &TempDir, count: usize) -> (PathBuf, BlockFile) {
    let file = generate(&Preset::Mixed.config(count, 3)).unwrap().file;
    let path = folder.path().join("block.json");
    fs::write(&path, file.to_json()).unwrap();
    (path, file)
}

#[test]
fn contract_calls_are_executed_and_measured() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = mixed(&folder, 60);
    let (code, one, stderr) = execute(&path, &["--workers", "1", "--compare"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(one["transactions"], 60);
    let [sequential, parallel, speed_up] = ["sequentialSeconds", "parallelSeconds", "speedUp"]
        .map(|name| one["comparison"][name].as_f64().unwrap());
    assert!(sequential > 0.0 && parallel > 0.0);
    assert!((speed_up - sequential / parallel).abs() < 1e-9 * speed_up);
    assert_eq!(one["statistics"]["workers"], 1);
    assert!(one["statistics"]["transfers"].as_u64().unwrap() > 0);
    // All of it can be proved, but what is not traced is not known to be.
    assert_eq!(one["notProvable"].as_array().unwrap().len(), 0);
    assert!(one["notTraced"].as_u64().unwrap() > 0);
    let logs = |json: &Value| {
        let transactions = json["blocks"][0]["transactions"]
            .as_array()
            .unwrap()
            .clone();
        transactions
            .iter()
            .map(|t| t["logs"].clone())
            .collect::<Vec<_>>()
    };
    assert!(
        logs(&one)
            .iter()
            .any(|logs| !logs.as_array().unwrap().is_empty())
    );
    let (code, four, stderr) = execute(&path, &["--workers", "4"]);
    assert_eq!(code, Some(0), "{stderr}");
    for same in ["stateRoot", "blockHash", "gasUsed"] {
        assert_eq!(one[same], four[same], "{same}");
    }
    assert_eq!(logs(&one), logs(&four));
    // The table for people.
    let output = braid()
        .args(["execute", "--compare"])
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "transactions a second, execution",
        "gas a second, execution",
        "executed again",
        "speed-up",
        "state root after",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
}

#[test]
fn traces_and_timeline_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = mixed(&folder, 40);
    let (traces, page) = (
        folder.path().join("traces"),
        folder.path().join("timeline.html"),
    );
    let arguments = [
        "--trace",
        traces.to_str().unwrap(),
        "--timeline",
        page.to_str().unwrap(),
    ];
    let (code, json, stderr) = execute(&path, &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(json["traces"]["steps"].as_u64().unwrap() > 1000);
    let of_block = traces.join(format!("block-{}", file.blocks[0].environment.number));
    let lines = fs::read_to_string(of_block.join(braid::trace::TRANSACTIONS_FILE)).unwrap();
    assert_eq!(lines.lines().count(), 40);
    for line in lines.lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
    let steps = fs::read_to_string(of_block.join(braid::trace::STEPS_FILE)).unwrap();
    assert_eq!(
        steps.lines().count() as u64,
        json["traces"]["steps"].as_u64().unwrap()
    );
    let binary = fs::File::open(of_block.join(braid::trace::BINARY_FILE)).unwrap();
    let reader = braid::trace::BinaryReader::new(std::io::BufReader::new(binary)).unwrap();
    assert_eq!(reader.map(Result::unwrap).count(), 40);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("<html") && page.contains("block.json"));
}

#[test]
fn a_state_folder_goes_on_from_block_to_block() {
    let folder = tempfile::tempdir().unwrap();
    let (path, mut file) = mixed(&folder, 30);
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    let (code, _, stderr) = execute(&path, &["--state-dir", state]);
    assert_eq!(code, Some(2), "{stderr}");
    let init = [
        "state",
        "init",
        "--genesis",
        path.to_str().unwrap(),
        "--state-dir",
        state,
    ];
    braid().args(init).assert().success();

    let first = &mut file.blocks[0];
    let second = first.transactions.split_off(15);
    let second = braid_witness::block_file::Block {
        environment: braid_circuits::event::BlockEnvironment {
            number: first.environment.number + 1,
            ..first.environment
        },
        transactions: second,
        ..Default::default()
    };
    fs::write(&path, file.to_json()).unwrap();
    let (code, one, stderr) = execute(&path, &["--state-dir", state]);
    assert_eq!(code, Some(0), "{stderr}");
    // Of the same file nothing is left to do, which is said.
    let (code, again, stderr) = execute(&path, &["--state-dir", state]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(
        (&again["blocksThereBefore"], &again["transactions"]),
        (&1.into(), &0.into())
    );
    assert_eq!(again["stateRoot"], one["stateRoot"]);

    // What follows needs no accounts.
    let mut next = BlockFile {
        chain_id: file.chain_id,
        parent: braid_witness::block_file::Parent {
            number: file.blocks[0].environment.number,
            timestamp: file.blocks[0].environment.timestamp,
            block_hash: one["blockHash"].as_str().unwrap().parse().unwrap(),
        },
        blocks: vec![second.clone()],
        ..BlockFile::default()
    };
    let next_path = folder.path().join("next.json");
    fs::write(&next_path, next.to_json()).unwrap();
    let (code, two, stderr) = execute(&next_path, &["--state-dir", state]);
    assert_eq!(code, Some(0), "{stderr}");

    // Both blocks in memory end in the same state.
    file.blocks.push(second);
    let mut chain = MemoryChain::new(&file).unwrap();
    let executor = braid::Executor::builder().workers(2).build().unwrap();
    let both = executor.execute(&file, &mut chain).unwrap();
    assert_eq!(two["blockHash"], both.end().block_hash.to_string());
    assert_eq!(
        two["stateRoot"],
        braid::state_root_bytes(&both.end()).to_string()
    );

    // Another chain is refused.
    next.chain_id += 1;
    fs::write(&next_path, next.to_json()).unwrap();
    let (code, json, stderr) = execute(&next_path, &["--state-dir", state]);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(json["error"]["kind"], "usage");
}

/// As [`mixed`], with the transactions in two blocks, and a state folder at the file's parent.
fn two_blocks(folder: &TempDir) -> (PathBuf, BlockFile, String) {
    let (path, mut file) = mixed(folder, 30);
    let state = folder.path().join("state").to_str().unwrap().to_owned();
    let init = [
        "state",
        "init",
        "--genesis",
        path.to_str().unwrap(),
        "--state-dir",
        &state,
    ];
    braid().args(init).assert().success();
    let mut second = file.blocks[0].clone();
    second.environment.number += 1;
    second.transactions = file.blocks[0].transactions.split_off(15);
    file.blocks.push(second);
    fs::write(&path, file.to_json()).unwrap();
    (path, file, state)
}

#[test]
fn a_file_goes_on_behind_the_blocks_that_a_killed_process_left() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file, state) = two_blocks(&folder);
    let first = folder.path().join("first.json");
    let mut cut = file.clone();
    cut.blocks.truncate(1);
    fs::write(&first, cut.to_json()).unwrap();
    // As if it had been killed between adding the first block and tracing it.
    let (code, _, stderr) = execute(&first, &["--state-dir", &state]);
    assert_eq!(code, Some(0), "{stderr}");
    let traces = folder.path().join("traces");
    let arguments = [
        "--state-dir",
        &state,
        "--trace",
        traces.to_str().unwrap(),
        "--no-steps",
    ];
    let (code, json, stderr) = execute(&path, &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(
        (&json["blocksThereBefore"], &json["transactions"]),
        (&1.into(), &15.into())
    );
    for block in &file.blocks {
        let folder = traces.join(format!("block-{}", block.environment.number));
        let binary = fs::File::open(folder.join(braid::trace::BINARY_FILE)).unwrap();
        let reader = braid::trace::BinaryReader::new(std::io::BufReader::new(binary)).unwrap();
        assert_eq!(reader.map(Result::unwrap).count(), 15);
        assert!(!folder.join(braid::trace::STEPS_FILE).exists());
    }
    let mut chain = MemoryChain::new(&file).unwrap();
    let executor = braid::Executor::builder().workers(2).build().unwrap();
    let both = executor.execute(&file, &mut chain).unwrap();
    assert_eq!(json["blockHash"], both.end().block_hash.to_string());

    // Another file of the same length, with other blocks, is not taken for it.
    let mut other = file.clone();
    other.blocks[0].transactions.truncate(7);
    fs::write(&path, other.to_json()).unwrap();
    let (code, _, stderr) = execute(&path, &["--state-dir", &state]);
    assert!(matches!(code, Some(2 | 4)), "{stderr}");
}

#[test]
fn a_block_is_not_added_when_its_traces_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file, state) = two_blocks(&folder);
    let taken = folder.path().join("file");
    fs::write(&taken, b"mine").unwrap();
    let head = || {
        let store = braid::StoreReader::open(Path::new(&state), None).unwrap();
        store.head().number
    };
    for option in ["--trace", "--timeline"] {
        let below = match option {
            "--trace" => taken.clone(),
            _ => taken.join("page.html"),
        };
        let (code, json, stderr) = execute(
            &path,
            &["--state-dir", &state, option, below.to_str().unwrap()],
        );
        assert_eq!(code, Some(2), "{stderr}");
        let advice = json["error"]["advice"].as_str().unwrap();
        assert!(advice.contains("choose another path"), "{advice}");
        assert_eq!(head(), file.parent.number);
    }
    // Traces that fail only when they are given their names: the block is taken back.
    let traces = folder.path().join("traces");
    let second = file.blocks[1].environment.number;
    let in_the_way = traces
        .join(format!("block-{second}"))
        .join(braid::trace::BINARY_FILE);
    fs::create_dir_all(in_the_way.join("not empty")).unwrap();
    let arguments = ["--state-dir", &state, "--trace", traces.to_str().unwrap()];
    let (code, _, stderr) = execute(&path, &arguments);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(head(), file.blocks[0].environment.number);
    fs::remove_dir_all(&in_the_way).unwrap();
    let (code, json, stderr) = execute(&path, &arguments);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(json["blocksThereBefore"], 1);
    assert_eq!(head(), second);
}
