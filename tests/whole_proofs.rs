//! Whole proofs of the tiny shape: one chunk, several chunks of one block, several blocks; what is done to them and to the
//! job folder between runs.

#[path = "support/schemas.rs"]
mod schemas;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use alloy_primitives::{Address, Bytes, U256};
use assert_cmd::Command;
use braid::contract::abi::BraidVerifier;
use braid::contract::local::{LocalChain, SENDER};
use braid::contract::{Deployment, call as contract_call};
use braid::progress::{Event, Progress, Work};
use braid::sample::{SampleConfig, sample};
use braid::workload::{Preset, WorkloadConfig, generate};
use braid::{BlockFile, Builder, Proof, Prover, Rules, ShapeChoice, VerifyingKey, settlement};
use serde_json::Value;

/// One test proves at a time: memory, and circuits are built only once.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Circuits stay here between runs of the tests.
fn builder() -> Builder {
    Prover::builder()
        .shape(ShapeChoice::Tiny)
        .cache_dir(circuits())
}

fn circuits() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("circuits")
}

fn sample_file(name: &str) -> BlockFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/blocks")
        .join(name);
    BlockFile::read(&path).unwrap()
}

#[test]
fn the_sample_files_are_what_the_generator_writes() {
    let transfers = sample(&SampleConfig::new(1, 6)).unwrap();
    assert_eq!(sample_file("transfers.json"), transfers);
    let config = SampleConfig {
        blocks: 3,
        ..SampleConfig::new(2, 2)
    };
    let blocks = sample(&config).unwrap();
    assert!(blocks.blocks[0].transactions.is_empty());
    assert_eq!(sample_file("three_blocks.json"), blocks);
    for (name, workload, count) in [
        ("tokens.json", Preset::Erc20, 6),
        ("defi.json", Preset::Defi, 24),
    ] {
        let config = WorkloadConfig {
            rules: Rules::Osaka,
            ..workload.config(count, 1)
        };
        assert_eq!(sample_file(name), generate(&config).unwrap().file);
    }
}

/// What verification says: `Ok`, or the error's exit code.
fn verdict(key: &VerifyingKey, json: &Value) -> Result<(), u8> {
    let bytes = serde_json::to_vec(json).unwrap();
    let proof = Proof::from_json(&bytes).map_err(|error| braid::Error::from(error).exit_code())?;
    braid::verify(key, &proof)
        .map(|_| ())
        .map_err(|error| braid::Error::from(error).exit_code())
}

fn bent(value: &Value) -> Value {
    match value {
        Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
        Value::String(text) if text == "cancun" => "prague".into(),
        Value::String(text) => {
            let (start, last) = text.split_at(text.len() - 1);
            let last = if last == "0" { "1" } else { "0" };
            format!("{start}{last}").into()
        }
        other => panic!("{other} is neither number nor text"),
    }
}

/// Who is called by the calls of [`transfers`].
const VERIFIER: Address = Address::repeat_byte(1);
const ROLLUP: Address = Address::repeat_byte(2);

/// What `braid prove` leaves and says of the sample block, to the end: a proof, its wrapped form, and what is sent to the contracts.
struct Transfers {
    folder: PathBuf,
    said: Value,
}

impl Transfers {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Made once, by whichever test comes first in its turn.
fn transfers() -> &'static Transfers {
    static TRANSFERS: OnceLock<Transfers> = OnceLock::new();
    TRANSFERS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transfers");
        // Of a run before.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let block = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/blocks/transfers.json");
        let path = |name: &str| folder.join(name);
        let mut prove = Command::cargo_bin("braid").unwrap();
        prove.arg("prove").arg(&block).args(["--shape", "tiny"]);
        prove.arg("--out").arg(path("block.proof.json"));
        prove.arg("--calldata").arg(path("calls.json"));
        prove.args(["--verifier", &VERIFIER.to_string()]);
        prove.args(["--rollup", &ROLLUP.to_string()]);
        prove.arg("--cache-dir").arg(circuits());
        prove.args(["--json", "--quiet"]);
        let said = prove.assert().success().get_output().stdout.clone();
        let said = serde_json::from_slice(&said).unwrap();
        Transfers { folder, said }
    })
}

#[test]
fn one_chunk() {
    let _turn = turn();
    let prover = builder().build().unwrap();
    let file = sample_file("transfers.json");
    let proved = transfers();
    assert_eq!(proved.said["summary"]["chunks"], 1);
    let proof = fs::read(proved.path("block.proof.json")).unwrap();
    let proof = Proof::from_json(&proof).unwrap();
    let values = &proof.public_values;
    let executed = prover.execute(&file).unwrap();
    let end = prover.final_checkpoint(&executed).unwrap();
    assert_eq!(values.chain_id, file.chain_id);
    assert_eq!(values.rules, file.rules);
    assert_eq!(values.prev_block_hash, file.parent.block_hash);
    assert_eq!(values.block_hash, end.block_hash);
    assert_eq!(
        values.prev_state_root,
        braid::state_root_bytes(&executed.start)
    );
    assert_eq!(values.state_root, braid::state_root_bytes(&end));
    assert_eq!((values.first_block, values.last_block), (101, 101));

    // The tables and circuits of this build are those that the key in the repository was pinned for.
    let key = prover.verifying_key().unwrap();
    assert_eq!(key.hash(), VerifyingKey::pinned().unwrap().hash());
    let json: Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
    assert_eq!(verdict(key, &json), Ok(()));
    // Every public value is bound.
    let fields = json["publicValues"].as_object().unwrap();
    assert_eq!(fields.len(), 11);
    for (name, value) in fields {
        let mut changed = json.clone();
        changed["publicValues"][name] = bent(value);
        // Another version of the statement is refused as such.
        let expected: &[u8] = if name == "version" { &[3, 6] } else { &[6] };
        let code = verdict(key, &changed).unwrap_err();
        assert!(expected.contains(&code), "{name}: {code}");
    }
    // So is the key that it names, and the proof itself.
    let mut changed = json.clone();
    changed["verifyingKeyHash"] = bent(&json["verifyingKeyHash"]);
    assert_eq!(verdict(key, &changed), Err(7));
    let text = json["proof"].as_str().unwrap();
    for position in [10, text.len() / 3, text.len() / 2, text.len() - 5] {
        let mut changed = text.as_bytes().to_vec();
        changed[position] = if changed[position] == b'7' {
            b'6'
        } else {
            b'7'
        };
        let mut tampered = json.clone();
        tampered["proof"] = String::from_utf8(changed).unwrap().into();
        let code = verdict(key, &tampered).unwrap_err();
        assert!(code == 6 || code == 3, "{position}: {code}");
    }
    let mut cut = json.clone();
    cut["proof"] = text[..text.len() - 2].into();
    assert!(verdict(key, &cut).is_err());

    // The same through files and the command line.
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("key"), key.to_bytes()).unwrap();
    fs::write(path("good.json"), proof.to_json().unwrap()).unwrap();
    fs::write(path("good.bin"), proof.to_bin().unwrap()).unwrap();
    let mut wrong = proof.clone();
    wrong.public_values.last_block += 1;
    fs::write(path("wrong.bin"), wrong.to_bin().unwrap()).unwrap();
    let bytes = fs::read(path("good.bin")).unwrap();
    fs::write(path("cut.bin"), &bytes[..bytes.len() / 2]).unwrap();
    for (name, code) in [
        ("good.json", 0),
        ("good.bin", 0),
        ("wrong.bin", 6),
        ("cut.bin", 3),
    ] {
        let mut command = Command::cargo_bin("braid").unwrap();
        command
            .arg("verify")
            .arg(path(name))
            .arg("--key")
            .arg(path("key"));
        command.assert().code(code);
    }
}

/// A transaction calls a contract that calls three others: one that stores and reverts, one that stores and halts, and one that calls the first and stores. What they came to
/// is stored and logged.
fn nested_calls() -> BlockFile {
    const MAIN: Address = Address::repeat_byte(0xc1);
    let [push0, push1, push20] = [0x5f, 0x60, 0x73];
    let [sstore, log1, call_code, revert, invalid] = [0x55, 0xa1, 0xf1, 0xfd, 0xfe];
    let [reverts, halts, nests] = [0xd1, 0xd2, 0xd3].map(Address::repeat_byte);
    let call = |to: Address| {
        let operands = [push0; 5];
        let target = [&[push20][..], to.as_slice()].concat();
        [&operands[..], &target, &[0x61, 0xc3, 0x50, call_code]].concat()
    };
    let store = [push1, 7, push1, 1, sstore];
    let mut main = Vec::new();
    for (slot, to) in [reverts, halts, nests].into_iter().enumerate() {
        main.extend([call(to), vec![push1, slot as u8, sstore]].concat());
    }
    main.extend([push1, 9, push1, 32, push0, log1]);
    let codes = [
        (MAIN, main),
        (reverts, [&store[..], &[push0, push0, revert]].concat()),
        (halts, [&store[..], &[invalid]].concat()),
        (nests, [call(reverts), store.to_vec()].concat()),
    ];
    let key = braid::sample::SampleKey::new(1, 1).unwrap();
    let mut file = BlockFile {
        chain_id: 1337,
        ..BlockFile::default()
    };
    let account = |code: Vec<u8>| braid::AllocAccount {
        balance: U256::from(1u64) << 100,
        code: code.into(),
        ..braid::AllocAccount::default()
    };
    file.alloc.insert(key.address(), account(Vec::new()));
    for (address, code) in codes {
        file.alloc.insert(address, account(code));
    }
    let draft = braid::sample::Draft {
        chain_id: file.chain_id,
        to: Some(MAIN),
        gas_limit: 500_000,
        value: U256::from(3),
        ..braid::sample::Draft::default()
    };
    let mut block = braid::Block {
        transactions: vec![draft.sign(&key).unwrap()],
        ..braid::Block::default()
    };
    block.environment.number = 1;
    block.environment.timestamp = 1;
    block.environment.gas_limit = 30_000_000;
    block.environment.base_fee = U256::from(7);
    file.blocks.push(block);
    file
}

/// Proves the blocks of a file, and checks that the proof is of what execution says. Gives the number of chunks.
fn prove_calls(file: &BlockFile) -> usize {
    let prover = builder().build().unwrap();
    let proved = prover.prove_block(file).unwrap();
    says_what_execution_says(&prover, file, &proved.proof);
    proved.summary.chunks
}

fn says_what_execution_says(prover: &Prover, file: &BlockFile, proof: &Proof) {
    let executed = prover.execute(file).unwrap();
    let end = prover.final_checkpoint(&executed).unwrap();
    let values = &proof.public_values;
    assert_eq!(values.block_hash, end.block_hash);
    assert_eq!(values.state_root, braid::state_root_bytes(&end));
    braid::verify(prover.verifying_key().unwrap(), proof).unwrap();
}

#[test]
fn token_transfers() {
    let _turn = turn();
    let preset = braid::workload::Preset::Erc20.config(4, 7);
    assert_eq!(
        prove_calls(&braid::workload::generate(&preset).unwrap().file),
        1
    );
}

#[test]
fn nested_calls_that_fail() {
    let _turn = turn();
    assert_eq!(prove_calls(&nested_calls()), 1);
}

/// Remembers what was taken from the job folder and what was warned of.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<(Vec<Work>, Vec<String>)>>);

impl Progress for Heard {
    fn report(&self, event: Event<'_>) {
        let mut heard = self.0.lock().unwrap();
        match event {
            Event::Reused { work } => heard.0.push(work),
            Event::Warning { message } => heard.1.push(message.to_owned()),
            _ => {}
        }
    }
}

#[test]
fn token_transfers_in_several_chunks_and_a_damaged_job_folder() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job");
    let preset = braid::workload::Preset::Erc20.config(20, 7);
    let file = braid::workload::generate(&preset).unwrap().file;
    let prover = builder().job_dir(&job, true).build().unwrap();
    let executed = prover.execute(&file).unwrap();
    let plan = prover.plan(&executed).unwrap();
    let chunks = plan.chunks.len();
    assert!(chunks >= 2);
    let first = prover.prove(&plan).unwrap();
    says_what_execution_says(&prover, &file, &first.proof);
    drop(prover);

    let mut entries: Vec<_> = fs::read_dir(&job)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.retain(|path| path.extension().is_some_and(|ending| ending == "bin"));
    assert_eq!(entries.len(), 2 * chunks - 1);
    let is_chunk = |path: &&PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("chunk"))
    };
    let damaged = entries.iter().find(is_chunk).unwrap();
    let bytes = fs::read(damaged).unwrap();
    fs::write(damaged, &bytes[..bytes.len() / 2]).unwrap();

    let heard = Heard::default();
    let again = builder()
        .job_dir(&job, true)
        .progress(heard.clone())
        .build()
        .unwrap();
    let second = again.prove_block(&file).unwrap();
    assert_eq!(second.proof.public_values, first.proof.public_values);
    assert_eq!(
        second.proof.verifying_key_hash,
        first.proof.verifying_key_hash
    );
    let heard = heard.0.lock().unwrap();
    assert_eq!(heard.0.len(), 2 * chunks - 2, "{heard:?}");
    assert!(
        heard.1.iter().any(|warning| warning.contains("damaged")),
        "{heard:?}"
    );
}

/// The command line, killed when the first chunk of several blocks is proved, does the rest with `--resume`; what it leaves is folded.
#[test]
fn several_blocks_and_a_killed_process_that_loses_no_finished_chunk() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job");
    let out = folder.path().join("proof.bin");
    let block = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/blocks/three_blocks.json");
    let prove = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_braid"));
        command.arg("prove").arg(&block).args([
            "--shape",
            "tiny",
            "--until",
            "chunk",
            "--threads",
            "1",
        ]);
        command
            .arg("--job-dir")
            .arg(&job)
            .arg("--out")
            .arg(&out)
            .arg("--cache-dir")
            .arg(circuits());
        command
    };
    let finished = || {
        let entries = fs::read_dir(&job).into_iter().flatten().flatten();
        entries
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|ending| ending == "bin")
            })
            .count()
    };
    let mut child = prove().stderr(std::process::Stdio::null()).spawn().unwrap();
    while finished() == 0 {
        assert!(
            child.try_wait().unwrap().is_none(),
            "ended without a finished chunk"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = finished();
    assert!((1..3).contains(&kept), "{kept} chunks were finished");

    let output = prove().arg("--resume").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let reused = said
        .lines()
        .filter(|line| line.contains("from the job folder"))
        .count();
    assert_eq!(reused, kept, "{said}");
    assert_eq!(finished(), 3);

    let prover = builder().threads(2).job_dir(&job, true).build().unwrap();
    let proved = prover
        .prove_block(&BlockFile::read(&block).unwrap())
        .unwrap();
    assert_eq!((proved.summary.blocks, proved.summary.chunks), (3, 3));
    let values = &proved.proof.public_values;
    assert_eq!((values.first_block, values.last_block), (101, 103));
    let key = prover.verifying_key().unwrap();
    assert_eq!(&braid::verify(key, &proved.proof).unwrap(), values);
}

/// `braid prove` to its end: a wrapped proof, and what is sent to the contracts.
#[test]
fn a_proof_ends_wrapped_with_its_calls() {
    let _turn = turn();
    let proved = transfers();
    let path = |name: &str| proved.path(name);
    schemas::must_be("prove", &proved.said);

    // Both proofs hold, under their keys.
    let mut verify = Command::cargo_bin("braid").unwrap();
    verify.args(["--json", "verify"]);
    verify.arg(path("block.proof.json"));
    verify.arg(path("block.wrapped.json"));
    let said = verify.assert().success().get_output().stdout.clone();
    let said: Value = serde_json::from_slice(&said).unwrap();
    let [proof, wrapped] = [&said["proofs"][0], &said["proofs"][1]];
    assert_eq!(
        (&proof["wrapped"], &wrapped["wrapped"]),
        (&false.into(), &true.into())
    );
    assert_eq!(proof["publicValues"], wrapped["publicValues"]);

    // The contracts take the calls as they are.
    let calls: Value = serde_json::from_slice(&fs::read(path("calls.json")).unwrap()).unwrap();
    let call = |name: &str, to: Address| -> Bytes {
        let found: Address = serde_json::from_value(calls[name]["to"].clone()).unwrap();
        assert_eq!(found, to);
        serde_json::from_value(calls[name]["data"].clone()).unwrap()
    };
    let file = sample_file("transfers.json");
    let settings = braid::execution::Settings::default();
    let (execution, _) = braid::execution::execute_file(&file, settings).unwrap();
    let mut chain = LocalChain::new(execution.end().block.timestamp);
    let deployed = chain.deploy(BraidVerifier::BYTECODE.clone()).unwrap();
    let answer = chain.call(deployed, call("verify", VERIFIER)).unwrap();
    assert_eq!(answer.output.as_ref(), U256::ONE.to_be_bytes::<32>());
    let genesis = settlement::checkpoint(&execution.start);
    let creation = contract_call::rollup_creation(&Deployment {
        verifier: deployed,
        chain_id: file.chain_id,
        rules: file.rules,
        genesis,
        proposer: SENDER,
        proposer_timeout: 1,
        owner: None,
    });
    let deployed = chain.deploy(creation).unwrap();
    chain.transact(deployed, call("settle", ROLLUP)).unwrap();
    let end = settlement::checkpoint(&execution.end());
    assert_eq!(chain.checkpoint(deployed), Ok(end));

    // A word of the wrapped proof less, and it is refused as what it is.
    let text = fs::read_to_string(path("block.wrapped.json")).unwrap();
    let mut json: Value = serde_json::from_str(&text).unwrap();
    let bytes = json["proof"].as_str().unwrap().to_owned();
    for (bytes, code) in [
        (bytes[..bytes.len() - 16].to_owned(), 3),
        (format!("{}{:0>16}", &bytes[..bytes.len() - 16], "1"), 6),
    ] {
        json["proof"] = bytes.into();
        fs::write(path("changed.wrapped.json"), json.to_string()).unwrap();
        let mut verify = Command::cargo_bin("braid").unwrap();
        verify.arg("verify").arg(path("changed.wrapped.json"));
        verify.assert().failure().code(code);
    }
}
