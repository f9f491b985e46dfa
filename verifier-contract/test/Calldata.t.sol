// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidRollup} from "../src/IBraidRollup.sol";
import {Batches} from "./base/Batches.sol";
import {RollupTest} from "./base/RollupTest.sol";

/// @title Only one layout of calldata settles
/// @notice Solidity's own decoder would take each of the layouts here that lie within the calldata.
contract CalldataTest is RollupTest {
    bytes private _batch;

    /// @notice A batch whose length is no multiple of 32, and its proof.
    function setUp() public override {
        super.setUp();
        _batch = provable(twoBlocks());
        assertTrue(_batch.length % 32 != 0 && PROOF.length % 32 != 0, "both have padding");
    }

    /// @notice Calldata by its parts.
    function _calldata(uint256 batchOffset, uint256 proofOffset, bytes memory tail) private pure returns (bytes memory) {
        return bytes.concat(IBraidRollup.settle.selector, bytes32(batchOffset), bytes32(proofOffset), tail);
    }

    /// @notice An argument with its length and its padding of zeros.
    function _padded(bytes memory content) private pure returns (bytes memory) {
        return bytes.concat(bytes32(content.length), content, new bytes((32 - content.length % 32) % 32));
    }

    function _refused(bytes memory data, uint256 canonicalLength, string memory what) private {
        (bool success, bytes memory returned) = address(rollup).call(data);
        assertTrue(!success, what);
        bytes memory expected = abi.encodeWithSelector(IBraidRollup.NonCanonicalCalldata.selector, data.length, canonicalLength);
        assertEq(returned, expected, what);
    }

    function test_canonical() public {
        bytes memory tail = bytes.concat(_padded(_batch), _padded(PROOF));
        bytes memory data = _calldata(64, 64 + _padded(_batch).length, tail);
        assertEq(data, abi.encodeCall(IBraidRollup.settle, (_batch, PROOF)), "what the compiler writes");
        (bool success,) = address(rollup).call(data);
        assertTrue(success, "settles");
    }

    /// Without padding at all: an argument that fills its words.
    function test_canonicalWithWholeWords() public {
        Batches.Block[] memory blocks = one(makeBlock(12, 1));
        // 52 for the header, 154 for the block with its blob base fee: 18 more make seven words.
        blocks[0].transactions[0] = hex"020000000000000000000000000001";
        IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), blocks);
        bytes memory batch = Batches.encode(CHAIN, genesis(), blocks);
        assertEq(batch.length % 32, 0, "whole words");
        bytes memory proof = new bytes(64);
        // Behind the batch comes the proof's length: its bytes must not count as padding.
        verifier.accept(Batches.values(CHAIN, RULES, genesis(), next), proof);
        rollup.settle(batch, proof);
        assertAt(next, "settled");
    }

    function test_otherOrder() public {
        uint256 length = 4 + 64 + _padded(_batch).length + _padded(PROOF).length;
        bytes memory tail = bytes.concat(_padded(PROOF), _padded(_batch));
        _refused(_calldata(64 + _padded(PROOF).length, 64, tail), length, "proof before batch");
    }

    function test_gap() public {
        uint256 length = 4 + 64 + _padded(_batch).length + _padded(PROOF).length;
        bytes memory tail = bytes.concat(bytes32(0), _padded(_batch), _padded(PROOF));
        _refused(_calldata(96, 96 + _padded(_batch).length, tail), length, "gap before the batch");
        tail = bytes.concat(_padded(_batch), bytes32(0), _padded(PROOF));
        _refused(_calldata(64, 96 + _padded(_batch).length, tail), length, "gap before the proof");
        tail = bytes.concat(_padded(_batch), _padded(PROOF), bytes32(0));
        _refused(_calldata(64, 64 + _padded(_batch).length, tail), length, "a word behind");
        tail = bytes.concat(_padded(_batch), _padded(PROOF), bytes1(0));
        _refused(_calldata(64, 64 + _padded(_batch).length, tail), length, "a byte behind");
    }

    function test_overlap() public {
        // Both arguments are the same bytes.
        uint256 length = 4 + 64 + 2 * _padded(_batch).length;
        _refused(_calldata(64, 64, _padded(_batch)), length, "one string for both");

        // The proof lies within the batch: its length is the batch's fields from 24 on, here a block's words of zeros.
        bytes memory batch = bytes.concat(_batch, new bytes(153));
        length = 4 + 64 + _padded(batch).length + 32;
        _refused(_calldata(64, 96 + _batch.length + 60, _padded(batch)), length, "proof within the batch");
    }

    /// Everything where it should be but the batch, which is read from within the proof.
    function test_batchWithinTheProof() public {
        bytes memory proof = bytes.concat(bytes32(0), _padded(_batch));
        bytes memory decoy = new bytes(_padded(_batch).length);
        verifier.accept(rollup.publicValues(_batch), proof);
        bytes memory data = _calldata(64 + decoy.length + 64, 64 + decoy.length, bytes.concat(decoy, _padded(proof)));
        _refused(data, data.length, "batch within the proof");
        // The same with the batch in its place settles.
        (bool success,) = address(rollup).call(_calldata(64, 64 + decoy.length, bytes.concat(_padded(_batch), _padded(proof))));
        assertTrue(success, "in its place");
    }

    /// Everything where it should be but the proof, which is read from within the batch.
    function test_proofWithinTheBatch() public {
        bytes memory proof = new bytes(64);
        Batches.Block[] memory blocks = one(makeBlock(12, 1));
        blocks[0].transactions[0] = bytes.concat(bytes32(proof.length), proof);
        IBraidRollup.Checkpoint memory next = Batches.advance(genesis(), blocks);
        bytes memory batch = Batches.encode(CHAIN, genesis(), blocks);
        verifier.accept(Batches.values(CHAIN, RULES, genesis(), next), proof);
        bytes memory tail = bytes.concat(_padded(batch), new bytes(32 + proof.length));
        // The transaction's bytes lie behind the batch's length, header, block and the transaction's length.
        bytes memory data = _calldata(64, 64 + 32 + 52 + 154 + 3, tail);
        _refused(data, data.length, "proof within the batch");
        rollup.settle(batch, proof);
    }

    function test_offsetsIntoTheHead() public {
        // The batch's length is read from the second offset: 64.
        bytes memory data = _calldata(32, 64, _padded(PROOF));
        (bool success, bytes memory returned) = address(rollup).call(data);
        assertTrue(!success, "offset into the head");
        uint256 length = 4 + 64 + 32 + 64 + _padded(PROOF).length;
        assertEq(returned, abi.encodeWithSelector(IBraidRollup.NonCanonicalCalldata.selector, data.length, length), "error");
    }

    function test_dirtyPadding() public {
        bytes memory data = abi.encodeCall(IBraidRollup.settle, (_batch, PROOF));
        uint256 batchEnd = 100 + _batch.length;
        uint256 batchPadded = 68 + _padded(_batch).length;
        uint256 refused;
        for (uint256 index = 0; index < data.length; ++index) {
            bool padding = (index >= batchEnd && index < batchPadded) || index >= batchPadded + 32 + PROOF.length;
            if (!padding) continue;
            data[index] = 0x01;
            _refused(data, data.length, "dirty padding");
            data[index] = 0x00;
            ++refused;
        }
        assertEq(refused, 64 - _batch.length % 32 - PROOF.length % 32, "bytes of padding");
        (bool success,) = address(rollup).call(data);
        assertTrue(success, "clean again");
    }

    function test_missingPadding() public {
        bytes memory tail = bytes.concat(_padded(_batch), bytes32(PROOF.length), PROOF);
        uint256 length = 4 + 64 + _padded(_batch).length + _padded(PROOF).length;
        _refused(_calldata(64, 64 + _padded(_batch).length, tail), length, "missing padding");
    }

    /// Offsets and lengths that lead out of the calldata are refused by the decoder, whatever they are.
    function test_outOfBounds() public {
        bytes memory canonical = abi.encodeCall(IBraidRollup.settle, (_batch, PROOF));
        uint256[5] memory wrong =
            [canonical.length, uint256(type(uint32).max), type(uint64).max, uint256(1) << 64, type(uint256).max];
        uint256[4] memory places = [uint256(4), 36, 68, 68 + _padded(_batch).length];
        for (uint256 index = 0; index < 5; ++index) {
            for (uint256 place = 0; place < 4; ++place) {
                bytes memory data = bytes.concat(canonical);
                uint256 position = places[place] + 32;
                uint256 value = wrong[index];
                assembly ("memory-safe") {
                    mstore(add(data, position), value)
                }
                (bool success,) = address(rollup).call(data);
                assertTrue(!success, "out of bounds");
            }
        }
        for (uint256 cut = 0; cut < canonical.length; cut += 7) {
            bytes memory data = bytes.concat(canonical);
            assembly ("memory-safe") {
                mstore(data, cut)
            }
            (bool success,) = address(rollup).call(data);
            assertTrue(!success, "cut off");
        }
        assertAt(genesis(), "nothing changed");
    }
}
