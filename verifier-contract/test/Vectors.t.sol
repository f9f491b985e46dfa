// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidRollup} from "../src/BraidRollup.sol";
import {IBraidRollup} from "../src/IBraidRollup.sol";
import {IBraidVerifier} from "../src/IBraidVerifier.sol";
import {Test} from "./base/Test.sol";
import {VM} from "./base/Vm.sol";
import {ReaderHarness} from "./stubs/ReaderHarness.sol";
import {StubVerifier} from "./stubs/StubVerifier.sol";

/// @title Real blocks, as the prover executes them
/// @notice The vectors are written and kept up to date by the Rust test `settlement` (tests/settlement/vectors.rs).
contract VectorsTest is Test {
    function test_threeBlocks() public {
        _check("test/vectors/three_blocks.json", 3);
    }

    function test_transfers() public {
        _check("test/vectors/transfers.json", 1);
    }

    function _check(string memory path, uint256 blocks) private {
        string memory json = VM.readFile(path);
        bytes memory batch = VM.parseJsonBytes(json, ".batch");

        (bytes32[] memory chains, bytes32[] memory hashes) = new ReaderHarness().read(batch, blocks);
        assertEq(abi.encode(chains), abi.encode(VM.parseJsonBytes32Array(json, ".transactionsHashes")), "transaction chains");
        assertEq(abi.encode(hashes), abi.encode(VM.parseJsonBytes32Array(json, ".blockHashes")), "block hashes");

        IBraidRollup.Checkpoint memory genesis = IBraidRollup.Checkpoint({
            blockHash: VM.parseJsonBytes32(json, ".genesis.blockHash"),
            stateRoot: VM.parseJsonBytes32(json, ".genesis.stateRoot"),
            number: uint64(VM.parseJsonUint(json, ".genesis.number")),
            timestamp: uint64(VM.parseJsonUint(json, ".genesis.timestamp"))
        });
        VM.warp(VM.parseJsonUint(json, ".lastTimestamp"));
        StubVerifier verifier = new StubVerifier();
        uint64 chainId = uint64(VM.parseJsonUint(json, ".chainId"));
        uint8 rules = uint8(VM.parseJsonUint(json, ".rules"));
        BraidRollup rollup = new BraidRollup(verifier, chainId, rules, genesis, address(this), 1, address(0));

        bytes memory expected = VM.parseJsonBytes(json, ".publicValues");
        assertEq(abi.encode(rollup.publicValues(batch)), expected, "public values");
        IBraidVerifier.PublicValues memory values = abi.decode(expected, (IBraidVerifier.PublicValues));
        verifier.accept(values, "proof");
        rollup.settle(batch, "proof");
        assertEq(rollup.checkpoint().blockHash, hashes[blocks - 1], "settled");
        assertEq(rollup.checkpoint().stateRoot, values.stateRoot, "state root");
        assertEq(rollup.checkpoint().number, values.lastBlock, "number");
        assertEq(rollup.checkpoint().timestamp, VM.parseJsonUint(json, ".lastTimestamp"), "timestamp");
    }
}
