//! `braid export-verifier` writes what is committed.

use assert_cmd::Command;
use predicates::str::contains;

fn braid() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("braid"))
}

#[test]
fn writes_the_committed_file() {
    let folder = tempfile::tempdir().unwrap();
    braid()
        .args(["export-verifier", "--out"])
        .arg(folder.path())
        .assert()
        .success()
        .stdout(contains("WrapKey.sol"));
    let written = std::fs::read(folder.path().join("WrapKey.sol")).unwrap();
    let committed = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/verifier-contract/src/generated/WrapKey.sol"
    );
    assert!(written == std::fs::read(committed).unwrap());
}

#[test]
fn another_key_needs_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let key = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/contract/tests/vectors/other_key.vk"
    );
    let mut export = braid();
    export.args(["export-verifier", "--key", key, "--out"]);
    export.arg(folder.path()).assert().code(2);
    let mut export = braid();
    export.args(["export-verifier", "--key", key, "--key-hash"]);
    export.arg(format!("0x{}", "11".repeat(32)));
    export.arg("--out").arg(folder.path()).assert().code(7);
    let mut export = braid();
    export.args(["export-verifier", "--key", key, "--key-hash"]);
    export.arg("0x943e4e028aac19488b2bc53a12033761b27af5e3a611b0984266dda2a20c953e");
    export.arg("--out").arg(folder.path()).assert().success();
}
