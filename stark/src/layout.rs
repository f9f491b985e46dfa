//! Where every polynomial is: oracles, height classes, opening order.
//!
//! There are four oracles: fixed, main, auxiliary and quotient columns. Each is one Merkle tree over evaluations of
//! polynomials of all heights; polynomials of the same height form a *class* and share their leaves. Within an oracle, columns
//! are ordered by class (highest first), within a class by table (in the system's order), within a table as the table
//! orders them. An oracle that has no column in some class gets one zero column there, since every class needs a leaf; it is
//! never opened and means nothing.

use plonky2::fri::structure::{FriOracleInfo, FriPolynomialInfo};
use serde::{Deserialize, Serialize};

use crate::bus::BusPlan;
use crate::field::CHALLENGE_DEGREE;
use crate::shape::Shape;

/// The oracles, in the order of FRI's initial Merkle trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oracle {
    /// Fixed columns; the cap is in the verifying key.
    Fixed = 0,
    /// Main columns.
    Main = 1,
    /// Helper columns and running sums of the bus.
    Auxiliary = 2,
    /// Chunks of the quotients.
    Quotient = 3,
}

/// How many oracles there are.
pub const ORACLES: usize = 4;

/// Quotients have degree below twice the height: this many chunks, each of two base-field columns.
pub const QUOTIENT_CHUNKS: usize = 2;

/// Base-field columns of a table's quotient, in the order `low chunk 0, low chunk 1, high chunk 0, high chunk 1` where the
/// quotient is `low + high X`.
pub const QUOTIENT_COLUMNS: usize = QUOTIENT_CHUNKS * CHALLENGE_DEGREE;

/// Where a table's columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableLayout {
    /// The table's class.
    pub class: usize,
    /// How many columns it has in each oracle.
    pub widths: [usize; ORACLES],
    /// Its first column in the leaves of its class, in each oracle.
    pub leaf_offsets: [usize; ORACLES],
    /// Its first polynomial in each oracle.
    pub first_polynomials: [usize; ORACLES],
    /// The main columns whose next row its constraints look at: these are opened at the next point too.
    pub next_columns: Vec<usize>,
    /// Which of the proof's bus sums is the table's; none if it puts nothing on the bus.
    pub bus_sum: Option<usize>,
}

/// The tables of one height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassLayout {
    /// Log2 of the height.
    pub log_height: usize,
    /// Positions of the tables, ascending.
    pub tables: Vec<usize>,
    /// Length of a leaf in each oracle, padding column included.
    pub widths: [usize; ORACLES],
}

/// Where all columns are, for one system and shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Per table.
    pub tables: Vec<TableLayout>,
    /// Per height, highest first.
    pub classes: Vec<ClassLayout>,
    /// How many tables speak on the bus.
    pub bus_sums: usize,
}

/// Polynomials of one class that are opened at the same point.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Whether the point is the next row's, `g zeta` with the class's generator `g`, instead of `zeta`.
    pub next: bool,
    /// The polynomials, in the order of the opened values.
    pub polynomials: Vec<FriPolynomialInfo>,
}

/// Opened values of one table: `Challenge`s in a proof, targets in a circuit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableOpenings<X> {
    /// Fixed columns at `zeta`.
    pub fixed: Vec<X>,
    /// Main columns at `zeta`.
    pub main: Vec<X>,
    /// Auxiliary columns at `zeta`: pairs of base-field columns.
    pub auxiliary: Vec<X>,
    /// Quotient columns at `zeta`, [`QUOTIENT_COLUMNS`] of them.
    pub quotient: Vec<X>,
    /// Main columns [`TableLayout::next_columns`] at `g zeta`.
    pub main_next: Vec<X>,
    /// The running sum's two base-field columns at `g zeta`; empty if the table says nothing.
    pub phi_next: Vec<X>,
}

impl<X> TableOpenings<X> {
    /// Openings of the lengths that `table` has, with values from `make`.
    pub fn make(table: &TableLayout, mut make: impl FnMut() -> X) -> Self {
        let mut values = |count: usize| (0..count).map(|_| make()).collect();
        Self {
            fixed: values(table.widths[Oracle::Fixed as usize]),
            main: values(table.widths[Oracle::Main as usize]),
            auxiliary: values(table.widths[Oracle::Auxiliary as usize]),
            quotient: values(table.widths[Oracle::Quotient as usize]),
            main_next: values(table.next_columns.len()),
            phi_next: values(table.phi_columns().len()),
        }
    }

    /// Each kind's values with the number that `table` has of them.
    pub fn lengths<'a>(&'a self, table: &TableLayout) -> [(&'static str, usize, &'a [X]); 6] {
        [
            ("fixed openings", table.widths[0], &self.fixed),
            ("main openings", table.widths[1], &self.main),
            ("auxiliary openings", table.widths[2], &self.auxiliary),
            ("quotient openings", table.widths[3], &self.quotient),
            ("next openings", table.next_columns.len(), &self.main_next),
            (
                "next running sums",
                table.phi_columns().len(),
                &self.phi_next,
            ),
        ]
    }
}

impl TableLayout {
    /// The running sum's columns among the auxiliary ones: the last two, or none.
    pub fn phi_columns(&self) -> core::ops::Range<usize> {
        let width = self.widths[Oracle::Auxiliary as usize];
        width.saturating_sub(CHALLENGE_DEGREE)..width
    }
}

impl Layout {
    /// Lays out tables of the given `(fixed, main)` widths, bus plans and columns looked at on the next row.
    pub(crate) fn new(
        shape: &Shape,
        widths: &[(usize, usize)],
        plans: &[BusPlan],
        next_columns: Vec<Vec<usize>>,
    ) -> Self {
        let heights = shape.class_heights();
        let mut classes: Vec<_> = heights
            .iter()
            .map(|&log_height| ClassLayout {
                log_height,
                tables: Vec::new(),
                widths: [0; ORACLES],
            })
            .collect();
        let mut tables = Vec::with_capacity(widths.len());
        let mut bus_sums = 0;
        let described = widths.iter().zip(plans).zip(next_columns);
        for (position, ((&(fixed, main), plan), next_columns)) in described.enumerate() {
            let log_height = shape.log_height(position);
            let class = heights.partition_point(|&height| height > log_height);
            let auxiliary = plan.extension_columns() * CHALLENGE_DEGREE;
            let widths = [fixed, main, auxiliary, QUOTIENT_COLUMNS];
            let leaf_offsets = classes[class].widths;
            for (total, width) in classes[class].widths.iter_mut().zip(widths) {
                *total += width;
            }
            classes[class].tables.push(position);
            let bus_sum = (!plan.is_silent()).then(|| {
                bus_sums += 1;
                bus_sums - 1
            });
            tables.push(TableLayout {
                class,
                widths,
                leaf_offsets,
                first_polynomials: leaf_offsets,
                next_columns,
                bus_sum,
            });
        }
        let mut start = [0; ORACLES];
        for class in &mut classes {
            for (oracle, start) in start.iter_mut().enumerate() {
                class.widths[oracle] = class.widths[oracle].max(1);
                for &table in &class.tables {
                    tables[table].first_polynomials[oracle] += *start;
                }
                *start += class.widths[oracle];
            }
        }
        Self {
            tables,
            classes,
            bus_sums,
        }
    }

    /// Log2 heights of the classes, highest first: FRI's `degree_bits`.
    pub fn degree_bits(&self) -> Vec<usize> {
        self.classes.iter().map(|class| class.log_height).collect()
    }

    /// Length of one query's leaf of `oracle`, all classes together.
    pub fn leaf_length(&self, oracle: usize) -> usize {
        self.classes.iter().map(|class| class.widths[oracle]).sum()
    }

    /// What FRI must know of the oracles of `class`.
    pub fn oracles(&self, class: usize) -> Vec<FriOracleInfo> {
        let widths = self.classes[class].widths.iter();
        widths
            .map(|&num_polys| FriOracleInfo {
                num_polys,
                blinding: false,
            })
            .collect()
    }

    /// The opened polynomials of `class`, by point: first those at `zeta`, then those at `g zeta` if there are any.
    pub fn batches(&self, class: usize) -> Vec<Batch> {
        let mut here = Vec::new();
        let mut next = Vec::new();
        for &table in &self.classes[class].tables {
            let layout = &self.tables[table];
            for oracle in 0..ORACLES {
                let first = layout.first_polynomials[oracle];
                let range = first..first + layout.widths[oracle];
                here.extend(FriPolynomialInfo::from_range(oracle, range));
            }
            let column = |oracle: Oracle, column: usize| FriPolynomialInfo {
                oracle_index: oracle as usize,
                polynomial_index: layout.first_polynomials[oracle as usize] + column,
            };
            let main = layout.next_columns.iter();
            next.extend(main.map(|&index| column(Oracle::Main, index)));
            next.extend(
                layout
                    .phi_columns()
                    .map(|index| column(Oracle::Auxiliary, index)),
            );
        }
        let mut batches = vec![Batch {
            next: false,
            polynomials: here,
        }];
        if !next.is_empty() {
            batches.push(Batch {
                next: true,
                polynomials: next,
            });
        }
        batches
    }

    /// The opened values of `class`, in the order of [`Layout::batches`]. The transcript observes them in this order, class
    /// after class.
    pub fn batch_values<X: Copy>(
        &self,
        class: usize,
        openings: &[TableOpenings<X>],
    ) -> Vec<Vec<X>> {
        let mut here = Vec::new();
        let mut next = Vec::new();
        for &table in &self.classes[class].tables {
            let values = &openings[table];
            here.extend_from_slice(&values.fixed);
            here.extend_from_slice(&values.main);
            here.extend_from_slice(&values.auxiliary);
            here.extend_from_slice(&values.quotient);
            next.extend_from_slice(&values.main_next);
            next.extend_from_slice(&values.phi_next);
        }
        if next.is_empty() {
            vec![here]
        } else {
            vec![here, next]
        }
    }
}
