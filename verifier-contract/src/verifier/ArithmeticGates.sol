// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ARITHMETIC_EXTENSION_GATE,
    ARITHMETIC_EXTENSION_OPERATIONS,
    ARITHMETIC_GATE,
    ARITHMETIC_OPERATIONS,
    BASE_SUM_GATE,
    BASE_SUM_LIMBS,
    CONSTANT_GATE,
    CONSTANT_GATE_CONSTANTS,
    CONSTRAINTS,
    MUL_EXTENSION_GATE,
    MUL_EXTENSION_OPERATIONS,
    PUBLIC_INPUT_GATE,
    STATEMENT_COLUMN,
    STATEMENT_DIGEST,
    STATEMENT_GATE,
    WIRES
} from "../generated/WrapKey.sol";
import {Extension, LANE, LARGE, ORDER, WORD} from "./Extension.sol";
import {Row} from "./Row.sol";

/// @title Gates that add, multiply and hold constants
/// @notice Each is the gate of the same name of plonky2, or of the wrap circuit, at `zeta`.
library ArithmeticGates {
    using Extension for uint256;

    /// @notice Wires are constants.
    function constants() internal pure {
        unchecked {
            for (uint256 index = 0; index < CONSTANT_GATE_CONSTANTS; ++index) {
                Row.putEqual(index, Row.constantAt(index), Row.wire(index));
            }
        }
        Row.close(CONSTANT_GATE);
    }

    /// @notice The first four wires are the public inputs.
    function publicInputs() internal pure {
        uint256 digest;
        assembly ("memory-safe") {
            digest := mload(STATEMENT_DIGEST)
        }
        unchecked {
            for (uint256 index = 0; index < 4; ++index) {
                Row.putEqual(index, Row.wire(index), (digest >> (192 - 64 * index)) & WORD);
            }
        }
        Row.close(PUBLIC_INPUT_GATE);
    }

    /// @notice The first wire is the statement's.
    function statement() internal pure {
        Row.putEqual(0, Row.wire(0), Row.wire(STATEMENT_COLUMN));
        Row.close(STATEMENT_GATE);
    }

    /// @notice `output = c0 x y + c1 z` in the base field.
    function arithmetic() internal pure {
        uint256 constant0 = Row.constantAt(0);
        uint256 constant1 = Row.constantAt(1);
        unchecked {
            for (uint256 index = 0; index < ARITHMETIC_OPERATIONS; ++index) {
                uint256 place = 4 * index;
                uint256 computed = Row.wire(place).mul(Row.wire(place + 1)).mul(constant0) + Row.wire(place + 2).mul(constant1);
                Row.putEqual(index, Row.wire(place + 3), computed);
            }
        }
        Row.close(ARITHMETIC_GATE);
    }

    /// @notice `output = c0 x y + c1 z` in the extension.
    function arithmeticExtension() internal pure {
        uint256 constant0 = Row.constantAt(0);
        uint256 constant1 = Row.constantAt(1);
        unchecked {
            for (uint256 index = 0; index < ARITHMETIC_EXTENSION_OPERATIONS; ++index) {
                uint256 place = 8 * index;
                (uint256 low, uint256 high) = _product(place);
                low = low.mul(constant0) + Row.wire(place + 4).mul(constant1);
                high = high.mul(constant0) + Row.wire(place + 5).mul(constant1);
                Row.putEqual(2 * index, Row.wire(place + 6), low);
                Row.putEqual(2 * index + 1, Row.wire(place + 7), high);
            }
        }
        Row.close(ARITHMETIC_EXTENSION_GATE);
    }

    /// @notice `output = c0 x y` in the extension.
    function mulExtension() internal pure {
        uint256 constant0 = Row.constantAt(0);
        unchecked {
            for (uint256 index = 0; index < MUL_EXTENSION_OPERATIONS; ++index) {
                uint256 place = 6 * index;
                (uint256 low, uint256 high) = _product(place);
                Row.putEqual(2 * index, Row.wire(place + 4), low.mul(constant0));
                Row.putEqual(2 * index + 1, Row.wire(place + 5), high.mul(constant0));
            }
        }
        Row.close(MUL_EXTENSION_GATE);
    }

    /// @notice A wire is the sum of bits, the lowest first.
    function baseSum() internal pure {
        unchecked {
            uint256 sum = 0;
            for (uint256 index = BASE_SUM_LIMBS; index != 0; --index) {
                assembly ("memory-safe") {
                    let limb := mload(add(WIRES, shl(5, index)))
                    // There are fewer than 60 bits: lanes stay below 2^125.
                    sum := add(add(sum, sum), limb)
                    // limb^2 - limb
                    let low := and(limb, LANE)
                    let high := shr(128, limb)
                    let square := mod(add(mul(low, low), mul(7, mul(high, high))), ORDER)
                    square := or(square, shl(128, mod(mul(2, mul(low, high)), ORDER)))
                    mstore(add(CONSTRAINTS, shl(5, index)), sub(add(square, LARGE), limb))
                }
            }
            Row.putEqual(0, sum, Row.wire(0));
        }
        Row.close(BASE_SUM_GATE);
    }

    /// @notice The product of two pairs of wires that stand one after the other.
    /// @param place The first wire.
    /// @return Reduced.
    /// @return Reduced.
    function _product(uint256 place) private pure returns (uint256, uint256) {
        unchecked {
            return Row.mulPairs(Row.wire(place), Row.wire(place + 1), Row.wire(place + 2), Row.wire(place + 3));
        }
    }
}
