// Compiles src/ with forge and writes what deployments and the Rust crate need of it into artifacts/, one file a contract.
//
//   npm run build    writes artifacts/
//   npm run check    compiles again and fails if artifacts/ is not what comes out
//
// The compiler's settings stand in foundry.toml alone.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Interfaces are here for their ABI, and the last one to measure the verifier part by part; it is not deployed.
const contracts = ["BraidRollup", "BraidVerifier", "IBraidVerifier", "VerifierParts"];

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "artifacts");

/** Compiles everything in src/, and the contract that measures, from nothing, into `out`. */
function compile(out) {
  const forge = join(root, "node_modules/.bin/forge");
  const settings = ["--out", out, "--cache-path", join(out, "cache")];
  execFileSync(forge, ["build", "src", "test/stubs/VerifierParts.sol", "--force", "--quiet", ...settings], { cwd: root, stdio: "inherit" });
}

/** The text of a contract's artifact: one line a field, so that differences can be read. */
function artifact(out, name) {
  const compiled = JSON.parse(readFileSync(join(out, `${name}.sol`, `${name}.json`), "utf8"));
  const { abi, bytecode, deployedBytecode, methodIdentifiers } = compiled;
  const fields = {
    contractName: name,
    compiler: compiled.metadata.compiler.version,
    abi,
    methodIdentifiers,
    bytecode: { object: bytecode.object },
    deployedBytecode: {
      object: deployedBytecode.object,
      immutableReferences: deployedBytecode.immutableReferences ?? {},
    },
  };
  const lines = Object.entries(fields).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

const out = mkdtempSync(join(tmpdir(), "braid-artifacts-"));
try {
  compile(out);
  const files = Object.fromEntries(contracts.map((name) => [`${name}.json`, artifact(out, name)]));
  if (process.argv.includes("--check")) {
    const present = readdirSync(folder);
    const stale = Object.keys(files).filter(
      (file) => !present.includes(file) || readFileSync(join(folder, file), "utf8") !== files[file],
    );
    stale.push(...present.filter((file) => !(file in files)));
    if (stale.length > 0) {
      console.error(`artifacts/ is not what the sources compile to: run npm run build (${stale.join(", ")})`);
      process.exitCode = 1;
    } else {
      console.log("artifacts/ is what the sources compile to");
    }
  } else {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    console.log(`artifacts/: ${Object.keys(files).join(", ")}`);
  }
} finally {
  rmSync(out, { recursive: true });
}
