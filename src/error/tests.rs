//! Every kind of error has its code, its word and advice.

use braid_witness::store::StoreError;

use super::*;

#[test]
fn every_kind_has_its_code_and_advice() {
    let io = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let path = PathBuf::from("x");
    let cases = [
        (Error::Usage("x".into()), 2, "usage"),
        (Error::mismatch("x", "take y"), 2, "usage"),
        (
            Error::Words {
                what: "x".into(),
                tip: None,
            },
            2,
            "usage",
        ),
        (Error::OtherBlocks, 6, "invalid-proof"),
        (
            Error::OtherFile {
                what: "x".into(),
                advice: "take y",
            },
            3,
            "malformed",
        ),
        (Error::file(Access::Read, "x")(io()), 2, "usage"),
        (Error::file(Access::Write, "x")(io()), 2, "usage"),
        (Error::file(Access::Write, "x")(full()), 1, "machine"),
        (
            Error::Threads {
                count: 2,
                reason: "x".into(),
            },
            1,
            "machine",
        ),
        (
            Error::Job(JobError::Locked { path: path.clone() }),
            2,
            "usage",
        ),
        (Error::Job(JobError::DiskFull { path }), 1, "machine"),
        (Error::Internal("x".into()), 1, "internal"),
        (braid_contract::Error::NotSettle.into(), 3, "malformed"),
        (
            braid_contract::Error::Halted("x".into()).into(),
            1,
            "internal",
        ),
        (
            Error::WouldNotFit {
                label: "x".into(),
                piece: Piece::Other,
                needed: 2,
                available: 1,
            },
            8,
            "would-not-fit",
        ),
        (
            Error::Block(braid_witness::Error::WouldNotFit {
                place: braid_witness::error::Place {
                    block: 1,
                    index: 2,
                    hash: Default::default(),
                },
                reason: braid_witness::error::MemoryFault::Receipts { limit: 3 },
            }),
            8,
            "would-not-fit",
        ),
        (
            Error::Proof(braid_verifier::Error::NoPinnedKey),
            7,
            "wrong-key",
        ),
        (
            Error::Proof(braid_verifier::Error::Invalid("x".into())),
            6,
            "invalid-proof",
        ),
        (
            Error::Proof(braid_verifier::Error::Schema {
                what: "proof file",
                found: 0,
                expected: 1,
            }),
            3,
            "malformed",
        ),
        (
            Error::Block(braid_witness::Error::Malformed {
                place: "x".into(),
                what: "y".into(),
            }),
            3,
            "malformed",
        ),
    ];
    let store = |error: StoreError| Error::Block(braid_witness::Error::Store(error));
    let cases = cases.into_iter().chain([
        (store(StoreError::Missing("x".into())), 2, "usage"),
        (store(StoreError::Locked("x".into())), 2, "usage"),
        (
            store(StoreError::WrongChain {
                found: 1,
                expected: 2,
            }),
            2,
            "usage",
        ),
        (store(StoreError::Damaged("x".into())), 1, "internal"),
        (
            store(StoreError::MissingCode(Default::default())),
            1,
            "internal",
        ),
    ]);
    for (error, code, kind) in cases {
        assert_eq!(error.exit_code(), code, "{error}");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.advice().is_empty());
    }
}
