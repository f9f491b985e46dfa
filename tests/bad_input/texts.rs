//! Hashes, addresses and numbers on the command line: one form each.

use super::*;

fn refused(words: &[&str], text: &str) {
    let output = braid().args(words).arg(text).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "{words:?} {text:?}: {stderr}"
    );
    assert!(stderr.contains("invalid value"), "{text:?}: {stderr}");
}

#[test]
fn texts_have_one_form() {
    let address = "11".repeat(20);
    let hash = "22".repeat(32);
    let forms = |digits: &str| {
        [
            digits.to_owned(),
            format!("0x0x{digits}"),
            format!("0X{digits}"),
            format!(" 0x{digits}"),
            format!("0x{digits} "),
            format!("0x{}", &digits[1..]),
            format!("0x{digits}00"),
            format!("0x+{}", &digits[1..]),
            format!("0x_{}", &digits[1..]),
        ]
    };
    for text in forms(&address) {
        refused(&["state", "get", "--state-dir", "none"], &text);
        refused(
            &["prove", "none", "--calldata", "none", "--verifier"],
            &text,
        );
        refused(&["prove", "none", "--calldata", "none", "--rollup"], &text);
    }
    for text in forms(&hash) {
        refused(&["verify", "none", "--key", "none", "--key-hash"], &text);
        refused(
            &[
                "export-verifier",
                "--out",
                "none",
                "--key",
                "none",
                "--key-hash",
            ],
            &text,
        );
    }
    let account = format!("0x{address}");
    for text in ["0x0x1", "0X1", "0b1", "0o7", "+1", "1_0", " 1", "0x", "ff"] {
        refused(&["state", "get", "--state-dir", "none", &account], text);
        refused(&["import", "none", "--out", "none", "--chain-id"], text);
    }
}
