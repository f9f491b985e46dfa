#!/usr/bin/env bash
# Guess:     since resolver 2, features that only a dev-dependency asks for do not reach the library: what `cargo test` tests is what
#            `cargo build` builds.
# Instead:   `cargo test` builds the dependency, and the library itself, once more with these features. A library can pass all its tests
#            and not compile for anybody who depends on it; and a dependency's features in one member's dev-dependencies make
#            `cargo test --workspace` build again what `cargo build` has built.
# Versions:  cargo 1.85 or later (edition 2024, resolver 3), seen with 1.95.0; hex 0.4.3 (cargo)
# Seen:      2026-11-29
# Hurts:     libraries whose CI runs `cargo test` alone; everybody who waits for the second build.
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
hex = { version = "=0.4.3", default-features = false }

[dev-dependencies]
hex = "=0.4.3"
END
cat >src/lib.rs <<'END'
pub fn name() -> String {
    hex::encode("a")
}

#[test]
fn names() {
    assert_eq!(name(), "61");
}
END
cat >expected <<'END'
cargo test: 0
cargo build: 101
cannot find function `encode` in crate `hex`
END
{
    status=0
    cargo test --quiet >test.log 2>&1 || status=$?
    echo "cargo test: $status"
    status=0
    cargo build --quiet >build.log 2>&1 || status=$?
    echo "cargo build: $status"
    # shellcheck disable=SC2016 # Backticks are the compiler's.
    grep -o 'cannot find function `encode` in crate `hex`' build.log | head -n 1
} >seen
cargo --version
cat seen
diff expected seen || {
    cat test.log build.log
    echo 'this has changed'
    exit 1
}
