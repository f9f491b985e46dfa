//! The search for cells that nothing pins.

#[path = "../common/mod.rs"]
mod common;
mod programs;

use std::collections::BTreeMap;
use std::time::Instant;

use braid_circuits::bus::tag;
use braid_circuits::event::ChunkEvents;
use braid_stark::freedom::{Part, freedoms};
use braid_witness::workload::{Preset, generate};
use braid_witness::{BlockFile, chunks_of, execute};
use common::{Filled, chunk_with_code, one_chunk};

fn chunks(file: &BlockFile, most: usize) -> Vec<ChunkEvents> {
    let executed = execute(file).expect("a provable block");
    chunks_of(&executed, most).expect("chunks")
}

#[test]
fn explore() {
    let mixed = generate(&Preset::Mixed.config(6, 7))
        .expect("a workload")
        .file;
    let mut samples = vec![
        ("transfers".to_owned(), one_chunk()),
        ("code".to_owned(), chunk_with_code()),
        ("mixed".to_owned(), chunks(&mixed, 6).remove(0)),
    ];
    for (number, part) in programs::PARTS.iter().enumerate() {
        match execute(&programs::file(part())) {
            Ok(executed) => match chunks_of(&executed, 10) {
                Ok(mut found) => samples.push((format!("part {number}"), found.remove(0))),
                Err(error) => println!("PART {number}: {error:?}"),
            },
            Err(error) => println!("PART {number}: {error:?}"),
        }
    }
    if let Ok(name) = std::env::var("SAMPLE") {
        samples.retain(|(known, _)| *known == name);
    }
    let loose: Vec<_> = match std::env::var("LOOSE") {
        Ok(_) => vec![tag::U16, tag::U8, tag::Clock],
        Err(_) => vec![],
    };
    let only = std::env::var("ONLY").ok();
    let cap: usize = std::env::var("CAP").map_or(100, |cap| cap.parse().unwrap());
    for (name, events) in samples {
        let start = Instant::now();
        let mut filled = Filled::of(&events);
        let report = filled.report();
        if !report.is_ok() {
            println!("REPORT {report}");
        }
        println!("== {name} {:?}", start.elapsed());
        for (position, table) in filled.system.tables.iter().enumerate() {
            let used = filled.used[position];
            if used == 0 || only.as_ref().is_some_and(|only| *only != table.name()) {
                continue;
            }
            let start = Instant::now();
            let trace = &filled.traces[position];
            let part = Part {
                table: table.as_ref(),
                trace,
                rows: 0..used.min(cap),
            };
            let found = match freedoms(&[part], &loose) {
                Ok(found) => found,
                Err(violation) => {
                    println!("-- {violation:?}");
                    continue;
                }
            };
            let names = table.column_names();
            println!(
                "-- {} {used} rows {} columns {:?}: {} freedoms",
                table.name(),
                names.len(),
                start.elapsed(),
                found.len()
            );
            let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for freedom in &found {
                let short = |name: &str| name.split('[').next().unwrap().to_owned();
                let mut columns: Vec<_> = freedom
                    .cells
                    .iter()
                    .map(|cell| short(&names[cell.column]))
                    .collect();
                columns.dedup();
                let shown: Vec<_> = freedom
                    .cells
                    .iter()
                    .take(6)
                    .map(|cell| format!("{}:{}", cell.row, names[cell.column]))
                    .collect();
                kinds
                    .entry(format!("{columns:?}"))
                    .or_default()
                    .push(format!(
                        "{}/{} {shown:?}",
                        freedom.dimension,
                        freedom.cells.len()
                    ));
            }
            for (kind, all) in kinds.iter().take(20) {
                println!("   {:.300} x{}: {}", kind, all.len(), all[0]);
            }
        }
    }
}
