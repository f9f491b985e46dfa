//! From executed blocks to filled tables, and what people want to know about tables.

use std::collections::BTreeMap;

use alloy_primitives::{B256, Keccak256};
use braid_circuits::chunk::{self, generate};
use braid_circuits::event::ChunkEvents;
use braid_circuits::shapes;
use braid_prover::memory::estimates::LEAF_OVERHEAD;
use braid_stark::bus::BusPlan;
use braid_stark::layout::Oracle;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Felt, Protocol, System, Trace};
use plonky2::field::types::PrimeField64;
use serde::Serialize;

pub use braid_circuits::registry::{system_of_shape, tables};
pub use braid_stark::Shape;

use crate::error::{Error, Piece, Result};
use crate::prover::CheckedChunk;
use crate::shape::ShapeChoice;

/// Rows that a table used and has in one chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableRows {
    /// The shape of the chunk.
    pub shape: String,
    /// The table's name.
    pub name: &'static str,
    /// Main columns.
    pub columns: usize,
    /// Rows in use; the rest is padding. Tables that only answer lookups use all.
    pub rows: usize,
    /// Rows that there are.
    pub height: usize,
}

/// What a table is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableInfo {
    /// The table's name.
    pub name: &'static str,
    /// Main columns.
    pub columns: usize,
    /// Fixed columns.
    pub fixed_columns: usize,
    /// Base-field columns of the bus.
    pub bus_columns: usize,
    /// Constraints of its own.
    pub constraints: usize,
    /// Kinds of messages that it sends or receives.
    pub messages: Vec<&'static str>,
    /// Log2 of its height in each shape that has it.
    pub log_heights: BTreeMap<String, usize>,
}

/// All shapes, in the order in which the fold lists them.
pub fn shapes() -> Vec<Shape> {
    shapes::all(&tables())
}

/// Keccak-256 of what the fixed columns of a shape hold, with their sizes.
pub fn fixed_digest(shape: &Shape) -> B256 {
    let mut hasher = Keccak256::new();
    for (index, table) in system_of_shape(shape).tables.iter().enumerate() {
        let width = table.fixed_names().len();
        hasher.update((width as u64).to_le_bytes());
        if width > 0 {
            let fixed = table.fixed(shape.height(index));
            hasher.update((fixed.height() as u64).to_le_bytes());
            for cell in fixed.cells() {
                hasher.update(cell.to_canonical_u64().to_le_bytes());
            }
        }
    }
    hasher.finalize()
}

/// The public values of a chunk.
pub fn public_values(events: &ChunkEvents) -> Vec<Felt> {
    chunk::public_values(events)
}

/// Filled and padded tables.
pub struct Filled {
    /// Their rows, in the system's order.
    pub tables: Vec<Trace>,
    /// Rows in use.
    pub rows: Vec<usize>,
}

/// Fills the tables of a chunk.
pub fn fill(index: usize, events: &ChunkEvents, system: &System, shape: &Shape) -> Result<Filled> {
    let fault = |error| Error::Internal(format!("filling chunk {index}: {error}"));
    let filled = generate(events).map_err(fault)?;
    let rows = filled.rows();
    let rows = rows.filter(|(table, _)| shape.log_height_of(table).is_some());
    let rows = rows.map(|(_, rows)| rows).collect();
    let tables = filled.pad_to(system, shape).map_err(fault)?;
    Ok(Filled { tables, rows })
}

/// Fills the tables of a chunk and, if asked, checks them.
pub fn fill_and_check(
    index: usize,
    events: &ChunkEvents,
    shape: &Shape,
    check: bool,
) -> Result<Vec<TableRows>> {
    let system = system_of_shape(shape);
    let filled = fill(index, events, &system, shape)?;
    if check {
        let report = braid_stark::check::check(&system, &filled.tables, &public_values(events))
            .map_err(|error| Error::Internal(format!("checking chunk {index}: {error}")))?;
        if !report.is_ok() {
            return Err(Error::Check {
                chunk: index,
                report: report.to_string(),
            });
        }
    }
    let tables = system.tables.iter().zip(&filled.tables).zip(&filled.rows);
    Ok(tables
        .map(|((table, trace), &rows)| TableRows {
            shape: shape.name.clone(),
            name: table.name(),
            columns: trace.width(),
            rows,
            height: trace.height(),
        })
        .collect())
}

/// The tables of a chunk of `shape` without filling them.
pub fn heights(shape: &Shape) -> Vec<TableRows> {
    let system = system_of_shape(shape);
    let tables = system.tables.iter().enumerate();
    tables
        .map(|(index, table)| TableRows {
            shape: shape.name.clone(),
            name: table.name(),
            columns: table.column_names().len(),
            rows: 0,
            height: shape.height(index),
        })
        .collect()
}

/// Of each table of each shape, the chunk that uses most rows.
pub fn fullest(chunks: &[CheckedChunk]) -> Vec<TableRows> {
    let mut fullest: Vec<TableRows> = Vec::new();
    for table in chunks.iter().flat_map(|chunk| &chunk.tables) {
        let same =
            |known: &&mut TableRows| (&known.shape, known.name) == (&table.shape, table.name);
        match fullest.iter_mut().find(same) {
            Some(known) => known.rows = known.rows.max(table.rows),
            None => fullest.push(table.clone()),
        }
    }
    fullest.sort_by(|a, b| a.shape.cmp(&b.shape));
    fullest
}

/// Bytes of the commitments to these oracles: of every column the coefficients and the evaluations on the larger domain, and what each oracle takes for every
/// domain point beside them. Gives the sum, and the bytes of the largest.
fn committed_memory(protocol: &Protocol, oracles: &[Oracle]) -> (u64, u64) {
    let blow_up = 1u64 << protocol.shape.fri.rate_bits;
    let bytes = oracles.iter().map(|oracle| {
        let classes = protocol.layout.classes.iter();
        let bytes = classes.map(|class| {
            let width = class.widths[*oracle as usize] as u64;
            let height = 1u64 << class.log_height;
            height * (8 * width * (1 + blow_up) + LEAF_OVERHEAD * blow_up)
        });
        bytes.sum::<u64>()
    });
    bytes.fold((0, 0), |(sum, largest), bytes| {
        (sum + bytes, largest.max(bytes))
    })
}

/// Bytes that the STARK of a shape needs at most, beside its proving key: its commitments, and the largest of them once more. This stands for the columns as they
/// were filled, which are there while they are committed to, and for what the allocator keeps of building the circuits in the same process.
pub fn stark_memory(protocol: &Protocol) -> u64 {
    let oracles = [Oracle::Main, Oracle::Auxiliary, Oracle::Quotient];
    let (all, largest) = committed_memory(protocol, &oracles);
    all + largest
}

/// Bytes of a STARK's proving key, as long as it is loaded.
pub fn stark_key_memory(protocol: &Protocol) -> u64 {
    committed_memory(protocol, &[Oracle::Fixed]).0
}

/// Refuses a shape whose STARK alone is too large.
pub fn fits_in_memory(shape: &Shape, memory: u64) -> Result<()> {
    let protocol = protocol(shape)?;
    let needed = stark_memory(&protocol) + stark_key_memory(&protocol);
    if needed > memory {
        return Err(Error::WouldNotFit {
            label: format!("a chunk of shape {}", shape.name),
            piece: piece_of(core::slice::from_ref(shape)),
            needed,
            available: memory,
        });
    }
    Ok(())
}

/// Refuses a shape whose filled tables alone are too large: for filling them, or for the checker.
pub fn fills_in_memory(shape: &Shape, memory: u64, check: bool) -> Result<()> {
    let tables = heights(shape).into_iter();
    let bytes: usize = tables
        .map(|table| table.columns * table.height * size_of::<Felt>())
        .sum();
    // Peaks of processes with nearly empty and with full chunks, transfers and calls, of 66 to 264 million cells (2 cores): 1.0 to 1.54 times what the cells have, and
    // 1.9 to 3.54 times with the checker.
    let (what, percent) = match check {
        true => ("checking", 380),
        false => ("filling", 170),
    };
    let needed = bytes as u64 / 100 * percent;
    if needed <= memory {
        return Ok(());
    }
    Err(Error::WouldNotFit {
        label: format!("{what} a chunk of shape {}", shape.name),
        piece: piece_of(core::slice::from_ref(shape)),
        needed,
        available: memory,
    })
}

/// Chunks of these shapes as pieces of work.
pub fn piece_of(shapes: &[Shape]) -> Piece {
    let is_larger = |shape: &Shape| !ShapeChoice::Tiny.has(&shape.name);
    Piece::Chunk {
        has_smaller: shapes.iter().any(is_larger),
    }
}

/// A shape worked out.
pub fn protocol(shape: &Shape) -> Result<Protocol> {
    Protocol::new(&system_of_shape(shape), shape)
        .map_err(|error| Error::Internal(format!("shape {}: {error}", shape.name)))
}

/// What all tables are made of.
///
/// # Errors
/// [`Error::Internal`] if the degree of a message is not supported.
pub fn table_infos() -> Result<Vec<TableInfo>> {
    let shapes = shapes();
    let mut infos = Vec::new();
    for table in tables() {
        let symbolic = SymbolicTable::of(table.as_ref());
        let interactions = symbolic.collected.interactions.iter();
        let mut messages: Vec<_> = interactions.map(|said| said.message.tag.name).collect();
        messages.sort_unstable();
        messages.dedup();
        let plan = BusPlan::of(&symbolic).map_err(|(what, degree)| {
            let table = table.name();
            Error::Internal(format!("table {table}: {what} has degree {degree}"))
        })?;
        infos.push(TableInfo {
            name: table.name(),
            columns: table.column_names().len(),
            fixed_columns: table.fixed_names().len(),
            bus_columns: plan.columns(),
            constraints: symbolic.collected.constraints.len(),
            messages,
            log_heights: shapes
                .iter()
                .filter_map(|shape| Some((shape.name.clone(), shape.log_height_of(table.name())?)))
                .collect(),
        });
    }
    Ok(infos)
}
