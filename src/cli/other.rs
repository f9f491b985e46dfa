//! A file of another kind than a command takes: what it is, and which command takes it.

use braid::Error;

use super::kind::Kind;

/// What a kind is called in a sentence.
fn in_words(kind: Kind) -> String {
    let name = kind.name();
    match kind {
        Kind::CircuitKeys
        | Kind::Calls
        | Kind::TransactionLines
        | Kind::StepLines
        | Kind::BinaryTraces
        | Kind::KeySource => name.to_owned(),
        _ => format!("a {name}"),
    }
}

/// Who takes files of this kind.
fn takers(kind: Kind) -> &'static str {
    match kind {
        Kind::BlockFile => {
            "give another file: braid execute, braid check and braid prove take block files"
        }
        Kind::ProofJson | Kind::ProofBinary => {
            "give another file: braid verify and braid wrap take proofs"
        }
        Kind::WrappedProof => {
            "give another file: braid verify and braid calldata take wrapped proofs"
        }
        Kind::VerifyingKey | Kind::WrapKey => {
            "give another file: braid verify takes keys with --key"
        }
        _ => "give another file: braid inspect shows what is in this one",
    }
}

/// An error about a file that holds `found`, where `wanted` is needed.
pub fn other_file(found: Kind, wanted: &str) -> Error {
    Error::OtherFile {
        what: format!("it holds {}, and {wanted} is needed here", in_words(found)),
        advice: takers(found),
    }
}

/// An error about a state test where a block file is needed, which it can become.
pub fn state_test_file() -> Error {
    Error::OtherFile {
        what: "it holds state tests, and a block file is needed here".to_owned(),
        advice: "make a block file of one of them with braid import",
    }
}
