// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidRollup} from "../src/IBraidRollup.sol";
import {IBraidVerifier} from "../src/IBraidVerifier.sol";
import {Batches} from "./base/Batches.sol";
import {RollupTest} from "./base/RollupTest.sol";
import {VM} from "./base/Vm.sol";

/// @title Random batches
contract FuzzTest is RollupTest {
    /// @notice Blocks whose every field comes from a seed, among them empty transactions and blocks.
    function _blocks(uint256 seed) private pure returns (Batches.Block[] memory blocks) {
        blocks = new Batches.Block[](1 + seed % 4);
        uint64 timestamp = genesis().timestamp;
        for (uint256 index = 0; index < blocks.length; ++index) {
            seed = uint256(keccak256(abi.encode(seed, index)));
            Batches.Block memory made = blocks[index];
            timestamp += uint64(seed % 60);
            made.timestamp = timestamp;
            made.gasLimit = uint64(seed >> 8);
            made.gasUsed = uint64(seed >> 72);
            made.baseFee = uint64(seed >> 136);
            made.coinbase = address(uint160(seed >> 3));
            made.prevRandao = keccak256(abi.encode(seed, "randao"));
            made.logChain = keccak256(abi.encode(seed, "logs"));
            // Of every length, none among them.
            made.blobBaseFee = seed >> ((seed >> 240) % 257);
            made.stateRoot = root(seed);
            made.transactions = new bytes[](seed % 5);
            for (uint256 place = 0; place < made.transactions.length; ++place) {
                seed = uint256(keccak256(abi.encode(seed, place)));
                made.transactions[place] = _bytes(seed, seed % 300);
            }
        }
    }

    function _bytes(uint256 seed, uint256 length) private pure returns (bytes memory made) {
        made = new bytes(length);
        for (uint256 index = 0; index < length; ++index) {
            if (index % 32 == 0) seed = uint256(keccak256(abi.encode(seed)));
            made[index] = bytes1(uint8(seed >> (8 * (index % 32))));
        }
    }

    /// The contract reads batches as the tests' own plain way does.
    function testFuzz_settles(uint256 seed) public {
        Batches.Block[] memory blocks = _blocks(seed);
        bytes memory batch = provable(blocks);
        IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), blocks);
        assertSame(rollup.publicValues(batch), Batches.values(CHAIN, RULES, genesis(), next), "public values");
        rollup.settle(batch, PROOF);
        assertAt(next, "settled");
    }

    /// A batch that differs in any one byte asks for other public values, or is refused: no proof fits two batches.
    function testFuzz_everyByteCounts(uint256 seed, uint256 position, uint8 change) public view {
        VM.assume(change != 0);
        bytes memory batch = Batches.encode(CHAIN, genesis(), _blocks(seed));
        IBraidVerifier.PublicValues memory expected = rollup.publicValues(batch);
        position %= batch.length;
        batch[position] ^= bytes1(change);
        try rollup.publicValues(batch) returns (IBraidVerifier.PublicValues memory values) {
            assertTrue(values.blockHash != expected.blockHash, "two batches for one block hash");
        } catch {}
    }

    /// Nor does a shorter or longer batch.
    function testFuzz_everyLengthCounts(uint256 seed, uint256 cut, bytes calldata more) public view {
        bytes memory batch = Batches.encode(CHAIN, genesis(), _blocks(seed));
        IBraidVerifier.PublicValues memory expected = rollup.publicValues(batch);
        if (more.length > 0) {
            try rollup.publicValues(bytes.concat(batch, more)) returns (IBraidVerifier.PublicValues memory values) {
                assertTrue(values.blockHash != expected.blockHash, "longer");
            } catch {}
        }
        cut %= batch.length;
        assembly ("memory-safe") {
            mstore(batch, cut)
        }
        try rollup.publicValues(batch) returns (IBraidVerifier.PublicValues memory values) {
            assertTrue(values.blockHash != expected.blockHash, "shorter");
        } catch {}
    }

    /// Any bytes behind a valid header are read or refused with one of the errors, never by running out of gas or a panic.
    function testFuzz_anyBytes(bytes calldata tail) public view {
        bytes memory batch = bytes.concat(Batches.header(CHAIN, genesis()), tail);
        try rollup.publicValues{gas: 1_000_000}(batch) returns (IBraidVerifier.PublicValues memory values) {
            assertTrue(values.lastBlock >= values.firstBlock, "at least one block");
        } catch (bytes memory data) {
            bytes4 selector = bytes4(data);
            assertTrue(
                selector == IBraidRollup.BatchTruncated.selector || selector == IBraidRollup.EmptyBatch.selector
                    || selector == IBraidRollup.NonCanonicalStateRoot.selector || selector == IBraidRollup.TimestampFalls.selector
                    || selector == IBraidRollup.TimestampInFuture.selector
                    || selector == IBraidRollup.NonCanonicalBlobBaseFee.selector,
                "an error of its own"
            );
        }
    }

    /// Any calldata behind the selector: nothing settles that the verifier was not told of.
    function testFuzz_anyCalldata(bytes calldata tail) public {
        (bool success,) = address(rollup).call(bytes.concat(IBraidRollup.settle.selector, tail));
        assertTrue(!success, "settled");
        assertAt(genesis(), "nothing changed");
    }
}
