#!/usr/bin/env bash
# Guess:     a struct with a field of type u128 that serde_json writes and reads can be put behind #[serde(flatten)], #[serde(tag)] or
#            #[serde(untagged)] as it is.
# Instead:   it is still written, but no longer read, not even the number 1: "u128 is not supported". Behind `untagged` the message does not
#            say so: it is that no variant matches. Through serde_json::Value it is read, but only below 2^64: one more is refused on the
#            way in ("number out of range"), and comes out of JSON text as a floating-point number.
# Versions:  serde 1.0.229, serde_json 1.0.154 (cargo)
# Seen:      2026-11-29
# Hurts:     whoever keeps amounts in u128, such as wei, and one day moves their fields into a shared struct or makes an enum of two
#            formats: files that the same program wrote are refused.
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
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"
END
cat >src/main.rs <<'END'
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_str, from_value, to_string, to_value};

#[derive(Serialize, Deserialize)]
struct Amount {
    wei: u128,
}

#[derive(Serialize, Deserialize)]
struct Flattened {
    #[serde(flatten)]
    amount: Amount,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Amount(Amount),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Amount(Amount),
}

fn there_and_back<T: Serialize + DeserializeOwned>(value: &T) -> String {
    let text = to_string(value).unwrap();
    match from_str::<T>(&text) {
        Ok(_) => format!("{text} is read"),
        Err(error) => format!("{text}: {error}"),
    }
}

fn main() {
    let amount = |wei| Amount { wei };
    println!("alone      {}", there_and_back(&amount(u128::MAX)));
    println!("flattened  {}", there_and_back(&Flattened { amount: amount(1) }));
    println!("tagged     {}", there_and_back(&Tagged::Amount(amount(1))));
    println!("untagged   {}", there_and_back(&Untagged::Amount(amount(1))));
    let value = to_value(amount(u64::MAX.into())).unwrap();
    println!("2^64 - 1   {}", from_value::<Amount>(value).unwrap().wei);
    println!("2^64       {}", to_value(amount(1 << 64)).unwrap_err());
    println!("from text  {}", from_str::<Value>(&to_string(&amount(1 << 64)).unwrap()).unwrap());
}
END
cat >expected <<'END'
alone      {"wei":340282366920938463463374607431768211455} is read
flattened  {"wei":1}: u128 is not supported at line 1 column 9
tagged     {"kind":"Amount","wei":1}: u128 is not supported
untagged   {"wei":1}: data did not match any variant of untagged enum Untagged
2^64 - 1   18446744073709551615
2^64       number out of range
from text  {"wei":1.8446744073709552e+19}
END
echo 'serde 1.0.229, serde_json 1.0.154'
cargo run --quiet | tee seen
diff expected seen || {
    echo 'this has changed'
    exit 1
}
