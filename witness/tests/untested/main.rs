//! What a run of the tests leaves out on this machine, said where it is seen: tests that pass print nothing, those that were skipped as little as others.
//!
//! Cargo runs targets in the order of packages and names, so that of `cargo test --workspace --tests` these are the last lines.

#[path = "../timeline_page/browser.rs"]
#[allow(dead_code, reason = "looked for, not used")]
mod browser;

use std::path::Path;

use braid_witness::ethereum_tests::{FOLDER_VARIABLE, folder, json_files};

fn main() {
    // Tools that only want to know which tests there are ask so.
    if std::env::args().any(|argument| argument == "--list") {
        return;
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
    match browser::find() {
        Some(path) => println!("The timeline's page: opened in {}", path.display()),
        None => {
            println!("SKIPPED: the timeline's page in a browser; no Chromium in PATH or CHROMIUM")
        }
    }
}
