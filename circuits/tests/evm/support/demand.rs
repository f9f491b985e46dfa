//! What runs ask of tables before these are filled, against the rows that there are then.

use std::collections::BTreeMap;

use braid_circuits::chunk::{ChunkTable, Demand, FilledTables};
use braid_circuits::event::ChunkEvents;

/// With fewer rows than this a table is too small for a ratio to mean anything.
const MANY: usize = 256;

/// No table has more rows than are demanded, and none with many has much less.
pub fn assert_demanded(
    tables: &[Box<dyn ChunkTable>],
    events: &ChunkEvents,
    filled: &FilledTables,
) {
    let demand = Demand::of(tables, events).expect("an execution");
    let demanded: BTreeMap<_, _> = demand.rows().collect();
    for (table, rows) in filled.rows() {
        let most = demanded[table];
        assert!(rows <= most, "{table} has {rows} rows, not {most}");
        let close = 2 * most <= 3 * rows;
        assert!(rows < MANY || close, "{table} has {rows} rows of {most}");
    }
}
