//! The registry's promise: one more table in the list is filled, bounded, given a height, padded and checked with the others,
//! and tables that answer its claims hear of them, without a change anywhere else.

mod common;

use braid_circuits::Error;
use braid_circuits::bus::{Message, tag};
use braid_circuits::chunk::{
    Asked, ChunkTable, Demand, Filling, Part, ShapeSize, generate_with, order, public_values,
};
use braid_circuits::registry::{system_of, tables};
use braid_circuits::shapes::{all, named};
use braid_stark::check::check;
use braid_stark::columns::names_of;
use braid_stark::{
    AnyTable, ConstraintBuilder, Expression, Felt, Row, Shape, Table, Tag, Trace, columns,
};
use common::one_chunk;
use plonky2::field::types::Field;

columns! {
    struct DoublesColumns<X> {
        used: X,
        number: X,
    }
}

/// Doubles the ordinal after each transaction: learns it from messages of `transaction`, and has `arith` prove the sum.
struct Doubles {
    /// Whether it says what it asks of `arith`.
    says_claims: bool,
}

impl Table for Doubles {
    fn name(&self) -> &'static str {
        "doubles"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<DoublesColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let &DoublesColumns { used, number } = row.local();
        builder.assert_bool("doubles/used", used);
        let word = |low| core::array::from_fn(|limb| if limb == 0 { low } else { B::X::zero() });
        let (a, c) = (word(number), word(number + number));
        builder.send(Message::Add { a, b: a, c }, used);
    }
}

impl ChunkTable for Doubles {
    fn claim(&self) -> &'static str {
        "ordinals can be doubled"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.few()
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        if let Part::Transaction(_) = part {
            asked.rows(1);
            asked.claims(tag::Add, usize::from(self.says_claims));
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::BlockProgress]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let mut rows = Trace::new(2);
        let messages = filling.claims.of(&[tag::BlockProgress]);
        // What `block` says before the first transaction may be there already: it is filled from the same kind.
        for message in messages.filter(|message| message.payload[0] != Felt::ZERO) {
            *rows.push() = DoublesColumns {
                used: Felt::ONE,
                number: message.payload[0],
            };
        }
        Ok(rows)
    }
}

fn with(extra: impl ChunkTable + 'static) -> Vec<Box<dyn ChunkTable>> {
    let mut tables = tables();
    tables.insert(3, Box::new(extra));
    tables
}

#[test]
fn one_more_table_needs_nothing_else() {
    let says_claims = true;
    let tables = with(Doubles { says_claims });
    let events = one_chunk();

    let demand = Demand::of(&tables, &events).unwrap();
    let filled = generate_with(&tables, &events).expect("filled tables");
    for ((name, rows), (table, bound)) in filled.rows().zip(demand.rows()) {
        assert_eq!(name, table);
        assert!(rows <= bound, "{table}: {rows} rows, said to need {bound}");
    }
    let rows = |name: &str| filled.rows().find(|(table, _)| *table == name);
    assert_eq!(
        rows("doubles"),
        Some(("doubles", events.transactions.len()))
    );

    let shape = named(&tables, "tiny").unwrap();
    let mut of_shape = with(Doubles { says_claims });
    of_shape.retain(|table| shape.log_height_of(table.name()).is_some());
    let validated = shape.validate(&system_of(of_shape));
    validated.expect("a shape of the system");
    assert_eq!(shape.log_height_of("doubles"), Some(4));
    // The larger shape holds these transactions, until the new table alone is too low.
    let mut shape = named(&tables, "standard").unwrap();
    assert_eq!(demand.fits(&shape), Ok(()));
    let doubles = shape
        .tables
        .iter_mut()
        .find(|table| table.table == "doubles");
    doubles.expect("the table").log_height = 3;
    let misfit = demand.fits(&shape).expect_err("12 rows in 8");
    assert_eq!(
        (misfit.table, misfit.rows, misfit.height),
        ("doubles", 12, 8)
    );

    let system = system_of(with(Doubles { says_claims }));
    let heights = filled.least_log_heights(&system);
    let filled = filled.pad(&system, &heights).expect("padded tables");
    let report = check(&system, &filled, &public_values(&events)).expect("a report");
    assert!(report.is_ok(), "{report}");
}

/// A shape may do without a table; then it takes no chunk that needs a row of it.
#[test]
fn a_shape_without_a_table_takes_no_chunk_that_needs_it() {
    let tables = with(Doubles { says_claims: true });
    let events = one_chunk();
    let mut shape = named(&tables, "standard").unwrap();
    shape.tables.retain(|table| table.table != "doubles");
    let misfit = Demand::of(&tables, &events).unwrap().fits(&shape);
    let misfit = misfit.expect_err("rows of a table that is not there");
    assert_eq!((misfit.table, misfit.height), ("doubles", 0));

    let filled = generate_with(&tables, &events).expect("filled tables");
    let system = system_of(with(Doubles { says_claims: true }));
    let error = filled
        .pad_to(&system, &shape)
        .expect_err("rows without place");
    let expected = Error::Stark(braid_stark::Error::TooManyRows {
        table: "doubles",
        rows: events.transactions.len(),
        height: 0,
    });
    assert_eq!(error.to_string(), expected.to_string());
}

/// What a table claims counts where it is proved: without it the bound is too low.
#[test]
fn claims_that_are_not_said_show() {
    let events = one_chunk();
    let bound = |says_claims| {
        let tables = with(Doubles { says_claims });
        let demand = Demand::of(&tables, &events).unwrap();
        let arith = demand.rows().find(|(name, _)| *name == "arith");
        arith.expect("the table").1
    };
    assert_eq!(bound(true), bound(false) + events.transactions.len());
}

/// Speaks of a kind of message and is filled from another.
struct Waits {
    name: &'static str,
    says: Tag,
    from: &'static [Tag],
    passes_on: &'static [Tag],
}

impl Table for Waits {
    fn name(&self) -> &'static str {
        self.name
    }

    fn column_names(&self) -> Vec<String> {
        vec!["count".to_owned()]
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let payload = vec![B::X::zero(); self.says.length];
        builder.interact(braid_stark::Interaction {
            message: braid_stark::Message::new(self.says, payload),
            multiplicity: row.local[0],
        });
    }
}

impl ChunkTable for Waits {
    fn claim(&self) -> &'static str {
        "nothing"
    }

    fn log_height(&self, _: ShapeSize) -> Option<usize> {
        None
    }

    fn demand(&self, _: Part<'_>, _: &mut Asked<'_>) {}

    fn filled_from(&self) -> &'static [Tag] {
        self.from
    }

    fn passes_on(&self) -> &'static [Tag] {
        self.passes_on
    }

    fn fill(&self, _: &mut Filling<'_>) -> Result<Trace, Error> {
        Ok(Trace::new(1))
    }
}

fn waits(name: &'static str, says: Tag, from: &'static [Tag]) -> Box<dyn ChunkTable> {
    let passes_on = &[];
    Box::new(Waits {
        name,
        says,
        from,
        passes_on,
    })
}

/// Is filled from a kind of message and makes further ones.
fn passes_on(name: &'static str, kind: &'static [Tag; 1]) -> Box<dyn ChunkTable> {
    Box::new(Waits {
        name,
        says: kind[0],
        from: kind,
        passes_on: kind,
    })
}

#[test]
fn tables_are_filled_after_those_that_they_are_filled_from() {
    let tables = vec![
        waits("last", tag::U8, &[tag::Mul, tag::Add]),
        waits("middle", tag::Mul, &[tag::Add]),
        // Two that are filled from the same kind, which one of them also speaks of.
        waits("first", tag::Add, &[]),
        waits("beside", tag::Add, &[tag::Add]),
    ];
    assert_eq!(order(&tables).expect("an order"), [2, 1, 0, 3]);

    let circle = vec![
        waits("a", tag::Add, &[tag::Mul]),
        waits("free", tag::U8, &[]),
        waits("b", tag::Mul, &[tag::Add]),
    ];
    let error = order(&circle).expect_err("no order");
    assert_eq!(error.to_string(), "tables wait for each other: a, b");
}

/// A table that proves claims by further claims of the same kind comes before those that prove these, and after those that make the first.
#[test]
fn claims_are_passed_on_before_they_are_proved() {
    let tables = vec![
        waits("proves", tag::Add, &[tag::Add]),
        passes_on("passes on", &[tag::Add]),
        waits("asks", tag::Add, &[]),
        passes_on("passes on too", &[tag::Add]),
    ];
    assert_eq!(order(&tables).expect("an order"), [2, 1, 3, 0]);
}

/// Products are claimed by other tables that are filled from the same kind of claim.
#[test]
fn powers_and_signed_divisions_are_filled_before_products() {
    let tables = tables();
    let order = order(&tables).expect("an order");
    let place = |name| order.iter().position(|&table| tables[table].name() == name);
    for earlier in ["exp", "signed"] {
        assert!(place(earlier).is_some() && place(earlier) < place("product"));
    }
}

/// Every kind of message that a table of some shape is filled from is said by another one.
#[test]
fn nobody_waits_for_what_is_never_said() {
    let tables = tables();
    let order = order(&tables).expect("an order");
    assert_eq!(order.len(), tables.len());
    let system = system_of(braid_circuits::registry::tables());
    let shapes = all(&tables);
    // Who claims what only code needs comes with the shapes that run code.
    let has = |shape: &Shape, table: &str| shape.log_height_of(table).is_some();
    let used = tables
        .iter()
        .filter(|table| shapes.iter().any(|shape| has(shape, table.name())));
    for table in used {
        for kind in table.filled_from() {
            let speaks = |other: &dyn AnyTable| {
                let symbolic = braid_stark::symbolic::SymbolicTable::of(other);
                let said = symbolic.collected.interactions.into_iter();
                other.name() != table.name() && said.into_iter().any(|i| i.message.tag == *kind)
            };
            let found = system.tables.iter().any(|other| speaks(other.as_ref()));
            assert!(found, "{} from {}", table.name(), kind.name);
        }
    }
}
