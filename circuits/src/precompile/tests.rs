//! Every case of every address, by all rules.

use braid_stark::check::{check_table, interactions_of};
use braid_stark::columns::names_of;
use braid_stark::{Row, Table, Trace};

use super::*;
use crate::word::AddressLimbs;

braid_stark::columns! {
    /// What `account` has of it.
    pub struct KindColumns<T> {
        /// There is an address.
        pub used: T,
        /// The address.
        pub address: AddressLimbs<T>,
        /// The rules.
        pub rules: RuleFlags<T>,
        /// It is in the range from 1.
        pub is_low: T,
        /// It is a precompile.
        pub is_precompile: T,
        /// Where it lies.
        pub kind: AddressKind<T>,
    }
}

/// A table of nothing else.
struct KindTable;

impl Table for KindTable {
    fn name(&self) -> &'static str {
        "kind"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<KindColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &KindColumns<B::X> = row.local();
        builder.assert_bool("low", local.is_low);
        local.rules.constrain(builder, "rules");
        let place = (local.used, local.is_low);
        let kind = local.kind;
        let shown = kind.constrain(builder, &local.address, place, &local.rules);
        builder.assert_eq("precompile", local.is_precompile, shown);
    }
}

/// Whether constraints and lookups hold of a row.
fn holds(row: &KindColumns<Felt>) -> bool {
    let mut trace = Trace::new(KindColumns::<Felt>::WIDTH);
    *trace.push::<KindColumns<Felt>>() = *row;
    let looked_up = interactions_of(&KindTable, &trace);
    let mut looked_up = looked_up.iter();
    let small = looked_up.all(|(_, said)| {
        said.multiplicity == Felt::ZERO || said.message.payload[0].to_canonical_u64() < 1 << 16
    });
    small && check_table(&KindTable, &trace).is_empty()
}

fn filled(address: Address, rules: Rules) -> KindColumns<Felt> {
    let (kind, is_low) = AddressKind::of(address, rules);
    let flag = Felt::from_bool;
    KindColumns {
        used: Felt::ONE,
        address: limbs_of(address),
        rules: RuleFlags::of(rules),
        is_low: flag(is_low),
        is_precompile: flag(precompile(address, rules).is_some()),
        kind,
    }
}

/// Small addresses, large ones, and such that differ from small ones in another limb.
fn addresses() -> Vec<Address> {
    let small = (0..=300u64).chain([65_535, 65_536, 65_792, u64::from(u32::MAX)]);
    let small = Vec::from_iter(small.map(U256::from));
    let high = small.iter().take(20).map(|low| low + (U256::ONE << 32));
    let higher = small.iter().skip(250).map(|low| low + (U256::ONE << 159));
    let all = small.iter().copied().chain(high).chain(higher);
    all.map(|number| Address::from_word(number.into()))
        .collect()
}

#[test]
fn every_address_has_a_row() {
    let mut found = [0; 3];
    for rules in Rules::ALL {
        for address in addresses() {
            assert!(holds(&filled(address, rules)), "{address} {rules}");
            found[usize::from(rules.number())] += usize::from(precompile(address, rules).is_some());
        }
    }
    assert_eq!(found, [10, 17, 18]);
}

/// Whatever case a prover takes, with all other cells as that case asks for: if the row holds, it says the truth.
#[test]
fn no_case_says_another_thing() {
    for rules in Rules::ALL {
        for address in addresses() {
            for case in 0..6 {
                for claimed in [false, true] {
                    let row = forced(address, rules, case, claimed);
                    let truth = precompile(address, rules).is_some();
                    let says = claimed == truth;
                    assert!(says || !holds(&row), "{address} {rules} {case}");
                }
            }
        }
    }
}

/// A row with this case, in which every other cell is what the constraints of that case leave.
fn forced(address: Address, rules: Rules, case: usize, claimed: bool) -> KindColumns<Felt> {
    let mut row = filled(address, rules);
    let [low, high @ ..] = row.address;
    let high: Felt = high.into_iter().sum();
    let felt = Felt::from_canonical_u64;
    let flag = |which| Felt::from_bool(case == which);
    let last = felt(LAST + if rules >= Rules::Prague { MORE } else { 0 });
    row.is_precompile = Felt::from_bool(claimed);
    row.is_low = flag(5);
    row.kind = AddressKind {
        is_high: flag(0),
        is_zero: flag(1),
        is_between: flag(2),
        is_verify: flag(3),
        is_above: flag(4),
        high_inverse: flag(0) * high.try_inverse().unwrap_or_default(),
        distance: match case {
            2 => [low - last - Felt::ONE, felt(VERIFY - 1) - low],
            4 => {
                let far = (low - felt(VERIFY + 1)).to_canonical_u64();
                felts([far & 0xffff, far >> 16])
            }
            5 => [last - low, low - Felt::ONE],
            _ => [Felt::ZERO; 2],
        },
    };
    row
}

/// Cells of one case do not say anything in another.
#[test]
fn cells_of_other_cases_are_zero() {
    let labels = |mut row: KindColumns<Felt>, forge: fn(&mut KindColumns<Felt>)| {
        forge(&mut row);
        let mut trace = Trace::new(KindColumns::<Felt>::WIDTH);
        *trace.push::<KindColumns<Felt>>() = row;
        let found = check_table(&KindTable, &trace);
        Vec::from_iter(found.into_iter().map(|violation| violation.label))
    };
    let low = filled(Address::with_last_byte(9), Rules::Cancun);
    let high = filled(Address::repeat_byte(9), Rules::Cancun);
    let found = labels(low, |row| row.kind.high_inverse = Felt::ONE);
    assert_eq!(found, ["precompile/inverse unused"]);
    let found = labels(high, |row| row.kind.distance[0] = Felt::ONE);
    assert_eq!(found, ["precompile/distance unused"]);
    // Beyond the last, or before the first.
    let found = labels(low, |row| row.kind.distance[0] += Felt::ONE);
    assert_eq!(found, ["precompile/low"]);
    let found = labels(low, |row| row.kind.distance[1] += Felt::ONE);
    assert_eq!(found, ["precompile/low"]);
}

/// Rules that there are not, two cases or none, parts of flags, cells that are not used.
#[test]
fn flags_are_flags() {
    let plain = filled(Address::with_last_byte(9), Rules::Prague);
    let high = filled(Address::repeat_byte(9), Rules::Osaka);
    assert!(holds(&plain) && holds(&high));
    let two = Felt::TWO;
    type Change = fn(&mut KindColumns<Felt>);
    let forgeries: [(KindColumns<Felt>, Change); 8] = [
        (plain, |row| row.is_low = Felt::ZERO),
        (plain, |row| row.kind.is_zero = Felt::ONE),
        (plain, |row| row.used = Felt::ZERO),
        (plain, |row| {
            (row.is_low, row.kind.is_zero) = (Felt::TWO, Felt::NEG_ONE)
        }),
        (plain, |row| {
            (row.rules.prague, row.rules.osaka) = (Felt::ZERO, Felt::ONE)
        }),
        (plain, |row| row.rules.prague = Felt::TWO),
        (plain, |row| row.kind.high_inverse = Felt::ONE),
        (high, |row| row.kind.distance[1] = Felt::ONE),
    ];
    for (index, (row, forge)) in forgeries.into_iter().enumerate() {
        let mut row = row;
        forge(&mut row);
        assert!(!holds(&row), "{index}");
    }
    let mut half = plain;
    half.rules.osaka = two;
    assert!(!holds(&half));
}
