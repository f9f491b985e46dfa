//! Execution traces for machines: a header, then records with their length in front. docs/traces.md has the format.

use std::collections::HashSet;
use std::io::{Read, Write};

use alloy_primitives::map::B256Map;
use alloy_primitives::{B256, Bytes, keccak256};
use braid_circuits::event::trace::TransactionTrace;
use serde::{Deserialize, Serialize};

use super::TraceSink;
use crate::error::{Error, Result};

/// The first bytes of a file.
pub const MAGIC: [u8; 8] = *b"BRAIDTRC";
/// Of the format that is written and read here.
const VERSION: u32 = 1;
/// Most bytes of a record: far more than the trace of a transaction with 30 million gas takes.
pub const MAX_RECORD_BYTES: usize = 1 << 28;

/// Records of up to so many bytes may claim to hold so many decoded bytes.
const SMALL: (usize, usize) = (1 << 14, 1 << 18);
const MEDIUM: (usize, usize) = (1 << 20, 1 << 24);
const LARGE: (usize, usize) = (MAX_RECORD_BYTES, 1 << 32);

#[derive(Serialize)]
enum RecordRef<'a> {
    Code(&'a Bytes),
    Trace(&'a TransactionTrace),
    End(u64),
}

/// Must mirror [`RecordRef`].
#[derive(Deserialize)]
enum Record {
    Code(Bytes),
    Trace(Box<TransactionTrace>),
    End(u64),
}

fn unwritable(error: std::io::Error) -> Error {
    Error::TraceFile {
        path: "binary execution traces".to_owned(),
        kind: error.kind(),
        reason: error.to_string(),
    }
}

fn format(what: impl Into<String>) -> Error {
    Error::TraceFormat(what.into())
}

/// Writes traces. Each bytecode is written once, before the first trace that needs it.
#[derive(Debug)]
pub struct BinaryWriter<W> {
    out: W,
    known: HashSet<B256>,
    count: u64,
}

impl<W: Write + Send> BinaryWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// [`Error::TraceFile`].
    pub fn new(mut out: W) -> Result<Self> {
        out.write_all(&MAGIC).map_err(unwritable)?;
        out.write_all(&VERSION.to_le_bytes()).map_err(unwritable)?;
        Ok(Self {
            out,
            known: HashSet::new(),
            count: 0,
        })
    }

    /// Writes one trace.
    ///
    /// # Errors
    /// [`Error::TraceFile`], also for a trace of more than [`MAX_RECORD_BYTES`].
    pub fn write(&mut self, trace: &TransactionTrace) -> Result<()> {
        for (hash, code) in trace.codes.iter() {
            if self.known.insert(*hash) {
                self.record(&RecordRef::Code(code))?;
            }
        }
        self.record(&RecordRef::Trace(trace))?;
        self.count += 1;
        Ok(())
    }

    /// Writes the end, without which a file is not complete.
    ///
    /// # Errors
    /// [`Error::TraceFile`].
    pub fn finish(mut self) -> Result<W> {
        self.record(&RecordRef::End(self.count))?;
        self.out.flush().map_err(unwritable)?;
        Ok(self.out)
    }

    fn record(&mut self, record: &RecordRef<'_>) -> Result<()> {
        let bytes = bincode::serde::encode_to_vec(record, bincode::config::standard())
            .map_err(|error| Error::Internal(format!("encoding a trace: {error}")))?;
        let length = u32::try_from(bytes.len()).ok();
        let length = length.filter(|length| *length as usize <= MAX_RECORD_BYTES);
        let length = length.ok_or_else(|| {
            let reason = "a trace is too long for a record";
            unwritable(std::io::Error::new(
                std::io::ErrorKind::FileTooLarge,
                reason,
            ))
        })?;
        self.out
            .write_all(&length.to_le_bytes())
            .map_err(unwritable)?;
        self.out.write_all(&bytes).map_err(unwritable)
    }
}

impl<W: Write + Send> TraceSink for BinaryWriter<W> {
    fn take(&mut self, trace: TransactionTrace) -> Result<()> {
        self.write(&trace)
    }
}

/// Reads traces, whole with their bytecode. Ends after an error.
#[derive(Debug)]
pub struct BinaryReader<R> {
    input: R,
    codes: B256Map<Bytes>,
    count: u64,
    ended: bool,
}

impl<R: Read> BinaryReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`Error::TraceFormat`] if it is that of another format or an older version, [`Error::NewerVersion`], [`Error::TraceFile`] if it cannot be read.
    pub fn new(mut input: R) -> Result<Self> {
        let mut header = Vec::with_capacity(12);
        let length = MAGIC.len() as u64 + 4;
        (&mut input)
            .take(length)
            .read_to_end(&mut header)
            .map_err(unwritable)?;
        let Some(version) = header.strip_prefix(&MAGIC) else {
            return Err(format("this is no file of execution traces"));
        };
        let version = <[u8; 4]>::try_from(version).map(u32::from_le_bytes);
        let version = version.map_err(|_| format("the file ends within its header"))?;
        if version > VERSION {
            return Err(Error::NewerVersion {
                what: "binary execution traces",
                found: version.into(),
                known: VERSION.into(),
            });
        }
        if version != VERSION {
            return Err(format(format!(
                "version {version}; this release reads version {VERSION} alone"
            )));
        }
        Ok(Self {
            input,
            codes: B256Map::default(),
            count: 0,
            ended: false,
        })
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        // Grows with what is there, not with what is claimed.
        let mut bytes = Vec::new();
        (&mut self.input)
            .take(length as u64)
            .read_to_end(&mut bytes)
            .map_err(unwritable)?;
        match bytes.len() == length {
            true => Ok(bytes),
            false => Err(format("the file ends within a record")),
        }
    }

    fn record(&mut self) -> Result<Record> {
        let length = self.bytes(4)?;
        let length = length
            .try_into()
            .map(u32::from_le_bytes)
            .unwrap_or_default() as usize;
        if length > MAX_RECORD_BYTES {
            return Err(format(format!("a record of {length} bytes is too long")));
        }
        let bytes = self.bytes(length)?;
        let standard = bincode::config::standard();
        let (record, used) = if length <= SMALL.0 {
            bincode::serde::decode_from_slice(&bytes, standard.with_limit::<{ SMALL.1 }>())
        } else if length <= MEDIUM.0 {
            bincode::serde::decode_from_slice(&bytes, standard.with_limit::<{ MEDIUM.1 }>())
        } else {
            bincode::serde::decode_from_slice(&bytes, standard.with_limit::<{ LARGE.1 }>())
        }
        .map_err(|_| format("a record is damaged"))?;
        match used == length {
            true => Ok(record),
            false => Err(format("bytes follow in a record")),
        }
    }

    fn next_trace(&mut self) -> Result<Option<TransactionTrace>> {
        loop {
            match self.record()? {
                Record::Code(code) => {
                    self.codes.insert(keccak256(&code), code);
                }
                Record::Trace(mut trace) => {
                    let hashes: Vec<B256> = trace.codes.iter().map(|(hash, _)| *hash).collect();
                    for hash in hashes {
                        let code = self.codes.get(&hash);
                        let code =
                            code.ok_or_else(|| format(format!("bytecode {hash} is missing")))?;
                        trace.codes.insert(hash, || code.clone());
                    }
                    self.count += 1;
                    return Ok(Some(*trace));
                }
                Record::End(count) => {
                    if count != self.count {
                        return Err(format("the number of traces is wrong"));
                    }
                    let mut more = [0];
                    return match self.input.read(&mut more).map_err(unwritable)? {
                        0 => Ok(None),
                        _ => Err(format("bytes follow the end")),
                    };
                }
            }
        }
    }
}

impl<R: Read> Iterator for BinaryReader<R> {
    type Item = Result<TransactionTrace>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_trace().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
