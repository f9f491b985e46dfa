//! The tables take the chunks for what they are: they can be filled, come to the same end, and no constraint fails.

use std::collections::BTreeMap;

use braid_circuits::chunk::{Demand, generate_with};
use braid_circuits::event::{Account, ChunkEvents};
use braid_circuits::execution::Execution;
use braid_circuits::registry;
use braid_circuits::tables::rlp;
use braid_stark::check::check_table;
use braid_witness::sample::{SampleConfig, sample};
use braid_witness::{chunks_of, execute};

/// What is cheap to fill and to check.
const TABLES: &[&str] = &["block", "transaction", "rlp", "state", "tree", "clock"];

fn check(name: &str, chunk: &ChunkEvents) {
    let rows = rlp::generate(0, &chunk.transactions).unwrap().height();
    let all = registry::tables();
    let demand = Demand::of(&all, chunk).unwrap();
    let demanded: BTreeMap<_, _> = demand.rows().collect();
    assert_eq!(demanded["rlp"], rows, "{name}");

    let execution = Execution::of(chunk).unwrap();
    let touched = execution.accounts.touched.iter();
    let last: BTreeMap<_, _> = touched.map(|(address, _, last)| (*address, last)).collect();
    assert_eq!(last.len(), chunk.accounts.len(), "{name}");
    for account in &chunk.accounts {
        let after = account.after.unwrap_or(Account::EMPTY);
        assert_eq!(last[&account.address].account, after, "{name}");
    }

    let mut tables = registry::tables();
    tables.retain(|table| TABLES.contains(&table.name()));
    let system = registry::system_of(tables);
    let mut tables = registry::tables();
    tables.retain(|table| TABLES.contains(&table.name()));
    let filled = generate_with(&tables, chunk).unwrap();
    let heights = filled.least_log_heights(&system);
    // Lookups are not counted, since the tables that answer are not there.
    let Ok(traces) = filled.pad(&system, &heights) else {
        panic!("{name}: tables that cannot be padded");
    };
    for (table, trace) in system.tables.iter().zip(&traces) {
        let violations = check_table(&**table, trace);
        assert!(violations.is_empty(), "{name}: {:?}", violations.first());
    }
}

#[test]
fn samples_fill_the_tables() {
    for seed in 0..6 {
        let config = SampleConfig {
            blocks: 1 + seed as usize % 3,
            calldata: 150,
            ..SampleConfig::new(seed, 40)
        };
        let executed = execute(&sample(&config).unwrap()).unwrap();
        for most in [1, 5, 100] {
            for (index, chunk) in chunks_of(&executed, most).unwrap().iter().enumerate() {
                check(&format!("seed {seed}, chunk {index} of {most}"), chunk);
            }
        }
    }
}
