// Runs script/Deploy.s.sol against a chain of its own (anvil) and checks what then stands there.
//
//   npm run deploy-check

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = (name) => join(root, "node_modules/.bin", name);
const artifact = JSON.parse(readFileSync(join(root, "artifacts/BraidRollup.json"), "utf8"));

const word = (value) => BigInt(value).toString(16).padStart(64, "0");
const genesis = { blockHash: `0x${"12".repeat(32)}`, stateRoot: `0x${"34".repeat(32)}`, number: 100, timestamp: 1_700_000_000 };
const chainId = 1337;
const rules = 1;
const proposer = `0x${"56".repeat(20)}`;
const owner = `0x${"78".repeat(20)}`;
const timeout = 86_400;

/** Starts anvil on a port that it chooses itself, and waits until it says which. */
async function startChain() {
  const chain = spawn(program("anvil"), ["--port", "0", "--mnemonic-seed-unsafe", "7"], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const text of chain.stdout) {
    output += text;
    const address = output.match(/Listening on (\S+)/)?.[1];
    if (address) {
      // Its further output is not of interest, but must not fill the pipe.
      chain.stdout.resume();
      return { chain, url: `http://${address}` };
    }
  }
  throw new Error(`anvil ended before it listened: ${output}`);
}

async function request(url, method, ...params) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { result, error } = await response.json();
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** The contract that a transaction created; mining takes a moment. */
async function created(url, hash) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const receipt = await request(url, "eth_getTransactionReceipt", hash);
    if (receipt) return receipt.contractAddress;
    await setTimeout(50);
  }
  throw new Error(`transaction ${hash} is not mined`);
}

async function check(url, out) {
  const [sender] = await request(url, "eth_accounts");
  // The script asks only that there is a contract: this one returns `true` to everything.
  const hash = await request(url, "eth_sendTransaction", { from: sender, data: "0x6760015f5260205ff35f5260086018f3" });
  const verifier = await created(url, hash);
  const environment = {
    ...process.env,
    BRAID_VERIFIER: verifier,
    BRAID_CHAIN_ID: `${chainId}`,
    BRAID_RULES: `${rules}`,
    BRAID_GENESIS_BLOCK_HASH: genesis.blockHash,
    BRAID_GENESIS_STATE_ROOT: genesis.stateRoot,
    BRAID_GENESIS_NUMBER: `${genesis.number}`,
    BRAID_GENESIS_TIMESTAMP: `${genesis.timestamp}`,
    BRAID_PROPOSER: proposer,
    BRAID_PROPOSER_TIMEOUT: `${timeout}`,
    BRAID_OWNER: owner,
    FOUNDRY_BROADCAST: join(out, "broadcast"),
    FOUNDRY_OUT: join(out, "out"),
    FOUNDRY_CACHE_PATH: join(out, "cache"),
  };
  const flags = ["--rpc-url", url, "--broadcast", "--unlocked", "--sender", sender];
  execFileSync(program("forge"), ["script", "script/Deploy.s.sol:Deploy", ...flags], { cwd: root, env: environment, stdio: ["ignore", "ignore", "inherit"] });

  const { rollup, timestamp } = await lastDeployment(url);
  const call = (name) => request(url, "eth_call", { to: rollup, data: `0x${artifact.methodIdentifiers[name]}` }, "latest");
  const expected = {
    "checkpoint()": `0x${genesis.blockHash.slice(2)}${genesis.stateRoot.slice(2)}${word(genesis.number)}${word(genesis.timestamp)}`,
    "CHAIN_ID()": `0x${word(chainId)}`,
    "RULES()": `0x${word(rules)}`,
    "VERIFIER()": `0x${word(verifier)}`,
    "proposer()": `0x${word(proposer)}`,
    "owner()": `0x${word(owner)}`,
    "PROPOSER_TIMEOUT()": `0x${word(timeout)}`,
    "openAt()": `0x${word(Number(timestamp) + timeout)}`,
  };
  for (const [name, value] of Object.entries(expected)) {
    const found = await call(name);
    if (found !== value) throw new Error(`${name} is ${found} instead of ${value}`);
  }
  console.log(`deployed at ${rollup} as the environment said`);
}

async function lastDeployment(url) {
  const { timestamp, transactions } = await request(url, "eth_getBlockByNumber", "latest", false);
  return { rollup: await created(url, transactions[0]), timestamp };
}

const out = mkdtempSync(join(tmpdir(), "braid-deploy-"));
const { chain, url } = await startChain();
try {
  await check(url, out);
} finally {
  chain.kill();
  rmSync(out, { recursive: true });
}
