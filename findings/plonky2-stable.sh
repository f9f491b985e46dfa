#!/usr/bin/env bash
# Guess:     a crate with a stable version number, without a `rust-version` in its manifest and without a build script, builds with stable Rust.
# Instead:   plonky2_field, below every version of plonky2 that is published, uses unstable features and fails with E0554. Setting
#            RUSTC_BOOTSTRAP=1 for all crates is not needed: RUSTC_BOOTSTRAP=plonky2_field in the `[env]` of the building crate's
#            .cargo/config.toml lets that crate alone use them.
# Versions:  plonky2_field 1.0.0 (cargo), seen with rustc 1.95.0
# Seen:      2026-11-29
# Hurts:     whoever depends on a crate that depends on plonky2: the configuration of a dependency is not read, each dependent needs its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

unset RUSTC_BOOTSTRAP
mkdir src .cargo
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
plonky2_field = "=1.0.0"
END
cat >src/main.rs <<'END'
use plonky2_field::goldilocks_field::GoldilocksField;
use plonky2_field::types::Field;

fn main() {
    println!("{}", GoldilocksField::NEG_ONE + GoldilocksField::TWO);
}
END
cat >expected <<'END'
as it is: 101
error[E0554]: `#![feature]` may not be used on the stable release channel
with the crate named: 0
1
END
{
    status=0
    cargo run --quiet >alone.log 2>&1 || status=$?
    echo "as it is: $status"
    grep -x 'error\[E0554\]: .*' alone.log | head -n 1
    printf '[env]\nRUSTC_BOOTSTRAP = "plonky2_field"\n' >.cargo/config.toml
    status=0
    cargo run --quiet >named.log 2>/dev/null || status=$?
    echo "with the crate named: $status"
    cat named.log
} >seen
rustc --version
cat seen
diff expected seen || {
    cat alone.log
    echo 'this has changed'
    exit 1
}
