//! What a run of the tests leaves out on this machine, said where it is seen: tests that pass print nothing, those that were skipped as little as others.
//!
//! Cargo runs test targets in the order of packages, then libraries before programs before files of tests, then by name. This one is the last of all, so that of
//! `cargo test --workspace --tests` these are the last lines. It fails if a target of the workspace comes after it.

#[path = "../timeline_page/browser.rs"]
#[allow(dead_code, reason = "looked for, not used")]
mod browser;
mod order;

use std::path::Path;
use std::process::ExitCode;

use braid_witness::ethereum_tests::{
    FOLDER_VARIABLE, LATER_FOLDER_VARIABLE, folder, json_files, later_files,
};

fn main() -> ExitCode {
    // Tools that only want to know which tests there are ask so.
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    println!();
    match folder(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))) {
        Some(folder) => {
            let count = json_files(&folder.join("GeneralStateTests")).len();
            println!("Ethereum's own tests: {count} files of state tests are there");
        }
        None => println!(
            "SKIPPED: Ethereum's own tests; {FOLDER_VARIABLE} must name a checkout of github.com/ethereum/tests (see README)"
        ),
    }
    match later_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))) {
        Some(files) => {
            let count = files.len();
            println!("State tests of the forks after Cancun: {count} files are there");
        }
        None => println!(
            "SKIPPED: state tests of the forks after Cancun; {LATER_FOLDER_VARIABLE} must name a folder of them (see README)"
        ),
    }
    match browser::find() {
        Some(path) => println!("The timeline's page: opened in {}", path.display()),
        None => {
            println!("SKIPPED: the timeline's page in a browser; no Chromium in PATH or CHROMIUM")
        }
    }
    match order::later_targets(env!("CARGO_CRATE_NAME")) {
        Ok(later) if later.is_empty() => ExitCode::SUCCESS,
        Ok(later) => {
            println!(
                "FAILED: these are not the last lines, since cargo runs later: {}",
                later.join(", ")
            );
            ExitCode::FAILURE
        }
        Err(reason) => {
            println!("FAILED: cargo does not say which test targets there are: {reason}");
            ExitCode::FAILURE
        }
    }
}
