//! Settles two blocks on a chain of its own: starts anvil, deploys the verifier and the rollup, then proves each block, sends its transactions with the proof, and
//! shows the state root advance on chain. Only the rollup's proposer may do that, until it has been silent for a day.
//!
//! ```text
//! npm ci --prefix verifier-contract
//! cargo run --release --example settle_on_anvil
//! ```
//!
//! `ANVIL` names another anvil than the one that npm installs. Proving takes a minute or two for each block.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use alloy_primitives::{Address, B256, Bytes};
use braid::contract::abi::BraidVerifier;
use braid::contract::{Deployment, call};
use braid::sample::{SampleConfig, sample};
use braid::{BlockFile, MemoryChain, Prover, ShapeChoice, settlement};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

/// A local chain; it ends with this value.
struct Anvil {
    process: Child,
    url: String,
    /// The rollup's proposer.
    sender: Address,
    /// Somebody else.
    stranger: Address,
}

impl Drop for Anvil {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Anvil {
    /// Starts it on a free port. Its clock begins at `timestamp`.
    fn start(timestamp: u64) -> Result<Self, Failure> {
        let installed =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier-contract/node_modules/.bin/anvil");
        let program = std::env::var_os("ANVIL").unwrap_or(installed.into());
        let started = Command::new(&program)
            .args(["--port", "0", "--timestamp", &timestamp.to_string()])
            .stdout(Stdio::piped())
            .spawn();
        let mut process = started.map_err(|error| {
            let program = program.display();
            format!("starting {program}: {error}; try: npm ci --prefix verifier-contract")
        })?;
        let output = process.stdout.take().ok_or("anvil has no output")?;
        let mut lines = BufReader::new(output).lines();
        let address = loop {
            let line = lines.next().ok_or("anvil ended before it listened")??;
            if let Some(address) = line.strip_prefix("Listening on ") {
                break address.to_owned();
            }
        };
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let mut anvil = Self {
            process,
            url: format!("http://{address}"),
            sender: Address::ZERO,
            stranger: Address::ZERO,
        };
        let accounts = anvil.request("eth_accounts", json!([]))?;
        anvil.sender = serde_json::from_value(accounts[0].clone())?;
        anvil.stranger = serde_json::from_value(accounts[1].clone())?;
        Ok(anvil)
    }

    fn request(&self, method: &str, parameters: Value) -> Result<Value, Failure> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let mut answer = ureq::post(&self.url).send_json(request)?;
        let mut answer: Value = answer.body_mut().read_json()?;
        match answer.get("error") {
            Some(error) => Err(format!("{method}: {error}").into()),
            None => Ok(answer["result"].take()),
        }
    }

    /// Sends a transaction and waits for its receipt.
    fn send(&self, from: Address, to: Option<Address>, data: &Bytes) -> Result<Value, Failure> {
        let transaction = json!({"from": from, "to": to, "data": data, "gas": "0xf00000"});
        let hash = self.request("eth_sendTransaction", json!([transaction]))?;
        let begun = Instant::now();
        let receipt = loop {
            let receipt = self.request("eth_getTransactionReceipt", json!([hash]))?;
            if !receipt.is_null() {
                break receipt;
            }
            if begun.elapsed() > Duration::from_secs(30) {
                return Err(format!("transaction {hash} is not mined").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        match receipt["status"].as_str() {
            Some("0x1") => Ok(receipt),
            _ => Err(format!("transaction {hash} was reverted").into()),
        }
    }

    fn deploy(&self, creation: &Bytes) -> Result<Address, Failure> {
        let receipt = self.send(self.sender, None, creation)?;
        Ok(serde_json::from_value(receipt["contractAddress"].clone())?)
    }

    /// The state root that the rollup stands at.
    fn state_root(&self, rollup: Address) -> Result<B256, Failure> {
        let request = json!({"to": rollup, "data": call::checkpoint()});
        let answer = self.request("eth_call", json!([request, "latest"]))?;
        let answer: Bytes = serde_json::from_value(answer)?;
        Ok(call::read_checkpoint(&answer)?.state_root)
    }
}

fn gas_used(receipt: &Value) -> Result<u64, Failure> {
    let gas = receipt["gasUsed"].as_str().ok_or("a receipt without gas")?;
    Ok(u64::from_str_radix(gas.trim_start_matches("0x"), 16)?)
}

fn main() -> Result<(), Failure> {
    let file = sample(&SampleConfig {
        blocks: 2,
        ..SampleConfig::new(4, 12)
    })?;
    let latest = file.blocks.last().map(|block| block.environment.timestamp);
    let mut chain = MemoryChain::new(&file)?;

    let anvil = Anvil::start(latest.unwrap_or_default())?;
    let verifier = anvil.deploy(&BraidVerifier::BYTECODE)?;
    let genesis = settlement::checkpoint(&braid::Chain::position(&chain));
    let creation = call::rollup_creation(&Deployment {
        verifier,
        chain_id: file.chain_id,
        rules: file.rules,
        genesis,
        proposer: anvil.sender,
        proposer_timeout: 24 * 60 * 60,
        owner: None,
    });
    let rollup = anvil.deploy(&creation)?;
    println!("verifier {verifier}, rollup {rollup}");
    println!("state root on chain: {}", anvil.state_root(rollup)?);

    let prover = Prover::builder()
        .shape(ShapeChoice::Tiny)
        .cache_dir(std::env::temp_dir().join("braid-circuits"))
        .build()?;
    for block in file.blocks {
        let number = block.environment.number;
        // The block alone, on the state that the one before it left.
        let file: BlockFile = chain.next_file(vec![block]);
        let begun = Instant::now();
        let proof = prover.wrap(&prover.prove_block(&file)?.proof)?;
        println!("block {number} is proved in {:.0?}", begun.elapsed());

        let settings = braid::execution::Settings::default();
        let execution = braid::execution::execute_on(&mut chain, &file.blocks, settings)?;
        let batch = settlement::batch(&execution)?.encode()?;
        let settle = call::settle(&batch, &proof.proof);
        // Whoever sees it and is not the proposer cannot send it.
        assert!(anvil.send(anvil.stranger, Some(rollup), &settle).is_err());
        let receipt = anvil.send(anvil.sender, Some(rollup), &settle)?;
        let root = anvil.state_root(rollup)?;
        assert_eq!(root, braid::state_root_bytes(&execution.end()));
        println!(
            "block {number} is settled with {} gas; state root on chain: {root}",
            gas_used(&receipt)?
        );
        // It settles once.
        assert!(anvil.send(anvil.sender, Some(rollup), &settle).is_err());
    }
    Ok(())
}
