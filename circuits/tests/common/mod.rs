//! Sample chunks and the checker, for the tests of whole chunks.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use alloy_primitives::{Address, Bytes, U256};
use braid_circuits::chunk::{ChunkTable, Demand, generate, generate_with, public_values};
use braid_circuits::event::ChunkEvents;
use braid_circuits::registry::{system, tables};
use braid_stark::check::{Report, check};
use braid_stark::lookup::fill_multiplicities;
use braid_stark::{Columns, Felt, System, Trace};
use braid_witness::block_file::AllocAccount;
use braid_witness::sample::{SampleConfig, sample};
use braid_witness::{chunks_of, execute};

/// Chunks of at most `most` transactions each.
pub fn sample_chunks(config: &SampleConfig, most: usize) -> Vec<ChunkEvents> {
    let file = sample(config).expect("a sample");
    let executed = execute(&file).expect("a valid sample");
    chunks_of(&executed, most).expect("chunks")
}

/// One block with every kind of transaction in one chunk.
pub fn one_chunk() -> ChunkEvents {
    let config = SampleConfig {
        senders: 4,
        ..SampleConfig::new(1, 12)
    };
    let mut chunks = sample_chunks(&config, 12);
    assert_eq!(chunks.len(), 1);
    chunks.remove(0)
}

/// The same in a block whose coinbase is a contract, so that an account with code is touched too.
pub fn chunk_with_code() -> ChunkEvents {
    let config = SampleConfig {
        senders: 4,
        ..SampleConfig::new(1, 12)
    };
    let mut file = sample(&config).expect("a sample");
    let coinbase = Address::repeat_byte(0xc0);
    let account = AllocAccount {
        balance: U256::from(5),
        nonce: 1 << 40,
        code: Bytes::from_static(&[0x5b, 0x00]),
        storage: BTreeMap::new(),
    };
    file.alloc.insert(coinbase, account);
    file.blocks[0].environment.coinbase = coinbase;
    let executed = execute(&file).expect("a valid sample");
    chunks_of(&executed, 12).expect("chunks").remove(0)
}

/// A chunk's padded tables.
pub struct Filled {
    pub system: System,
    pub traces: Vec<Trace>,
    pub public: Vec<Felt>,
    /// Used rows of each table.
    pub used: Vec<usize>,
}

impl Filled {
    pub fn of(events: &ChunkEvents) -> Self {
        let system = system();
        let chunk = generate(events).expect("traces");
        let heights = chunk.least_log_heights(&system);
        let used = chunk.rows().map(|(_, rows)| rows).collect();
        let public = chunk.public().to_vec();
        let traces = chunk.pad(&system, &heights).expect("padded traces");
        Self {
            system,
            traces,
            public,
            used,
        }
    }

    /// A row of the table `name`, to forge.
    pub fn row<C: Columns<Felt>>(&mut self, name: &str, row: usize) -> &mut C {
        let position = self.system.position(name).expect("a table");
        C::from_slice_mut(self.traces[position].row_mut(row))
    }

    /// Makes a row of the table `name` a padding row of zeros.
    pub fn clear(&mut self, name: &str, row: usize) {
        let position = self.system.position(name).expect("a table");
        self.traces[position].row_mut(row).fill(Felt::default());
    }

    /// What the checker finds after the prover has counted lookups anew.
    pub fn report(&mut self) -> Report {
        // A lookup of what does not exist stays uncounted: the checker finds it.
        let _ = fill_multiplicities(&self.system, &mut self.traces);
        check(&self.system, &self.traces, &self.public).expect("a report")
    }
}

/// The checker's report on events as they are.
pub fn report(events: &ChunkEvents) -> Report {
    let mut filled = Filled::of(events);
    assert_eq!(filled.public, public_values(events));
    filled.report()
}

/// All tables, and their system: what they fix is worked out once for all chunks.
static TABLES: LazyLock<Vec<Box<dyn ChunkTable>>> = LazyLock::new(tables);
static SYSTEM: LazyLock<System> = LazyLock::new(system);

/// A chunk as it is, by the checker, and what it was said to ask of tables before they were filled. No table may have more rows than that.
///
/// # Errors
/// What is wrong.
pub fn passes(events: &ChunkEvents) -> Result<(), String> {
    let system = &*SYSTEM;
    let demand = Demand::of(&TABLES, events).map_err(|error| error.to_string())?;
    let chunk = generate_with(&TABLES, events).map_err(|error| error.to_string())?;
    for ((table, rows), (_, most)) in chunk.rows().zip(demand.rows()) {
        if rows > most {
            return Err(format!(
                "{table} has {rows} rows, and was to have {most} at most"
            ));
        }
    }
    let heights = chunk.least_log_heights(system);
    let public = chunk.public().to_vec();
    let traces = chunk.pad(system, &heights);
    let traces = traces.map_err(|error| error.to_string())?;
    let report = check(system, &traces, &public).map_err(|error| error.to_string())?;
    match report.is_ok() {
        true => Ok(()),
        false => Err(report.to_string()),
    }
}
