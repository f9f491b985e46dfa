//! Where answers and files go: places that cannot be written to are noticed before the work, names may be of any bytes.

use std::path::Path;

use super::*;

/// Runs a command in a folder; gives the exit code, what is on stdout and on stderr.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let output = braid()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (
        output.status.code(),
        json,
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn wrong_words_are_answered_in_json_too() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["execute", "--json", "--workers", "0", "block.json"][..],
        &["--json"],
        &["prove", "--json"],
        &["nonsense", "--json"],
    ] {
        let (code, json, stderr) = run(folder.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert_eq!(json["error"]["kind"], "usage", "{arguments:?}");
        assert_eq!(json["error"]["exitCode"], 2);
        assert!(!json["error"]["message"].as_str().unwrap().is_empty());
    }
    // What is missing or wrong is named, as it is for people.
    for (arguments, says) in [
        (
            &["verify", "--json"][..],
            "required arguments were not provided: <PROOFS>...",
        ),
        (&["wrap", "--json"], "<PROOF>"),
        (&["calldata", "--json"], "<PROOF> <BLOCK>"),
        (&["state", "get", "--json"], "--state-dir <FOLDER>"),
        (&["inspect", "--json"], "<FILE|--tables|--security>"),
        (
            &["prove", "x", "--until", "tomorrow", "--json"],
            "[possible values: tables, chunk",
        ),
        (&["verify", "x", "--key-hsh", "--json"], "--key-hash"),
        (&["import", "x", "--json"], "--out <FILE>"),
        (&["state", "--json"], "[subcommands: init, root, get, "),
        (&["--json", "state"], "a command is missing"),
        (&["--json"], "[subcommands: execute, prove, verify, "),
    ] {
        let (code, json, _) = run(folder.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        let message = json["error"]["message"].as_str().unwrap();
        let advice = json["error"]["advice"].as_str().unwrap();
        let is_said = message.contains(says) || advice.contains(says);
        assert!(is_said, "{arguments:?}: {message}; {advice}");
        for more in ["\n", "Usage", "--help", "tip:"] {
            assert!(!message.contains(more), "{arguments:?}: {message}");
        }
    }
    let output = braid().arg("--help").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("Usage: braid")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let mut case = case();
    let path = case.write_signed();
    for arguments in [&["execute", "--json"][..], &["execute"], &["inspect"]] {
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("braid"))
            .args(arguments)
            .arg(&path)
            .stdout(full)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("cannot be written to stdout"), "{stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_may_be_of_any_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let mut case = case();
    let good = case.write_signed();
    let odd = case.folder.path().join(OsStr::from_bytes(b"x\xff.json"));
    fs::copy(&good, &odd).unwrap();
    let output = braid()
        .args(["execute", "--json"])
        .arg(&odd)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    fs::write(&odd, "{").unwrap();
    let output = braid()
        .args(["execute", "--json"])
        .arg(&odd)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        json["error"]["file"]
            .as_str()
            .unwrap()
            .ends_with("x\u{fffd}.json")
    );
}

#[test]
fn places_for_files_are_looked_at_first() {
    let mut case = case();
    let path = case.write_signed();
    let block = path.to_str().unwrap();
    let folder = case.folder.path();
    fs::create_dir(folder.join("taken")).unwrap();
    fs::write(folder.join("file"), b"mine").unwrap();
    let before = fs::read_dir(folder).unwrap().count();
    for arguments in [
        &["prove", block, "--out", "taken", "--max-memory", "16G"][..],
        &[
            "prove",
            block,
            "--out",
            "file/proof.json",
            "--max-memory",
            "16G",
        ],
        &["execute", block, "--timeline", "taken"],
        &["execute", block, "--trace", "file"],
        &["import", folder.to_str().unwrap(), "--out", "taken"],
    ] {
        let (code, _, stderr) = run(folder, arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains("choose another path"),
            "{arguments:?}: {stderr}"
        );
        assert!(!stderr.contains("report it"), "{arguments:?}: {stderr}");
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), before);
    assert_eq!(fs::read(folder.join("file")).unwrap(), b"mine");
}

/// Errors of memory and of the job folder do not name the block file, which has nothing to do with them.
#[test]
fn only_errors_about_the_file_name_it() {
    let mut case = case();
    let path = case.write_signed();
    let block = path.to_str().unwrap();
    let folder = case.folder.path();
    let small = [
        "prove",
        block,
        "--json",
        "--shape",
        "tiny",
        "--max-memory",
        "1M",
    ];
    let (code, json, stderr) = run(folder, &small);
    assert_eq!(code, Some(8), "{stderr}");
    assert_eq!(json["error"]["file"], Value::Null);
    assert!(!stderr.contains("where:"), "{stderr}");
    let job = [
        "prove",
        block,
        "--json",
        "--shape",
        "tiny",
        "--job-dir",
        block,
    ];
    let (code, json, stderr) = run(folder, &job);
    assert_eq!(code, Some(2), "{stderr}");
    assert_eq!(json["error"]["file"], Value::Null);
}
