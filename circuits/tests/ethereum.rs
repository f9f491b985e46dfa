//! Ethereum's own state tests: every case that is called provable passes the checker.

mod common;

use std::path::Path;

use braid_witness::ethereum_tests::{folder, provable_cases};
use common::report;

#[test]
fn provable_state_tests_pass_the_checker() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let Some(folder) = folder(&repository) else {
        println!("skipped: no folder of Ethereum's tests (set ETHEREUM_TESTS)");
        return;
    };
    let (mut passed, mut failed) = (0, Vec::new());
    for (name, chunks) in provable_cases(&folder.join("GeneralStateTests")) {
        let mut reports = chunks.iter().map(report);
        match reports.find(|report| !report.is_ok()) {
            None => passed += 1,
            Some(report) => failed.push(format!("{name}: {report}")),
        }
    }
    println!(
        "state tests through the checker: {passed} passed, {} failed",
        failed.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(passed > 0, "no provable case was found");
}
