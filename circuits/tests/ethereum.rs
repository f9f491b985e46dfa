//! Ethereum's own state tests: cases that are called provable pass the checker, all that run no code and a sample of those that do.

mod common;

use std::path::Path;

use alloy_primitives::{U256, keccak256};
use braid_witness::Rules;
use braid_witness::ethereum_tests::{calls_code, folder, later_folder, provable_cases};
use braid_witness::import::StateTestCase;
use common::report;

/// All provable cases of a folder by these rules that run no code, and a sample of those that do, pass the checker.
///
/// # Panics
/// One does not, or there is none.
fn pass_the_checker(folder: &Path, rules: Rules) {
    let (mut passed, mut failed) = (0, Vec::new());
    let every = every();
    let wanted = |case: &StateTestCase| !calls_code(case) || in_sample(case, every);
    for (name, chunks) in provable_cases(folder, rules, &wanted) {
        assert!(chunks.iter().all(|chunk| chunk.rules == rules), "{name}");
        let mut reports = chunks.iter().map(report);
        match reports.find(|report| !report.is_ok()) {
            None => passed += 1,
            Some(report) => failed.push(format!("{name}: {report}")),
        }
    }
    println!(
        "state tests, {rules}, through the checker: {passed} passed, {} failed",
        failed.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(passed > 0, "no provable case was found");
}

#[test]
fn provable_state_tests_pass_the_checker() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Some(folder) = folder(&repository) {
        pass_the_checker(&folder.join("GeneralStateTests"), Rules::Cancun);
    }
}

#[test]
fn provable_state_tests_of_later_forks_pass_the_checker() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Some(folder) = later_folder(&repository) {
        for rules in [Rules::Prague, Rules::Osaka] {
            pass_the_checker(&folder, rules);
        }
    }
}

/// Of cases that run code one in so many is checked, unless the variable says otherwise.
const SAMPLE: u64 = 24;

/// Which part of the cases is checked: 1 for all.
fn every() -> u64 {
    let set = std::env::var("BRAID_STATE_TESTS_EVERY").ok();
    set.and_then(|text| text.parse().ok())
        .unwrap_or(SAMPLE)
        .max(1)
}

/// Whether a case is in the sample: by its name, so that it stays there.
fn in_sample(case: &StateTestCase, every: u64) -> bool {
    let hash = keccak256(format!("{} {}", case.name, case.variant));
    let [.., last] = U256::from_be_bytes(hash.0).into_limbs();
    last % every == 0
}
