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
        ("[]".to_owned(), "expected an object"),
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

/// A file of a later release is not for the user to correct.
#[test]
fn a_newer_block_file_is_called_newer() {
    let mut case = case();
    let path = case.write_signed();
    let text = fs::read_to_string(&path).unwrap();
    let with = |version: &str| {
        let version = format!("\"version\": {version}");
        fs::write(&path, text.replace("\"version\": 1", &version)).unwrap();
    };
    for version in ["2", "\"0x2\"", "2, \"somethingNew\": {}"] {
        with(version);
        let says = [
            "block file of version 2, which a newer Braid wrote",
            "this one reads version 1",
            "use the release of Braid that wrote the file, or a newer one",
        ];
        refused(&path, 3, "malformed", &says);
    }
    with("0");
    refused(&path, 3, "malformed", &["version: 0", "correct the file"]);
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
    for option in [&["--out", "y"][..], &["--job-dir", "y"], &["--resume"]] {
        let stderr = usage(&[&["prove", "x.json", "--until", "tables"], option].concat());
        assert!(stderr.contains("--until tables makes none"), "{stderr}");
    }
    for arguments in [
        &["prove", "x.json", "--until", "tables", "--cache-dir", "y"][..],
        &[
            "bench",
            "transfers",
            "--until",
            "tables",
            "--cache-dir",
            "y",
        ],
        &["check", "x.json", "--cache-dir", "y"],
    ] {
        let stderr = usage(arguments);
        assert!(stderr.contains("--cache-dir"), "{stderr}");
    }
    let stderr = usage(&["setup", "--shape", "tiny"]);
    assert!(stderr.contains("--shape"), "{stderr}");
    usage(&["prove", "x.json", "--rollup", "0x00"]);
    let stderr = usage(&["prove", "x.json", "--shape", "huge"]);
    assert!(stderr.contains("tiny"), "{stderr}");
}

#[test]
fn what_does_not_fit_in_memory() {
    let mut case = case();
    let path = case.write_signed();
    for command in [&["prove"][..], &["prove", "--until", "tables"], &["check"]] {
        let output = braid()
            .current_dir(case.folder.path())
            .args(command)
            .args(["--shape", "tiny", "--max-memory", "1M"])
            .arg(&path)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(8), "{command:?}: {stderr}");
        assert!(stderr.contains("--max-memory"), "{command:?}: {stderr}");
    }
}

#[test]
fn setup_does_not_fit_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = braid();
    let command = command.current_dir(folder.path());
    let setup = ["setup", "--cache-dir", "circuits", "--max-memory", "1M"];
    let output = command.args(setup).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(8), "{stderr}");
    assert!(stderr.contains("the set-up needs"), "{stderr}");
}

/// A transfer that fits into no tiny chunk: the shape that is named is the one with most room for it.
#[test]
fn the_shape_that_decides_is_named() {
    let mut case = case();
    case.draft.data = vec![1; 30_000].into();
    case.draft.gas_limit = 2_000_000;
    let path = case.write_signed();
    let mut command = braid();
    let output = command
        .args(["check", "--shape", "tiny", "--quiet"])
        .arg(&path)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    assert!(stderr.contains("of shape tiny-calls"), "{stderr}");
}

/// Advice that would not help is none: the wrap takes the same for every shape, and nothing is smaller than tiny.
#[test]
fn what_would_take_less_memory_is_what_does_not_fit() {
    let mut case = case();
    let path = case.write_signed();
    let advice = |arguments: &[&str], label: &str| {
        let mut command = braid();
        let command = command.current_dir(case.folder.path()).arg("--json");
        let output = command.args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(8), "{arguments:?}");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let message = json["error"]["message"].as_str().unwrap();
        assert!(message.contains(label), "{message}");
        json["error"]["advice"].as_str().unwrap().to_owned()
    };
    let block = path.to_str().unwrap();
    let prove = ["prove", block, "--max-memory"];
    let wrap = advice(&[&prove[..], &["3G"]].concat(), "the wrap needs");
    assert!(wrap.contains("--until aggregate"), "{wrap}");
    let chunk = |shape: &str| {
        let rest = ["1M", "--until", "aggregate", "--shape", shape];
        let label = format!("a chunk of shape {shape}");
        advice(&[&prove[..], &rest].concat(), &label)
    };
    let (tiny, standard) = (chunk("tiny"), chunk("standard"));
    assert!(standard.contains("a smaller --shape"), "{standard}");
    for other in [&wrap, &tiny] {
        assert!(!other.contains("--shape"), "{other}");
    }
    for other in [&tiny, &standard] {
        assert!(!other.contains("wrap"), "{other}");
    }
    let proof = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/proofs/transfers.proof.json"
    );
    let alone = ["wrap", proof, "--out", "wrapped.json", "--max-memory", "1G"];
    assert_eq!(advice(&alone, "the wrap needs"), wrap);
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
    // Damaged: in words about the file, and no advice to correct what nobody wrote by hand.
    let good = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/proofs/three_blocks.proof.bin"
    );
    let good = fs::read(good).unwrap();
    let changed = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let longer = [&good[..], &[0]].concat();
    for (content, says) in [
        // A text that is no UTF-8, a length that no proof has, the end missing, and one byte more.
        (changed(12, 0xff), "damaged"),
        (changed(11, 0xff), "damaged"),
        (good[..good.len() - 1].to_vec(), "cut off"),
        (longer, "1 byte too many"),
        (Vec::new(), "cut off"),
    ] {
        fs::write(&binary, content).unwrap();
        for command in ["verify", "wrap"] {
            let output = braid().arg(command).arg(&binary).output().unwrap();
            assert_eq!(output.status.code(), Some(3), "{says}");
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(stderr.contains(says), "{stderr}");
            assert!(stderr.contains("ask for the file again"), "{stderr}");
            for raw in ["Utf8", "Limit", "Unexpected", "{", "place named"] {
                assert!(!stderr.contains(raw), "{raw}: {stderr}");
            }
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
