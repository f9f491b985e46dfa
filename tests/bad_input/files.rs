//! Files, options, memory and folders that are not what a command needs.

use alloy_primitives::B256;

use super::*;

#[test]
fn malformed_files() {
    let mut case = case();
    let good = fs::read_to_string(case.write_signed()).unwrap();
    let spoiled = [
        (good[..good.len() / 2].to_owned(), "EOF"),
        (String::new(), "EOF"),
        ("[]".to_owned(), "invalid length"),
        (good.replace("\"chainId\"", "\"chainID\""), "chainID"),
        (good.replace("\"parent\"", "\"parents\""), "parents"),
        (good.replace("0x02f8", "0x02g8"), "wrong hex"),
        (good.replace("0x02f8", "02f8"), "0x"),
        (
            good.replace("\"baseFee\": \"0x", "\"baseFee\": \"-0x"),
            "not a number",
        ),
        (good.replace("\"version\": 1", "\"version\": 2"), "version"),
    ];
    for (text, says) in spoiled {
        assert_ne!(text, good, "{says}");
        fs::write(case.path(), text).unwrap();
        refused(&case.path(), 3, "malformed", &[says]);
    }
}

#[test]
fn missing_files_and_wrong_options() {
    let usage = |arguments: &[&str]| {
        let output = braid().args(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(!stderr.is_empty());
        stderr
    };
    let stderr = usage(&["execute", "/does/not/exist.json"]);
    assert!(stderr.contains("/does/not/exist.json"), "{stderr}");
    usage(&[]);
    usage(&["verify"]);
    usage(&["inspect"]);
    usage(&["prove"]);
    usage(&["prove", "x.json", "--threads", "0"]);
    usage(&["prove", "x.json", "--max-memory", "lots"]);
    usage(&["prove", "x.json", "--until", "tomorrow"]);
    let calldata = ["prove", "x.json", "--until", "aggregate", "--calldata", "y"];
    let stderr = usage(&calldata);
    assert!(stderr.contains("needs the wrapped proof"), "{stderr}");
    usage(&["prove", "x.json", "--rollup", "0x00"]);
    let stderr = usage(&["prove", "x.json", "--shape", "huge"]);
    assert!(stderr.contains("tiny"), "{stderr}");
}

#[test]
fn what_does_not_fit_in_memory() {
    let mut case = case();
    let path = case.write_signed();
    let output = braid()
        .current_dir(case.folder.path())
        .args(["prove", "--shape", "tiny", "--max-memory", "1M"])
        .arg(&path)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(8), "{stderr}");
    assert!(stderr.contains("--max-memory"), "{stderr}");
}

#[test]
fn a_job_folder_in_use() {
    let mut case = case();
    let path = case.write_signed();
    let job = case.folder.path().join("job");
    let held = braid_prover::job::JobFolder::open(&job).unwrap();
    let output = braid()
        .args(["prove", "--shape", "tiny", "--job-dir"])
        .arg(&job)
        .arg(&path)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("another process"), "{stderr}");
    drop(held);
    // A file in the folder's place.
    let output = braid()
        .args(["prove", "--shape", "tiny", "--job-dir"])
        .arg(&path)
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn proofs_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, b"no key").unwrap();
    let proof = folder.path().join("proof.json");
    let binary = folder.path().join("proof.bin");
    for content in [&b""[..], b"{", b"{}", b"[1, 2]", &[0xff; 1000]] {
        for path in [&proof, &binary] {
            fs::write(path, content).unwrap();
            let output = braid().arg("inspect").arg(path).output().unwrap();
            assert_eq!(output.status.code(), Some(3), "{content:?}");
        }
    }
    // A key file that is none is malformed, one with another hash is the wrong key.
    let verify = |arguments: &[&str]| {
        let mut command = braid();
        command
            .arg("verify")
            .arg(&proof)
            .arg("--key")
            .arg(&key)
            .args(arguments);
        command.output().unwrap().status.code()
    };
    assert_eq!(verify(&[]), Some(3));
    assert_eq!(verify(&["--key-hash", &B256::ZERO.to_string()]), Some(7));
}
