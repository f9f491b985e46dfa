// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CONSTANTS, CONSTRAINTS, GATE_TERMS, SELECTORS, WIRES} from "../generated/WrapKey.sol";
import {Extension, LANE, ORDER} from "./Extension.sol";

/// @title What a gate reads and writes
/// @notice A gate reads the openings of wires and constants and writes constraints, one after the other, as loose elements with lanes below 2^127. `close` then
/// multiplies them by the gate's filter and adds them to the terms that all gates share.
library Row {
    using Extension for uint256;

    /// @dev The selector's value in rows whose gate belongs to another selector.
    uint256 private constant UNUSED = 0xffffffff;

    /// @notice A wire's opening.
    /// @param index Which wire.
    /// @return value Reduced.
    function wire(uint256 index) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(WIRES, shl(5, index)))
        }
    }

    /// @notice The opening of a gate's constant. Those of the selectors come before.
    /// @param index Which constant.
    /// @return value Reduced.
    function constantAt(uint256 index) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(CONSTANTS, shl(5, add(SELECTORS, index))))
        }
    }

    /// @notice Writes a constraint.
    /// @param index Which of the gate's.
    /// @param value What must be zero in the gate's rows. Lanes below 2^127.
    function put(uint256 index, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(CONSTRAINTS, shl(5, index)), value)
        }
    }

    /// @notice Writes the constraint that two values are equal.
    /// @param index Which of the gate's.
    /// @param left Lanes below 2^126.
    /// @param right Lanes below 2^103.
    function putEqual(uint256 index, uint256 left, uint256 right) internal pure {
        put(index, left.sub(right));
    }

    /// @notice Product in the algebra over the extension: of pairs of elements, as the extension is made of pairs of elements of the base field.
    /// @param left0 Loose: any lane of the left times any lane of the right is below 2^249.
    /// @param left1 Likewise.
    /// @param right0 Loose likewise.
    /// @param right1 Likewise.
    /// @return product0 Reduced.
    /// @return product1 Reduced.
    function mulPairs(uint256 left0, uint256 left1, uint256 right0, uint256 right1)
        internal
        pure
        returns (uint256 product0, uint256 product1)
    {
        assembly ("memory-safe") {
            // The arguments become their low lanes.
            let high0 := shr(128, left0)
            left0 := and(left0, LANE)
            let high1 := shr(128, left1)
            left1 := and(left1, LANE)
            let top0 := shr(128, right0)
            right0 := and(right0, LANE)
            let top1 := shr(128, right1)
            right1 := and(right1, LANE)
            product0 := add(mul(left1, top1), mul(high1, right1))
            product0 := add(add(mul(left0, top0), mul(high0, right0)), mul(7, product0))
            product0 := shl(128, mod(product0, ORDER))
            product1 := add(mul(left1, right1), mul(7, mul(high1, top1)))
            product1 := add(add(mul(left0, right0), mul(7, mul(high0, top0))), mul(7, product1))
            product0 := or(product0, mod(product1, ORDER))
            product1 := add(add(mul(left0, top1), mul(high0, right1)), add(mul(left1, top0), mul(high1, right0)))
            product1 := shl(128, mod(product1, ORDER))
            left0 := add(mul(left0, right1), mul(left1, right0))
            left0 := add(left0, mul(7, add(mul(high0, top1), mul(high1, top0))))
            product1 := or(product1, mod(left0, ORDER))
        }
    }

    /// @notice Ends a gate: adds its constraints, times its filter, to the terms of all gates.
    /// @dev The filter is the product of `other - selector` over all other gates of the same selector, and of `unused - selector`. Terms are not
    /// reduced: a reduced filter times a constraint is below 2^195 in each lane, and there are fewer than 2^8 gates.
    /// @param gate From low to high, a byte each: the gate's number, the first of its selector's gates, the one after the last,
    /// the selector, how many constraints it has.
    function close(uint256 gate) internal pure {
        uint256 filter = _filter(gate);
        assembly ("memory-safe") {
            let filter0 := and(filter, LANE)
            let filter1 := shr(128, filter)
            let filter7 := mul(7, filter1)
            let end := shl(5, and(shr(32, gate), 0xff))
            for { let index := 0 } lt(index, end) { index := add(index, 32) } {
                let low := mload(add(CONSTRAINTS, index))
                let high := shr(128, low)
                low := and(low, LANE)
                let to := add(GATE_TERMS, add(index, index))
                mstore(to, add(add(mul(filter0, low), mul(filter7, high)), mload(to)))
                to := add(to, 32)
                mstore(to, add(add(mul(filter0, high), mul(filter1, low)), mload(to)))
            }
        }
    }

    /// @notice A gate's filter: zero in the rows of all other gates.
    /// @param gate As for `close`.
    /// @return filter Reduced.
    function _filter(uint256 gate) private pure returns (uint256 filter) {
        unchecked {
            uint256 end = (gate >> 16) & 0xff;
            uint256 selector;
            assembly ("memory-safe") {
                selector := mload(add(CONSTANTS, shl(5, and(shr(24, gate), 0xff))))
            }
            filter = UNUSED;
            filter = filter.sub(selector).reduce();
            for (uint256 other = (gate >> 8) & 0xff; other < end; ++other) {
                if (other != gate & 0xff) filter = filter.mul(other.sub(selector));
            }
        }
    }
}
