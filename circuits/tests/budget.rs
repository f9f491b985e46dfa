//! The costs of every table, held against `docs/tables.md`: a change of cost shows in review.
//!
//! `BRAID_UPDATE=1 cargo test --release -p braid-circuits --test budget` writes the file anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use braid_circuits::registry::tables;
use braid_circuits::shapes;
use braid_stark::bus::BusPlan;
use braid_stark::symbolic::{Operation, SymbolicTable};
use plonky2::field::types::PrimeField64;

const HEAD: &str = "\
# Tables

Written by `BRAID_UPDATE=1 cargo test --release -p braid-circuits --test budget` from the registry of tables
([`circuits/src/registry.rs`](../circuits/src/registry.rs)); the same test fails when it is out of date, so that a change of cost shows in
review. Each table's module states its claim, rows, padding, messages and why its constraints suffice:
`circuits/src/tables/NAME/mod.rs`.

*Bus columns* are base-field columns of the LogUp argument. Messages marked `+` are sent, `-` received.

";

/// Whether a multiplicity is a negation, as of received messages.
fn sign(table: &SymbolicTable, index: usize) -> char {
    let node = table.collected.interactions[index].multiplicity;
    match table.graph.operations[node.index()] {
        Operation::Neg(_) => '-',
        Operation::Constant(value) if value.to_canonical_u64() > u64::MAX / 2 => '-',
        _ => '+',
    }
}

fn document() -> String {
    let tables = tables();
    let mut text = HEAD.to_owned();
    text += "| table | claim | columns | fixed | bus columns | constraints | messages per row |\n";
    text += "|---|---|---|---|---|---|---|\n";
    let mut totals = [0; 3];
    let mut messages = String::new();
    for table in &tables {
        let (name, claim) = (table.name(), table.claim());
        let symbolic = SymbolicTable::of(table.as_ref());
        let plan = BusPlan::of(&symbolic).expect("supported degrees");
        let (main, fixed) = (table.column_names().len(), table.fixed_names().len());
        let bus = plan.columns();
        let interactions = &symbolic.collected.interactions;
        let constraints = symbolic.collected.constraints.len();
        writeln!(
            text,
            "| `{name}` | {claim} | {main} | {fixed} | {bus} | {constraints} | {} |",
            interactions.len()
        )
        .expect("text");
        for (total, value) in totals.iter_mut().zip([main, fixed, bus]) {
            *total += value;
        }
        let said: BTreeSet<_> = (0..interactions.len())
            .map(|i| {
                format!(
                    "`{}{}`",
                    sign(&symbolic, i),
                    interactions[i].message.tag.name
                )
            })
            .collect();
        let said: Vec<_> = said.into_iter().collect();
        writeln!(messages, "| `{name}` | {} |", said.join(" ")).expect("text");
    }
    let [main, fixed, bus] = totals;
    writeln!(text, "| all | | {main} | {fixed} | {bus} | | |").expect("text");
    text += "\n## Messages\n\nPayloads are listed in [`circuits/src/bus/mod.rs`](../circuits/src/bus/mod.rs).\n\n";
    text += "| table | messages |\n|---|---|\n";
    text += &messages;
    text += "\n## Shapes\n\nLog2 of the rows of each table; `-` where the shape does without it.\n\n| table |";
    let shapes = shapes::all(&tables);
    for shape in &shapes {
        write!(text, " {} |", shape.name).expect("text");
    }
    text += &format!("\n|---|{}\n", "---|".repeat(shapes.len()));
    for table in &tables {
        write!(text, "| `{}` |", table.name()).expect("text");
        for shape in &shapes {
            match shape.log_height_of(table.name()) {
                Some(log_height) => write!(text, " {log_height} |"),
                None => write!(text, " - |"),
            }
            .expect("text");
        }
        text += "\n";
    }
    text
}

#[test]
fn costs_are_as_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tables.md");
    let document = document();
    if std::env::var_os("BRAID_UPDATE").is_some() {
        std::fs::write(&path, &document).expect("docs/tables.md can be written");
    }
    let written = std::fs::read_to_string(&path).expect("docs/tables.md");
    assert!(
        written == document,
        "docs/tables.md is out of date; BRAID_UPDATE=1 writes it anew"
    );
}
