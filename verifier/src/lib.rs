//! Verification of Braid's final proofs: [`PublicValues`], the proof file ([`Proof`]), the [`VerifyingKey`] and
//! [`verify`]. No prover code.
//!
//! ```no_run
//! # fn main() -> Result<(), braid_verifier::Error> {
//! let key = braid_verifier::VerifyingKey::pinned()?;
//! let file = std::fs::read("proof.json").unwrap_or_default();
//! let proof = braid_verifier::Proof::from_json(&file)?;
//! let public = braid_verifier::verify(&key, &proof)?;
//! println!("blocks {} to {}", public.first_block, public.last_block);
//! # Ok(())
//! # }
//! ```
//!
//! # In a crate of your own
//!
//! plonky2's field arithmetic uses an unstable feature of Rust. A crate that depends on this one builds on stable Rust (1.95 or later) with this in its
//! `.cargo/config.toml`, which lets that one crate use it and no other:
//!
//! ```toml
//! # .cargo/config.toml
//! [env]
//! RUSTC_BOOTSTRAP = "plonky2_field"
//! ```
//!
//! It builds for `wasm32-unknown-unknown` too.

mod codec;
pub mod config;
mod error;
mod json;
mod key;
mod magic;
mod proof;
mod public_values;
pub mod security;
pub mod wrap;

pub use braid_text::Rules;
pub use error::Error;
pub use key::{KEY_MAGIC, PINNED_KEY, PINNED_KEY_HASH, VerifyingKey};
pub use magic::{MAGIC_BYTES, Magic};
pub use proof::{MAX_PROOF_FILE, Proof, SCHEMA_VERSION, verify};
pub use public_values::{ABI_BYTES, ABI_WORDS, PublicValues, STATEMENT_LIMBS, STATEMENT_VERSION};
pub use security::ProofSecurity;
