//! Ethereum's own tests: decoding, validity and outcomes agree, for Cancun in ethereum/tests, for Prague and Osaka in those of the execution specification.

mod merged;
mod moved;
mod relocation;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alloy_primitives::{Address, B256, Bytes};
use braid_witness::Rules;
use braid_witness::ethereum_tests::{
    Executor, Judgement, cases, folder, json_files, judge, later_files, say, variant,
};
use braid_witness::import::TEST_CHAIN_ID;
use braid_witness::transaction::{Refusal, SignedTransaction};
use rayon::prelude::*;
use serde::Deserialize;

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// What is made of all cases by these rules, each with its name.
fn judge_all(files: &[PathBuf], rules: Rules) -> Vec<(String, Result<Judgement, String>)> {
    let judged = files.par_iter().flat_map_iter(|file| {
        let cases =
            cases(file, rules).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        cases.into_iter().map(move |case| {
            let name = format!("{}: {} {}", file.display(), case.name, case.variant);
            let judgement = judge(&case);
            (name, judgement)
        })
    });
    judged.collect()
}

/// How many cases there are of what kind, for the prover and for the executor.
type Counts = BTreeMap<String, usize>;

/// Prints what became of the cases.
///
/// # Panics
/// One failed, or there are none that pass, none that are refused or none that are provable.
fn report(title: &str, judgements: &[(String, Result<Judgement, String>)]) -> [Counts; 2] {
    let (mut counts, mut executor) = (Counts::new(), Counts::new());
    let mut failing = Vec::new();
    for (name, judgement) in judgements {
        let Judgement {
            verdict,
            executor: executed,
        } = match judgement {
            Ok(judgement) => judgement,
            Err(what) => {
                failing.push(format!("{name}: {what}"));
                continue;
            }
        };
        *counts.entry(verdict.kind()).or_default() += 1;
        let kind = match executed {
            Executor::Passed => "passed".to_owned(),
            Executor::Refused(_) => "refused, as expected".to_owned(),
            Executor::Skipped(reason) => format!("skipped: {}", variant(reason)),
        };
        *executor.entry(kind).or_default() += 1;
    }
    let mut text = format!("{title}: {} cases", judgements.len());
    for (title, counts) in [("proving", &counts), ("executor, each alone", &executor)] {
        text += &format!("\n{title}: {} failed", failing.len());
        for (kind, count) in counts {
            text += &format!("\n{count:>7} {kind}");
        }
    }
    say(text);
    assert!(
        failing.is_empty(),
        "{} failing:\n{}",
        failing.len(),
        failing.join("\n")
    );
    assert!(counts.get("provable").is_some_and(|count| *count > 0));
    for kind in ["passed", "refused, as expected"] {
        assert!(executor.get(kind).is_some_and(|count| *count > 0), "{kind}");
    }
    [counts, executor]
}

#[test]
fn state_tests() {
    let Some(folder) = folder(repository()) else {
        return;
    };
    let mut files = json_files(&folder.join("GeneralStateTests"));
    // The longest case must not run alone at the end.
    files.sort_by_key(|file| !file.ends_with(merged::LONGEST));
    assert!(!files.is_empty(), "no state tests in {}", folder.display());
    let judgements = judge_all(&files, Rules::Cancun);
    let title = format!("GeneralStateTests, Cancun, in {} files", files.len());
    let [_, executor] = report(&title, &judgements);
    let skipped: usize = executor
        .iter()
        .filter(|(kind, _)| kind.starts_with("skipped"))
        .map(|(_, count)| count)
        .sum();
    assert!(skipped * 50 < judgements.len(), "{skipped} skipped");
}

/// Those of the execution specification, of the forks after Cancun. Only blob transactions are not executed.
#[test]
fn state_tests_of_later_forks() {
    let Some(files) = later_files(repository()) else {
        return;
    };
    for rules in [Rules::Prague, Rules::Osaka] {
        let judgements = judge_all(&files, rules);
        let [counts, executor] = report(&format!("execution-specs, {rules}"), &judgements);
        for kind in ["SetsCode", "Delegation"] {
            let kind = format!("not provable: {kind}");
            assert!(counts.get(&kind).is_some_and(|count| *count > 0), "{kind}");
        }
        for kind in executor.keys().filter(|kind| kind.starts_with("skipped")) {
            assert_eq!(kind, "skipped: Blob");
        }
    }
}

#[derive(Deserialize)]
struct TransactionTest {
    result: BTreeMap<String, Outcome>,
    txbytes: Bytes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    exception: Option<serde_json::Value>,
    hash: Option<B256>,
    sender: Option<Address>,
    intrinsic_gas: Option<String>,
}

#[test]
fn transaction_tests() {
    let Some(folder) = folder(repository()) else {
        return;
    };
    let files = json_files(&folder.join("TransactionTests"));
    let (mut valid, mut refused, mut older) = (0, 0, 0);
    let mut failing = Vec::new();
    for file in &files {
        let text = std::fs::read(file).unwrap();
        let tests: BTreeMap<String, TransactionTest> = serde_json::from_slice(&text).unwrap();
        for (name, test) in tests {
            // Tests that were not filled again for Cancun speak of the forks before it, whose rules for these are the same.
            let named = |fork: &&str| test.result.contains_key(*fork);
            let fork = ["Cancun", "Shanghai", "Paris", "London"]
                .into_iter()
                .find(named);
            let fork = fork.unwrap_or_else(|| panic!("{name} has no outcome"));
            older += usize::from(fork != "Cancun");
            let expected = &test.result[fork];
            let decoded = SignedTransaction::decode(test.txbytes, TEST_CHAIN_ID).and_then(|t| {
                t.check_static(Rules::Cancun)
                    .map(|()| t)
                    .map_err(Refusal::from)
            });
            match (decoded, &expected.exception) {
                (Ok(transaction), None) => {
                    valid += 1;
                    assert_eq!(Some(transaction.hash), expected.hash, "{name}");
                    assert_eq!(Some(transaction.sender), expected.sender, "{name}");
                    let gas = expected.intrinsic_gas.as_ref().unwrap();
                    let gas = u128::from_str_radix(gas.trim_start_matches("0x"), 16).unwrap();
                    assert_eq!(transaction.intrinsic_gas(), gas, "{name}");
                }
                (Err(_), Some(_)) => refused += 1,
                (Ok(_), Some(reason)) => failing.push(format!("{name}: taken, expected {reason}")),
                (Err(refusal), None) => failing.push(format!("{name}: refused: {refusal:?}")),
            }
        }
    }
    say(format!(
        "TransactionTests, Cancun: {} files, {valid} valid, {refused} refused; {older} of them by the outcome of the fork before",
        files.len()
    ));
    assert!(
        failing.is_empty(),
        "{} failing:\n{}",
        failing.len(),
        failing.join("\n")
    );
    assert!(valid > 0 && refused > 0);
}
