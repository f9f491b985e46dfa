//! Tests of `arith`.

use alloy_primitives::{U256, U512};
use braid_stark::check::{check, interactions_of};
use braid_stark::columns::names_of;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{Columns, Felt, System, Table, Trace};
use num_bigint::BigUint;
use plonky2::field::types::{Field, PrimeField64};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{Arith, ArithColumns, Operation, generate};
use crate::bus::{Message, tag};
use crate::tables::test_support::{Claims, ranges_hold};
use crate::word::word;

fn number(rng: &mut StdRng) -> U256 {
    U256::from_limbs(rng.r#gen()) >> rng.gen_range(0..256)
}

fn operations() -> Vec<Operation> {
    let mut rng = StdRng::seed_from_u64(1);
    let max = U256::MAX;
    let mut operations = vec![
        Operation::Add {
            a: max,
            b: U256::ZERO,
        },
        Operation::Mul {
            a: U256::MAX >> 128,
            b: U256::MAX >> 128,
        },
        Operation::MulMod {
            a: max,
            b: max - U256::ONE,
            m: max,
        },
        Operation::MulMod {
            a: max,
            b: U256::ZERO,
            m: U256::ONE,
        },
        Operation::MulMod {
            a: max,
            b: U256::ONE,
            m: U256::ONE,
        },
    ];
    while operations.len() < 60 {
        let (a, b, m) = (number(&mut rng), number(&mut rng), number(&mut rng));
        for operation in [
            Operation::Add { a, b },
            Operation::Mul { a, b },
            Operation::MulMod { a, b, m },
        ] {
            if operation.result().is_ok() {
                operations.push(operation);
            }
        }
    }
    operations
}

fn claim(operation: &Operation) -> Message<Felt> {
    let big = |x: U256| BigUint::from_bytes_le(&x.to_le_bytes::<32>());
    let small = |x: BigUint| word(U256::from_le_slice(&x.to_bytes_le()));
    match *operation {
        Operation::Add { a, b } => Message::Add {
            a: word(a),
            b: word(b),
            c: small(big(a) + big(b)),
        },
        Operation::Mul { a, b } => Message::Mul {
            a: word(a),
            b: word(b),
            c: small(big(a) * big(b)),
        },
        Operation::MulMod { a, b, m } => Message::MulMod {
            a: word(a),
            b: word(b),
            m: word(m),
            c: small(big(a) * big(b) % big(m)),
        },
    }
}

fn accepted(trace: &Trace, operations: &[Operation]) -> bool {
    !mentions(trace, operations, "")
}

/// Whether the checker finds `label`; an empty label stands for anything at all.
fn mentions(trace: &Trace, operations: &[Operation], label: &str) -> bool {
    let system = System::new(vec![Box::new(Arith), Box::new(Claims)], NoPublicValues);
    let claims = Claims::trace(operations.iter().map(claim));
    let mut padded = trace.clone();
    Arith.pad(&mut padded, trace.height().next_power_of_two());
    let report = check(&system, &[padded.clone(), claims], &[]).unwrap();
    let others = report.unmatched.iter().filter(|u| u.tag != "U16").count();
    let ranges = ranges_hold(&interactions_of(&Arith, &padded));
    let found = !report.violations.is_empty() || others > 0 || !ranges;
    if label.is_empty() {
        return found;
    }
    label == "U16" && !ranges || report.mentions(label)
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&Arith).excessive_degrees().is_empty());
}

#[test]
fn agrees_with_big_integers() {
    let operations = operations();
    let trace = generate(&operations).unwrap();
    assert!(accepted(&trace, &operations));
}

#[test]
fn refuses_what_has_no_answer() {
    let max = U256::MAX;
    let one = U256::ONE;
    for operation in [
        Operation::Add { a: max, b: one },
        Operation::Mul {
            a: max,
            b: one + one,
        },
        Operation::MulMod {
            a: one,
            b: one,
            m: U256::ZERO,
        },
        Operation::MulMod {
            a: max,
            b: max,
            m: one,
        },
    ] {
        assert!(generate(&[operation]).is_err());
    }
}

#[test]
fn every_column_is_bound() {
    let max = U256::MAX;
    let a = max - U256::from(12345);
    let operations = [
        Operation::MulMod {
            a,
            b: a >> 3,
            m: max - U256::from(7),
        },
        Operation::Add {
            a: a >> 1,
            b: a >> 2,
        },
        Operation::Mul {
            a: a >> 128,
            b: a >> 129,
        },
    ];
    let trace = generate(&operations).unwrap();
    let names = names_of::<ArithColumns<()>>();
    for (column, name) in names.iter().enumerate() {
        for delta in [Felt::ONE, Felt::NEG_ONE, Felt::from_canonical_u64(1 << 16)] {
            let mut forged = trace.clone();
            forged.row_mut(0)[column] += delta;
            assert!(!accepted(&forged, &operations), "{name} is free");
            let label = match name.split('[').next().unwrap() {
                "is_add" | "is_mul" | "is_mul_mod" => "arith/flag",
                "order_carries" | "difference" => "arith/order",
                _ => "arith/identity",
            };
            assert!(
                mentions(&forged, &operations, label) || name.starts_with("is_"),
                "{name}: {label}"
            );
        }
    }
}

/// Replaces the result of a `MulMod` by another number of the same residue class.
#[test]
fn result_must_be_below_the_modulus() {
    let (a, b, m) = (U256::from(1000), U256::from(1000), U256::from(7));
    let honest = [Operation::MulMod { a, b, m }];
    let mut forged = generate(&honest).unwrap();
    let row = ArithColumns::from_slice_mut(forged.row_mut(0));
    row.c[0] += Felt::from_canonical_u64(7);
    row.quotient[0] -= Felt::ONE;
    assert!(!mentions(&forged, &honest, "arith/identity"));
    assert!(mentions(&forged, &honest, "arith/order"));
    // The difference that the order chain would need is negative.
    let row = ArithColumns::from_slice_mut(forged.row_mut(0));
    row.difference[0] -= Felt::from_canonical_u64(7);
    assert!(!mentions(&forged, &honest, "arith/order"));
    assert!(mentions(&forged, &honest, "U16"));
}

/// A product above 2^256 written as if it had wrapped.
#[test]
fn products_do_not_wrap() {
    let half = U256::ONE << 128;
    let mut forged = generate(&[Operation::Mul {
        a: half,
        b: half >> 1,
    }])
    .unwrap();
    let row = ArithColumns::from_slice_mut(forged.row_mut(0));
    row.b[7] = Felt::ZERO;
    row.b[8] = Felt::ONE;
    row.c = [Felt::ZERO; 16];
    row.carries = [[Felt::ZERO; 2]; 15];
    assert!(mentions(&forged, &[], "arith/identity"));
}

/// A quotient in a `Mul` row would let any multiple of `m` be taken off.
#[test]
fn mul_has_no_quotient() {
    let (a, b, m) = (U256::from(100), U256::from(100), U256::from(9));
    let mut forged = generate(&[Operation::MulMod { a, b, m }]).unwrap();
    let row = ArithColumns::from_slice_mut(forged.row_mut(0));
    row.is_mul_mod = Felt::ZERO;
    row.is_mul = Felt::ONE;
    assert!(mentions(&forged, &[], "arith/no quotient"));
}

/// A sum in which a limb is p too large looks right to the identity, not to the range check.
#[test]
fn limbs_do_not_wrap_in_the_field() {
    let (a, b) = (U256::from(5), U256::from(6));
    let honest = [Operation::Add { a, b }];
    let mut forged = generate(&honest).unwrap();
    let row = ArithColumns::from_slice_mut(forged.row_mut(0));
    row.c[0] -= Felt::from_canonical_u64(1 << 16);
    row.c[1] += Felt::ONE;
    assert!(!mentions(&forged, &honest, "arith/identity"));
    assert!(mentions(&forged, &honest, "U16"));
}

/// Moving a multiple of the field's order between a position and its carry.
#[test]
fn carries_do_not_wrap_in_the_field() {
    let honest = [Operation::Mul {
        a: U256::from(3),
        b: U256::from(4),
    }];
    let mut forged = generate(&honest).unwrap();
    let row = ArithColumns::from_slice_mut(forged.row_mut(0));
    // c = 13 and a first carry of (12 - 13) / 2^32 in the field.
    row.c[0] += Felt::ONE;
    let carry = -Felt::ONE * Felt::from_canonical_u64(1 << 32).inverse();
    row.carries[0] = [carry, Felt::ZERO];
    row.carries[1..].fill([Felt::ZERO; 2]);
    row.c[2] = carry;
    assert!(mentions(&forged, &honest, "U16"));
}

#[test]
fn padding_is_silent() {
    let trace = Trace::zero(ArithColumns::<Felt>::WIDTH, 4);
    let spoken = interactions_of(&Arith, &trace);
    assert!(spoken.iter().all(|(_, i)| i.message.tag == tag::U16));
    assert!(spoken.iter().all(|(_, i)| {
        let value = i.message.payload[0].to_canonical_u64();
        value == 0 || value == 1 << 15
    }));
    assert!(braid_stark::check::check_table(&Arith, &trace).is_empty());
}

#[test]
fn native_wide_product() {
    let (c, q) = Operation::MulMod {
        a: U256::MAX,
        b: U256::from(9),
        m: U256::MAX - U256::from(3),
    }
    .result()
    .unwrap();
    let full: U512 = U256::MAX.widening_mul(U256::from(9));
    let back: U512 = q.widening_mul(U256::MAX - U256::from(3));
    assert_eq!(back + U512::from(c), full);
}

#[test]
fn flags_are_flags() {
    let honest = [Operation::MulMod {
        a: U256::from(1000),
        b: U256::from(1000),
        m: U256::from(7),
    }];
    let trace = generate(&honest).unwrap();
    let forged = |label: &str, forge: fn(&mut ArithColumns<Felt>)| {
        let mut forged = trace.clone();
        forge(ArithColumns::from_slice_mut(forged.row_mut(0)));
        assert!(mentions(&forged, &honest, label), "{label}");
    };
    // One row that claims two things.
    forged("arith/one operation", |row| row.is_add = Felt::ONE);
    forged("arith/one operation", |row| row.is_mul = Felt::ONE);
    // A carry that moves more than there is: the result may then be above the modulus.
    forged("arith/order carry", |row| {
        row.order_carries[0] = Felt::TWO;
        row.difference[0] += Felt::from_canonical_u64(1 << 33);
    });
}
