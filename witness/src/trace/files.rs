//! A folder of execution traces: both formats, there as a whole or not at all.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use braid_circuits::event::trace::TransactionTrace;
use tempfile::NamedTempFile;

use super::TraceSink;
use super::binary::BinaryWriter;
use super::json::{JsonLines, JsonOptions};
use crate::error::{Error, Result};

/// A line of JSON for each transaction.
pub const TRANSACTIONS_FILE: &str = "transactions.jsonl";
/// A line of JSON for each step (EIP-3155).
pub const STEPS_FILE: &str = "steps.jsonl";
/// All of it for machines.
pub const BINARY_FILE: &str = "traces.bin";

type Out = BufWriter<NamedTempFile>;

/// Writes traces to a folder, under temporary names until [`Self::finish`].
#[derive(Debug)]
pub struct TraceFiles {
    folder: PathBuf,
    json: JsonLines<Out, Out>,
    binary: BinaryWriter<Out>,
}

impl TraceFiles {
    /// Makes the folder if it is not there. Files of earlier traces in it stay until [`Self::finish`] replaces them.
    ///
    /// # Errors
    /// [`Error::TraceFile`].
    pub fn create(folder: &Path, options: JsonOptions) -> Result<Self> {
        let fail = |error| fault(folder, error);
        fs::create_dir_all(folder).map_err(fail)?;
        let file = || temporary_in(folder).map(BufWriter::new).map_err(fail);
        Ok(Self {
            folder: folder.to_owned(),
            json: JsonLines::new(file()?, file()?, options),
            binary: BinaryWriter::new(file()?)?,
        })
    }

    /// Gives the files their names, when all are complete and on the disk.
    ///
    /// # Errors
    /// [`Error::TraceFile`].
    pub fn finish(self) -> Result<()> {
        let fail = |error| fault(&self.folder, error);
        let (transactions, steps) = self.json.into_inner();
        let files = [
            (transactions, TRANSACTIONS_FILE),
            (steps, STEPS_FILE),
            (self.binary.finish()?, BINARY_FILE),
        ];
        let mut complete = Vec::with_capacity(files.len());
        for (file, name) in files {
            let file = file
                .into_inner()
                .map_err(|error| fail(error.into_error()))?;
            file.as_file().sync_all().map_err(fail)?;
            complete.push((file, name));
        }
        for (file, name) in complete {
            file.persist(self.folder.join(name))
                .map_err(|error| fail(error.error))?;
        }
        #[cfg(unix)]
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(fail)?;
        Ok(())
    }
}

fn fault(folder: &Path, error: std::io::Error) -> Error {
    Error::TraceFile {
        path: folder.display().to_string(),
        reason: error.to_string(),
    }
}

/// A temporary file with the permissions that files usually get, since it is to stay.
fn temporary_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

impl TraceSink for TraceFiles {
    fn take(&mut self, trace: TransactionTrace) -> Result<()> {
        self.json.write(&trace)?;
        self.binary.write(&trace)
    }
}
