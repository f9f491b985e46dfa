//! From executed blocks to filled tables, and what people want to know about tables.

use std::collections::BTreeMap;

use alloy_primitives::{B256, Keccak256};
use braid_circuits::chunk::{self, generate};
use braid_circuits::event::ChunkEvents;
use braid_circuits::shapes;
use braid_stark::layout::Oracle;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::{Felt, Protocol, System, Trace};
use braid_verifier::wrap::WrapKey;
use braid_witness::ExecutedBlocks;
use plonky2::field::types::PrimeField64;
use serde::Serialize;

pub use braid_circuits::registry::{system, tables};
pub use braid_stark::Shape;

use crate::error::{Error, Result};
use crate::prover::CheckedChunk;
use crate::shape::ShapeChoice;

/// Rows that a table used and has in one chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableRows {
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
    /// Log2 of its height in each shape.
    pub log_heights: BTreeMap<String, usize>,
}

/// Bits of security of one layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    /// What it is.
    pub name: String,
    /// The weaker of `random_words` and `others`.
    pub credited: f64,
    /// The low-degree test's queries by the random-words estimate.
    pub random_words: f64,
    /// The low-degree test's queries, proven (unique decoding).
    pub proven: f64,
    /// The weakest of `terms`.
    pub others: f64,
    /// The other terms by name: batching, bus, constraints, point, hash of a STARK; the permutation argument of a circuit.
    pub terms: BTreeMap<&'static str, f64>,
}

/// All shapes, in the order in which the fold lists them.
pub fn shapes() -> Vec<Shape> {
    shapes::all(&tables())
}

/// Keccak-256 of what the fixed columns of a shape hold, with their sizes.
pub fn fixed_digest(shape: &Shape) -> B256 {
    let mut hasher = Keccak256::new();
    for (index, table) in system().tables.iter().enumerate() {
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

/// The shape called `name`.
pub fn shape_named(name: &str) -> Result<Shape> {
    let mut shapes = shapes().into_iter();
    shapes
        .find(|shape| shape.name == name)
        .ok_or_else(|| Error::Usage(format!("this build has no shape {name}")))
}

/// Cuts executed blocks into chunks of the chosen shape.
pub fn cut(executed: &ExecutedBlocks, choice: ShapeChoice) -> Result<(Shape, Vec<ChunkEvents>)> {
    let cut_for = |shape: &Shape| braid_witness::chunks(executed, |demand| demand.fits(shape));
    if choice == ShapeChoice::Auto {
        for shape in shapes() {
            // A chunk never holds parts of two blocks, so one chunk a block is as few as there can be.
            if let Ok(chunks) = cut_for(&shape)
                && chunks.len() <= executed.blocks.len()
            {
                return Ok((shape, chunks));
            }
            if shape.name == ShapeChoice::Standard.name() {
                break;
            }
        }
    }
    let name = match choice {
        ShapeChoice::Auto => ShapeChoice::Standard.name(),
        named => named.name(),
    };
    let shape = shape_named(name)?;
    let chunks = cut_for(&shape)?;
    Ok((shape, chunks))
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
    let rows = filled.rows().map(|(_, rows)| rows).collect();
    let tables = filled.pad(system, &shape.log_heights).map_err(fault)?;
    Ok(Filled { tables, rows })
}

/// Fills the tables of a chunk and, if asked, checks them.
pub fn fill_and_check(
    index: usize,
    events: &ChunkEvents,
    shape: &Shape,
    check: bool,
) -> Result<Vec<TableRows>> {
    let system = system();
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
            name: table.name(),
            columns: trace.width(),
            rows,
            height: trace.height(),
        })
        .collect())
}

/// The tables of a chunk of `shape` without filling them.
pub fn heights(shape: &Shape) -> Vec<TableRows> {
    let system = system();
    let tables = system.tables.iter().enumerate();
    tables
        .map(|(index, table)| TableRows {
            name: table.name(),
            columns: table.column_names().len(),
            rows: 0,
            height: shape.height(index),
        })
        .collect()
}

/// Of each table, the chunk that uses most rows.
pub fn fullest(chunks: &[CheckedChunk]) -> Vec<TableRows> {
    let mut fullest: Vec<TableRows> = Vec::new();
    for table in chunks.iter().flat_map(|chunk| &chunk.tables) {
        match fullest.iter_mut().find(|known| known.name == table.name) {
            Some(known) => known.rows = known.rows.max(table.rows),
            None => fullest.push(table.clone()),
        }
    }
    fullest
}

/// Bytes that the STARK of a shape needs at most: its commitments, and the working memory of the largest one.
///
/// Of every column there are the coefficients and the evaluations on the larger domain, and of every domain point of each
/// of the four oracles two digests of 32 bytes. While an oracle is made, its evaluations exist twice.
pub fn stark_memory(protocol: &Protocol) -> u64 {
    let blow_up = 1u64 << protocol.shape.fri.rate_bits;
    let mut total = 0u64;
    let mut largest = 0u64;
    for oracle in [
        Oracle::Fixed,
        Oracle::Main,
        Oracle::Auxiliary,
        Oracle::Quotient,
    ] {
        let classes = protocol.layout.classes.iter();
        let bytes: u64 = classes
            .map(|class| {
                let width = class.widths[oracle as usize] as u64;
                let height = 1u64 << class.log_height;
                height * (8 * width * (1 + blow_up) + 64 * blow_up)
            })
            .sum();
        total += bytes;
        largest = largest.max(bytes);
    }
    total + largest
}

/// Refuses a shape whose STARK alone is too large.
pub fn fits_in_memory(shape: &Shape, memory: u64) -> Result<()> {
    let protocol = protocol(shape)?;
    let needed = stark_memory(&protocol);
    if needed > memory {
        return Err(Error::WouldNotFit {
            label: format!("a chunk of shape {}", shape.name),
            needed,
            available: memory,
        });
    }
    Ok(())
}

/// A shape worked out.
pub fn protocol(shape: &Shape) -> Result<Protocol> {
    Protocol::new(&system(), shape)
        .map_err(|error| Error::Internal(format!("shape {}: {error}", shape.name)))
}

/// What all tables are made of.
///
/// # Errors
/// [`Error::Internal`] if a shape does not fit the tables.
pub fn table_infos() -> Result<Vec<TableInfo>> {
    let system = system();
    let shapes = shapes();
    let worked_out = shapes.iter().map(protocol).collect::<Result<Vec<_>>>()?;
    let Some(first) = worked_out.first() else {
        return Ok(Vec::new());
    };
    let mut infos = Vec::new();
    for (index, table) in system.tables.iter().enumerate() {
        let symbolic = SymbolicTable::of(table.as_ref());
        let interactions = symbolic.collected.interactions.iter();
        let mut messages: Vec<_> = interactions.map(|said| said.message.tag.name).collect();
        messages.sort_unstable();
        messages.dedup();
        let widths = first.layout.tables[index].widths;
        infos.push(TableInfo {
            name: table.name(),
            columns: widths[Oracle::Main as usize],
            fixed_columns: widths[Oracle::Fixed as usize],
            bus_columns: widths[Oracle::Auxiliary as usize],
            constraints: first.constraint_counts[index],
            messages,
            log_heights: shapes
                .iter()
                .map(|shape| (shape.name.clone(), shape.log_heights[index]))
                .collect(),
        });
    }
    Ok(infos)
}

/// Bits of security of every layer of a proof.
///
/// # Errors
/// [`Error::Internal`] if a shape does not fit the tables, the verifier's if the pinned wrap key is damaged.
pub fn security_layers() -> Result<Vec<Layer>> {
    let mut layers = Vec::new();
    for shape in shapes() {
        let bits = braid_stark::security::Security::of(&protocol(&shape)?);
        let terms = BTreeMap::from([
            ("batching", bits.batching),
            ("bus", bits.bus),
            ("constraints", bits.constraints),
            ("point", bits.point),
            ("hash", bits.hash),
        ]);
        layers.push(layer(
            format!("STARK, shape {}", shape.name),
            bits.random_words,
            bits.unique_decoding,
            terms,
        ));
    }
    let config = braid_verifier::config::circuit_config();
    let (_, random_words, proven) = braid_verifier::security::fri_bits(&config.fri_config);
    // Larger circuits have fewer bits; none of ours is larger, and none opens more values.
    const OPENED: usize = 285;
    for (name, log_rows) in [
        ("chunk circuits", 17),
        ("shrink, node and root circuits", 14),
    ] {
        let permutation = braid_verifier::security::permutation_bits(&config, log_rows);
        let batching = braid_verifier::security::batching_bits(&config, OPENED, log_rows);
        layers.push(layer(
            name.to_owned(),
            random_words,
            proven,
            BTreeMap::from([("permutation", permutation), ("batching", batching)]),
        ));
    }
    for (name, config, log_rows) in braid_aggregator::wrap::compact_layers() {
        let (_, random_words, proven) = braid_verifier::security::fri_bits(&config.fri_config);
        let permutation = braid_verifier::security::permutation_bits(&config, log_rows);
        let batching = braid_verifier::security::batching_bits(&config, OPENED, log_rows);
        let terms = BTreeMap::from([("permutation", permutation), ("batching", batching)]);
        layers.push(layer(
            format!("{name} circuit, for the wrap"),
            random_words,
            proven,
            terms,
        ));
    }
    let wrap = WrapKey::pinned()?.security();
    let terms = BTreeMap::from([
        ("permutation", wrap.permutation),
        ("batching", wrap.batching),
    ]);
    layers.push(layer(
        "wrap circuit".to_owned(),
        wrap.random_words,
        wrap.proven,
        terms,
    ));
    Ok(layers)
}

fn layer(
    name: String,
    random_words: f64,
    proven: f64,
    terms: BTreeMap<&'static str, f64>,
) -> Layer {
    let others = terms.values().copied().fold(f64::INFINITY, f64::min);
    Layer {
        name,
        credited: random_words.min(others),
        random_words,
        proven,
        others,
        terms,
    }
}
