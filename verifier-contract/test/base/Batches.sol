// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidRollup} from "../../src/IBraidRollup.sol";
import {IBraidVerifier} from "../../src/IBraidVerifier.sol";

/// @title Writes batches and says what their proofs have to prove
/// @notice A second, plain way from blocks to public values: from structs in memory, with nothing but `abi.encodePacked` and `keccak256`.
library Batches {
    /// @notice A block before it is sealed.
    struct Block {
        uint64 timestamp;
        uint64 gasLimit;
        uint64 gasUsed;
        uint64 baseFee;
        address coinbase;
        bytes32 prevRandao;
        uint256 blobBaseFee;
        bytes32 logChain;
        bytes32 stateRoot;
        bytes[] transactions;
    }

    /// @notice The header of a batch for the next blocks of a rollup.
    function header(uint64 chainId, IBraidRollup.Checkpoint memory last) internal pure returns (bytes memory) {
        return header(2, chainId, last.number + 1, last.blockHash);
    }

    /// @notice Any header.
    function header(uint32 version, uint64 chainId, uint64 firstBlock, bytes32 previousBlockHash)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(version, chainId, firstBlock, previousBlockHash);
    }

    /// @notice A block as it stands in a batch.
    function encode(Block memory target) internal pure returns (bytes memory encoded) {
        encoded = abi.encodePacked(target.timestamp, target.gasLimit, target.gasUsed, target.baseFee, target.coinbase);
        encoded =
            abi.encodePacked(encoded, target.prevRandao, target.logChain, target.stateRoot, uint32(target.transactions.length));
        encoded = abi.encodePacked(encoded, encodeNumber(target.blobBaseFee));
        for (uint256 index = 0; index < target.transactions.length; ++index) {
            bytes memory transaction = target.transactions[index];
            encoded = abi.encodePacked(encoded, uint24(transaction.length), transaction);
        }
    }

    /// @notice A number in its shortest form behind its length.
    function encodeNumber(uint256 number) internal pure returns (bytes memory encoded) {
        for (; number != 0; number >>= 8) {
            encoded = bytes.concat(bytes1(uint8(number)), encoded);
        }
        encoded = abi.encodePacked(uint8(encoded.length), encoded);
    }

    /// @notice A batch.
    function encode(uint64 chainId, IBraidRollup.Checkpoint memory last, Block[] memory blocks)
        internal
        pure
        returns (bytes memory encoded)
    {
        encoded = header(chainId, last);
        for (uint256 index = 0; index < blocks.length; ++index) {
            encoded = abi.encodePacked(encoded, encode(blocks[index]));
        }
    }

    /// @notice The hash of a block.
    function hash(Block memory target, bytes32 parentHash, uint64 number) internal pure returns (bytes32) {
        bytes memory published;
        for (uint256 index = 0; index < target.transactions.length; ++index) {
            published = bytes.concat(published, target.transactions[index]);
        }
        bytes32 transactions = keccak256(published);
        bytes memory first = abi.encode(parentHash, number, target.timestamp, target.coinbase, target.gasLimit);
        bytes memory second = abi.encode(target.baseFee, target.prevRandao, target.blobBaseFee, transactions, target.logChain);
        return keccak256(bytes.concat(first, second, abi.encode(target.gasUsed, target.stateRoot)));
    }

    /// @notice The checkpoint after blocks.
    function advance(IBraidRollup.Checkpoint memory last, Block[] memory blocks)
        internal
        pure
        returns (IBraidRollup.Checkpoint memory next)
    {
        next = IBraidRollup.Checkpoint(last.blockHash, last.stateRoot, last.number, last.timestamp);
        for (uint256 index = 0; index < blocks.length; ++index) {
            next.number += 1;
            next.blockHash = hash(blocks[index], next.blockHash, next.number);
            next.timestamp = blocks[index].timestamp;
            next.stateRoot = blocks[index].stateRoot;
        }
    }

    /// @notice The public values that lead from one checkpoint to another.
    function values(uint64 chainId, uint8 rules, IBraidRollup.Checkpoint memory last, IBraidRollup.Checkpoint memory next)
        internal
        pure
        returns (IBraidVerifier.PublicValues memory)
    {
        return IBraidVerifier.PublicValues({
            version: 2,
            chainId: chainId,
            rules: rules,
            prevBlockHash: last.blockHash,
            blockHash: next.blockHash,
            prevStateRoot: last.stateRoot,
            stateRoot: next.stateRoot,
            firstBlock: uint256(last.number) + 1,
            lastBlock: next.number,
            messageRoot: 0,
            depositChain: 0
        });
    }
}
