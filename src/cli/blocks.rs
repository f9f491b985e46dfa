//! `check` and `import`: what is about block files.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use braid::progress::counted;
use braid::{BlockFile, CheckedChunk, Error, OutFile, Prover, ShapeChoice, keep_apart};
use serde_json::{Value, json};

use super::args::{CheckArgs, ImportArgs, NEWEST_RULES};
use super::kind::{Kind, kind_of};
use super::other::{other_file, state_test_file};
use super::stored::executed;
use super::{Answer, Failure, InFile, Outcome, bars, path_json, read, work_builder};

/// The chain of a t8n folder when nobody says: Ethereum's, as in `t8n`.
const DEFAULT_CHAIN_ID: u64 = 1;

/// Reads a block file.
pub fn read_block(path: &Path) -> Result<BlockFile, Failure> {
    let bytes = read(path)?;
    let file = BlockFile::from_json(&bytes).map_err(|error| match kind_of(&bytes) {
        None if holds_state_tests(&bytes) => state_test_file(),
        None | Some(Kind::BlockFile) => error.into(),
        Some(other) => other_file(other, "a block file"),
    });
    file.in_file(path)
}

fn holds_state_tests(bytes: &[u8]) -> bool {
    braid::import::state_test(bytes).is_ok_and(|cases| !cases.is_empty())
}

/// `braid check`.
pub fn check(args: &CheckArgs, quiet: bool) -> Outcome {
    let builder = work_builder(&args.work, bars::listener(quiet));
    let prover = builder.shape(args.shape.shape).build()?;
    tables_of(&prover, &args.block, args.state_dir.as_deref(), true)
}

/// `braid inspect --tables BLOCK`: what a block takes of each table, without checking it.
pub fn rows(path: &Path, shape: ShapeChoice, quiet: bool) -> Outcome {
    let progress = bars::listener(quiet);
    let prover = Prover::builder().shape(shape).progress(progress).build()?;
    tables_of(&prover, path, None, false)
}

/// Fills the tables of a block, and checks them if asked.
fn tables_of(prover: &Prover, path: &Path, state: Option<&Path>, check: bool) -> Outcome {
    let file = read_block(path)?;
    let executed = executed(prover, &file, path, state)?;
    let plan = prover.plan(&executed).in_file(path)?;
    let chunks = prover.fill_tables(&plan, check).in_file(path)?;
    let summary = &plan.summary;
    let found = match check {
        true => "all constraints hold and all messages meet: ",
        false => "",
    };
    let mut text = tables_text(&chunks);
    let _ = writeln!(
        text,
        "{found}{}, {}, {}",
        counted(summary.blocks, "block"),
        counted(summary.transactions, "transaction"),
        summary.chunks_of_shapes()
    );
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "summary": summary,
            "tables": tables_json(&chunks),
        }),
    })
}

/// The fullest chunk's rows of each table, in lines, by shape.
pub fn tables_text(chunks: &[CheckedChunk]) -> String {
    let mut text = format!(
        "{:<16} {:<16} {:>8} {:>10} {:>10} {:>14}\n",
        "shape", "table", "columns", "most rows", "height", "cells"
    );
    for table in braid::fullest(chunks) {
        let _ = writeln!(
            text,
            "{:<16} {:<16} {:>8} {:>10} {:>10} {:>14}",
            table.shape,
            table.name,
            table.columns,
            table.rows,
            table.height,
            table.columns * table.height
        );
    }
    text
}

/// The same for machines.
pub fn tables_json(chunks: &[CheckedChunk]) -> Value {
    json!(braid::fullest(chunks))
}

/// `braid import`.
pub fn import(args: &ImportArgs) -> Outcome {
    let out = OutFile::prepare(&args.out)?;
    let in_folder = braid::import::T8N_FILES.map(|name| args.source.join(name));
    let read = in_folder.iter().chain([&args.source]);
    keep_apart(&Vec::from_iter(read.map(PathBuf::as_path)), &[&out])?;
    let (file, kind) = if args.source.is_dir() {
        (t8n_folder(args)?, "t8n folder")
    } else {
        (state_test(args)?, "state test")
    };
    out.write(file.to_json().as_bytes())?;
    let transactions: usize = file.blocks.iter().map(|b| b.transactions.len()).sum();
    let shown = args.out.display();
    Ok(Answer {
        text: format!(
            "{kind}, rules {}: {}, {}, {}, written to {shown}\n",
            file.rules,
            counted(file.alloc.len(), "account"),
            counted(file.blocks.len(), "block"),
            counted(transactions, "transaction"),
        ),
        json: json!({
            "ok": true,
            "kind": kind,
            "rules": file.rules,
            "accounts": file.alloc.len(),
            "blocks": file.blocks.len(),
            "transactions": transactions,
            "out": path_json(&args.out),
        }),
    })
}

fn t8n_folder(args: &ImportArgs) -> Result<BlockFile, Failure> {
    if args.test.is_some() || args.variant.is_some() {
        let what = "the source is a folder, which has no tests: --test and --variant choose from a state test";
        let advice = "leave --test and --variant out, or give the file of a state test";
        return Err(Error::mismatch(what, advice)).in_file(&args.source);
    }
    let chain_id = args.chain_id.unwrap_or(DEFAULT_CHAIN_ID);
    let rules = args.rules.unwrap_or(NEWEST_RULES);
    braid::import::t8n_folder(&args.source, chain_id, rules).in_file(&args.source)
}

/// The test's own chain id counts; another one would be asked for in vain.
fn check_chain_id(file: &BlockFile, asked: Option<u64>) -> Result<(), Error> {
    match asked {
        Some(asked) if asked != file.chain_id => Err(Error::mismatch(
            format!(
                "the test is of chain {}, and --chain-id says {asked}",
                file.chain_id
            ),
            "leave --chain-id out: state tests say theirs, and their transactions are signed for it",
        )),
        _ => Ok(()),
    }
}

fn state_test(args: &ImportArgs) -> Result<BlockFile, Failure> {
    let bytes = read(&args.source)?;
    let cases = braid::import::state_test(&bytes).map_err(|error| match kind_of(&bytes) {
        None => error.into(),
        Some(kind) => other_file(kind, "a state test"),
    });
    let mut cases = cases.in_file(&args.source)?;
    let wanted =
        |option: &Option<String>, name: &str| option.as_ref().is_none_or(|wanted| wanted == name);
    cases.retain(|case| {
        let rules = case.block_file.rules;
        wanted(&args.test, &case.name)
            && wanted(&args.variant, &case.variant)
            && args.rules.is_none_or(|wanted| wanted == rules)
    });
    let names = || {
        let names = cases.iter().take(20);
        let names =
            names.map(|case| format!("{} {} {}", case.name, case.variant, case.block_file.rules));
        names.collect::<Vec<_>>().join(", ")
    };
    match cases.len() {
        1 => {
            let file = cases.remove(0).block_file;
            check_chain_id(&file, args.chain_id).in_file(&args.source)?;
            Ok(file)
        }
        0 => Err(Error::mismatch(
            "the file has no case of that name and variant by rules that there are: cancun, prague, osaka",
            "leave --test, --variant and --rules out: then all of the file's cases are named, or the only one is taken",
        ))
        .in_file(&args.source),
        count => Err(Error::mismatch(
            format!("the file has {count} cases: {}", names()),
            "choose one with --test, --variant and --rules",
        ))
        .in_file(&args.source),
    }
}
