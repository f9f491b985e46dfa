//! The search for cells that nothing pins: whether several cells can change together so that no constraint and no message does.
//!
//! Changing one cell and looking ([`crate::coverage`]) cannot see changes of several cells that make up for each other. Here all
//! cells of some rows are unknowns, and the derivatives of everything that a table says of these rows, at an honest
//! witness, are linear equations over the field: of each constraint, of the multiplicities of each message, and of each element of its
//! payload. What they leave free is a family of other witnesses that the rest of the proof cannot tell from the honest one, to first order.
//!
//! Messages: whoever is at the other end is taken to stay as it is. So a payload must not change, but for messages that the rows
//! send to each other: those with the same payload whose multiplicities sum to zero may change together. Counts of messages with the same
//! payload may change if their sum does not. What a message says that is not sent does not count, but that it is not sent must stay so.
//!
//! What this shows and what not:
//!
//! * A payload that is looked up in a range (a number of 16 bits) counts as fixed, unless its kind is among `loose`. With ranges as fixed, whatever moves is a cell
//!   that nothing determines: a gap or a cell without meaning on such a row. With them loose, what moves in addition is determined by ranges only, as limbs of a sum are.
//! * It is of first order, at one witness. A constraint whose derivative vanishes there pins nothing here even if it does further away (`x * y = 0` at `x = y = 0`): a finding that is none.
//!   The other way round, a second value that is far away (the other root of an equation of degree 2, the other answer of a lookup) is not found.
//! * What is free on one witness may be pinned on another: kinds of rows that the trace lacks are not tried.

mod gradient;
mod linear;

use core::fmt;
use core::ops::Range;
use std::collections::{BTreeMap, HashMap};

use plonky2::field::types::{Field, PrimeField64};

use crate::check::{Violation, row_of};
use crate::field::Felt;
use crate::message::Tag;
use crate::table::AnyTable;
use crate::trace::Trace;
use gradient::{Differentiator, Gradient, Said};
use linear::{Sum, solve};

/// Rows of one table whose cells may change.
#[derive(Clone)]
pub struct Part<'a> {
    /// The table.
    pub table: &'a dyn AnyTable,
    /// Its padded trace, with all lookups counted.
    pub trace: &'a Trace,
    /// The rows; all others stay as they are.
    pub rows: Range<usize>,
}

/// A cell of one of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// Which part.
    pub part: usize,
    /// The row of its trace.
    pub row: usize,
    /// The column.
    pub column: usize,
}

/// Cells that can change together, with nothing else changing. No part of them can do so apart from the rest, but for those that
/// can each be changed alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freedom {
    /// The cells.
    pub cells: Vec<Cell>,
    /// How many of them can be chosen at will; the others follow.
    pub dimension: usize,
}

/// The cells of `parts` that can change with no constraint and no message noticing, as they hang together. Payloads of the kinds `loose` may change.
///
/// # Errors
/// A constraint that does not hold on the traces as they are: no change of an invalid trace means anything.
pub fn freedoms(parts: &[Part<'_>], loose: &[Tag]) -> Result<Vec<Freedom>, Violation> {
    let cells = Cells::of(parts);
    let mut equations = Vec::new();
    let mut messages = Messages::default();
    for (position, part) in parts.iter().enumerate() {
        collect(part, position, &cells, &mut equations, &mut messages)?;
    }
    messages.state(loose, &mut equations);
    equations.retain(|sum| !sum.is_empty());
    let solutions = solve(cells.count, equations);

    // Cells hang together if one free cell moves them.
    let mut families = Families::new(cells.count);
    for (variable, sum) in &solutions.following {
        for (free, _) in sum {
            families.join(*variable, *free);
        }
    }
    let mut found: BTreeMap<usize, Freedom> = BTreeMap::new();
    let free = solutions.free.iter().map(|variable| (*variable, 1));
    let moved = solutions.following.keys().map(|variable| (*variable, 0));
    for (variable, dimension) in free.chain(moved) {
        let freedom = found.entry(families.find(variable)).or_insert(Freedom {
            cells: Vec::new(),
            dimension: 0,
        });
        freedom.cells.push(cells.cell(variable));
        freedom.dimension += dimension;
    }
    let mut found: Vec<_> = found.into_values().collect();
    for freedom in &mut found {
        freedom.cells.sort_unstable();
    }
    found.sort_by_key(|freedom| freedom.cells.first().copied());
    Ok(found)
}

/// The cells of all parts, numbered.
struct Cells {
    parts: Vec<(usize, Range<usize>, usize)>,
    count: usize,
}

impl Cells {
    fn of(parts: &[Part<'_>]) -> Self {
        let mut count = 0;
        let numbered = parts.iter().map(|part| {
            let (first, width) = (count, part.trace.width());
            count += width * part.rows.len();
            (first, part.rows.clone(), width)
        });
        Self {
            parts: numbered.collect(),
            count,
        }
    }

    /// The number of a cell that may change.
    fn number(&self, cell: Cell) -> Option<usize> {
        let (first, rows, width) = &self.parts[cell.part];
        let number = || first + (cell.row - rows.start) * width + cell.column;
        rows.contains(&cell.row).then(number)
    }

    fn cell(&self, number: usize) -> Cell {
        let part = self.parts.partition_point(|(first, ..)| *first <= number);
        // An empty part starts where the one after it does: the last of them has the cell.
        let (first, rows, width) = &self.parts[part - 1];
        Cell {
            part: part - 1,
            row: rows.start + (number - first) / width,
            column: (number - first) % width,
        }
    }
}

/// Derivatives of one message: of its multiplicity, and of its payload.
struct Changes {
    multiplicity: Felt,
    count: Sum,
    payload: Vec<Sum>,
}

/// All messages of the parts by kind and payload.
#[derive(Default)]
struct Messages(HashMap<(Tag, Vec<u64>), Vec<Changes>>);

impl Messages {
    fn add(&mut self, said: &Said, sum_of: impl Fn(&Gradient) -> Sum) {
        let payload = said.payload.iter();
        let key = payload.clone().map(|x| x.value.to_canonical_u64());
        let changes = Changes {
            multiplicity: said.multiplicity.value,
            count: sum_of(&said.multiplicity.gradient),
            payload: payload.map(|x| sum_of(&x.gradient)).collect(),
        };
        let group = self.0.entry((said.tag, key.collect())).or_default();
        group.push(changes);
    }

    /// The equations that hold if nobody is to notice.
    fn state(self, loose: &[Tag], equations: &mut Vec<Sum>) {
        for ((tag, _), group) in self.0 {
            let net: Felt = group.iter().map(|said| said.multiplicity).sum();
            let counts = group.iter().flat_map(|said| said.count.iter().copied());
            equations.push(gathered(counts));
            if loose.contains(&tag) {
                continue;
            }
            let is_said = |said: &Changes| said.multiplicity != Felt::ZERO;
            let mut spoken = group.into_iter().filter(is_said);
            if net != Felt::ZERO {
                equations.extend(spoken.flat_map(|said| said.payload));
                continue;
            }
            let Some(first) = spoken.next() else {
                continue;
            };
            for said in spoken {
                for (mine, theirs) in said.payload.into_iter().zip(&first.payload) {
                    let theirs = theirs
                        .iter()
                        .map(|(variable, factor)| (*variable, -*factor));
                    equations.push(gathered(mine.into_iter().chain(theirs)));
                }
            }
        }
    }
}

/// The sum of terms of which several may have the same variable.
fn gathered(terms: impl Iterator<Item = (usize, Felt)>) -> Sum {
    let mut sum: BTreeMap<usize, Felt> = BTreeMap::new();
    for (variable, factor) in terms {
        *sum.entry(variable).or_insert(Felt::ZERO) += factor;
    }
    let terms = sum.into_iter();
    terms.filter(|(_, factor)| *factor != Felt::ZERO).collect()
}

/// What one part says on the rows that look at cells that may change.
fn collect(
    part: &Part<'_>,
    position: usize,
    cells: &Cells,
    equations: &mut Vec<Sum>,
    messages: &mut Messages,
) -> Result<(), Violation> {
    if part.rows.is_empty() {
        return Ok(());
    }
    let height = part.trace.height();
    let fixed = part.table.fixed(height);
    let mut differentiator = Differentiator::of(part.table);
    let before = (part.rows.start + height - 1) % height;
    let outside = !part.rows.contains(&before);
    let rows = outside.then_some(before).into_iter();
    for row in rows.chain(part.rows.clone()) {
        let said = differentiator.differentiate(row_of(part.trace, &fixed, row));
        let sum_of = |gradient: &Gradient| {
            let terms = gradient.iter().filter_map(|(seen, factor)| {
                let cell = Cell {
                    part: position,
                    row: (row + usize::from(seen.next)) % height,
                    column: seen.column,
                };
                Some((cells.number(cell)?, *factor))
            });
            // A table of one row is its own next row.
            gathered(terms)
        };
        for (label, constraint) in &said.constraints {
            if constraint.value != Felt::ZERO {
                let table = part.table.name();
                return Err(Violation { table, row, label });
            }
            equations.push(sum_of(&constraint.gradient));
        }
        for said in &said.said {
            messages.add(said, sum_of);
        }
    }
    Ok(())
}

/// Which variables belong together.
struct Families(Vec<usize>);

impl Families {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn find(&mut self, mut variable: usize) -> usize {
        while self.0[variable] != variable {
            self.0[variable] = self.0[self.0[variable]];
            variable = self.0[variable];
        }
        variable
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a] = b;
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rows {:?} of {}", self.rows, self.table.name())
    }
}
