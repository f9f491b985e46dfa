//! What is said about security: in the page, by the commands, in proof files, always the same.

use std::path::Path;

use assert_cmd::Command;
use braid::VerifyingKey;
use serde_json::Value;

fn braid(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("braid"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code())
}

fn json(arguments: &[&str]) -> Value {
    let (text, code) = braid(&[arguments, &["--json"]].concat());
    assert_eq!(code, Some(0), "{text}");
    serde_json::from_str(&text).unwrap()
}

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

const FINAL: &str = "examples/proofs/transfers.proof.json";
const WRAPPED: &str = "examples/proofs/transfers.wrapped.json";

/// To set the page anew: put the command's output between the fences.
#[test]
fn the_page_shows_what_the_program_prints() {
    let (printed, code) = braid(&["inspect", "--security"]);
    assert_eq!(code, Some(0));
    let page = page("security.md");
    let block = page.split("```text\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    assert_eq!(block, printed);
    assert_eq!(page.matches("```text\n").count(), 1);
}

#[test]
fn the_pages_say_the_levels_in_the_same_numbers() {
    let shown = json(&["inspect", "--security"]);
    let level = |field: &str| {
        let security = &shown[field];
        let (proven, conjectured) = (&security["provenBits"], &security["conjecturedBits"]);
        [
            format!("{proven} bits proven and {conjectured} bits conjectured"),
            format!("{proven} bits proven, {conjectured} bits conjectured"),
        ]
    };
    let (of_final, of_wrapped) = (level("security"), level("wrappedSecurity"));
    let security = page("security.md");
    assert!(security.contains(&of_final[0]) && security.contains(&of_wrapped[0]));
    assert!(page("on-chain.md").contains(&of_wrapped[0]));
    // The page for whoever reports faults names the weakest layer and its bits.
    let summary = page("../SECURITY.md");
    let weakest = shown["wrappedSecurity"]["weakestLayer"].as_str().unwrap();
    let layers = shown["layers"].as_array().unwrap();
    let layer = layers.iter().find(|layer| layer["name"] == weakest);
    let bits = layer.unwrap()["conjecturedBits"].as_f64().unwrap();
    for part in [
        weakest.to_owned(),
        format!("({bits:.1} by"),
        format!("{} bits", shown["wrappedSecurity"]["conjecturedBits"]),
    ] {
        assert!(summary.contains(&part), "{part}");
    }
    for (proven, of) in [
        ("security", "for a final proof"),
        ("wrappedSecurity", "for a wrapped one"),
    ] {
        let part = format!("{} {of}", shown[proven]["provenBits"]);
        assert!(summary.contains(&part), "{part}");
    }
    // What stands in other words is said of nothing else.
    for name in [
        "security.md",
        "on-chain.md",
        "recursion.md",
        "settlement.md",
    ] {
        assert!(!page(name).contains("bits of security"), "{name}");
    }
}

#[test]
fn every_command_says_the_same_of_a_proof() {
    let shown = json(&["inspect", "--security"]);
    let verified = json(&["verify", FINAL, WRAPPED]);
    assert_eq!(verified["proofs"][0]["security"], shown["security"]);
    assert_eq!(verified["proofs"][1]["security"], shown["wrappedSecurity"]);
    assert_eq!(json(&["inspect", FINAL])["security"], shown["security"]);
    assert_eq!(shown["security"]["covers"], "whole-proof");

    // The level is that of the weakest layer, and a layer's that of its weakest round.
    let layers = shown["layers"].as_array().unwrap();
    let least = |values: &[Value], field: &str| {
        let bits = values.iter().map(|value| value[field].as_f64().unwrap());
        bits.fold(f64::INFINITY, f64::min)
    };
    for field in ["provenBits", "conjecturedBits"] {
        let level = shown["wrappedSecurity"][field].as_f64().unwrap();
        assert_eq!(level, least(layers, field).floor());
        for layer in layers {
            let rounds = layer["rounds"].as_array().unwrap();
            assert_eq!(layer[field].as_f64().unwrap(), least(rounds, field));
        }
    }

    // In words, and never the final circuit's own figure.
    for arguments in [["verify", FINAL], ["inspect", FINAL]] {
        let (text, _) = braid(&arguments);
        let expected = VerifyingKey::pinned().unwrap().security();
        assert!(text.contains(&format!("security: {expected}\n")), "{text}");
        assert!(!text.contains("101 bits"), "{text}");
    }
}

/// Whoever has only a key knows nothing of what is below it.
#[test]
fn a_proof_under_another_key_has_no_level() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.proof.json");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FINAL);
    let mut proof: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    proof["verifyingKeyHash"] = Value::String(format!("0x{}", "11".repeat(32)));
    std::fs::write(&path, proof.to_string()).unwrap();
    let shown = json(&["inspect", path.to_str().unwrap()]);
    assert_eq!(shown["security"], Value::Null);
    let (text, _) = braid(&["inspect", path.to_str().unwrap()]);
    assert!(text.contains("security: not known"), "{text}");
}
