#!/usr/bin/env bash
# Guess:     a U256 in JSON or on a command line is a number in decimal, or in hexadecimal after 0x, and all else is refused.
# Instead:   FromStr and serde of ruint, and so of alloy-primitives, take 0b for binary and 0o for octal, skip underscores, and read an empty
#            text, "0x" or "_" as zero. Hexadecimal digits without 0x that begin with 0b are another number than meant: "0b10" is 2, not
#            2832, while "0b12" and "b10" are refused. Bytes of alloy-primitives read the same text as hexadecimal.
# Versions:  ruint 1.21.1, alloy-primitives 1.7.3, serde_json 1.0.154 (cargo)
# Seen:      2026-11-29
# Hurts:     whoever takes the type's own parser for the check of an input: a missing amount ("") is zero, and whether digits without 0x are
#            refused or mean something else depends on which they are.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir src
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
alloy-primitives = { version = "=1.7.3", features = ["serde"] }
ruint = { version = "=1.21.1", features = ["serde"] }
serde_json = "=1.0.154"
END
cat >src/main.rs <<'END'
use alloy_primitives::{Bytes, U256};

fn main() {
    for text in ["10", "0x10", "0b10", "0b12", "b10", "0o10", "1_000", "", "0x", "_"] {
        let parsed: Result<U256, _> = text.parse();
        let from_json: Result<U256, _> = serde_json::from_value(text.into());
        let show = |number: Option<U256>| number.map_or("refused".to_owned(), |number| number.to_string());
        println!("{text:7} {:8} {}", show(parsed.ok()), show(from_json.ok()));
    }
    println!("bytes   {}", "0b10".parse::<Bytes>().unwrap());
}
END
cat >expected <<'END'
10      10       10
0x10    16       16
0b10    2        2
0b12    refused  refused
b10     refused  refused
0o10    8        8
1_000   1000     1000
        0        0
0x      0        0
_       0        0
bytes   0x0b10
END
echo 'ruint 1.21.1, alloy-primitives 1.7.3'
cargo run --quiet | tee seen
diff expected seen || {
    echo 'this has changed'
    exit 1
}
