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
use plonky2::field::types::Field;

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

/// What a table says on a row of padding with these changes, columns and values.
fn padding(table: &dyn AnyTable, changes: &[(usize, Felt)]) -> Collected<Felt> {
    let height = table.min_height().max(2);
    let mut trace = Trace::zero(table.column_names().len(), 0);
    table.pad(&mut trace, height);
    for (column, value) in changes {
        trace.row_mut(0)[*column] = *value;
    }
    let fixed = table.fixed(height);
    let mut said = Collected::<Felt>::default();
    table.eval_row(row_of(&trace, &fixed, 0), &mut said);
    said
}

/// Labels of a table's constraints.
fn labels_of(table: &dyn AnyTable) -> BTreeSet<&'static str> {
    let said = padding(table, &[]);
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

/// Flags of tables, by the label that says of each of them, and of nothing else, that it is one.
const FLAGS: &[(&str, &str, &[&str])] = &[
    (
        "call",
        "call/opcode",
        &["calls", "calls_code", "delegates", "calls_static"],
    ),
    (
        "call",
        "call/case",
        &[
            "runs",
            "is_empty",
            "is_precompile",
            "too_deep",
            "lacks_funds",
            "lacks",
            "far",
            "violates",
        ],
    ),
    (
        "call",
        "call/asks",
        &["gas.asks_less", "gas.asks_more", "gas.asks_far"],
    ),
    (
        "moves",
        "moves/opcode",
        &[
            "opcode.input_copy",
            "opcode.code_copy",
            "opcode.return_copy",
            "opcode.memory_copy",
            "opcode.hash",
            "opcode.load",
            "opcode.size",
        ],
    ),
    (
        "moves",
        "moves/case",
        &[
            "case.plain",
            "case.fits",
            "case.grows",
            "case.lacks_plain",
            "case.lacks",
            "case.far",
            "case.over",
            "case.far_over",
        ],
    ),
    (
        "log",
        "log/opcode",
        &[
            "opcodes[0]",
            "opcodes[1]",
            "opcodes[2]",
            "opcodes[3]",
            "opcodes[4]",
        ],
    ),
    ("log", "log/case", &["lacks", "violates"]),
    ("finish", "finish/opcode", &["stops", "returns", "reverts"]),
    ("finish", "finish/case", &["done", "lacks"]),
    (
        "frame",
        "frame/opening",
        &["runs", "is_empty", "is_refused", "is_precompile"],
    ),
    (
        "frame",
        "frame/outcome",
        &["succeeds_first", "succeeds_within", "reverts", "halts"],
    ),
    (
        "account_read",
        "account_read/opcode",
        &["balance", "size", "hash", "own"],
    ),
    (
        "environment",
        "environment/opcode",
        &[
            "is_address",
            "is_caller",
            "is_value",
            "is_input_size",
            "is_code_size",
            "is_origin",
            "is_gas_price",
        ],
    ),
    (
        "halt",
        "halt/reason",
        &[
            "out_of_gas",
            "underflow",
            "overflow",
            "undefined",
            "too_early",
            "jumps",
            "jumps_if",
        ],
    ),
    ("halt", "halt/target", &["far", "beyond", "other"]),
    (
        "merge",
        "merge/split",
        &[
            "split[0]", "split[1]", "split[2]", "split[3]", "split[4]", "split[5]", "split[6]",
            "split[7]",
        ],
    ),
    (
        "merge",
        "merge/bytes",
        &["bytes[0]", "bytes[1]", "bytes[2]", "bytes[3]"],
    ),
    (
        "ecrecover",
        "ecrecover/failure",
        &[
            "fails.wrong_v",
            "fails.high_v",
            "fails.zero_r",
            "fails.zero_s",
            "fails.large_r",
            "fails.large_s",
            "fails.no_point",
            "fails.infinite",
        ],
    ),
    (
        "external_code",
        "external_code/case",
        &["used", "done", "lacks"],
    ),
    (
        "external_code",
        "external_code/source",
        &["reads", "no_code", "distant"],
    ),
    (
        "storage_access",
        "storage_access/opcode",
        &["loads", "stores", "loads_transient", "stores_transient"],
    ),
    (
        "storage_access",
        "storage_access/case",
        &["short", "lacks", "violates"],
    ),
    (
        "memory",
        "memory/opcode",
        &["loads", "stores", "stores_byte"],
    ),
    ("memory", "memory/case", &["fits", "grows", "lacks", "far"]),
    (
        "arithmetic",
        "arithmetic/opcode",
        &["adds", "multiplies", "raises"],
    ),
    ("register", "register/opcode", &["gas", "size"]),
    (
        "log_chain",
        "log_chain/has",
        &[
            "topics[0].has",
            "topics[1].has",
            "topics[2].has",
            "topics[3].has",
        ],
    ),
    ("access_list", "access_list/account", &["account"]),
    ("access_list", "access_list/key", &["key"]),
    ("calldata", "calldata/whole", &["whole"]),
    ("calldata", "calldata/last", &["last"]),
    ("invocation", "invocation/used", &["used"]),
];

/// A label that many flags share does not tell which of them a forgery was about. On a row of padding there is one flag only.
#[test]
fn each_flag_is_one() {
    let tables = tables();
    for (name, label, flags) in FLAGS {
        let mut tables = tables.iter();
        let table = tables.find(|table| table.name() == *name).expect("a table");
        let names = table.column_names();
        for flag in *flags {
            let column = names.iter().position(|name| name == flag).expect(flag);
            let said = padding(table.as_ref(), &[(column, Felt::TWO)]);
            let mut failing = said
                .constraints
                .iter()
                .filter(|(_, value)| *value != Felt::ZERO);
            assert!(failing.any(|(found, _)| found == label), "{label}: {flag}");
        }
    }
}
