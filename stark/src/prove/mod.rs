//! The prover.
//!
//! [`prove`] does not look for mistakes in the traces: a proof of traces that break a constraint, or whose messages do not balance,
//! comes out and is rejected by [`crate::verify()`]. [`crate::check`] says what is wrong with traces.

mod auxiliary;
mod commit;
mod fri;
mod integers;
mod lanes;
mod merkle;
mod openings;
mod poseidon;
mod quotient;
mod single;

use plonky2::field::types::Field;

use crate::error::Error;
use crate::evaluate::Selectors;
use crate::field::{Challenge, Felt};
use crate::layout::Oracle;
use crate::proof::{Proof, VerifyingKey};
use crate::protocol::Protocol;
use crate::shape::Shape;
use crate::system::System;
use crate::trace::Trace;
use crate::transcript::{Transcript, native};
use crate::verify::check_point;

use commit::{Commitment, Roots, columns_of, commit, interpolate};
pub use single::{Committed, commit_to_columns, commit_to_polynomials, open_commitments};

/// Why traces cannot be proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// A message's fingerprint is zero: the bus challenges hit one of the few values for which its fraction does not exist.
    #[error("table {table}: a message's fingerprint is zero")]
    Fingerprint {
        /// The table's name.
        table: &'static str,
    },
}

/// What the prover is doing; the stages come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Committing to the main columns.
    Main,
    /// Computing and committing to the bus's columns.
    Auxiliary,
    /// Computing and committing to the quotients.
    Quotient,
    /// Opening all columns.
    Openings,
    /// The low-degree test.
    LowDegree,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] = [
        Self::Main,
        Self::Auxiliary,
        Self::Quotient,
        Self::Openings,
        Self::LowDegree,
    ];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main columns",
            Self::Auxiliary => "bus columns",
            Self::Quotient => "quotients",
            Self::Openings => "openings",
            Self::LowDegree => "low-degree test",
        }
    }
}

/// Is told when a stage begins.
pub trait Progress: Sync {
    /// `stage` begins.
    fn begin(&self, stage: Stage);
}

/// Nobody listens.
impl Progress for () {
    fn begin(&self, _: Stage) {}
}

impl<F: Fn(Stage) + Sync> Progress for F {
    fn begin(&self, stage: Stage) {
        self(stage);
    }
}

/// What the prover computes once per system and shape.
pub struct ProvingKey {
    protocol: Protocol,
    verifying_key: VerifyingKey,
    fixed: Vec<Trace>,
    fixed_commitment: Commitment,
    roots: Roots,
}

impl ProvingKey {
    /// The shape worked out.
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// What proofs made with this key are verified with.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying_key
    }
}

/// Works out `shape` for `system` and commits to the fixed columns.
///
/// # Errors
/// When they do not fit each other, or a table's fixed columns do not have the size that it declares.
pub fn setup(system: &System, shape: &Shape) -> Result<(ProvingKey, VerifyingKey), Error> {
    let protocol = Protocol::new(system, shape)?;
    let mut fixed = Vec::with_capacity(system.tables.len());
    for (index, table) in system.tables.iter().enumerate() {
        let height = shape.height(index);
        let width = table.fixed_names().len();
        let trace = if width == 0 {
            Trace::zero(0, height)
        } else {
            table.fixed(height)
        };
        expect("fixed columns", width, trace.width())?;
        expect("fixed cells", width * height, trace.cells().len())?;
        fixed.push(trace);
    }
    let roots = Roots::of(shape);
    let columns = fixed
        .iter()
        .map(|trace| interpolate(columns_of(trace), &roots))
        .collect();
    let fixed_commitment = commit(&protocol, &roots, Oracle::Fixed, columns);
    let verifying_key = VerifyingKey {
        digest: protocol.digest,
        fixed_cap: fixed_commitment.tree.cap.clone(),
    };
    let key = ProvingKey {
        protocol,
        verifying_key: verifying_key.clone(),
        fixed,
        fixed_commitment,
        roots,
    };
    Ok((key, verifying_key))
}

fn expect(what: &'static str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        Ok(())
    } else {
        Err(Error::Count {
            what,
            expected,
            got,
        })
    }
}

/// Proves that the traces, padded to the shape's heights and with lookup counts filled in
/// ([`crate::lookup::fill_multiplicities`]), satisfy `system` with the public values `public`. `key` must be of this `system`.
///
/// # Errors
/// When sizes do not fit the key, or (with negligible probability) a challenge is degenerate.
pub fn prove(
    system: &System,
    key: &ProvingKey,
    traces: Vec<Trace>,
    public: &[Felt],
    progress: &dyn Progress,
) -> Result<Proof, Error> {
    let protocol = &key.protocol;
    let layout = &protocol.layout;
    expect("tables", layout.tables.len(), system.tables.len())?;
    expect("traces", layout.tables.len(), traces.len())?;
    expect("public values", protocol.public_count, public.len())?;
    for (index, (table, trace)) in layout.tables.iter().zip(&traces).enumerate() {
        expect(
            "columns",
            table.widths[Oracle::Main as usize],
            trace.width(),
        )?;
        expect("rows", protocol.shape.height(index), trace.height())?;
    }

    let mut challenger = native();
    challenger.start(&protocol.statement(), &key.verifying_key.fixed_cap, public);

    progress.begin(Stage::Main);
    let columns = traces
        .iter()
        .map(|trace| interpolate(columns_of(trace), &key.roots))
        .collect();
    let main = commit(protocol, &key.roots, Oracle::Main, columns);
    let (beta, gamma) = challenger.main(&main.tree.cap);

    progress.begin(Stage::Auxiliary);
    let bus = protocol.bus_challenges(beta, gamma);
    let mut columns = Vec::with_capacity(traces.len());
    let mut sums = Vec::with_capacity(traces.len());
    for (index, trace) in traces.into_iter().enumerate() {
        let table = system.tables[index].as_ref();
        let filled = auxiliary::fill(
            table,
            &trace,
            &key.fixed[index],
            &protocol.plans[index],
            &bus,
        )?;
        drop(trace);
        sums.push(filled.sum);
        columns.push(interpolate(filled.columns, &key.roots));
    }
    let auxiliary = commit(protocol, &key.roots, Oracle::Auxiliary, columns);
    let speaking = layout.tables.iter().zip(&sums);
    let bus_sums: Vec<Challenge> = speaking
        .filter_map(|(table, &sum)| table.bus_sum.map(|_| sum))
        .collect();
    let alpha = challenger.auxiliary(&auxiliary.tree.cap, &bus_sums);

    progress.begin(Stage::Quotient);
    let mut columns = Vec::with_capacity(system.tables.len());
    let committed = [&key.fixed_commitment, &main, &auxiliary];
    let domains: Vec<_> = layout
        .classes
        .iter()
        .map(|class| quotient::Domain::of(class.log_height))
        .collect();
    for (index, table) in system.tables.iter().enumerate() {
        let inputs = quotient::Inputs {
            table: table.as_ref(),
            layout: &layout.tables[index],
            plan: &protocol.plans[index],
            constraints: protocol.constraint_counts[index],
            committed,
            domain: &domains[layout.tables[index].class],
            bus: &bus,
            sum: sums[index],
            alpha,
        };
        columns.push(quotient::compute(&inputs));
    }
    drop(domains);
    let quotient = commit(protocol, &key.roots, Oracle::Quotient, columns);
    let zeta = challenger.quotient(&quotient.tree.cap);
    check_point(zeta)?;

    progress.begin(Stage::Openings);
    let oracles = [&key.fixed_commitment, &main, &auxiliary, &quotient];
    let openings = openings::open(protocol, &oracles, zeta);
    challenger.openings(layout, &openings);

    progress.begin(Stage::LowDegree);
    let fri = openings::low_degree(protocol, &key.roots, &oracles, zeta, &mut challenger);
    Ok(Proof {
        main_cap: main.tree.cap,
        auxiliary_cap: auxiliary.tree.cap,
        bus_sums,
        quotient_cap: quotient.tree.cap,
        openings,
        fri,
    })
}

/// Selectors of a row as the checker has them.
fn row_selectors(index: usize, height: usize) -> Selectors<Felt> {
    let (first, last, transition) = crate::check::selectors(index, height);
    debug_assert_eq!(transition, Felt::ONE - last);
    Selectors {
        first,
        last,
        transition,
    }
}
