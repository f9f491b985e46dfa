//! Digests the code that circuits are built by, so that no cached circuit of other code is taken for one of this.
//!
//! What a circuit is built *from* (tables, shape, keys below it) is in its cache key; what it is built *by* is this: the
//! sources of the crates that have a hand in it and the versions of plonky2. Comments and blank lines do not count.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Sources from the workspace's folder. The tables' own are not among them: the STARK's digest has their constraints. A test
/// looks for circuits elsewhere.
const SOURCES: [&str; 5] = [
    "stark/src",
    "circuits/src/statement.rs",
    "prover/src/recursion",
    "aggregator/src",
    "verifier/src",
];

fn main() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("..");
    let mut hasher = Sha256::new();
    for source in SOURCES {
        let path = workspace.join(source);
        println!("cargo::rerun-if-changed={}", path.display());
        for file in files(&path)? {
            let name = file
                .strip_prefix(&workspace)?
                .to_string_lossy()
                .replace('\\', "/");
            part(&mut hasher, name.as_bytes());
            part(&mut hasher, code_of(&fs::read_to_string(&file)?).as_bytes());
        }
    }
    let lock = workspace.join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    let lock = fs::read_to_string(&lock)?;
    let packages = lock.split("[[package]]").map(str::trim);
    for package in packages.filter(|package| package.starts_with("name = \"plonky2")) {
        part(&mut hasher, package.as_bytes());
    }
    let digest: String = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("cargo::rustc-env=BRAID_CIRCUIT_CODE={digest}");
    println!(
        "cargo::rustc-env=BRAID_CIRCUIT_SOURCES={}",
        SOURCES.join(":")
    );
    Ok(())
}

/// Length and bytes, so that parts cannot be shifted into each other.
fn part(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// The file, or all files below the folder in order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    let mut all = Vec::new();
    for entry in entries {
        all.extend(files(&entry)?);
    }
    Ok(all)
}

/// The lines that are neither blank nor comments.
fn code_of(source: &str) -> String {
    let lines = source.lines().map(str::trim);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}
