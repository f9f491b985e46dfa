//! What Braid keeps for itself: the cache, the job folder; and pages for people.

use braid::cache_files::{CACHE_MAGIC, check};
use braid::progress::counted;
use braid_prover::job::{entry_version, known_entry_version, read_entry};
use serde_json::json;

use super::super::input::Input;
use super::{Answer, Error, malformed};

const CACHE_FILE: &str = "cache file";

pub fn cache_file(input: Input) -> Result<Answer, Error> {
    let fault = input.fault();
    let header = check(input.reader()).map_err(fault)?;
    let header = header.ok_or_else(|| malformed(CACHE_FILE, "cut off"))?;
    let known = CACHE_MAGIC.version;
    if header.version != known {
        return Err(Error::Proof(braid_verifier::Error::Schema {
            what: CACHE_FILE,
            found: header.version.into(),
            expected: known,
        }));
    }
    if !header.whole {
        return Err(malformed(CACHE_FILE, "damaged: its checksum is another"));
    }
    Ok(Answer {
        text: format!(
            "cache file, version {}: a circuit or key of {}, whole; its name says which\n",
            header.version,
            counted(header.bytes, "byte")
        ),
        json: json!({ "version": header.version, "valueBytes": header.bytes }),
    })
}

pub fn job_entry(bytes: &[u8]) -> Result<Answer, Error> {
    const JOB_ENTRY: &str = "job entry";
    if let (Some(found), Some(expected)) = (entry_version(bytes), known_entry_version())
        && found > expected
    {
        return Err(Error::Proof(braid_verifier::Error::Schema {
            what: JOB_ENTRY,
            found: found.into(),
            expected,
        }));
    }
    let (digest, payload) = read_entry(bytes).map_err(|reason| malformed(JOB_ENTRY, reason))?;
    Ok(Answer {
        text: format!(
            "job entry: a finished proof of {}, whole; its name says of what\nfor the input {digest}\n",
            counted(payload.len(), "byte")
        ),
        json: json!({ "input": digest, "proofBytes": payload.len() }),
    })
}

pub fn timeline(bytes: &[u8]) -> Answer {
    text("timeline of an execution: open it in a browser", bytes)
}

/// A file that people read, and what with.
pub fn text(what: &str, bytes: &[u8]) -> Answer {
    Answer {
        text: format!("{what}; {}\n", counted(bytes.len(), "byte")),
        json: json!({ "bytes": bytes.len() }),
    }
}
