// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    CAPS,
    CAP_BYTES,
    FOLD_BITS,
    FOLD_BYTES,
    LEAF_BYTES,
    LEAVES_BYTES,
    MESSAGE,
    PATH_BYTES,
    QUERY_FOLD_OFFSET,
    TREES
} from "../generated/WrapKey.sol";
import {Calldata} from "./Calldata.sol";
import {VerifierErrors} from "./Errors.sol";

/// @title Merkle trees
/// @notice A leaf is `keccak256(0x00 || elements)`, a node `keccak256(left || right)`. Trees end in caps of sixteen digests; those of the key and of the proof
/// stand in memory one after the other.
library Trees {
    /// @notice Reverts unless a query's leaves and folded values are canonical and in their trees.
    /// @param offset Calldata offset of the query: leaves of all trees, their paths, folded values, their path.
    /// @param index The leaves' index. The folded values' leaf has the index without its lowest bits.
    /// @param query The query, for the error.
    function requireLeaves(uint256 offset, uint256 index, uint256 query) internal pure {
        Calldata.requireCanonical(offset, LEAVES_BYTES);
        Calldata.requireCanonical(offset + QUERY_FOLD_OFFSET, FOLD_BYTES);
        unchecked {
            uint256 leaf = offset;
            uint256 path = offset + LEAVES_BYTES;
            for (uint256 tree = 0; tree < TREES; ++tree) {
                uint256 length = (LEAF_BYTES >> (16 * tree)) & 0xffff;
                _require(leaf, length, index, path, PATH_BYTES, 32 * query + tree);
                leaf += length;
                path += PATH_BYTES;
            }
            path += FOLD_BYTES;
            _require(path - FOLD_BYTES, FOLD_BYTES, index >> FOLD_BITS, path, PATH_BYTES - 32 * FOLD_BITS, 32 * query + TREES);
        }
    }

    /// @notice Reverts unless a leaf is in its tree.
    /// @param leaf Calldata offset of the leaf.
    /// @param length Its bytes.
    /// @param index Its index.
    /// @param path Calldata offset of its path.
    /// @param pathLength The path's bytes, a multiple of 128.
    /// @param place 32 times the query, plus the tree.
    function _require(uint256 leaf, uint256 length, uint256 index, uint256 path, uint256 pathLength, uint256 place) private pure {
        bool equal;
        assembly ("memory-safe") {
            mstore8(MESSAGE, 0)
            calldatacopy(add(MESSAGE, 1), leaf, length)
            let digest := keccak256(MESSAGE, add(length, 1))
            // The first 64 bytes of memory are for hashing. The index' lowest bit says on which side the digest is. Four levels at a time.
            for { let end := add(path, pathLength) } lt(path, end) { path := add(path, 128) } {
                let side := and(shl(5, index), 32)
                mstore(side, digest)
                mstore(sub(32, side), calldataload(path))
                side := and(shl(4, index), 32)
                mstore(side, keccak256(0x00, 0x40))
                mstore(sub(32, side), calldataload(add(path, 32)))
                side := and(shl(3, index), 32)
                mstore(side, keccak256(0x00, 0x40))
                mstore(sub(32, side), calldataload(add(path, 64)))
                side := and(shl(2, index), 32)
                mstore(side, keccak256(0x00, 0x40))
                mstore(sub(32, side), calldataload(add(path, 96)))
                digest := keccak256(0x00, 0x40)
                index := shr(4, index)
            }
            let cap := add(CAPS, mul(CAP_BYTES, and(place, 31)))
            equal := eq(digest, mload(add(cap, shl(5, index))))
        }
        if (!equal) revert VerifierErrors.NotInTree(place >> 5, place & 31);
    }
}
