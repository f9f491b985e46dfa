//! What code must not do is refused by name, with transaction and frame.

use alloy_primitives::{Address, U256};
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::IDENTITY;
use braid_circuits::shapes;
use braid_witness::error::{Error, ErrorKind, NotProvable, Outside, Unprovable};
use braid_witness::execution::{Detail, Options, Settings, execute_file};
use braid_witness::provable::{GAS_LIMIT_BOUND, execute_for, provability};
use braid_witness::sample::Draft;
use braid_witness::{BlockFile, Rules, chunks, execute};

use crate::support::{CALLED, MAIN, call, file_of, generous, push, push_address};

fn refused(file: &BlockFile) -> Vec<Unprovable> {
    let error = execute_for(file, &generous()).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotProvable);
    match error {
        Error::NotProvable(refused) => refused,
        other => panic!("{other}"),
    }
}

/// The reason for the second of two transactions, which calls this code.
fn reason_for(code: Vec<u8>) -> NotProvable {
    let transfer = Draft {
        to: Some(Address::repeat_byte(0x99)),
        ..Draft::default()
    };
    let file = file_of(vec![(MAIN, code)], vec![transfer, call(200_000)]);
    let refused = refused(&file);
    let [one] = refused.as_slice() else {
        panic!("{refused:?}");
    };
    assert_eq!((one.block, one.transaction.unwrap().index), (1, 1));
    assert!(!one.reason.remedy().is_empty());
    one.reason.clone()
}

fn outside(frame: u32, what: Outside) -> NotProvable {
    NotProvable::Outside { frame, what }
}

fn call_of(opcode: u8, address: Address) -> Vec<u8> {
    let zeros = if matches!(opcode, CALL | CALLCODE) {
        5
    } else {
        4
    };
    let zeros = vec![PUSH0; zeros];
    [
        zeros,
        push_address(address),
        push(50_000),
        vec![opcode, POP],
    ]
    .concat()
}

#[test]
fn opcodes_are_named() {
    let opcodes = [
        (CREATE, 3, "CREATE"),
        (CREATE2, 4, "CREATE2"),
        (SELFDESTRUCT, 1, "SELFDESTRUCT"),
    ];
    for (opcode, operands, name) in opcodes {
        let code = [vec![PUSH0; operands], vec![opcode, STOP]].concat();
        let reason = reason_for(code);
        assert_eq!(reason, outside(0, Outside::Opcode(opcode)));
        let text = format!("its frame 0 has a step of {name}");
        assert_eq!(reason.to_string(), text);
        // Where the stack lacks operands the step halts, as that of any opcode.
        let lacks = [vec![PUSH0; operands - 1], vec![opcode, STOP]].concat();
        let file = file_of(vec![(MAIN, lacks)], vec![call(200_000)]);
        assert!(execute_for(&file, &generous()).is_ok(), "{name}");
    }
}

#[test]
fn frames_are_named() {
    let main = [call_of(CALL, CALLED), call_of(CALL, CALLED)].concat();
    // Only what is sent no wei; the second call is the second frame.
    let called = [
        push(1),
        vec![TLOAD],
        push(9),
        vec![JUMPI],
        push(1),
        push(1),
        vec![TSTORE],
    ];
    let mut called = called.concat();
    assert_eq!(called.len(), 11);
    called[4] = 12;
    called.extend([STOP, JUMPDEST, PUSH0, SELFDESTRUCT]);
    let file = file_of(vec![(MAIN, main), (CALLED, called)], vec![call(300_000)]);
    let reasons: Vec<_> = refused(&file).into_iter().map(|it| it.reason).collect();
    assert_eq!(reasons, [outside(2, Outside::Opcode(SELFDESTRUCT))]);
}

#[test]
fn precompiles_are_named() {
    for number in (1..=10).filter(|number| ![1, 4].contains(number)) {
        let precompile = Address::with_last_byte(number);
        for opcode in [CALL, CALLCODE, DELEGATECALL, STATICCALL] {
            let reason = reason_for(call_of(opcode, precompile));
            assert_eq!(reason, outside(1, Outside::Precompile(number.into())));
        }
    }
    let sha256 = Address::with_last_byte(2);
    let reason = reason_for(call_of(CALL, sha256));
    assert_eq!(
        reason.to_string(),
        format!("its frame 1 is the precompile {sha256}")
    );
    // ECRECOVER, the identity, and what is none.
    for number in [0, 1, 4, 11] {
        let code = call_of(CALL, Address::with_last_byte(number));
        let file = file_of(vec![(MAIN, code)], vec![call(200_000)]);
        assert!(execute_for(&file, &generous()).is_ok());
    }
    // Those of later rules.
    for (number, since) in [
        (11_u64, Rules::Prague),
        (17, Rules::Prague),
        (256, Rules::Osaka),
    ] {
        let address = Address::left_padding_from(&number.to_be_bytes());
        for rules in Rules::ALL {
            let code = call_of(CALL, address);
            let mut file = file_of(vec![(MAIN, code)], vec![call(200_000)]);
            file.rules = rules;
            if rules < since {
                assert!(execute_for(&file, &generous()).is_ok(), "{number} {rules}");
            } else {
                let reason = outside(1, Outside::Precompile(number));
                assert_eq!(refused(&file)[0].reason, reason, "{rules}");
            }
        }
    }
    // Nothing is called where the caller cannot pay.
    let pays = [
        vec![PUSH0; 4],
        push(5_000),
        push_address(sha256),
        push(5_000),
        vec![CALL],
    ];
    let file = file_of(vec![(MAIN, pays.concat())], vec![call(200_000)]);
    assert!(execute_for(&file, &generous()).is_ok());
}

#[test]
fn direct_calls_of_precompiles_and_creations_are_named() {
    let direct = Draft {
        to: Some(IDENTITY),
        ..call(100_000)
    };
    let creation = Draft {
        to: None,
        ..call(100_000)
    };
    let stop = || vec![(MAIN, vec![STOP])];
    let file = file_of(stop(), vec![direct, call(100_000), creation]);
    let found: Vec<_> = refused(&file)
        .into_iter()
        .map(|it| (it.transaction.unwrap().index, it.reason))
        .collect();
    let expected = [
        (0, NotProvable::CallsPrecompile(IDENTITY)),
        (2, NotProvable::CreatesContract),
    ];
    assert_eq!(found, expected);
}

#[test]
fn reserved_code_is_named() {
    let reason = reason_for(vec![0xef, 0x01]);
    assert_eq!(reason, outside(0, Outside::ReservedCode(MAIN)));
    let contracts = vec![(MAIN, call_of(DELEGATECALL, CALLED)), (CALLED, vec![0xef])];
    let found = refused(&file_of(contracts, vec![call(200_000)]));
    assert_eq!(found[0].reason, outside(1, Outside::ReservedCode(CALLED)));
}

#[test]
fn gas_limits_are_below_a_bound() {
    let file = |gas_limit: u64, code: Vec<u8>| {
        let draft = Draft {
            max_fee: U256::from(7),
            max_priority_fee: U256::ZERO,
            ..call(gas_limit)
        };
        file_of(vec![(MAIN, code)], vec![draft])
    };
    // Of all transactions, with code or without.
    for code in [vec![STOP], Vec::new()] {
        assert!(execute_for(&file(GAS_LIMIT_BOUND - 1, code.clone()), &generous()).is_ok());
        let found = refused(&file(GAS_LIMIT_BOUND, code));
        assert_eq!(found[0].reason, NotProvable::GasLimit(1 << 63));
        assert_eq!(
            found[0].reason.to_string(),
            "it has a gas limit of 9223372036854775808, which is 2^63 or above"
        );
    }
}

/// A step that lacks much gas for memory that is far, but not beyond, by what its length costs: where it lacks gas for memory alone, more is asked for than is ever executed.
#[test]
fn far_memory_needs_little_gas() {
    let file = |gas_limit: u64, shift: u64| {
        let length = [push(1), push(shift), vec![SHL]].concat();
        let copies = [length, vec![PUSH0, PUSH0, CODECOPY]].concat();
        // With all gas that there is.
        let calls = [vec![PUSH0; 5], push_address(CALLED), vec![GAS, CALL]].concat();
        file_of(vec![(MAIN, calls), (CALLED, copies)], vec![call(gas_limit)])
    };
    let much = 1 << 52;
    for (gas_limit, shift) in [(1 << 45, 50), (much, 60), (much, 63)] {
        let [found] = refused(&file(gas_limit, shift)).try_into().unwrap();
        let NotProvable::FarMemory { frame, opcode, gas } = found.reason else {
            panic!("{found:?}");
        };
        assert_eq!((frame, opcode), (1, CODECOPY));
        assert!(gas > gas_limit / 64 * 62);
        assert_eq!(
            found.reason.to_string(),
            format!(
                "its frame 1 has {gas} gas, 2^44 or more, and a step of CODECOPY that lacks the gas for memory from 2^32 bytes on, below 2^64"
            )
        );
        let remedy = "sign it with a gas limit below 2^44";
        assert_eq!(found.reason.remedy(), remedy);
    }
    for (gas_limit, shift) in [(1 << 44, 63), (much, 64), (much, 255)] {
        assert!(execute_for(&file(gas_limit, shift), &generous()).is_ok());
    }
}

/// Chunks of a shape that lacks the tables, or rows of one, hold no code.
#[test]
fn code_needs_tables() {
    let file = file_of(vec![(MAIN, vec![PUSH0, POP, STOP])], vec![call(100_000)]);
    let Err(Error::NotProvable(found)) = execute_for(&file, shapes::largest().transfers) else {
        panic!("it is provable");
    };
    assert_eq!(found[0].reason, NotProvable::RunsCode(MAIN));
    let mut shape = generous();
    for table in &mut shape.tables {
        if table.table == "evm" {
            table.log_height = 1;
        }
    }
    let found = match execute_for(&file, &shape) {
        Err(Error::NotProvable(found)) => found,
        other => panic!("{other:?}"),
    };
    let executed = execute_for(&file, &generous()).unwrap();
    let Err(Error::NotProvable(cut)) = chunks(&executed, "generous", |demand| demand.fits(&shape))
    else {
        panic!("it fits");
    };
    assert_eq!(found, cut);
    let NotProvable::DoesNotFit { misfit, .. } = &found[0].reason else {
        panic!("{found:?}");
    };
    assert_eq!((misfit.table, misfit.rows, misfit.height), ("evm", 3, 2));
}

/// An execution for receipts alone tells what needs no trace.
#[test]
fn executions_are_judged_by_the_same_rule() {
    let direct = Draft {
        to: Some(IDENTITY),
        ..call(100_000)
    };
    let file = file_of(vec![(MAIN, vec![STOP])], vec![direct, call(100_000)]);
    let expected = match execute(&file) {
        Err(Error::NotProvable(found)) => found,
        other => panic!("{other:?}"),
    };
    for detail in [Detail::Receipts, Detail::Accesses] {
        let options = Options {
            detail,
            ..Options::default()
        };
        let settings = Settings {
            options,
            ..Settings::default()
        };
        let (executed, chain) = execute_file(&file, settings).unwrap();
        let found = provability(1, &chain, &executed.blocks[0]).unwrap();
        let untraced = usize::from(detail == Detail::Receipts);
        assert_eq!(found.refused, expected);
        assert_eq!(found.untraced, untraced);
    }
}
