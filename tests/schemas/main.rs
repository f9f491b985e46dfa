//! Every answer for machines, and every JSON file that users get, is what its schema in `docs/schemas` says. What takes a proof is looked at where
//! proofs are made, in `whole_proofs`.

#[path = "../support/schemas.rs"]
mod schemas;

mod block_files;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use braid::workload::{Preset, generate};
use schemas::{must_be, names, validator};
use serde_json::Value;
use tempfile::TempDir;

/// Outputs that take a proof or all circuits.
const WITH_PROOFS: [&str; 2] = ["setup", "wrap"];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A folder to work in, and which schemas were met.
struct Met {
    folder: TempDir,
    names: Vec<String>,
}

impl Met {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&mut self, schema: &str, path: &Path) {
        let json = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        self.output(schema, &json);
    }

    fn output(&mut self, schema: &str, output: &Value) {
        must_be(schema, output);
        self.names.push(schema.to_owned());
    }

    /// Runs a command, which must end with this code.
    fn run(&mut self, schema: &str, code: i32, arguments: &[&str]) -> Value {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("braid"));
        let output = command
            .env_remove("BRAID_LOG")
            .current_dir(self.folder.path())
            .args(["--json", "--quiet"])
            .args(arguments)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        self.output(schema, &json);
        json
    }
}

fn block_files(met: &mut Met) {
    let block = repository("examples/blocks/three_blocks.json");
    let block = block.to_str().unwrap();
    let mixed = met.path("mixed.json");
    let mut file = generate(&Preset::Mixed.config(12, 3)).unwrap().file;
    // A contract that destroys itself is not provable yet.
    for account in file
        .alloc
        .values_mut()
        .filter(|account| !account.code.is_empty())
    {
        account.code = vec![0x5f, 0xff].into();
    }
    fs::write(&mixed, file.to_json()).unwrap();
    met.run("execute", 0, &["execute", block, "--compare"]);
    let executed = met.run(
        "execute",
        0,
        &[
            "execute",
            &mixed,
            "--trace",
            "traces",
            "--timeline",
            "timeline.html",
        ],
    );
    assert!(!executed["notProvable"].as_array().unwrap().is_empty());
    met.run("error", 5, &["prove", &mixed]);
    met.run("error", 2, &["prove"]);
    met.run(
        "prove",
        0,
        &["prove", block, "--until", "tables", "--shape", "tiny"],
    );
    met.run("check", 0, &["check", block, "--shape", "tiny"]);
    met.run(
        "bench",
        0,
        &[
            "bench",
            "transfers",
            "--count",
            "2",
            "--until",
            "tables",
            "--shape",
            "tiny",
        ],
    );
    met.run(
        "bench",
        0,
        &[
            "bench", "workload", "market", "--count", "2", "--until", "tables",
        ],
    );
    let traces = format!("traces/block-{}", file.blocks[0].environment.number);
    for name in ["transactions.jsonl", "steps.jsonl", "traces.bin"] {
        met.run("inspect", 0, &["inspect", &format!("{traces}/{name}")]);
    }
    for path in [block, "timeline.html"] {
        met.run("inspect", 0, &["inspect", path]);
    }
    let t8n = met.path("t8n");
    fs::create_dir(&t8n).unwrap();
    for (name, text) in [
        ("alloc", "{}"),
        ("txs", "[]"),
        (
            "env",
            r#"{"currentCoinbase":"0xc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0","currentGasLimit":"0x1","currentNumber":"0x5","currentTimestamp":"0x1","currentBaseFee":"0x7","currentRandom":"0x0"}"#,
        ),
    ] {
        fs::write(format!("{t8n}/{name}.json"), text).unwrap();
    }
    met.run("import", 0, &["import", "t8n", "--out", "imported.json"]);
}

fn states(met: &mut Met) {
    let block = repository("examples/blocks/three_blocks.json");
    let block = block.to_str().unwrap();
    let account = "0x1000000000000000000000000000000000000001";
    met.run(
        "state-root",
        0,
        &["state", "init", "--genesis", block, "--state-dir", "state"],
    );
    met.run("execute", 0, &["execute", block, "--state-dir", "state"]);
    met.run("state-root", 0, &["state", "root", "--state-dir", "state"]);
    met.run(
        "state-get",
        0,
        &["state", "get", account, "--state-dir", "state", "--proof"],
    );
    met.run(
        "state-get",
        0,
        &["state", "get", account, "7", "--state-dir", "state"],
    );
    met.run(
        "state-prune",
        0,
        &["state", "prune", "--keep", "1", "--state-dir", "state"],
    );
    met.run(
        "state-check",
        0,
        &["state", "check", "--state-dir", "state"],
    );
    met.run("inspect", 0, &["inspect", "state"]);
}

fn proofs(met: &mut Met) {
    let [block, proof, wrapped] = [
        "examples/blocks/transfers.json",
        "examples/proofs/transfers.proof.json",
        "examples/proofs/transfers.wrapped.json",
    ]
    .map(|path| repository(path).to_str().unwrap().to_owned());
    met.file("proof", Path::new(&proof));
    met.file("wrapped-proof", Path::new(&wrapped));
    met.run("verify", 0, &["verify", &proof, &wrapped]);
    met.run("verify", 3, &["verify", &proof, &block]);
    met.run(
        "calldata",
        0,
        &["calldata", &wrapped, &block, "--out", "calls.json"],
    );
    met.run("calldata", 0, &["calldata", &wrapped, &block]);
    let calls = met.path("calls.json");
    met.file("calls", Path::new(&calls));
    let keys = [
        "verifier/keys/final.vk",
        "verifier/keys/wrap.vk",
        "keys/circuits.bin",
    ];
    let keys = keys.map(|path| repository(path).to_str().unwrap().to_owned());
    for path in [&proof, &wrapped, &calls].into_iter().chain(&keys) {
        met.run("inspect", 0, &["inspect", path]);
    }
    met.run(
        "export-verifier",
        0,
        &["export-verifier", "--out", "generated"],
    );
    met.run("inspect-tables", 0, &["inspect", "--tables"]);
    let block = repository("examples/blocks/tokens.json");
    let block = block.to_str().unwrap();
    met.run("check", 0, &["inspect", "--tables", block]);
    met.run("inspect-security", 0, &["inspect", "--security"]);
}

fn the_rest(met: &mut Met) {
    fs::create_dir(met.path("cache")).unwrap();
    for what in ["list", "size", "clean"] {
        let schema = format!("cache-{what}");
        met.run(&schema, 0, &["cache", what, "--cache-dir", "cache"]);
    }
    met.run("completions", 0, &["completions", "bash"]);
    met.run("man", 0, &["man", "--out", "pages"]);
}

#[test]
fn real_outputs_are_what_their_schemas_say() {
    let mut met = Met {
        folder: tempfile::tempdir().unwrap(),
        names: Vec::new(),
    };
    block_files(&mut met);
    states(&mut met);
    proofs(&mut met);
    the_rest(&mut met);
    let mut expected = names();
    expected.retain(|name| !WITH_PROOFS.contains(&name.as_str()));
    met.names.sort();
    met.names.dedup();
    assert_eq!(met.names, expected, "every schema has an output");
}

#[test]
fn the_page_names_every_schema() {
    let page = fs::read_to_string(repository("docs/schemas/README.md")).unwrap();
    for name in names() {
        let link = format!("[{name}]({name}.schema.json)");
        assert!(page.contains(&link), "{name}");
    }
    let links = page.matches(".schema.json)").count();
    // That of block files is elsewhere; that of `check` is another command's, too; `common` is no answer's.
    assert_eq!(links, names().len() + 3);
}

/// A schema that takes anything would be no test.
#[test]
fn schemas_refuse_what_is_not_theirs() {
    for name in names() {
        let validator = validator(&name);
        for wrong in ["{}", "[]", "7", r#"{"ok": true, "surprise": 1}"#] {
            let wrong = serde_json::from_str(wrong).unwrap();
            assert!(!validator.is_valid(&wrong), "{name} takes {wrong}");
        }
    }
    // A number where the text of one must be.
    let path = repository("examples/proofs/transfers.proof.json");
    let mut proof: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert!(validator("proof").is_valid(&proof));
    proof["publicValues"]["chainId"] = 1337.into();
    assert!(!validator("proof").is_valid(&proof));
}
