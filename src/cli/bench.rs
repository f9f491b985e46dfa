//! `bench`: how long each stage takes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use braid::progress::{Both, Seconds, Step, Timings, counted};
use braid::workload::{WorkloadConfig, generate};
use braid::{BlockFile, CheckedChunk, memory, sample};
use serde_json::json;

use super::args::{BenchArgs, Until, WorkloadBenchArgs};
use super::prove::without_effect;
use super::{Answer, Outcome, bars, builder};

/// `braid bench transfers`.
pub fn transfers(args: &BenchArgs, quiet: bool) -> Outcome {
    let config = sample::SampleConfig {
        rules: args.rules,
        ..sample::SampleConfig::new(args.seed, args.count as usize)
    };
    let file = sample::sample(&config).map_err(braid::Error::from)?;
    measure(&file, None, args, quiet)
}

/// `braid bench workload`.
pub fn workload(args: &WorkloadBenchArgs, quiet: bool) -> Outcome {
    let config = args
        .workload
        .config(args.bench.count as usize, args.bench.seed);
    let config = WorkloadConfig {
        rules: args.bench.rules,
        ..config
    };
    let file = generate(&config).map_err(braid::Error::from)?.file;
    measure(&file, Some(args.workload.name()), &args.bench, quiet)
}

/// Proves a block as far as is asked for.
fn measure(
    file: &BlockFile,
    workload: Option<&'static str>,
    args: &BenchArgs,
    quiet: bool,
) -> Outcome {
    if args.until == Until::Tables {
        let cache = args.resources.machine.cache_dir.is_some();
        without_effect(&[("--cache-dir", cache)])?;
    }
    let timings = Arc::new(Timings::default());
    let listener = Both(timings.clone(), bars::listener(quiet));
    let prover = builder(&args.resources, listener).build()?;
    let begun = Instant::now();
    let executed = prover.execute(file)?;
    let plan = prover.plan(&executed)?;
    drop(executed);
    let planning = begun.elapsed();
    let mut setup_seconds = None;
    if args.until != Until::Tables {
        let begun = Instant::now();
        prover.prepare(&plan)?;
        setup_seconds = Some(begun.elapsed().as_secs_f64());
    }
    let begun = Instant::now();
    let chunks = match args.until {
        Until::Tables => prover.fill_tables(&plan, false)?,
        Until::Chunk => {
            prover.prove_chunks(&plan)?;
            prover.table_heights(&plan)
        }
        Until::Aggregate => {
            prover.prove(&plan)?;
            prover.table_heights(&plan)
        }
        Until::Wrap => {
            prover.wrap(&prover.prove(&plan)?.proof)?;
            prover.table_heights(&plan)
        }
    };
    let total = (planning + begun.elapsed()).as_secs_f64();
    Ok(answer(
        &Measured {
            workload,
            count: args.count as usize,
            total,
            setup: setup_seconds,
            seconds: timings.seconds(),
            summary: plan.summary.clone(),
            threads: prover.threads(),
        },
        &chunks,
    ))
}

struct Measured {
    /// None for transfers in all their forms.
    workload: Option<&'static str>,
    count: usize,
    total: f64,
    setup: Option<f64>,
    seconds: Seconds,
    summary: braid::Summary,
    threads: usize,
}

fn answer(measured: &Measured, chunks: &[CheckedChunk]) -> Answer {
    let cells = cells_by_table(chunks);
    let all: u64 = cells.values().sum();
    let stark = measured.seconds.steps.get(&Step::Stark).copied();
    let rate = stark
        .filter(|seconds| *seconds > 0.0)
        .map(|seconds| all as f64 / seconds);
    let per_second = measured.count as f64 / measured.total;
    let peak = memory::peak();
    let summary = &measured.summary;
    let mut text = format!(
        "{}, {}, {}\n",
        match measured.workload {
            Some(name) => format!("{} of {name}", counted(measured.count, "transaction")),
            None => counted(measured.count, "transfer"),
        },
        summary.chunks_of_shapes(),
        counted(measured.threads, "thread")
    );
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<34} {value:>16}");
    };
    if let Some(seconds) = measured.setup {
        line("set-up", format!("{seconds:.2} s"));
    }
    for (stage, seconds) in &measured.seconds.stages {
        line(stage.name(), format!("{seconds:.2} s"));
    }
    for (step, seconds) in &measured.seconds.steps {
        line(
            &format!("  all {} steps", step.name()),
            format!("{seconds:.2} s"),
        );
    }
    line("everything but set-up", format!("{:.2} s", measured.total));
    line(
        "transactions a second, end to end",
        format!("{per_second:.3}"),
    );
    line(
        "seconds a transaction, end to end",
        format!("{:.3}", 1.0 / per_second),
    );
    if let Some(peak) = peak {
        line("peak memory", format!("{} MiB", peak >> 20));
    }
    for (table, cells) in &cells {
        line(&format!("cells of {table}"), cells.to_string());
    }
    line("cells", all.to_string());
    if let Some(rate) = rate {
        line("cells a second of STARK", format!("{rate:.0}"));
    }
    let names = |map: &BTreeMap<_, f64>, name: fn(&_) -> &'static str| {
        map.iter()
            .map(|(key, value)| (name(key), *value))
            .collect::<BTreeMap<_, _>>()
    };
    let steps = measured.seconds.steps.iter();
    let steps: BTreeMap<_, _> = steps
        .map(|(step, seconds)| (step.name(), *seconds))
        .collect();
    Answer {
        json: json!({
            "ok": true,
            "workload": measured.workload,
            "transactions": measured.count,
            "summary": summary,
            "threads": measured.threads,
            "setupSeconds": measured.setup,
            "totalSeconds": measured.total,
            "stageSeconds": names(&measured.seconds.stages, |stage| braid::progress::Stage::name(*stage)),
            "stepSeconds": steps,
            "transactionsPerSecond": per_second,
            "peakMemoryBytes": peak,
            "cellsByTable": cells,
            "cells": all,
            "cellsPerSecond": rate,
        }),
        text,
    }
}

/// Main cells of each table over all chunks.
fn cells_by_table(chunks: &[CheckedChunk]) -> BTreeMap<&'static str, u64> {
    let mut cells = BTreeMap::new();
    for table in chunks.iter().flat_map(|chunk| &chunk.tables) {
        *cells.entry(table.name).or_default() += (table.columns * table.height) as u64;
    }
    cells
}
