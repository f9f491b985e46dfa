//! Cells that mean nothing on some rows: what the search finds free, and why that is no harm. The list is `meaningless.txt`.

use std::path::Path;

/// Cells of one table.
#[derive(Debug)]
pub struct Meaningless {
    /// The table.
    pub table: String,
    /// The columns: all places of an array, or those of a place.
    pub columns: Vec<String>,
    /// What holds on such rows. On others the cells must be pinned.
    pub when: Vec<Condition>,
}

/// That a column has a value, or that it has not.
#[derive(Debug)]
pub struct Condition {
    /// The column, which may be a fixed one, or `itself`: the cell that moves.
    pub column: String,
    /// Whether it is that of the row before.
    pub previous: bool,
    /// The value.
    pub value: u64,
    /// Whether it has the value.
    pub equal: bool,
}

impl Condition {
    fn parse(text: &str) -> Self {
        let (column, value) = text.split_once('=').expect("column = value");
        let (column, equal) = match column.strip_suffix('!') {
            Some(column) => (column, false),
            None => (column, true),
        };
        let column = column.trim();
        let before = column.strip_prefix("previous ");
        Self {
            column: before.unwrap_or(column).to_owned(),
            previous: before.is_some(),
            value: value.trim().parse().expect("a number"),
            equal,
        }
    }
}

/// All of them. Each line that is no comment is `table | columns | column = value, column != value, ... | why`.
pub fn meaningless() -> Vec<Meaningless> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/freedom/meaningless.txt");
    let text = std::fs::read_to_string(path).expect("the list");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(parse).collect()
}

fn parse(line: &str) -> Meaningless {
    let fields: Vec<_> = line.split('|').map(str::trim).collect();
    let [table, columns, when, why] = fields[..] else {
        panic!("four fields: {line}");
    };
    assert!(!why.is_empty(), "a reason: {line}");
    let conditions = when
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    Meaningless {
        table: table.to_owned(),
        columns: columns.split_whitespace().map(str::to_owned).collect(),
        when: conditions.map(Condition::parse).collect(),
    }
}
