//! Rules that there are not, and those of another chain.

use braid::Rules;

use super::*;

#[test]
fn rules_that_there_are_not() {
    let mut case = case();
    let path = case.write_signed();
    let mut json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for (wrong, says) in [
        (
            Value::from("shanghai"),
            r#"rules: "shanghai" is none of cancun, prague, osaka"#,
        ),
        (Value::from(2), r#"rules: "2" is none of"#),
    ] {
        json["rules"] = wrong;
        fs::write(&path, json.to_string()).unwrap();
        refused(&path, 3, "malformed", &[says]);
    }
    // On the command line.
    for words in [
        &["import", "none", "--out", "none", "--rules", "shanghai"][..],
        &["bench", "transfers", "--rules", "Osaka"],
    ] {
        let output = braid().args(words).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("cancun, prague, osaka"), "{stderr}");
    }
}

/// A state folder has the rules of the file that it was made from, and takes no blocks by others.
#[test]
fn rules_of_another_chain() {
    let mut case = case();
    case.file.rules = Rules::Osaka;
    let path = case.write_signed();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let made = braid()
        .args(["state", "init", "--json", "--genesis"])
        .arg(&path)
        .arg("--state-dir")
        .arg(&state)
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(json["rules"], "osaka");
    for (rules, code) in [(Rules::Prague, 2), (Rules::Cancun, 2), (Rules::Osaka, 0)] {
        case.file.rules = rules;
        let path = case.write_signed();
        for command in ["check", "execute"] {
            if code == 0 && command == "check" {
                continue;
            }
            let output = braid()
                .args([command, "--json", "--state-dir"])
                .args([&state, &path])
                .output()
                .unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{command}: {stderr}");
            let json: Value = serde_json::from_slice(&output.stdout).unwrap();
            match code {
                0 => assert_eq!(json["rules"], "osaka"),
                _ => {
                    assert_eq!(json["error"]["kind"], "usage");
                    let says = format!("of a chain with the rules osaka, not {rules}");
                    assert!(stderr.contains(&says), "{stderr}");
                    assert!(stderr.contains("what to do: "), "{stderr}");
                }
            }
        }
    }
}

#[test]
fn what_later_rules_refuse() {
    // Type 4 before there was such a type; more gas than a transaction may have; type 4, which is valid and not proved.
    let set_code = |case: &mut Case| {
        let authorization = case.key.authorize(U256::ZERO, CONTRACT, 6);
        case.draft.kind = TransactionKind::SetCode;
        case.draft.gas_limit = 100_000;
        case.draft.authorizations = vec![authorization.unwrap()];
    };
    let mut early = case();
    set_code(&mut early);
    let path = early.write_signed();
    let says = "transactions of type 4 are taken from the rules prague on";
    refused(&path, 4, "invalid-block", &["transaction 0", says]);

    let mut capped = case();
    capped.file.rules = Rules::Osaka;
    capped.draft.gas_limit = (1 << 24) + 1;
    let path = capped.write_signed();
    refused(&path, 4, "invalid-block", &["transaction 0", "EIP-7825"]);

    let mut floor = case();
    floor.file.rules = Rules::Prague;
    floor.draft.data = vec![1; 100].into();
    floor.draft.gas_limit = 24_999;
    let path = floor.write_signed();
    refused(&path, 4, "invalid-block", &["transaction 0", "EIP-7623"]);

    let mut unproved = case();
    unproved.file.rules = Rules::Osaka;
    set_code(&mut unproved);
    let path = unproved.write_signed();
    let commands = ["prove", "check"];
    refused_by(
        &commands,
        &path,
        5,
        "not-provable",
        &["transaction 0", "EIP-7702"],
    );
    let traces = tempfile::tempdir().unwrap();
    let output = braid()
        .args(["execute", "--json", "--trace"])
        .args([traces.path(), &path])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["notProvable"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(json["rules"], "osaka");
}
