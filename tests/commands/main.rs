//! Commands on finished files: proofs, keys, calls, the cache. Nothing is proved here.

mod cache;
mod calls;
mod inspect;
mod verify;

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn braid() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("braid"));
    command.env_remove("BRAID_LOG");
    command
}

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn final_proof() -> PathBuf {
    repository("examples/proofs/transfers.proof.json")
}

fn wrapped_proof() -> PathBuf {
    repository("examples/proofs/transfers.wrapped.json")
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// What a command says.
struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Said {
    fn by(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}", self.stderr))
    }
}
