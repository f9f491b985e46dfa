//! Whether every constraint has a test that expects it to fail.
//!
//! A constraint that is taken away must be noticed. A forgery names the label that stops it, so a label that no test names stands for constraints that nobody would miss. What a test names is read off its source: a string that is a label.
//! The other half, that no column is free, is in the tables' own tests and in `chunks.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

use braid_circuits::registry::tables;
use braid_stark::check::row_of;
use braid_stark::table::Collected;
use braid_stark::{AnyTable, Felt, Trace};

/// Tables of which some constraints have no forgery of their own, and what looks for these.
const BY_CHANGED_CELLS: &[(&str, &str)] = &[
    (
        "tree",
        "changed cells must be noticed by something, and all updates of small trees are compared with another implementation",
    ),
    (
        "ecdsa",
        "every column changed is noticed by the label that its test names",
    ),
    (
        "secp_ladder",
        "every column changed is noticed by the label that its test names",
    ),
];

/// Labels of a table's constraints.
fn labels_of(table: &dyn AnyTable) -> BTreeSet<&'static str> {
    let height = table.min_height().max(2);
    let mut trace = Trace::zero(table.column_names().len(), 0);
    table.pad(&mut trace, height);
    let fixed = table.fixed(height);
    let mut said = Collected::<Felt>::default();
    table.eval_row(row_of(&trace, &fixed, 0), &mut said);
    said.constraints.iter().map(|(label, _)| *label).collect()
}

/// Files of Rust below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|name| name == "rs") {
            found.push(path);
        }
    }
}

/// Whether all of a file is a test: modules that are built for tests only have such names.
fn is_test(path: &Path) -> bool {
    let name = path.to_string_lossy();
    ["test", "forge", "sample"]
        .iter()
        .any(|part| name.contains(part))
}

/// Strings with a slash in tests, without this one.
fn named() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    let mut named = BTreeSet::new();
    for file in files {
        let below = file.strip_prefix(root).expect("a file below");
        if below.ends_with("labels.rs") {
            continue;
        }
        let text = read_to_string(&file).expect("a source");
        let tests = match is_test(below) {
            true => text.as_str(),
            false => text
                .split_once("#[cfg(test)]")
                .map_or("", |(_, tests)| tests),
        };
        let quoted = tests.split('"').skip(1);
        named.extend(quoted.filter(|text| text.contains('/')).map(str::to_owned));
    }
    named
}

#[test]
fn every_constraint_is_expected_to_fail_somewhere() {
    let named = named();
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut labels = 0;
    for table in tables() {
        let of_table = labels_of(table.as_ref());
        labels += of_table.len();
        let unnamed = of_table.into_iter().filter(|label| !named.contains(*label));
        let unnamed: Vec<_> = unnamed.collect();
        if !unnamed.is_empty() {
            missing.insert(table.name(), unnamed);
        }
    }
    assert!(labels > 800, "{labels} labels only");
    for (table, why) in BY_CHANGED_CELLS {
        assert!(
            missing.remove(table).is_some(),
            "{table} needs no exception: {why}"
        );
    }
    assert!(missing.is_empty(), "no test expects {missing:?}");
}
