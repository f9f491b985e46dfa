//! The digest of the code that circuits are built by leaves no circuit out.

use std::fs;
use std::path::{Path, PathBuf};

/// What a file says that states constraints in a circuit.
const MARKS: [&str; 3] = ["impl Circuit for", "CircuitBuilder<", "recursion::Builder"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_circuit_counts() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let covered: Vec<_> = env!("BRAID_CIRCUIT_SOURCES").split(':').collect();
    let mut files = Vec::new();
    for entry in fs::read_dir(&workspace).expect("the workspace") {
        let folder = entry.expect("an entry").path();
        // The package of the workspace's root has its sources right there.
        let folder = if folder.ends_with("src") {
            folder
        } else {
            folder.join("src")
        };
        if folder.is_dir() {
            sources(&folder, &mut files);
        }
    }
    let with_circuits: Vec<_> = files
        .iter()
        .filter(|path| {
            let text = fs::read_to_string(path).expect("a source");
            MARKS.iter().any(|mark| text.contains(mark))
        })
        .map(|path| path.strip_prefix(&workspace).expect("below the workspace"))
        .collect();
    assert!(with_circuits.len() > 5, "{with_circuits:?}");
    for path in with_circuits {
        let covered = covered.iter().any(|source| path.starts_with(source));
        assert!(
            covered,
            "{} builds circuits but does not count in prover/build.rs",
            path.display()
        );
    }
}
