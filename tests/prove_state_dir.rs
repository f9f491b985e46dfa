//! `--state-dir` of `braid prove` and `braid check`: block files without accounts, on the state that a folder keeps.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use braid::sample::{SampleConfig, sample};
use braid::{BlockFile, MemoryChain};
use serde_json::Value;
use tempfile::TempDir;

fn braid() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("braid"))
}

/// Runs a command on a block file; gives the exit code, the answer for machines and what is on stderr.
fn run(arguments: &[&str], file: &Path, state: Option<&Path>) -> (Option<i32>, Value, String) {
    let mut command = braid();
    command
        .args(["--json", "--quiet"])
        .args(arguments)
        .arg(file);
    if let Some(state) = state {
        command.arg("--state-dir").arg(state);
    }
    let output = command.output().unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), json, stderr)
}

/// A folder with the state before two blocks, a file with both and their accounts, and a file of each without accounts.
struct Case {
    folder: TempDir,
    both: PathBuf,
    first: PathBuf,
    second: PathBuf,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = SampleConfig {
            blocks: 2,
            ..SampleConfig::new(4, 8)
        };
        let file = sample(&config).unwrap();
        let executor = braid::Executor::builder().workers(2).build().unwrap();
        let mut chain = MemoryChain::new(&file).unwrap();
        let [one, two] = [0, 1].map(|index| {
            let block = file.blocks[index].clone();
            let parent = chain.next_file(vec![block.clone()]);
            executor.execute_next(&block, &mut chain).unwrap();
            BlockFile {
                alloc: Default::default(),
                ..parent
            }
        });
        let write = |name: &str, file: &BlockFile| {
            let path = folder.path().join(name);
            fs::write(&path, file.to_json()).unwrap();
            path
        };
        let case = Self {
            both: write("both.json", &file),
            first: write("first.json", &one),
            second: write("second.json", &two),
            folder,
        };
        let init = ["state", "init", "--genesis", case.both.to_str().unwrap()];
        let mut command = braid();
        let made = command.args(init).arg("--state-dir").arg(case.state());
        made.assert().success();
        case
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }
}

const FILL: [&str; 5] = ["prove", "--until", "tables", "--shape", "tiny"];

#[test]
fn tables_are_those_of_the_same_blocks_with_their_accounts() {
    let case = Case::new();
    let state = case.state();
    let (code, expected, stderr) = run(&FILL, &case.both, None);
    assert_eq!(code, Some(0), "{stderr}");
    // Both blocks at once, with and without the accounts in the file.
    let (code, found, stderr) = run(&FILL, &case.both, Some(&state));
    assert_eq!(code, Some(0), "{stderr}");
    for same in ["summary", "tables"] {
        assert_eq!(found[same], expected[same], "{same}");
    }
    // One, and the next when the folder has gone on; then the first again, whose state is still kept. Every constraint holds on them.
    let check = ["check", "--shape", "tiny"];
    let (code, one, stderr) = run(&check, &case.first, Some(&state));
    assert_eq!(code, Some(0), "{stderr}");
    let (code, _, stderr) = run(&["execute"], &case.first, Some(&state));
    assert_eq!(code, Some(0), "{stderr}");
    let (code, two, stderr) = run(&check, &case.second, Some(&state));
    assert_eq!(code, Some(0), "{stderr}");
    let (code, again, stderr) = run(&check, &case.first, Some(&state));
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(again, one);
    let transactions = |json: &Value| json["summary"]["transactions"].as_u64().unwrap();
    assert_eq!(
        transactions(&one) + transactions(&two),
        transactions(&expected)
    );
}

#[test]
fn what_the_folder_does_not_keep_is_refused() {
    let case = Case::new();
    let state = case.state();
    // It has not come so far.
    let (code, _, stderr) = run(&FILL, &case.second, Some(&state));
    assert_eq!(code, Some(2), "{stderr}");
    // Without the folder there are no accounts.
    let (code, _, stderr) = run(&FILL, &case.first, None);
    assert_eq!(code, Some(4), "{stderr}");

    let change = |change: fn(&mut BlockFile)| {
        let mut file = BlockFile::from_json(&fs::read(&case.first).unwrap()).unwrap();
        change(&mut file);
        let path = case.folder.path().join("changed.json");
        fs::write(&path, file.to_json()).unwrap();
        run(&FILL, &path, Some(&state))
    };
    let (code, _, stderr) = change(|file| file.parent.timestamp += 1);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("the state folder is at block"), "{stderr}");
    let (code, _, stderr) = change(|file| {
        let account = file.blocks[0].environment.coinbase;
        file.alloc.insert(account, Default::default());
    });
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("leave it empty"), "{stderr}");
    let (code, _, _) = change(|file| file.chain_id += 1);
    assert_ne!(code, Some(0));

    // Once the state before the first block is forgotten.
    let (code, _, stderr) = run(&["execute"], &case.first, Some(&state));
    assert_eq!(code, Some(0), "{stderr}");
    let mut prune = braid();
    let prune = prune.args(["state", "prune", "--keep", "0", "--state-dir"]);
    prune.arg(&state).assert().success();
    let (code, _, stderr) = run(&FILL, &case.first, Some(&state));
    assert_eq!(code, Some(2), "{stderr}");
}
