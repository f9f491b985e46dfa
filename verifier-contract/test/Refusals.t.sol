// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidRollup} from "../src/BraidRollup.sol";
import {IBraidRollup} from "../src/IBraidRollup.sol";
import {Batches} from "./base/Batches.sol";
import {RollupTest} from "./base/RollupTest.sol";
import {VM} from "./base/Vm.sol";

/// @title What is refused in a batch, each by its error, before the verifier is asked
contract RefusalsTest is RollupTest {
    function _batch(bytes memory header) private pure returns (bytes memory) {
        return bytes.concat(header, Batches.encode(makeBlock(12, 1)));
    }

    function test_empty() public {
        expectRefused("", abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, 0, 52, 0));
        bytes memory header = Batches.header(CHAIN, genesis());
        expectRefused(header, abi.encodeWithSelector(IBraidRollup.EmptyBatch.selector));
    }

    function test_version() public {
        bytes memory header = Batches.header(1, CHAIN, 101, genesis().blockHash);
        expectRefused(_batch(header), abi.encodeWithSelector(IBraidRollup.WrongVersion.selector, 1, 2));
        header = Batches.header(type(uint32).max, CHAIN, 101, genesis().blockHash);
        expectRefused(_batch(header), abi.encodeWithSelector(IBraidRollup.WrongVersion.selector, type(uint32).max, 2));
    }

    function test_chain() public {
        bytes memory header = Batches.header(2, CHAIN + 1, 101, genesis().blockHash);
        expectRefused(_batch(header), abi.encodeWithSelector(IBraidRollup.WrongChain.selector, CHAIN + 1, CHAIN));
    }

    function test_gapsAndSettledBlocks() public {
        uint64[4] memory numbers = [uint64(100), 102, 0, type(uint64).max];
        for (uint256 index = 0; index < 4; ++index) {
            bytes memory header = Batches.header(2, CHAIN, numbers[index], genesis().blockHash);
            expectRefused(_batch(header), abi.encodeWithSelector(IBraidRollup.WrongFirstBlock.selector, numbers[index], 101));
        }
    }

    function test_otherFork() public {
        bytes32 other = keccak256("fork");
        bytes memory header = Batches.header(2, CHAIN, 101, other);
        expectRefused(
            _batch(header), abi.encodeWithSelector(IBraidRollup.WrongPreviousBlock.selector, other, genesis().blockHash)
        );
    }

    function test_timestampBelowTheSettledOne() public {
        Batches.Block[] memory blocks = twoBlocks();
        blocks[0].timestamp = genesis().timestamp - 1;
        expectRefused(
            provable(blocks),
            abi.encodeWithSelector(IBraidRollup.TimestampFalls.selector, 101, genesis().timestamp - 1, genesis().timestamp)
        );
    }

    function test_timestampFallsWithinABatch() public {
        Batches.Block[] memory blocks = twoBlocks();
        blocks[1].timestamp = blocks[0].timestamp - 1;
        expectRefused(
            provable(blocks),
            abi.encodeWithSelector(IBraidRollup.TimestampFalls.selector, 102, blocks[0].timestamp - 1, blocks[0].timestamp)
        );
    }

    function test_timestampFallsFromBatchToBatch() public {
        rollup.settle(provable(twoBlocks()), PROOF);
        uint64 last = rollup.checkpoint().timestamp;
        Batches.Block[] memory blocks = one(makeBlock(0, 0));
        blocks[0].timestamp = last - 1;
        expectRefused(provable(blocks), abi.encodeWithSelector(IBraidRollup.TimestampFalls.selector, 103, last - 1, last));
    }

    function test_timestampInTheFuture() public {
        Batches.Block[] memory blocks = twoBlocks();
        blocks[1].timestamp = NOW + 61;
        bytes memory batch = provable(blocks);
        expectRefused(batch, abi.encodeWithSelector(IBraidRollup.TimestampInFuture.selector, NOW + 61, NOW + 60));
        VM.warp(NOW + 1);
        rollup.settle(batch, PROOF);
    }

    function test_timestampsCannotOverflow() public {
        Batches.Block[] memory blocks = twoBlocks();
        blocks[1].timestamp = type(uint64).max;
        expectRefused(
            provable(blocks), abi.encodeWithSelector(IBraidRollup.TimestampInFuture.selector, type(uint64).max, NOW + 60)
        );
    }

    /// Each of the four elements, in the last block and in one before it.
    function test_stateRootElements() public {
        uint256 order = 0xffffffff00000001;
        uint256[3] memory elements = [order, order + 1, type(uint64).max];
        for (uint256 position = 0; position < 4; ++position) {
            for (uint256 index = 0; index < 2; ++index) {
                Batches.Block[] memory blocks = twoBlocks();
                uint256 others = uint256(blocks[index].stateRoot) & ~(uint256(type(uint64).max) << (64 * position));
                for (uint256 which = 0; which < 3; ++which) {
                    blocks[index].stateRoot = bytes32(others | (elements[which] << (64 * position)));
                    expectRefused(
                        provable(blocks),
                        abi.encodeWithSelector(IBraidRollup.NonCanonicalStateRoot.selector, blocks[index].stateRoot)
                    );
                }
            }
        }
    }

    function test_largestElementIsCanonical() public {
        Batches.Block[] memory blocks = twoBlocks();
        blocks[1].stateRoot = hex"ffffffff00000000ffffffff00000000ffffffff00000000ffffffff00000000";
        rollup.settle(provable(blocks), PROOF);
        assertEq(rollup.checkpoint().stateRoot, blocks[1].stateRoot, "state root");
    }

    function test_numbersEndBelow2To64() public {
        IBraidRollup.Checkpoint memory start = genesis();
        start.number = type(uint64).max - 1;
        rollup = deploy(verifier, CHAIN, start);
        Batches.Block[] memory blocks = twoBlocks();
        bytes memory tooMany = bytes.concat(Batches.header(CHAIN, start), Batches.encode(blocks[0]), Batches.encode(blocks[1]));
        expectRefused(tooMany, abi.encodeWithSelector(IBraidRollup.BlockNumberOverflow.selector));

        rollup.settle(provable(one(blocks[0])), PROOF);
        assertEq(rollup.checkpoint().number, type(uint64).max, "last number");
        bytes memory wrapped = bytes.concat(Batches.header(2, CHAIN, 0, rollup.checkpoint().blockHash), Batches.encode(blocks[1]));
        expectRefused(wrapped, abi.encodeWithSelector(IBraidRollup.WrongFirstBlock.selector, 0, uint256(1) << 64));
    }

    /// A batch cut off anywhere is refused, at the field that is cut; only a cut between blocks leaves a batch.
    function test_truncatedAnywhere() public {
        Batches.Block[] memory blocks = twoBlocks();
        bytes memory batch = provable(blocks);
        bytes memory firstOnly = provable(one(blocks[0]));
        uint256 cut = batch.length;
        while (cut > 0) {
            --cut;
            bytes memory shorter = batch;
            assembly ("memory-safe") {
                mstore(shorter, cut)
            }
            if (cut == firstOnly.length) {
                assertEq(shorter, firstOnly, "the first block alone");
                rollup.publicValues(shorter);
                continue;
            }
            (bool success, bytes memory data) = address(rollup).call(abi.encodeCall(IBraidRollup.settle, (shorter, PROOF)));
            assertTrue(!success, "settled a truncated batch");
            bytes4 expected = cut == 52 ? IBraidRollup.EmptyBatch.selector : IBraidRollup.BatchTruncated.selector;
            assertEq(bytes32(bytes4(data)), bytes32(expected), "error");
        }
        assertAt(genesis(), "nothing changed");
    }

    function test_truncatedTransactionNamesItsPlace() public {
        Batches.Block memory last = makeBlock(12, 0);
        bytes memory start = bytes.concat(Batches.header(CHAIN, genesis()), Batches.encode(last));
        // The count's last byte is the last before the blob base fee.
        start[start.length - 3] = 0x01;
        uint256 length = start.length;
        expectRefused(start, abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, length, 3, length));
        expectRefused(
            bytes.concat(start, hex"0000"), abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, length, 3, length + 2)
        );
        expectRefused(
            bytes.concat(start, hex"000005", hex"01020304"),
            abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, length, 8, length + 7)
        );
        expectRefused(
            bytes.concat(start, hex"ffffff"),
            abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, length, 0x1000002, length + 3)
        );
    }

    /// A blob base fee begins with a byte that is not zero and has 32 bytes at most: no number has two forms.
    function test_blobBaseFeesHaveOneForm() public {
        Batches.Block memory free = makeBlock(12, 0);
        free.blobBaseFee = 0;
        bytes memory whole = bytes.concat(Batches.header(CHAIN, genesis()), Batches.encode(free));
        assertEq(whole.length, 205, "the fee's length is the last byte");
        rollup.publicValues(whole);
        bytes[5] memory wrong = [
            bytes(hex"0100"),
            hex"020001",
            bytes.concat(hex"20", bytes32(uint256(type(uint248).max))),
            bytes.concat(hex"21", bytes32(type(uint256).max), hex"ff"),
            bytes.concat(hex"ff", new bytes(255))
        ];
        for (uint256 index = 0; index < wrong.length; ++index) {
            uint256 length = uint8(wrong[index][0]);
            expectRefused(
                _instead(whole, wrong[index]), abi.encodeWithSelector(IBraidRollup.NonCanonicalBlobBaseFee.selector, 205, length)
            );
        }
        // Cut off; its length is looked at first, its bytes only where they are there.
        expectRefused(_instead(whole, hex"0200"), abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, 205, 2, 206));
        expectRefused(_instead(whole, hex"20"), abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, 205, 32, 205));
        expectRefused(_instead(whole, hex"21"), abi.encodeWithSelector(IBraidRollup.NonCanonicalBlobBaseFee.selector, 205, 33));
        rollup.publicValues(_instead(whole, hex"01ff"));
        rollup.publicValues(_instead(whole, bytes.concat(hex"20", bytes32(type(uint256).max))));
    }

    /// A batch with other bytes in place of its last one.
    function _instead(bytes memory batch, bytes memory end) private pure returns (bytes memory changed) {
        changed = bytes.concat(batch, end);
        for (uint256 index = 0; index < end.length; ++index) {
            changed[batch.length - 1 + index] = end[index];
        }
        assembly ("memory-safe") {
            mstore(changed, sub(mload(changed), 1))
        }
    }

    /// Counts and lengths beyond what is there cost no memory and no loops.
    function test_hugeCountsAreCheap() public {
        bytes memory batch = bytes.concat(Batches.header(CHAIN, genesis()), Batches.encode(makeBlock(12, 0)));
        for (uint256 index = 0; index < 4; ++index) {
            batch[52 + 148 + index] = 0xff;
        }
        batch = bytes.concat(batch, hex"00000102", hex"ffffff0304");
        bytes memory call = abi.encodeCall(IBraidRollup.settle, (batch, PROOF));
        (bool success, bytes memory data) = address(rollup).call{gas: 60_000}(call);
        assertTrue(!success, "refused");
        assertEq(
            data,
            abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, 210, 0x1000002, batch.length),
            "with its error, not for want of gas"
        );
    }

    /// Bytes behind the last block are the beginning of another block, and never ignored.
    function test_trailingBytes() public {
        bytes memory batch = provable(twoBlocks());
        expectRefused(
            bytes.concat(batch, hex"00"),
            abi.encodeWithSelector(IBraidRollup.BatchTruncated.selector, batch.length, 153, batch.length + 1)
        );
    }
}
