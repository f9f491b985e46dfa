//! The search for cells that nothing pins ([`braid_stark::freedom`]), over every table of the registry on rows of real chunks.

#[path = "../common/mod.rs"]
mod common;
mod failing;
mod halting;
mod meaningless;
mod programs;

use std::collections::{BTreeMap, BTreeSet};

use braid_circuits::event::ChunkEvents;
use braid_stark::freedom::{Part, freedoms};
use braid_witness::workload::{Preset, generate};
use braid_witness::{BlockFile, chunks_of, execute};
use common::{Filled, chunk_with_code, one_chunk};
use meaningless::{Condition, Meaningless, meaningless};
use plonky2::field::types::PrimeField64;

/// Most rows of a table that are searched in one chunk, from the first on.
const ROWS: usize = 32;

/// Where so few do not show every kind of row: the table, and its rows.
const ROWS_OF: &[(&str, usize)] = &[
    ("keccak_f", 25),
    ("secp_ladder", 140),
    ("evm", 200),
    ("moves", 64),
];

fn first_chunk(file: &BlockFile) -> ChunkEvents {
    let executed = execute(file).expect("a provable block");
    chunks_of(&executed, 10).expect("chunks").remove(0)
}

/// Chunks that use every table between them.
fn samples() -> Vec<(String, ChunkEvents)> {
    let mixed = Preset::Mixed.config(6, 7);
    let mixed = generate(&mixed).expect("a workload").file;
    let mut samples = vec![
        ("transfers".to_owned(), one_chunk()),
        ("a coinbase with code".to_owned(), chunk_with_code()),
        ("tokens".to_owned(), first_chunk(&mixed)),
    ];
    for (name, code) in programs::PARTS {
        let events = first_chunk(&programs::file(code()));
        samples.push(((*name).to_owned(), events));
    }
    for (name, file) in failing::files().into_iter().chain(halting::files()) {
        samples.push((name.to_owned(), first_chunk(&file)));
    }
    samples
}

/// A column's name without the places in arrays.
fn field(name: &str) -> String {
    let parts = name.split('[');
    let parts = parts.map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
    parts.collect()
}

/// A row that was searched.
struct Row {
    place: String,
    values: Vec<u64>,
    /// Those of the row before; of the last, for the first.
    previous: Vec<u64>,
    /// Columns whose cells move.
    moving: BTreeSet<usize>,
}

/// What was searched of a table.
struct Searched {
    /// Columns, then fixed ones.
    names: Vec<String>,
    rows: Vec<Row>,
}

impl Searched {
    /// Whether `known`, a line about this table, is about the cell of `column` in this row.
    fn applies(&self, known: &Meaningless, row: &Row, column: usize) -> bool {
        let holds = |condition: &Condition| {
            let wanted = condition.column.as_str();
            let named = || self.names.iter().position(|name| name == wanted);
            let position = match wanted {
                "itself" => column,
                _ => named().unwrap_or_else(|| panic!("{} has no {wanted}", known.table)),
            };
            let values = match condition.previous {
                true => &row.previous,
                false => &row.values,
            };
            (values[position] == condition.value) == condition.equal
        };
        let (name, field) = (&self.names[column], field(&self.names[column]));
        let is_named = |known: &String| {
            let place = name.strip_prefix(known.as_str());
            *known == field || place.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        };
        known.columns.iter().any(is_named) && known.when.iter().all(holds)
    }

    /// Columns and values that rows have where `column` moves, and no others.
    fn characterized(&self, column: usize) -> Vec<String> {
        let (moving, pinned): (Vec<_>, Vec<_>) = self
            .rows
            .iter()
            .partition(|row| row.moving.contains(&column));
        let Some(first) = moving.first() else {
            return Vec::new();
        };
        let is_exact = |position: &usize| {
            let value = first.values[*position];
            moving.iter().all(|row| row.values[*position] == value)
                && pinned.iter().all(|row| row.values[*position] != value)
        };
        let columns = (0..self.names.len()).filter(is_exact);
        columns
            .map(|position| format!("{} = {}", self.names[position], first.values[position]))
            .collect()
    }
}

/// Searches all tables on the rows of all chunks.
fn search() -> BTreeMap<&'static str, Searched> {
    let mut searched: BTreeMap<&'static str, Searched> = BTreeMap::new();
    for (sample, events) in samples() {
        let filled = Filled::of(&events);
        for (position, table) in filled.system.tables.iter().enumerate() {
            let name = table.name();
            // Fixed tables have nothing but counts, and rows only when padded.
            let is_fixed = table.lookups().len() == table.column_names().len();
            let used = match is_fixed {
                true => filled.traces[position].height(),
                false => filled.used[position],
            };
            if used == 0 {
                continue;
            }
            let most = ROWS_OF.iter().find(|(table, _)| *table == name);
            let rows = 0..used.min(most.map_or(ROWS, |(_, rows)| *rows));
            let (table, trace) = (table.as_ref(), &filled.traces[position]);
            let part = Part {
                table,
                trace,
                rows: rows.clone(),
            };
            let found = freedoms(&[part], &[]);
            let found = found.unwrap_or_else(|violation| panic!("{sample}: {violation:?}"));
            let known = searched.entry(name).or_insert_with(|| Searched {
                names: [table.column_names(), table.fixed_names()].concat(),
                rows: Vec::new(),
            });
            let fixed = table.fixed(trace.height());
            let first = known.rows.len();
            let values = |row: usize| {
                let row = row % trace.height();
                let cells = trace.row(row).iter().chain(fixed.row(row));
                cells.map(|x| x.to_canonical_u64()).collect()
            };
            known.rows.extend(rows.map(|row| Row {
                place: format!("{sample}, row {row}"),
                values: values(row),
                previous: values(row + trace.height() - 1),
                moving: BTreeSet::new(),
            }));
            for cell in found.iter().flat_map(|freedom| &freedom.cells) {
                known.rows[first + cell.row].moving.insert(cell.column);
            }
        }
    }
    searched
}

/// All that moves on used rows is listed, with the reason why it may; and all that is listed moves.
#[test]
fn nothing_is_free_that_means_something() {
    let list = meaningless();
    let searched = search();
    let mut used_lines = BTreeSet::new();
    let mut unexplained: BTreeMap<(&str, usize), &Row> = BTreeMap::new();
    for (table, known) in &searched {
        for row in &known.rows {
            for &column in &row.moving {
                let line = list
                    .iter()
                    .position(|line| line.table == *table && known.applies(line, row, column));
                match line {
                    Some(line) => {
                        used_lines.insert(line);
                    }
                    None => {
                        unexplained.entry((table, column)).or_insert(row);
                    }
                }
            }
        }
    }
    for ((table, column), row) in &unexplained {
        let known = &searched[table];
        let moving = known.rows.iter();
        let moving = moving.filter(|row| row.moving.contains(column)).count();
        let values = known.names.iter().zip(&row.values);
        let values: Vec<_> = values
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        println!(
            "FREE {table}.{} on {moving} of {} rows, such as {}, where {:?}\n    {}",
            known.names[*column],
            known.rows.len(),
            row.place,
            known.characterized(*column),
            values.join(" "),
        );
    }
    assert!(unexplained.is_empty(), "cells that nothing pins");
    for (index, line) in list.iter().enumerate() {
        assert!(used_lines.contains(&index), "pinned after all: {line:?}");
    }
    let all = braid_circuits::registry::tables();
    let all = all.iter().map(|table| table.name());
    let missing: Vec<_> = all.filter(|name| !searched.contains_key(name)).collect();
    assert_eq!(missing, [""; 0], "tables that no chunk uses");
}
