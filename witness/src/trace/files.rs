//! A folder of execution traces: both formats, there as a whole or not at all.

use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use braid_circuits::event::trace::TransactionTrace;

use super::TraceSink;
use super::binary::BinaryWriter;
use super::json::{JsonLines, JsonOptions};
use crate::error::{Error, Result};
use crate::files::Unfinished;

/// A line of JSON for each transaction.
pub const TRANSACTIONS_FILE: &str = "transactions.jsonl";
/// A line of JSON for each step (EIP-3155).
pub const STEPS_FILE: &str = "steps.jsonl";
/// All of it for machines.
pub const BINARY_FILE: &str = "traces.bin";

/// Which files there are, and what is in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceFileOptions {
    /// Whether [`STEPS_FILE`] is written, which is by far the largest.
    pub steps: bool,
    /// What it holds.
    pub json: JsonOptions,
}

impl Default for TraceFileOptions {
    fn default() -> Self {
        Self {
            steps: true,
            json: JsonOptions::default(),
        }
    }
}

type Out = BufWriter<Unfinished>;

/// Writes traces to a folder, under temporary names until [`Self::finish`].
#[derive(Debug)]
pub struct TraceFiles {
    folder: PathBuf,
    steps: bool,
    json: JsonLines<Out, Out>,
    binary: BinaryWriter<Out>,
}

impl TraceFiles {
    /// Makes the folder if it is not there. Files of earlier traces in it stay until [`Self::finish`] replaces them.
    ///
    /// # Errors
    /// [`Error::TraceFile`].
    pub fn create(folder: &Path, options: TraceFileOptions) -> Result<Self> {
        let fail = |error| fault(folder, error);
        fs::create_dir_all(folder).map_err(fail)?;
        let file = |name| {
            let file = Unfinished::create(&folder.join(name));
            file.map(BufWriter::new).map_err(fail)
        };
        let steps = match options.steps {
            true => Some(file(STEPS_FILE)?),
            false => None,
        };
        Ok(Self {
            folder: folder.to_owned(),
            steps: options.steps,
            json: JsonLines::new(file(TRANSACTIONS_FILE)?, steps, options.json),
            binary: BinaryWriter::new(file(BINARY_FILE)?)?,
        })
    }

    /// Gives the files their names, when all are complete and on the disk.
    ///
    /// # Errors
    /// [`Error::TraceFile`].
    pub fn finish(self) -> Result<()> {
        let fail = |error| fault(&self.folder, error);
        let (transactions, steps) = self.json.into_inner();
        let mut complete = Vec::new();
        for file in [Some(transactions), steps, Some(self.binary.finish()?)] {
            let Some(file) = file else { continue };
            let file = file
                .into_inner()
                .map_err(|error| fail(error.into_error()))?;
            file.sync().map_err(fail)?;
            complete.push(file);
        }
        for file in complete {
            file.finish().map_err(fail)?;
        }
        if !self.steps {
            // Those of earlier traces do not go with these.
            let removed = fs::remove_file(self.folder.join(STEPS_FILE));
            if let Err(error) = removed
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(fail(error));
            }
        }
        Ok(())
    }
}

fn fault(folder: &Path, error: std::io::Error) -> Error {
    Error::TraceFile {
        path: folder.display().to_string(),
        kind: error.kind(),
        reason: error.to_string(),
    }
}

impl TraceSink for TraceFiles {
    fn take(&mut self, trace: TransactionTrace) -> Result<()> {
        let written = self.json.write(&trace);
        written
            .and_then(|()| self.binary.write(&trace))
            .map_err(|error| match error {
                // The writers know no name.
                Error::TraceFile { kind, reason, .. } => Error::TraceFile {
                    path: self.folder.display().to_string(),
                    kind,
                    reason,
                },
                other => other,
            })
    }
}
