//! `braid verify`: every file has its verdict, whatever way it comes.

use std::fs;
use std::path::Path;

use super::*;

fn verify(paths: &[&Path], options: &[&str]) -> Said {
    Said::by(braid().arg("verify").args(options).args(paths))
}

/// The final proof with a change, under any name.
fn changed(folder: &Path, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    changed_from(&final_proof(), folder, name, change)
}

fn changed_from(
    proof: &Path,
    folder: &Path,
    name: &str,
    change: impl FnOnce(&mut Value),
) -> PathBuf {
    let mut json = json_of(proof);
    change(&mut json);
    let path = folder.join(name);
    fs::write(&path, json.to_string()).unwrap();
    path
}

#[test]
fn every_file_has_its_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let none = folder.join("none.json");
    let malformed = folder.join("malformed.json");
    fs::write(&malformed, "{}").unwrap();
    let forged = changed(folder, "forged.json", |json| {
        json["publicValues"]["lastBlock"] = 102.into();
    });
    let stranger = changed(folder, "stranger.json", |json| {
        json["verifyingKeyHash"] = format!("0x{}", "11".repeat(32)).into();
    });
    let (good, wrapped) = (final_proof(), wrapped_proof());
    // From the mildest to the worst: each more makes the exit code its own.
    let bad = [
        (&none, 2, "usage"),
        (&malformed, 3, "malformed"),
        (&stranger, 7, "wrong-key"),
        (&forged, 6, "invalid-proof"),
    ];
    for count in 0..=bad.len() {
        // The worst first, and good ones before and after.
        let worse = bad[..count].iter().rev();
        let mut paths = vec![good.as_path()];
        paths.extend(worse.clone().map(|(path, ..)| path.as_path()));
        paths.push(&wrapped);
        let said = verify(&paths, &["--json"]);
        let code = worse.clone().next().map_or(0, |(_, code, _)| *code);
        assert_eq!(said.code, Some(code), "{}", said.stderr);
        let json = said.json();
        assert_eq!(json["ok"], count == 0);
        assert_eq!(
            json["error"]["exitCode"].as_i64(),
            (count > 0).then_some(code.into())
        );
        let proofs = json["proofs"].as_array().unwrap();
        assert_eq!(proofs.len(), paths.len());
        for (proof, path) in proofs.iter().zip(&paths) {
            assert_eq!(proof["file"], path.to_str().unwrap());
        }
        let (first, rest) = proofs.split_first().unwrap();
        let (last, between) = rest.split_last().unwrap();
        assert_eq!(
            (&first["valid"], &first["wrapped"]),
            (&true.into(), &false.into())
        );
        assert_eq!(
            (&last["valid"], &last["wrapped"]),
            (&true.into(), &true.into())
        );
        for proof in [first, last] {
            assert_eq!(proof["publicValues"]["rules"], "cancun");
        }
        for (proof, (_, code, kind)) in between.iter().zip(worse) {
            assert_eq!(proof["valid"], false);
            let error = &proof["error"];
            assert_eq!(error["exitCode"], *code);
            assert_eq!(error["kind"], *kind);
            assert!(!error["message"].as_str().unwrap().is_empty());
            assert!(!error["advice"].as_str().unwrap().is_empty());
        }
    }
    // The same for people; the worst is on stderr.
    let said = verify(&[&none, &forged, &good], &[]);
    assert_eq!(said.code, Some(6));
    for part in [
        "\nchain 1337, rules cancun, blocks ",
        "none.json: not accepted: usage, exit code 2: ",
        "forged.json: not accepted: invalid-proof, exit code 6: ",
        "transfers.proof.json: valid, verified in ",
        "  what to do: ",
    ] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
    assert!(
        said.stderr.contains("error: invalid proof"),
        "{}",
        said.stderr
    );
    let help = Said::by(braid().args(["verify", "--help"])).stdout;
    assert!(help.contains("the worst of theirs"), "{help}");
}

#[test]
#[cfg(target_os = "linux")]
fn proofs_come_through_pipes() {
    let through = |command: &str, file: PathBuf| {
        let mut braid = braid();
        braid.args(["--json", command, "/dev/stdin"]);
        Said::by(braid.write_stdin(fs::read(file).unwrap()))
    };
    let binary = repository("examples/proofs/three_blocks.proof.bin");
    for file in [final_proof(), wrapped_proof(), binary] {
        for command in ["verify", "inspect"] {
            let said = through(command, file.clone());
            assert_eq!(said.code, Some(0), "{command} {file:?}: {}", said.stderr);
            assert_eq!(said.json()["ok"], true);
        }
    }
    // A key as well, and a block file.
    let key = repository("verifier/keys/final.vk");
    let mut verify = braid();
    verify
        .arg("verify")
        .arg(final_proof())
        .args(["--key", "/dev/stdin"]);
    let said = Said::by(verify.write_stdin(fs::read(key).unwrap()));
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let said = through("inspect", repository("examples/blocks/transfers.json"));
    assert_eq!(said.json()["kind"], "block file");
}

/// The content counts, not the name; a name need not be UTF-8.
#[test]
fn names_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let binary = repository("examples/proofs/three_blocks.proof.bin");
    for (file, name) in [
        (final_proof(), "proof.bin"),
        (wrapped_proof(), "wrapped"),
        (binary, "proof.json"),
    ] {
        let copy = folder.path().join(name);
        fs::copy(file, &copy).unwrap();
        assert_eq!(verify(&[&copy], &[]).code, Some(0), "{name}");
    }
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"p\xff.json");
        let copy = folder.path().join(name);
        fs::copy(final_proof(), &copy).unwrap();
        let said = verify(&[&copy], &["--json"]);
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        assert_eq!(said.json()["proofs"][0]["valid"], true);
    }
    // Something else than a proof is called what it is.
    let said = verify(&[&repository("examples/blocks/transfers.json")], &[]);
    assert_eq!(said.code, Some(3));
    assert!(said.stderr.contains("block file"), "{}", said.stderr);
}

#[test]
fn newer_files_are_called_newer() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let with_version = |proof: &Path, name: &str, version: u32| {
        changed_from(proof, folder, name, |json| {
            json["schemaVersion"] = version.into();
            json["somethingNew"] = 1.into();
        })
    };
    let mut bytes = fs::read(repository("examples/proofs/three_blocks.proof.bin")).unwrap();
    bytes[0] = 2;
    bytes.push(0);
    let binary = folder.join("proof.bin");
    fs::write(&binary, bytes).unwrap();
    let newer = [
        with_version(&final_proof(), "final.json", 2),
        with_version(&wrapped_proof(), "wrapped.json", 2),
        binary,
    ];
    for path in &newer {
        for command in ["verify", "inspect"] {
            let said = Said::by(braid().arg(command).arg(path));
            assert_eq!(said.code, Some(3), "{command} {path:?}");
            for part in ["schema version 2", "reads version 1", "use a newer release"] {
                assert!(said.stderr.contains(part), "{part}: {}", said.stderr);
            }
        }
    }
    for proof in [final_proof(), wrapped_proof()] {
        let said = verify(&[&with_version(&proof, "old.json", 0)], &[]);
        assert_eq!(said.code, Some(3));
        assert!(said.stderr.contains("schema version 0"), "{}", said.stderr);
        assert!(!said.stderr.contains("newer"), "{}", said.stderr);
    }
    let block = changed_from(
        &repository("examples/blocks/transfers.json"),
        folder,
        "block.json",
        |json| {
            json["version"] = 2.into();
            json["somethingNew"] = 1.into();
        },
    );
    for command in ["execute", "inspect"] {
        let said = Said::by(braid().arg(command).arg(&block));
        assert_eq!(said.code, Some(3));
        assert!(
            said.stderr.contains("use a newer release"),
            "{}",
            said.stderr
        );
    }
}

#[test]
fn what_is_malformed_is_named_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 5] = [
        ("publicValues", |json| {
            let fields = json["publicValues"].as_object().unwrap();
            json["publicValues"] = fields.values().cloned().collect();
        }),
        ("verifyingKeyHash", |json| {
            let hash = json["verifyingKeyHash"].as_str().unwrap();
            json["verifyingKeyHash"] = hash.trim_start_matches("0x").into();
        }),
        ("publicValues.stateRoot", |json| {
            json["publicValues"]["stateRoot"] = "0x12".into();
        }),
        ("publicValues", |json| {
            json["publicValues"]["more"] = 1.into();
        }),
        ("proverVersion", |json| json["proverVersion"] = 7.into()),
    ];
    for proof in [final_proof(), wrapped_proof()] {
        for (place, change) in changes {
            let path = changed_from(&proof, folder.path(), "p.json", change);
            let said = verify(&[&path], &[]);
            assert_eq!(said.code, Some(3), "{place}");
            assert!(
                said.stderr.contains(&format!("at {place}")),
                "{}",
                said.stderr
            );
            assert!(!said.stderr.contains(" column "), "{}", said.stderr);
        }
    }
}

#[test]
fn keys_say_whose_hash_is_whose() {
    let zero = format!("0x{}", "00".repeat(32));
    let pinned = json_of(&final_proof())["verifyingKeyHash"].clone();
    let pinned = pinned.as_str().unwrap();
    let key = repository("verifier/keys/final.vk");
    let key = key.to_str().unwrap();
    let proof = final_proof();
    for (options, says) in [
        (vec!["--key-hash", &zero], "built in"),
        (vec!["--key", key, "--key-hash", &zero], "in the file"),
    ] {
        let said = verify(&[&proof], &options);
        assert_eq!(said.code, Some(7));
        for part in [says, pinned, zero.as_str(), "--key-hash"] {
            assert!(said.stderr.contains(part), "{part}: {}", said.stderr);
        }
        assert!(
            !said.stderr.contains("this verifier has"),
            "{}",
            said.stderr
        );
    }
    let options = ["--key", key, "--key-hash", pinned];
    assert_eq!(verify(&[&proof], &options).code, Some(0));
}

/// Final and wrapped proofs are verified under keys of their own, and `--key-hash` is about the key of each file.
#[test]
fn the_key_hash_is_that_of_the_key_of_each_file() {
    let (proof, wrapped) = (final_proof(), wrapped_proof());
    let hashes = [&proof, &wrapped].map(|path| {
        let hash = json_of(path)["verifyingKeyHash"].clone();
        hash.as_str().unwrap().to_owned()
    });
    let keys = ["verifier/keys/final.vk", "verifier/keys/wrap.vk"].map(repository);
    for (own, hash) in hashes.iter().enumerate() {
        let without = vec!["--json", "--key-hash", hash];
        let with = [&without[..], &["--key", keys[own].to_str().unwrap()]].concat();
        for options in [without, with] {
            for (index, path) in [&proof, &wrapped].into_iter().enumerate() {
                let said = verify(&[path], &options);
                let code = if index == own { 0 } else { 7 };
                assert_eq!(said.code, Some(code), "{path:?}: {}", said.stderr);
                // The message names the key that the file would be verified under.
                let other = hashes[index].as_str();
                assert!(code == 0 || said.stderr.contains(other), "{}", said.stderr);
            }
            // Together, each has its own verdict.
            let said = verify(&[&proof, &wrapped], &options).json();
            let verdicts = said["proofs"].as_array().unwrap().iter();
            let valid: Vec<_> = verdicts.map(|one| one["valid"] == true).collect();
            assert_eq!(valid, [own == 0, own == 1]);
        }
    }
    // The key in the file is another than asked for: nothing is verified.
    let crossed = ["--key", keys[0].to_str().unwrap(), "--key-hash", &hashes[1]];
    assert_eq!(verify(&[&wrapped], &crossed).code, Some(7));
}

/// A key that none of the proofs is verified under was given for nothing: nobody is told that they hold under it.
#[test]
fn a_key_of_the_other_kind_is_not_passed_over() {
    let (proof, wrapped) = (final_proof(), wrapped_proof());
    let keys = ["verifier/keys/final.vk", "verifier/keys/wrap.vk"].map(repository);
    for (own, path) in [&proof, &wrapped].into_iter().enumerate() {
        let said = |paths: &[&Path], key: &Path| verify(paths, &["--key", key.to_str().unwrap()]);
        assert_eq!(said(&[path], &keys[own]).code, Some(0));
        let other = said(&[path], &keys[1 - own]);
        assert_eq!(other.code, Some(2), "{}", other.stderr);
        assert!(other.stderr.contains("leave --key out"), "{}", other.stderr);
        // Where it is the key of one of them, the others are verified under the key built in.
        assert_eq!(said(&[&proof, &wrapped], &keys[own]).code, Some(0));
    }
}

#[test]
fn wrapped_proofs_have_a_key_too() {
    let other = repository("contract/tests/vectors/other_key.wrapped.json");
    let said = verify(&[&other], &["--json"]);
    assert_eq!(said.code, Some(7), "{}", said.stderr);
    // Under its own key it holds, and the pinned key's proof does not.
    let key = repository("contract/tests/vectors/other_key.vk");
    let options = ["--key", key.to_str().unwrap()];
    assert_eq!(verify(&[&other], &options).code, Some(0));
    assert_eq!(verify(&[&wrapped_proof()], &options).code, Some(7));
    // Claiming the pinned key does not help.
    let folder = tempfile::tempdir().unwrap();
    let pinned = json_of(&wrapped_proof())["verifyingKeyHash"].clone();
    let path = changed_from(&other, folder.path(), "p.json", |json| {
        json["verifyingKeyHash"] = pinned;
    });
    assert_eq!(verify(&[&path], &[]).code, Some(6));
}
