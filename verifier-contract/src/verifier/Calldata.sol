// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {VerifierErrors} from "./Errors.sol";
import {WORD} from "./Extension.sol";

/// @title Reads field elements from calldata
/// @notice In a proof an element of the base field has eight bytes, big-endian, and must be below p.
library Calldata {
    /// @dev The even two of the four elements in a word.
    uint256 private constant EVEN = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
    /// @dev 2^64 - p in the place of each of them: an element that is p or more carries into the bits between.
    uint256 private constant COMPLEMENT = 0x000000000000000000000000ffffffff000000000000000000000000ffffffff;
    /// @dev Where it carries to.
    uint256 private constant CARRIES = 0x0000000000000001000000000000000000000000000000010000000000000000;

    /// @notice Reverts unless all elements in a part of calldata are below p.
    /// @param offset Its calldata offset.
    /// @param length Its bytes, a multiple of eight.
    function requireCanonical(uint256 offset, uint256 length) internal pure {
        uint256 carries = 0;
        assembly ("memory-safe") {
            let end := add(offset, length)
            for { let whole := add(offset, and(length, not(63))) } lt(offset, whole) { offset := add(offset, 64) } {
                let elements := calldataload(offset)
                carries := or(carries, add(and(elements, EVEN), COMPLEMENT))
                carries := or(carries, add(and(shr(64, elements), EVEN), COMPLEMENT))
                elements := calldataload(add(offset, 32))
                carries := or(carries, add(and(elements, EVEN), COMPLEMENT))
                carries := or(carries, add(and(shr(64, elements), EVEN), COMPLEMENT))
            }
            // What is left, an element at a time.
            for {} lt(offset, end) { offset := add(offset, 8) } {
                carries := or(carries, add(shr(192, calldataload(offset)), COMPLEMENT))
            }
            carries := and(carries, CARRIES)
        }
        if (carries != 0) revert VerifierErrors.NotCanonical();
    }

    /// @notice Writes elements of the extension to memory, a word each.
    /// @param offset Calldata offset of the first; each is two elements of the base field.
    /// @param to Address of the first.
    /// @param count How many.
    /// @param shift Bits between the two coordinates in a word of memory.
    function load(uint256 offset, uint256 to, uint256 count, uint256 shift) internal pure {
        assembly ("memory-safe") {
            let end := add(to, shl(5, count))
            for { let even := add(to, shl(5, and(count, not(1)))) } lt(to, even) { to := add(to, 64) } {
                let pairs := calldataload(offset)
                mstore(to, or(shr(192, pairs), shl(shift, and(shr(128, pairs), WORD))))
                mstore(add(to, 32), or(and(shr(64, pairs), WORD), shl(shift, and(pairs, WORD))))
                offset := add(offset, 32)
            }
            if lt(to, end) {
                let pair := calldataload(offset)
                mstore(to, or(shr(192, pair), shl(shift, and(shr(128, pair), WORD))))
            }
        }
    }
}
