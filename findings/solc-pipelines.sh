#!/usr/bin/env bash
# Guess:     solc's IR pipeline (viaIR) makes other bytecode of a contract than the legacy pipeline, smaller perhaps, that computes the same.
# Instead:   what Solidity leaves open, the two decide differently, without a warning. `++a + a` of a = 1 is 3 by the legacy pipeline and 4 by the
#            IR. And a base contract's constructor that calls a function which the derived contract overrides finds the derived contract's
#            variables initialised by the legacy pipeline, and zero by the IR.
# Versions:  solc 0.8.37, executed by @ethereumjs/evm 10.1.0 (npm)
# Seen:      2026-11-29
# Hurts:     whoever switches viaIR on for gas or against "stack too deep" and has no test of such an expression; libraries, whose users choose.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-fund --no-audit solc@0.8.37 @ethereumjs/evm@10.1.0
cat >pipelines.mjs <<'END'
import { createEVM } from "@ethereumjs/evm";
import solc from "solc";

const content = `
// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract Base {
    uint256 public seen;

    constructor() {
        seen = value();
    }

    function value() internal virtual returns (uint256) {
        return 1;
    }
}

contract Derived is Base {
    uint256 internal own = 7;

    function value() internal view override returns (uint256) {
        return own;
    }

    function sum(uint256 a) external pure returns (uint256) {
        return ++a + a;
    }
}`;
const hex = (text) => Uint8Array.from(Buffer.from(text, "hex"));

for (const viaIR of [false, true]) {
  const outputSelection = { "*": { "*": ["evm.bytecode.object", "evm.methodIdentifiers"] } };
  const input = { language: "Solidity", sources: { "a.sol": { content } }, settings: { viaIR, evmVersion: "cancun", outputSelection } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const { bytecode, methodIdentifiers } = output.contracts["a.sol"].Derived.evm;
  const evm = await createEVM();
  const created = await evm.runCall({ data: hex(bytecode.object), gasLimit: 10_000_000n });
  const call = async (method, argument = "") => {
    const data = hex(methodIdentifiers[method] + argument);
    const { execResult } = await evm.runCall({ to: created.createdAddress, data, gasLimit: 1_000_000n });
    return BigInt("0x" + Buffer.from(execResult.returnValue).toString("hex"));
  };
  const one = "1".padStart(64, "0");
  const warnings = output.errors?.length ?? 0;
  console.log(`viaIR ${viaIR}: ++a + a is ${await call("sum(uint256)", one)}, seen by the base is ${await call("seen()")}, warnings ${warnings}`);
}
END
cat >expected <<'END'
viaIR false: ++a + a is 3, seen by the base is 7, warnings 0
viaIR true: ++a + a is 4, seen by the base is 0, warnings 0
END
echo 'solc 0.8.37, @ethereumjs/evm 10.1.0'
node pipelines.mjs | tee seen
diff expected seen || {
    echo 'this has changed'
    exit 1
}
