//! Constraints that share a label with others, one by one: a forgery that several of them object to would not miss one that is gone. Rows here are padding with a few cells changed, so that of all constraints with the label exactly one fails.

use braid_circuits::registry::tables;
use braid_stark::check::row_of;
use braid_stark::table::Collected;
use braid_stark::{Felt, Trace};
use plonky2::field::types::Field;

/// Names of columns, and what is put there.
type Changes<'a> = &'a [(&'a str, i64)];

fn felt(value: i64) -> Felt {
    let magnitude = Felt::from_canonical_u64(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

/// Demands that exactly one constraint of this label fails on a row of padding with these changes. The table is what the label begins with.
fn once(label: &str, changes: Changes<'_>) {
    let name = label.split('/').next().expect("a table");
    let mut tables = tables().into_iter();
    let table = tables.find(|table| table.name() == name).expect("a table");
    let (names, height) = (table.column_names(), table.min_height().max(2));
    let mut trace = Trace::zero(names.len(), 0);
    table.pad(&mut trace, height);
    for (column, value) in changes {
        let place = names.iter().position(|name| name == column);
        let place = place.unwrap_or_else(|| panic!("{name} has no {column}"));
        trace.row_mut(0)[place] = felt(*value);
    }
    let fixed = table.fixed(height);
    let mut said = Collected::<Felt>::default();
    table.eval_row(row_of(&trace, &fixed, 0), &mut said);
    let failing = said.constraints.iter();
    let failing = failing.filter(|(_, value)| *value != Felt::ZERO);
    let failing = failing.filter(|(found, _)| *found == label);
    assert_eq!(failing.count(), 1, "{label}: {changes:?}");
}

/// The same of many.
fn each(label: &str, all: &[Changes<'_>]) {
    all.iter().for_each(|changes| once(label, changes));
}

/// Two flags and what is left of them: each is one by a constraint of its own.
fn three(label: &str, first: &str, second: &str) {
    each(
        label,
        &[
            &[(first, -1), (second, 1)],
            &[(first, 1), (second, -1)],
            &[(first, 1), (second, 1)],
        ],
    );
}

/// Tables with regions: labels of what they are, of their length and of their distance, and the region.
const REGIONS: [[&str; 4]; 5] = [
    [
        "finish/region",
        "finish/length",
        "finish/distance",
        "region",
    ],
    ["log/region", "log/length", "log/distance", "region"],
    [
        "external_code/region",
        "external_code/length",
        "external_code/distance",
        "region",
    ],
    [
        "call/input",
        "call/input length",
        "call/input distance",
        "input",
    ],
    [
        "call/output",
        "call/output length",
        "call/output distance",
        "output",
    ],
];

/// What is shown of memory that is far: columns that say that it is, that it is beyond, that the inverse is one, and those by which words have a limb beyond 2^64.
fn distances(label: &str, [far, beyond, inverse]: [&str; 3], limbs: Changes<'_>) {
    // Whether it is far, whether beyond, and the inverse, which is 1.
    for values in [[1, 2, 1], [0, 1, 1], [1, 0, 2], [1, 1, 2]] {
        let cells = [far, beyond, inverse].into_iter().zip(values);
        let changes = Vec::from_iter(cells.chain(limbs.iter().copied()));
        once(label, &changes);
    }
}

#[test]
fn regions_are_what_they_are_said_to_be() {
    for [kind, length, distance, region] in REGIONS {
        let column = |name: &str| format!("{region}.{name}");
        let [near, far, beyond] = ["near", "far", "beyond"].map(column);
        let [inverse, second, third] = ["high_inverse", "offset[1]", "offset[2]"].map(column);
        three(kind, &near, &far);
        // Bytes, though there are none.
        once(length, &[(&near, 1)]);
        // Far memory called near.
        for limb in 1..8 {
            for word in ["offset", "length"] {
                let limb = column(&format!("{word}[{limb}]"));
                once(distance, &[(&near, 1), (&limb, 1)]);
            }
        }
        distances(distance, [&far, &beyond, &inverse], &[(&third, 1)]);
        // A limb that does not make it beyond.
        once(
            distance,
            &[(&far, 1), (&beyond, 1), (&inverse, 1), (&second, 1)],
        );
    }
    distances(
        "memory/far",
        ["far", "beyond", "inverse"],
        &[("offset[2]", 1)],
    );
    let limbs = [("length.value[2]", 1), ("high", 1), ("higher", 1)];
    distances("moves/far", ["case.far", "beyond", "high_inverse"], &limbs);
    each("moves/high", &[&[("high", 1)], &[("length.value[1]", 1)]]);
    each(
        "moves/higher",
        &[&[("higher", 1)], &[("length.value[2]", 1)]],
    );
    // STOP has none.
    each(
        "finish/nothing",
        &[
            &[("stops", 1), ("region.start", 1)],
            &[("stops", 1), ("region.length[0]", 1)],
        ],
    );
}

/// A step whose memory is far and not beyond has no top limb of gas.
#[test]
fn much_gas_is_not_small() {
    for (label, gas, far) in [
        ("memory/small gas", "step.gas[3]", "far"),
        ("moves/small gas", "step.gas[3]", "case.far"),
        ("finish/small gas", "at.gas[3]", "region.far"),
        ("log/small gas", "at.gas[3]", "region.far"),
        ("external_code/small gas", "at.gas[3]", "region.far"),
        ("call/small gas", "at.gas[3]", "far"),
    ] {
        once(label, &[(far, 1), (gas, 1)]);
    }
}

#[test]
fn cases_exclude_each_other() {
    three("identity/case", "done", "lacks");
    three("ecrecover/case", "recovers", "lacks");
    three("memory/access", "aligned", "shifted");
    each(
        "storage_access/kind of store",
        &[
            &[("same", -1), ("first", 1)],
            &[("first", -1), ("resets", 1)],
            &[("resets", -1), ("same", 1)],
            &[("same", 1)],
        ],
    );
    // Rules whose number is that of others: without the cap, or with a floor that there is not.
    let (prague, osaka) = ("environment.rules.prague", "environment.rules.osaka");
    each(
        "transaction/rules",
        &[&[(prague, 2)], &[(prague, 1), (osaka, -1)], &[(osaka, 1)]],
    );
}

#[test]
fn costs_and_counts_are_said_once() {
    each(
        "call/no growth",
        &[
            &[("input_growth", 1)],
            &[("input_words", 1), ("next_words", 1)],
            &[("output_growth", 1)],
            &[("next_words", 1)],
        ],
    );
    // What is paid already, and what is in all.
    each(
        "growth/square",
        &[
            &[("square.quotient[0]", 1)],
            &[("square.remainder", 1)],
            &[("next_square.quotient[0]", 1)],
            &[("next_square.remainder", 1)],
        ],
    );
    each(
        "transaction/cap unused",
        &[&[("gas.below_cap[0]", 1)], &[("gas.below_cap[1]", 1)]],
    );
    // A floor that is none, in difference and limits too.
    let floor = [("gas.floor", 1), ("gas.apart[0]", -1)];
    once("transaction/floor", &floor);
    once("transaction/floor", &[("gas.apart[0]", 1)]);
    each(
        "halt/underflow",
        &[
            &[("underflow", 1)],
            &[("underflow", 1), ("needs.inputs", 2), ("step.sp", 2)],
        ],
    );
    for limb in 0..8 {
        let limb = format!("length.value[{limb}]");
        for case in ["case.plain", "case.lacks_plain"] {
            once("moves/no length", &[(case, 1), (&limb, 1)]);
        }
    }
    for count in 0..5 {
        once("frame/count", &[(&format!("counts[{count}]"), 1)]);
    }
    once("frame/count", &[("successes", 1)]);
}
