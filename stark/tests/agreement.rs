//! All ways to evaluate a table agree: row by row, packed, over the extension, as a graph.

mod common;

use braid_stark::bus::{BusChallenges, BusRow, PackedChallenge, constraints};
use braid_stark::evaluate::{OutsideInput, PointInputs, Selectors, defect};
use braid_stark::layout::TableOpenings;
use braid_stark::packed::Lanes;
use braid_stark::symbolic::{Graph, Operation, SymbolicTable, Variable};
use braid_stark::table::Collected;
use braid_stark::{Challenge, Felt, Packed, Protocol, Row, TableHeight};
use common::{shape, system};
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::packed::PackedField;
use plonky2::field::types::{Field, Sample};

fn felts(count: usize) -> Vec<Felt> {
    Felt::rand_vec(count)
}

fn challenges(count: usize) -> Vec<Challenge> {
    Challenge::rand_vec(count)
}

fn values(graph: &Graph, input: impl Fn(Variable) -> Challenge) -> Vec<Challenge> {
    let mut values: Vec<Challenge> = Vec::new();
    for operation in &graph.operations {
        values.push(match *operation {
            Operation::Variable(variable) => input(variable),
            Operation::Constant(value) => value.into(),
            Operation::Add(a, b) => values[a.index()] + values[b.index()],
            Operation::Sub(a, b) => values[a.index()] - values[b.index()],
            Operation::Mul(a, b) => values[a.index()] * values[b.index()],
            Operation::Neg(a) => -values[a.index()],
        });
    }
    values
}

/// Values of all constraints, then of all payloads and multiplicities.
fn flat<X: Copy>(collected: &Collected<X>) -> Vec<X> {
    let said = collected.interactions.iter();
    let said = said.flat_map(|i| i.message.payload.iter().copied().chain([i.multiplicity]));
    let constraints = collected.constraints.iter().map(|(_, value)| *value);
    constraints.chain(said).collect()
}

#[test]
fn rows_vectors_extension_and_graph_agree() {
    for table in &system().tables {
        let (width, fixed_width) = (table.column_names().len(), table.fixed_names().len());
        let lanes: Vec<[Vec<Felt>; 4]> = (0..Packed::WIDTH)
            .map(|_| [felts(width), felts(width), felts(fixed_width), felts(3)])
            .collect();
        let pack = |part: usize, count: usize| -> Vec<Packed> {
            (0..count)
                .map(|column| {
                    let mut packed = Lanes::ZEROS;
                    for (cell, lane) in packed.as_slice_mut().iter_mut().zip(&lanes) {
                        *cell = lane[part][column];
                    }
                    Packed(packed)
                })
                .collect()
        };
        let (local, next, fixed) = (pack(0, width), pack(1, width), pack(2, fixed_width));
        let selectors = pack(3, 3);
        let mut packed = Collected::default();
        let row = Row {
            local: &local,
            next: &next,
            fixed: &fixed,
            first: selectors[0],
            last: selectors[1],
            transition: selectors[2],
        };
        table.eval_packed(row, &mut packed);
        let symbolic = SymbolicTable::of(table.as_ref());
        for (index, lane) in lanes.iter().enumerate() {
            let [local, next, fixed, selectors] = lane;
            let mut collected = Collected::default();
            let row = Row {
                local: local.as_slice(),
                next,
                fixed,
                first: selectors[0],
                last: selectors[1],
                transition: selectors[2],
            };
            table.eval_row(row, &mut collected);
            let expected = flat(&collected);
            let of_lane = flat(&packed).into_iter().map(|p| p.0.as_slice()[index]);
            assert_eq!(of_lane.collect::<Vec<_>>(), expected, "{}", table.name());

            let values = values(&symbolic.graph, |variable| {
                Challenge::from(match variable {
                    Variable::Local(i) => local[i],
                    Variable::Next(i) => next[i],
                    Variable::Fixed(i) => fixed[i],
                    Variable::First => selectors[0],
                    Variable::Last => selectors[1],
                    Variable::Transition => selectors[2],
                    Variable::Outside(_) => panic!("a table has no outside"),
                })
            });
            let nodes = flat(&symbolic.collected).into_iter();
            let of_graph: Vec<Challenge> = nodes.map(|node| values[node.index()]).collect();
            let expected: Vec<Challenge> = expected.into_iter().map(Challenge::from).collect();
            assert_eq!(of_graph, expected, "{}", table.name());
        }

        // Over the extension, at random points of it.
        let (local, next, fixed) = (
            challenges(width),
            challenges(width),
            challenges(fixed_width),
        );
        let selectors = challenges(3);
        let mut collected = Collected::default();
        let row = Row {
            local: &local,
            next: &next,
            fixed: &fixed,
            first: selectors[0],
            last: selectors[1],
            transition: selectors[2],
        };
        table.eval_challenge(row, &mut collected);
        let values = values(&symbolic.graph, |variable| match variable {
            Variable::Local(i) => local[i],
            Variable::Next(i) => next[i],
            Variable::Fixed(i) => fixed[i],
            Variable::First => selectors[0],
            Variable::Last => selectors[1],
            Variable::Transition => selectors[2],
            Variable::Outside(_) => panic!("a table has no outside"),
        });
        let nodes = flat(&symbolic.collected).into_iter();
        let of_graph: Vec<Challenge> = nodes.map(|node| values[node.index()]).collect();
        assert_eq!(of_graph, flat(&collected), "{}", table.name());
    }
}

/// The bus's constraints on vectors are those over the extension, lane by lane.
#[test]
fn bus_constraints_agree() {
    let system = system();
    let protocol = Protocol::new(&system, &shape(1)).unwrap();
    for (table, plan) in system.tables.iter().zip(&protocol.plans) {
        if plan.is_silent() {
            continue;
        }
        let (width, fixed_width) = (table.column_names().len(), table.fixed_names().len());
        let (local, next, fixed) = (felts(width), felts(width), felts(fixed_width));
        let selectors = felts(3);
        let auxiliary = challenges(plan.extension_columns() + 2);
        let [helpers @ .., phi, phi_next, share] = auxiliary.as_slice() else {
            panic!("too few");
        };
        let (beta, gamma) = (Challenge::rand(), Challenge::rand());

        let up = |values: &[Felt]| -> Vec<Challenge> { values.iter().map(|&v| v.into()).collect() };
        let (local_up, next_up, fixed_up, selectors_up) =
            (up(&local), up(&next), up(&fixed), up(&selectors));
        let mut collected = Collected::default();
        let row = Row {
            local: &local_up,
            next: &next_up,
            fixed: &fixed_up,
            first: selectors_up[0],
            last: selectors_up[1],
            transition: selectors_up[2],
        };
        table.eval_challenge(row, &mut collected);
        let bus_row = BusRow {
            helpers,
            phi: *phi,
            phi_next: *phi_next,
            share: *share,
        };
        let bus = protocol.bus_challenges(beta, gamma);
        let expected = constraints(plan, &bus, &collected.interactions, &bus_row);
        assert_eq!(expected.len(), plan.extension_columns());

        let wide =
            |values: &[Felt]| -> Vec<Packed> { values.iter().map(|&v| Packed(v.into())).collect() };
        let (local, next, fixed, selectors) =
            (wide(&local), wide(&next), wide(&fixed), wide(&selectors));
        let mut collected = Collected::default();
        let row = Row {
            local: &local,
            next: &next,
            fixed: &fixed,
            first: selectors[0],
            last: selectors[1],
            transition: selectors[2],
        };
        table.eval_packed(row, &mut collected);
        let helpers: Vec<_> = helpers
            .iter()
            .map(|&h| PackedChallenge::broadcast(h))
            .collect();
        let bus_row = BusRow {
            helpers: &helpers,
            phi: PackedChallenge::broadcast(*phi),
            phi_next: PackedChallenge::broadcast(*phi_next),
            share: PackedChallenge::broadcast(*share),
        };
        let one = PackedChallenge::broadcast(Challenge::ONE);
        let bus = BusChallenges::new(
            one,
            PackedChallenge::broadcast(beta),
            PackedChallenge::broadcast(gamma),
            plan.longest_payload,
        );
        let got = constraints(plan, &bus, &collected.interactions, &bus_row);
        let lane = |p: &PackedChallenge, l: usize| {
            QuadraticExtension([p.low.0.as_slice()[l], p.high.0.as_slice()[l]])
        };
        for index in 0..Packed::WIDTH {
            let got: Vec<Challenge> = got.iter().map(|p| lane(p, index)).collect();
            assert_eq!(got, expected);
        }
    }
}

/// The graph that circuits are built from computes what the verifier computes.
#[test]
fn the_equation_as_a_graph_agrees() {
    let system = system();
    let protocol = Protocol::new(&system, &shape(1)).unwrap();
    for (index, table) in system.tables.iter().enumerate() {
        let layout = &protocol.layout.tables[index];
        let plan = &protocol.plans[index];
        let inputs = PointInputs {
            openings: TableOpenings::make(layout, Challenge::rand),
            selectors: Selectors {
                first: Challenge::rand(),
                last: Challenge::rand(),
                transition: Challenge::rand(),
            },
            basis: Challenge::rand(),
            alpha: Challenge::rand(),
            bus: protocol.bus_challenges(Challenge::rand(), Challenge::rand()),
            share: Challenge::rand(),
            zeta_power: Challenge::rand(),
        };
        let expected = defect(table.as_ref(), layout, plan, &inputs);
        let graph = protocol.graph(&system, index);
        let openings = &inputs.openings;
        let values = values(&graph.graph, |variable| match variable {
            Variable::Local(i) => openings.main[i],
            Variable::Next(i) => {
                let position = layout.next_columns.binary_search(&i).unwrap();
                openings.main_next[position]
            }
            Variable::Fixed(i) => openings.fixed[i],
            Variable::First => inputs.selectors.first,
            Variable::Last => inputs.selectors.last,
            Variable::Transition => inputs.selectors.transition,
            Variable::Outside(i) => match graph.outside[i] {
                OutsideInput::Auxiliary(i) => openings.auxiliary[i],
                OutsideInput::Quotient(i) => openings.quotient[i],
                OutsideInput::PhiNext(i) => openings.phi_next[i],
                OutsideInput::Basis => inputs.basis,
                OutsideInput::Alpha => inputs.alpha,
                OutsideInput::Gamma => inputs.bus.gamma,
                OutsideInput::BetaPower(i) => inputs.bus.beta_powers[i],
                OutsideInput::Share => inputs.share,
                OutsideInput::ZetaPower => inputs.zeta_power,
            },
        });
        assert_eq!(values[graph.root.index()], expected, "{}", table.name());
    }
}

#[test]
fn only_columns_that_are_looked_at_are_opened_at_the_next_row() {
    let protocol = Protocol::new(&system(), &shape(1)).unwrap();
    let next = |table: usize| protocol.layout.tables[table].next_columns.clone();
    assert_eq!(next(0), [0, 1, 7]);
    assert_eq!(next(1), [0usize; 0]);
    assert_eq!(next(3), [0]);
}

#[test]
fn interactions_share_helpers_where_degrees_allow() {
    let protocol = Protocol::new(&system(), &shape(1)).unwrap();
    // Start, End, three bytes, and two cells whose fingerprints have degree 2.
    let pairs = [(0, Some(1)), (2, Some(3)), (4, None), (5, None), (6, None)];
    assert_eq!(protocol.plans[0].helpers, pairs);
    assert!(protocol.plans[3].is_silent());
    assert_eq!(protocol.layout.bus_sums, 4);
}

#[test]
fn every_step_of_folding_stops_at_each_height() {
    for heights in [
        vec![5, 8, 2, 7, 1],
        vec![20, 3],
        vec![14],
        vec![17, 16, 12, 8],
        vec![4, 4],
    ] {
        let mut shape = shape(1);
        shape.tables = heights
            .into_iter()
            .map(|log_height| {
                let table = format!("of 2^{log_height} rows");
                TableHeight { table, log_height }
            })
            .collect();
        let classes = shape.class_heights();
        let mut degree = classes[0];
        let mut reached = vec![degree];
        for arity in shape.reduction_arity_bits() {
            assert!((1..=4).contains(&arity));
            degree -= arity;
            reached.push(degree);
            assert!(degree + 1 >= shape.fri.cap_height);
        }
        assert!(classes.iter().all(|class| reached.contains(class)));
        assert!(degree <= 5);
    }
}

#[test]
fn security_of_the_standard_parameters() {
    let mut shape = shape(1);
    shape.fri = braid_stark::FriParameters::FAST;
    shape.fri.cap_height = 1;
    let layer = braid_stark::security::layer(&Protocol::new(&system(), &shape).unwrap());
    assert!(layer.conjectured() >= 100.0, "{layer:?}");
    // Less is proven, and of the queries only.
    assert_eq!(layer.proven(), layer.round("queries").unwrap().proven);
    for round in layer.rounds.iter().filter(|round| round.name != "queries") {
        assert!(round.proven > 100.0, "{layer:?}");
        assert_eq!(round.proven, round.conjectured);
    }
    // A round for every challenge, and what is in all of them.
    let names: Vec<_> = layer.rounds.iter().map(|round| &round.name[..]).collect();
    assert_eq!(names[..4], ["bus", "constraints", "point", "batching"]);
    assert!(names[4..].starts_with(&["fold 1"]) && names.ends_with(&["queries", "hash"]));
}
