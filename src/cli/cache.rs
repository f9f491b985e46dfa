//! `cache`: what the cache folder holds, and what of it can go.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use braid::Error;
use braid::cache_files::{CacheFile, CacheState, list as files_in, remove};
use braid::progress::counted;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Answer, Failure, Outcome, default_cache_dir, path_json};

/// `braid cache`.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Show each file: what it is, its size, its age, and whether this build may use it
    List(CacheDirArgs),
    /// Show how much room the files take
    Size(CacheDirArgs),
    /// Remove what this build does not use: all but the newest file of each circuit, files of another version, and what interrupted processes left. What turns
    /// out to be missing is built anew. Files that are not Braid's stay
    Clean(CleanArgs),
}

/// Which cache.
#[derive(Debug, Args)]
pub struct CacheDirArgs {
    /// The folder [default: $BRAID_CACHE_DIR, or braid in the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    pub cache_dir: Option<PathBuf>,
}

/// `braid cache clean`.
#[derive(Debug, Args)]
pub struct CleanArgs {
    /// Which.
    #[command(flatten)]
    pub folder: CacheDirArgs,
    /// Remove all of Braid's files
    #[arg(long)]
    pub all: bool,
    /// Only show what would be removed
    #[arg(long)]
    pub dry_run: bool,
}

/// `braid cache ...`.
pub fn run(command: &CacheCommand) -> Outcome {
    match command {
        CacheCommand::List(args) => list(args),
        CacheCommand::Size(args) => size(args),
        CacheCommand::Clean(args) => clean(args),
    }
}

fn read(args: &CacheDirArgs) -> Result<(PathBuf, Vec<CacheFile>), Failure> {
    let folder = args.cache_dir.clone().or_else(default_cache_dir);
    let folder = folder.ok_or_else(|| {
        Error::Usage("there is no cache folder: give --cache-dir, or set BRAID_CACHE_DIR".into())
    })?;
    // The folder of nobody's choice is made when the first circuit is kept; one that is named should be there.
    if args.cache_dir.is_some() {
        let found = std::fs::read_dir(&folder);
        found.map_err(|source| Error::File {
            access: braid::Access::Read,
            path: folder.clone(),
            source,
        })?;
    }
    let files = files_in(&folder).map_err(|error| file_error(error, braid::Access::Read))?;
    Ok((folder, files))
}

fn file_error(error: braid_prover::Error, access: braid::Access) -> Error {
    match error {
        braid_prover::Error::File { path, source } => Error::File {
            access,
            path,
            source,
        },
        other => Error::Internal(other.to_string()),
    }
}

/// What a value of the cache is.
fn about(value: &str) -> String {
    let of_shape = |what: &str, shape: &str| format!("{what}, shape {shape}");
    if let Some(shape) = value.strip_prefix("chunk-key-") {
        return of_shape("key of the chunk circuit", shape);
    }
    if let Some(shape) = value.strip_prefix("chunk-") {
        return of_shape("chunk circuit", shape);
    }
    if let Some(name) = value.strip_prefix("shrink-") {
        return match name.strip_suffix("-key") {
            Some(shape) => of_shape("key of the shrink circuit", shape),
            None => of_shape("shrink circuit", name),
        };
    }
    match value {
        "node" => "circuit that folds two proofs".to_owned(),
        "root" => "circuit of final proofs".to_owned(),
        "compact-root" => "first circuit of the wrap".to_owned(),
        "compact" => "second circuit of the wrap".to_owned(),
        "fold-form" => "form of the folding circuits".to_owned(),
        "" => "not complete".to_owned(),
        other => other.to_owned(),
    }
}

fn state_text(state: CacheState) -> String {
    match state {
        CacheState::OtherVersion(version) => format!("of version {version}"),
        other => other.name().to_owned(),
    }
}

fn age(modified: SystemTime) -> String {
    let seconds = SystemTime::now()
        .duration_since(modified)
        .unwrap_or_default();
    let minutes = seconds.as_secs() / 60;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

fn sum<'a>(files: impl IntoIterator<Item = &'a CacheFile>) -> u64 {
    files.into_iter().map(|file| file.bytes).sum()
}

fn files_text(files: &[CacheFile]) -> String {
    let mut text = String::new();
    for file in files {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(
            text,
            "{:>12} {:>8}  {:<12} {name}\n{:>24}{}",
            mebibytes(file.bytes),
            age(file.modified),
            state_text(file.state),
            "",
            about(&file.value)
        );
    }
    text
}

fn files_json(files: &[CacheFile]) -> Value {
    let file = |file: &CacheFile| {
        let modified = file.modified.duration_since(UNIX_EPOCH);
        json!({
            "file": path_json(&file.path),
            "what": about(&file.value),
            "bytes": file.bytes,
            "modified": modified.map_or(0, |time| time.as_secs()),
            "state": file.state.name(),
        })
    };
    files.iter().map(file).collect()
}

fn list(args: &CacheDirArgs) -> Outcome {
    let (folder, files) = read(args)?;
    let mut text = files_text(&files);
    let _ = writeln!(
        text,
        "{}, {} in {}",
        counted(files.len(), "file"),
        mebibytes(sum(&files)),
        folder.display()
    );
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "folder": path_json(&folder),
            "bytes": sum(&files),
            "files": files_json(&files),
        }),
    })
}

fn size(args: &CacheDirArgs) -> Outcome {
    let (folder, files) = read(args)?;
    let stale = sum(files.iter().filter(|file| file.state.is_stale()));
    Ok(Answer {
        text: format!(
            "{}, {} in {}; cache clean would free {}\n",
            counted(files.len(), "file"),
            mebibytes(sum(&files)),
            folder.display(),
            mebibytes(stale)
        ),
        json: json!({
            "ok": true,
            "folder": path_json(&folder),
            "files": files.len(),
            "bytes": sum(&files),
            "staleBytes": stale,
        }),
    })
}

fn clean(args: &CleanArgs) -> Outcome {
    let (folder, mut files) = read(&args.folder)?;
    let before = files.len();
    files.retain(|file| args.all || file.state.is_stale());
    if !args.dry_run {
        for file in &files {
            remove(file).map_err(|error| file_error(error, braid::Access::Write))?;
        }
    }
    let (bytes, kept) = (sum(&files), before - files.len());
    let mut text = files_text(&files);
    let _ = writeln!(
        text,
        "{}, {} {}; {} kept in {}",
        counted(files.len(), "file"),
        mebibytes(bytes),
        if args.dry_run {
            "would be removed"
        } else {
            "removed"
        },
        counted(kept, "file"),
        folder.display()
    );
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "folder": path_json(&folder),
            "dryRun": args.dry_run,
            "removed": files_json(&files),
            "bytes": bytes,
            "kept": kept,
        }),
    })
}
