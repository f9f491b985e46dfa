//! Ethereum's own state tests through the checker: all that is done in scope is provable, and what is provable passes. A fixed sample, or all of them.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use alloy_primitives::keccak256;
use braid_witness::Rules;
use braid_witness::ethereum_tests::{
    Verdict, cases, folder, json_files, later_files, say, verdict,
};
use braid_witness::import::StateTestCase;
use common::passes;
use rayon::prelude::*;

/// One case in so many is checked, unless the variable says otherwise: all of them.
const SAMPLE: u64 = 1;

/// So many provable Cancun cases the sample has at least.
const LEAST: usize = 5_000;

/// Which part of the cases is checked: 1 for all.
fn every() -> u64 {
    let set = std::env::var("BRAID_STATE_TESTS_EVERY").ok();
    set.and_then(|text| text.parse().ok())
        .unwrap_or(SAMPLE)
        .max(1)
}

/// Whether a case is in the sample: by the hash of its name, so that it stays there.
fn in_sample(name: &str, every: u64) -> bool {
    let [.., a, b, c, d] = keccak256(name).0;
    u64::from(u32::from_be_bytes([a, b, c, d])) % every == 0
}

/// What became of cases.
#[derive(Default)]
struct Outcome {
    /// How many there were in the files, in the sample or not.
    cases: usize,
    /// How many of the sample are what.
    kinds: BTreeMap<String, usize>,
    /// Provable ones that passed.
    passed: usize,
    failed: Vec<String>,
}

impl Outcome {
    fn merge(mut self, other: Self) -> Self {
        self.cases += other.cases;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.passed += other.passed;
        self.failed.extend(other.failed);
        self
    }

    /// A case of the sample.
    fn add(&mut self, name: &str, case: &StateTestCase) {
        let verdict = match verdict(case) {
            Ok(verdict) => verdict,
            Err(what) => return self.failed.push(format!("{name}: {what}")),
        };
        *self.kinds.entry(verdict.kind()).or_default() += 1;
        let Verdict::Provable(chunks) = verdict else {
            return;
        };
        assert!(!chunks.is_empty(), "{name}");
        let passed = chunks.iter().try_for_each(|chunk| {
            assert_eq!(chunk.rules, case.block_file.rules, "{name}");
            passes(chunk)
        });
        match passed {
            Ok(()) => self.passed += 1,
            Err(what) => self.failed.push(format!("{name}: {what}")),
        }
    }

    fn of_file(file: &Path, rules: Rules, every: u64) -> Self {
        let mut outcome = Self::default();
        let cases =
            cases(file, rules).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for case in cases {
            outcome.cases += 1;
            let name = format!("{} {}", case.name, case.variant);
            if in_sample(&name, every) {
                outcome.add(&name, &case);
            }
        }
        outcome
    }
}

/// The sample of the files' cases by these rules: every case that is called provable passes the checker. Says how many there are and why the others were left out.
///
/// # Panics
/// A case fails: it does not pass, or is not what it states.
fn pass_the_checker(files: &[PathBuf], rules: Rules) -> Outcome {
    let (every, start) = (every(), Instant::now());
    let outcome = files
        .par_iter()
        .with_max_len(1)
        .map(|file| Outcome::of_file(file, rules, every))
        .reduce(Outcome::default, Outcome::merge);
    let (in_sample, failed) = (outcome.kinds.values().sum::<usize>(), outcome.failed.len());
    let mut text = format!(
        "state tests, {rules}, through the checker: {} passed, {failed} failed, in {:.0?}; {in_sample} of {} cases taken:",
        outcome.passed,
        start.elapsed(),
        outcome.cases,
    );
    for (kind, count) in &outcome.kinds {
        text += &format!("\n{count:>7} {kind}");
    }
    say(text);
    assert!(failed == 0, "{}", outcome.failed.join("\n"));
    outcome
}

#[test]
fn provable_state_tests_pass_the_checker() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Some(folder) = folder(&repository) {
        let outcome = pass_the_checker(
            &json_files(&folder.join("GeneralStateTests")),
            Rules::Cancun,
        );
        assert!(every() > SAMPLE || outcome.passed >= LEAST);
    }
}

#[test]
fn provable_state_tests_of_later_forks_pass_the_checker() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if let Some(files) = later_files(&repository) {
        for rules in [Rules::Prague, Rules::Osaka] {
            let outcome = pass_the_checker(&files, rules);
            assert!(outcome.passed > 0, "no provable case was found");
        }
    }
}
