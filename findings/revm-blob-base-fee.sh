#!/usr/bin/env bash
# Guess:     revm's price of blob gas is EIP-4844's fake_exponential for every excess whose price has 128 bits, and says so if it has not.
# Instead:   it multiplies in 128 bits without a check. With Cancun's update fraction the price is right at an excess of 0xb400000 and another
#            number at 0xb800000, where the right one has 84 bits; no error is reported. Very large values also take very long.
# Versions:  revm-context-interface 43.0.2 (cargo)
# Seen:      2026-11-30
# Hurts:     whoever executes blocks of test networks, simulations or test files that state an excess of their own: BLOBBASEFEE shows a wrong price.
#            Ethereum's mainnet is far below the bound.
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
revm-context-interface = { version = "=43.0.2", default-features = false, features = ["std"] }

[profile.dev]
# As in a release build: with checks of overflow it panics instead.
overflow-checks = false
END
cat >src/main.rs <<'END'
use revm_context_interface::block::calc_blob_gasprice;

fn main() {
    // The right prices: fake_exponential(1, excess, 3338477) in integers without a bound, computed elsewhere.
    for (excess, right) in [
        (0xb40_0000, 3_574_485_597_916_743_157_327_943_u128),
        (0xb80_0000, 12_555_688_118_111_577_933_600_903),
    ] {
        let is_right = calc_blob_gasprice(excess, 3_338_477) == right;
        println!("{excess:#x} {}", if is_right { "right" } else { "wrong" });
    }
}
END
cat >expected <<'END'
0xb400000 right
0xb800000 wrong
END
echo 'revm-context-interface 43.0.2'
cargo run --quiet | tee seen
diff expected seen || {
    echo 'this has changed'
    exit 1
}
