// Compiles src/*.sol into artifacts.json, which the workloads of the Rust crate read.
//
//   npm ci && node compile.mjs            writes artifacts.json
//   npm ci && node compile.mjs --check    compiles again and fails if artifacts.json is not what comes out

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import solc from "solc";

const at = (path) => new URL(path, import.meta.url);
const artifactsFile = at("artifacts.json");

function compile() {
  const names = readdirSync(at("src/")).filter((name) => name.endsWith(".sol")).sort();
  const sources = Object.fromEntries(
    names.map((name) => [name, { content: readFileSync(at(`src/${name}`), "utf8") }]),
  );
  const settings = {
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 10_000 },
    // Without the metadata's hash at its end, bytecode depends on nothing but code and compiler.
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: {
      "*": {
        "*": ["evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers", "storageLayout"],
      },
    },
  };
  const input = { language: "Solidity", sources, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  // Warnings count too: the contracts are small enough to have none.
  const problems = output.errors ?? [];
  if (problems.length > 0) {
    throw new Error(problems.map((problem) => problem.formattedMessage).join("\n"));
  }
  const contracts = {};
  for (const name of names) {
    for (const [contract, { evm, storageLayout }] of Object.entries(output.contracts[name])) {
      // Interfaces have no code.
      if (evm.bytecode.object === "") continue;
      contracts[contract] = {
        source: name,
        creation: `0x${evm.bytecode.object}`,
        runtime: `0x${evm.deployedBytecode.object}`,
        methods: evm.methodIdentifiers,
        storage: Object.fromEntries(
          storageLayout.storage.map(({ label, slot, offset }) => [label, { slot: Number(slot), offset }]),
        ),
      };
    }
  }
  return `${JSON.stringify({ compiler: solc.version(), contracts }, null, 2)}\n`;
}

const compiled = compile();
if (process.argv.includes("--check")) {
  if (readFileSync(artifactsFile, "utf8") !== compiled) {
    console.error("artifacts.json is not what the sources compile to: run node compile.mjs");
    process.exit(1);
  }
  console.log("artifacts.json is what the sources compile to");
} else {
  writeFileSync(artifactsFile, compiled);
}
