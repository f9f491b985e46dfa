//! Traces as files: what is written is read, damage is noticed, and nothing is there until all is.

use std::fs;

use alloy_primitives::{Address, Bytes};
use braid_circuits::event::trace::TransactionTrace;
use braid_witness::Error;
use braid_witness::trace::{
    BINARY_FILE, BinaryReader, BinaryWriter, JsonOptions, STEPS_FILE, TRANSACTIONS_FILE,
    TraceFileOptions, TraceFiles, TraceSink, eip3155,
};
use serde_json::Value;

use crate::programs::*;
use crate::support::check;

fn traces() -> Vec<TransactionTrace> {
    let programs = programs().into_iter().enumerate();
    let traces = programs.map(|(index, (name, code, other, value, gas))| {
        let state = state(&[(CONTRACT, code), (OTHER, other)]);
        // Deep recursion is long in JSON.
        let transaction = transaction(Some(CONTRACT), value, vec![7; 40], gas.min(300_000));
        let trace = check(context(), &state, &transaction);
        let mut trace = trace
            .unwrap_or_else(|fault| panic!("{name}: {fault}"))
            .unwrap();
        trace.index = index as u64;
        trace
    });
    traces.collect()
}

fn written(traces: &[TransactionTrace]) -> Vec<u8> {
    let mut writer = BinaryWriter::new(Vec::new()).unwrap();
    for trace in traces {
        writer.write(trace).unwrap();
    }
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<Vec<TransactionTrace>, Error> {
    BinaryReader::new(bytes)?.collect()
}

#[test]
fn binary_traces_are_read_as_they_were_written() {
    let traces = traces();
    let bytes = written(&traces);
    assert_eq!(read(&bytes).unwrap(), traces);
    let steps: u64 = traces.iter().map(|trace| trace.steps.count()).sum();
    println!(
        "{} bytes for {steps} steps of {} traces",
        bytes.len(),
        traces.len()
    );
    // Bytecode is there once, however many traces use it.
    let twice = written(&[traces.clone(), traces.clone()].concat());
    let codes: usize = traces[0].codes.iter().map(|(_, code)| code.len()).sum();
    assert!(twice.len() < 2 * bytes.len() - codes);
}

#[test]
fn damaged_files_are_refused() {
    let traces = traces();
    let bytes = written(&traces[..2]);
    for end in 0..bytes.len() {
        assert!(read(&bytes[..end]).is_err(), "cut at {end}");
    }
    let refused = |at: usize, value: u8| {
        let mut damaged = bytes.clone();
        damaged[at] = value;
        matches!(read(&damaged), Err(Error::TraceFormat(_)))
    };
    assert!(refused(0, b'b'), "magic");
    let mut newer = bytes.clone();
    newer[8] = 2;
    assert!(matches!(read(&newer), Err(Error::NewerVersion { .. })));
    assert!(refused(8, 0), "version");
    assert!(refused(15, 0xff), "length of the first record");
    assert!(
        read(&[&bytes[..], &[0]].concat()).is_err(),
        "bytes after the end"
    );
    // The bytecodes come before the traces that need them.
    let length = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    assert!(read(&[&bytes[..12], &bytes[16 + length..]].concat()).is_err());
    // Whatever a byte is changed to, there is an answer.
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        if let Ok(traces) = read(&damaged) {
            for trace in traces {
                let mut steps = trace.steps().with_memory_limit(1 << 20);
                let mut left = 20_000;
                while left > 0 && matches!(steps.next_step(), Ok(Some(_))) {
                    left -= 1;
                }
                trace.events().for_each(drop);
            }
        }
    }
}

/// What EIP-3155 asks of each line, for a program that one can follow by hand: 2 + 3, stored in memory, then an invalid jump in a call.
#[test]
fn steps_are_written_as_eip_3155_has_them() {
    let code = vec![0x60, 2, 0x60, 3, 0x01, 0x5f, 0x52, 0x5f, 0x56];
    let state = state(&[(CONTRACT, code)]);
    let transaction = transaction(Some(CONTRACT), 0, Vec::new(), 121_000);
    let trace = check(context(), &state, &transaction).unwrap().unwrap();
    let mut out = Vec::new();
    let payloads = eip3155(&trace, JsonOptions::default(), &mut out).unwrap();
    assert_eq!(payloads.len(), 1);
    let line = |pc: u64, op: u8, name: &str, gas: u64, cost: u64, memory: u64, stack: &[&str]| {
        let mut line = serde_json::json!({
            "transaction": 7,
            "pc": pc,
            "op": op,
            "gas": format!("{gas:#x}"),
            "gasCost": format!("{cost:#x}"),
            "memSize": memory,
            "stack": stack,
            "depth": 1,
            "returnData": "0x",
            "refund": "0x0",
            "opName": name,
        });
        if name == "JUMP" {
            line["error"] = "InvalidJump".into();
        }
        line
    };
    let expected = [
        line(0, 0x60, "PUSH1", 100_000, 3, 0, &[]),
        line(2, 0x60, "PUSH1", 99_997, 3, 0, &["0x2"]),
        line(4, 0x01, "ADD", 99_994, 3, 0, &["0x2", "0x3"]),
        line(5, 0x5f, "PUSH0", 99_991, 2, 0, &["0x5"]),
        line(6, 0x52, "MSTORE", 99_989, 6, 0, &["0x5", "0x0"]),
        line(7, 0x5f, "PUSH0", 99_983, 2, 32, &[]),
        line(8, 0x56, "JUMP", 99_981, 8, 32, &["0x0"]),
    ];
    let lines: Vec<Value> = out
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn a_folder_of_traces_is_there_as_a_whole_or_not_at_all() {
    let traces = traces();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("traces");
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let options = TraceFileOptions {
        steps: true,
        json: JsonOptions {
            memory: true,
            return_data: true,
        },
    };
    let mut unfinished = TraceFiles::create(&folder, options).unwrap();
    unfinished.take(traces[0].clone()).unwrap();
    assert!(!folder.join(BINARY_FILE).exists());
    drop(unfinished);
    assert!(names().is_empty(), "{:?}", names());

    let mut files = TraceFiles::create(&folder, options).unwrap();
    for trace in traces.iter().take(8) {
        files.take(trace.clone()).unwrap();
    }
    files.finish().unwrap();
    assert_eq!(names(), [STEPS_FILE, BINARY_FILE, TRANSACTIONS_FILE]);
    let bytes = fs::read(folder.join(BINARY_FILE)).unwrap();
    assert_eq!(read(&bytes).unwrap(), traces[..8]);

    let lines = |name: &str| -> Vec<Value> {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let steps = lines(STEPS_FILE);
    let transactions = lines(TRANSACTIONS_FILE);
    assert_eq!(transactions.len(), 8);
    for (trace, line) in traces.iter().zip(&transactions) {
        assert_eq!(line["hash"], trace.hash.to_string());
        assert_eq!(line["receipt"]["gasUsed"], trace.receipt.gas_used);
        let frames = line["frames"].as_array().unwrap();
        assert_eq!(frames.len(), trace.frames.len());
        assert_eq!(frames[0]["input"], trace.input.to_string());
        assert_eq!(frames[0]["output"], trace.receipt.output.to_string());
        let events = line["events"].as_array().unwrap();
        assert_eq!(events.len() as u64, trace.events.count());
        let own = steps
            .iter()
            .filter(|step| step["transaction"] == trace.index);
        assert_eq!(own.count() as u64, trace.steps.count());
    }
    // The calldata of the first program's first call is what it stored in memory.
    let input: Bytes =
        serde_json::from_value(transactions[0]["frames"][1]["input"].clone()).unwrap();
    assert_eq!(input.as_ref(), [7; 68]);
    let to: Address =
        serde_json::from_value(transactions[0]["frames"][1]["address"].clone()).unwrap();
    assert_eq!(to, OTHER);

    // Without the steps all else is the same, and the steps of before, which may be others, are gone.
    let before = fs::read(folder.join(TRANSACTIONS_FILE)).unwrap();
    let mut files = TraceFiles::create(
        &folder,
        TraceFileOptions {
            steps: false,
            ..options
        },
    )
    .unwrap();
    for trace in traces.iter().take(8) {
        files.take(trace.clone()).unwrap();
    }
    files.finish().unwrap();
    assert_eq!(names(), [BINARY_FILE, TRANSACTIONS_FILE]);
    assert_eq!(fs::read(folder.join(TRANSACTIONS_FILE)).unwrap(), before);
}
