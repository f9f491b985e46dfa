//! What settlement costs, compared with `verifier-contract/gas-snapshot.json`.

use std::collections::BTreeMap;
use std::fs;

use braid::contract::abi::{BraidRollup, BraidVerifier};
use braid::contract::gas::{GasReport, MAX_CONTRACT_BYTES};
use braid::contract::{call, local::LocalChain};
use braid::sample::SampleConfig;
use braid::workload::{Preset, generate};
use braid::{BlockFile, settlement};
use serde_json::{Value, json};

use crate::support::{self, Settlement, execute, repository};
use crate::wrapped;

/// By how many percent gas may rise before the test fails.
const TOLERANCE_PERCENT: u64 = 2;

type Snapshot = BTreeMap<String, Value>;

fn entry(gas: &GasReport) -> Value {
    json!({
        "calldataBytes": gas.calldata.total(),
        "intrinsic": gas.intrinsic,
        "execution": gas.execution,
        "floor": gas.floor,
        "total": gas.total,
    })
}

/// The cost of settling a file's blocks with a proof of so many bytes, without the verifier's own work: it is one that hashes its calldata
/// once.
fn settling(file: &BlockFile, proof_bytes: usize) -> GasReport {
    let proof = vec![0xab; proof_bytes];
    let mut settlement = Settlement::new(&execute(file), &proof);
    let calldata = settlement.calldata();
    settlement
        .chain
        .transact(settlement.rollup, calldata)
        .unwrap()
        .gas
}

/// Plain transfers, each 110 bytes or so.
fn transfers(count: usize) -> BlockFile {
    generate(&Preset::Transfers.config(count, 5)).unwrap().file
}

fn measure() -> Snapshot {
    let blocks = |count: usize| {
        let config = SampleConfig {
            blocks: count,
            ..SampleConfig::new(5, 0)
        };
        braid::sample::sample(&config).unwrap()
    };
    let cases = [
        ("1 empty block", settling(&blocks(1), 0)),
        ("11 empty blocks", settling(&blocks(11), 0)),
        ("1 transfer", settling(&transfers(1), 0)),
        ("101 transfers", settling(&transfers(101), 0)),
        (
            "101 transfers, 56,000 bytes of proof",
            settling(&transfers(101), 56_000),
        ),
    ];
    let mut snapshot: Snapshot = cases
        .iter()
        .map(|(name, gas)| (format!("settle: {name}"), entry(gas)))
        .collect();
    snapshot.insert("deploy: BraidRollup".to_owned(), entry(&deployment()));
    let verifier = wrapped::deploying();
    snapshot.insert("deploy: BraidVerifier".to_owned(), entry(&verifier));
    snapshot.insert("verify".to_owned(), entry(&wrapped::verifying()));
    let settling = wrapped::settling();
    snapshot.insert(
        "settle: a block with its proof".to_owned(),
        entry(&settling),
    );
    for (part, gas) in wrapped::parts() {
        snapshot.insert(format!("verify: {part}"), json!({ "execution": gas }));
    }
    snapshot
}

fn deployment() -> GasReport {
    let mut chain = LocalChain::new(1_800_000_000);
    let verifier = chain.deploy(call::deploying(&[0])).unwrap();
    let start = settlement::checkpoint(&execute(&transfers(1)).start);
    let creation = call::rollup_creation(&support::deployment(verifier, 1337, start));
    chain.deploy_measured(creation).unwrap().1
}

#[test]
fn does_not_rise() {
    let path = repository("verifier-contract/gas-snapshot.json");
    let measured = measure();
    if std::env::var_os("BRAID_UPDATE").is_some() {
        let text = serde_json::to_string_pretty(&measured).unwrap();
        fs::write(&path, text + "\n").unwrap();
    }
    let written: Snapshot = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let names = |snapshot: &Snapshot| snapshot.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&measured),
        names(&written),
        "BRAID_UPDATE=1 writes the snapshot anew"
    );
    for (name, now) in &measured {
        for (part, now) in now.as_object().unwrap() {
            let before = written[name][part].as_u64().unwrap();
            let now = now.as_u64().unwrap();
            assert!(
                100 * now <= (100 + TOLERANCE_PERCENT) * before,
                "{name}: {part} rose from {before} to {now}; BRAID_UPDATE=1 accepts it"
            );
            if now != before {
                println!("{name}: {part} changed from {before} to {now}");
            }
        }
    }
}

#[test]
fn is_what_the_formulas_say() {
    for proof_bytes in [0, 56_000] {
        let gas = settling(&transfers(20), proof_bytes);
        assert_eq!(gas.refund, 0);
        assert_eq!(gas.total, gas.floor.max(gas.intrinsic + gas.execution));
        assert_eq!(gas.intrinsic, 21_000 + gas.calldata.gas());
    }
    let deployed = deployment();
    assert_eq!(deployed.total, deployed.intrinsic + deployed.execution);
}

#[test]
fn contracts_fit() {
    assert!(BraidRollup::DEPLOYED_BYTECODE.len() <= MAX_CONTRACT_BYTES);
    assert!(BraidVerifier::DEPLOYED_BYTECODE.len() <= MAX_CONTRACT_BYTES);
}
