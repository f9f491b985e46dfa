// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    CONSTRAINTS,
    COSET_INTERMEDIATES,
    COSET_INTERPOLATION_DEGREE,
    COSET_INTERPOLATION_GATE,
    COSET_POINTS,
    COSET_POINTS_INVERSE,
    COSET_ROOT,
    EXPONENTIATION_BITS,
    EXPONENTIATION_GATE,
    RANDOM_ACCESS_BITS,
    RANDOM_ACCESS_CONSTANTS,
    RANDOM_ACCESS_COPIES,
    RANDOM_ACCESS_GATE,
    RANDOM_ACCESS_LENGTH,
    REDUCING_COEFFICIENTS,
    REDUCING_EXTENSION_COEFFICIENTS,
    REDUCING_EXTENSION_GATE,
    REDUCING_GATE,
    STATE,
    WIRES
} from "../generated/WrapKey.sol";
import {Extension, LANE, LARGE, ORDER} from "./Extension.sol";
import {Row} from "./Row.sol";

/// @title Gates for which verifiers in circuits have use
/// @notice Each is the gate of the same name of plonky2 at `zeta`.
library RecursionGates {
    using Extension for uint256;

    /// @notice A polynomial with coefficients in the base field, by Horner's rule.
    function reducing() internal pure {
        _reduce(REDUCING_COEFFICIENTS, 1);
        Row.close(REDUCING_GATE);
    }

    /// @notice A polynomial with coefficients in the extension, by Horner's rule.
    function reducingExtension() internal pure {
        _reduce(REDUCING_EXTENSION_COEFFICIENTS, 2);
        Row.close(REDUCING_EXTENSION_GATE);
    }

    /// @notice Wires: output, point, start, coefficients, then all sums but the last, which is the output.
    /// @param count How many coefficients.
    /// @param width Wires of a coefficient.
    function _reduce(uint256 count, uint256 width) private pure {
        uint256 sum0 = Row.wire(4);
        uint256 sum1 = Row.wire(5);
        uint256 point0 = Row.wire(2);
        uint256 point1 = Row.wire(3);
        for (uint256 index = 0; index < count;) {
            (sum0, sum1) = Row.mulPairs(sum0, sum1, point0, point1);
            assembly ("memory-safe") {
                let coefficient := add(WIRES, shl(5, add(6, mul(width, index))))
                sum0 := add(sum0, mload(coefficient))
                if eq(width, 2) { sum1 := add(sum1, mload(add(coefficient, 32))) }
                // The constraints are that the sums are wires, with which to go on.
                let constraint := add(CONSTRAINTS, shl(6, index))
                let held := add(WIRES, shl(5, add(add(6, mul(width, count)), shl(1, index))))
                index := add(index, 1)
                if eq(index, count) { held := WIRES }
                mstore(constraint, sub(add(sum0, LARGE), mload(held)))
                mstore(add(constraint, 32), sub(add(sum1, LARGE), mload(add(held, 32))))
                sum0 := mload(held)
                sum1 := mload(add(held, 32))
            }
        }
    }

    /// @notice A power by squaring. Wires: base, bits of the exponent from the lowest, output, values after each bit from the highest.
    function exponentiation() internal pure {
        assembly ("memory-safe") {
            let base1 := sub(add(mload(WIRES), LARGE), 1)
            let base0 := and(base1, LANE)
            base1 := shr(128, base1)
            let power0 := 1
            let power1 := 0
            // From the highest bit to the lowest. The wires of values, and the constraints, go the other way.
            for { let place := add(WIRES, mul(32, EXPONENTIATION_BITS)) } gt(place, WIRES) { place := sub(place, 32) } {
                // bit (base - 1) + 1
                let factor0 := and(mload(place), LANE)
                let factor1 := shr(128, mload(place))
                let product := mod(add(mul(factor0, base0), mul(7, mul(factor1, base1))), ORDER)
                factor1 := mod(add(mul(factor0, base1), mul(factor1, base0)), ORDER)
                factor0 := add(product, 1)
                product := mod(add(mul(power0, factor0), mul(7, mul(power1, factor1))), ORDER)
                product := or(product, shl(128, mod(add(mul(power0, factor1), mul(power1, factor0)), ORDER)))
                let held := mload(sub(add(mul(2, WIRES), mul(64, add(1, EXPONENTIATION_BITS))), place))
                let constraint := sub(add(add(CONSTRAINTS, WIRES), mul(32, EXPONENTIATION_BITS)), place)
                mstore(constraint, sub(add(product, LARGE), held))
                // The square, not reduced: lanes below 2^131.
                power1 := shr(128, held)
                held := and(held, LANE)
                power0 := add(mul(held, held), mul(7, mul(power1, power1)))
                power1 := mul(2, mul(held, power1))
            }
        }
        unchecked {
            uint256 last = 1 + 2 * EXPONENTIATION_BITS;
            Row.putEqual(EXPONENTIATION_BITS, Row.wire(1 + EXPONENTIATION_BITS), Row.wire(last));
        }
        Row.close(EXPONENTIATION_GATE);
    }

    /// @notice An element of a list by its index. Wires of each copy: index, element, list; then constants; then the bits of all copies.
    function randomAccess() internal pure {
        unchecked {
            uint256 length = RANDOM_ACCESS_LENGTH;
            uint256 extra = (2 + length) * RANDOM_ACCESS_COPIES;
            for (uint256 copy = 0; copy < RANDOM_ACCESS_COPIES; ++copy) {
                uint256 place = (2 + length) * copy;
                uint256 bits = extra + RANDOM_ACCESS_CONSTANTS + RANDOM_ACCESS_BITS * copy;
                uint256 constraint = (2 + RANDOM_ACCESS_BITS) * copy;
                uint256 index = 0;
                for (uint256 bit = RANDOM_ACCESS_BITS; bit != 0;) {
                    --bit;
                    uint256 value = Row.wire(bits + bit);
                    index = 2 * index + value;
                    Row.put(constraint + bit, value.mul(value.sub(1)));
                }
                Row.putEqual(constraint + RANDOM_ACCESS_BITS, index, Row.wire(place));
                Row.putEqual(constraint + RANDOM_ACCESS_BITS + 1, _choose(place + 2, length, bits), Row.wire(place + 1));
            }
            for (uint256 index = 0; index < RANDOM_ACCESS_CONSTANTS; ++index) {
                uint256 constraint = (2 + RANDOM_ACCESS_BITS) * RANDOM_ACCESS_COPIES + index;
                Row.putEqual(constraint, Row.constantAt(index), Row.wire(extra + index));
            }
        }
        Row.close(RANDOM_ACCESS_GATE);
    }

    /// @notice Halves a list by one bit after another, the lowest first: of each two elements `x` and `y` it keeps `x + bit (y - x)`.
    /// @param list The list's first wire.
    /// @param length Its length, a power of two and no more than the words behind `STATE`.
    /// @param bits The first bit's wire.
    /// @return chosen Lanes below 2^69.
    function _choose(uint256 list, uint256 length, uint256 bits) private pure returns (uint256 chosen) {
        unchecked {
            for (uint256 index = 0; index < length; ++index) {
                _setState(index, Row.wire(list + index));
            }
            for (; length != 1; ++bits) {
                length >>= 1;
                uint256 bit = Row.wire(bits);
                for (uint256 index = 0; index < length; ++index) {
                    uint256 even = _state(2 * index);
                    _setState(index, even + bit.mul(_state(2 * index + 1).sub(even)));
                }
            }
            return _state(0);
        }
    }

    /// @notice Interpolates values on a coset of a subgroup at a point. Wires: shift, values, point, value, intermediate values, intermediate
    /// products, point without the shift.
    /// @dev With `x` running through the subgroup, each step is `value' = value (point - x) + weight v product` and `product' = product (point - x)`. Every few
    /// steps both are wires. The weight of `x` is `x` divided by the number of points.
    function cosetInterpolation() internal pure {
        unchecked {
            uint256 place = 5 + 2 * COSET_POINTS;
            uint256 shifted = place + 4 * COSET_INTERMEDIATES;
            uint256 shift = Row.wire(0);
            Row.putEqual(0, Row.wire(place - 4), Row.wire(shifted).mul(shift));
            Row.putEqual(1, Row.wire(place - 3), Row.wire(shifted + 1).mul(shift));
            Interpolation memory state = Interpolation(Row.wire(shifted), Row.wire(shifted + 1), 0, 0, 1, 0, 1);
            uint256 next = COSET_INTERPOLATION_DEGREE;
            uint256 constraint = 2;
            for (uint256 index = 0; index < COSET_POINTS; ++index) {
                if (index == next) {
                    uint256 product = place + 2 * COSET_INTERMEDIATES;
                    Row.putEqual(constraint, Row.wire(place), state.value0);
                    Row.putEqual(constraint + 1, Row.wire(place + 1), state.value1);
                    Row.putEqual(constraint + 2, Row.wire(product), state.product0);
                    Row.putEqual(constraint + 3, Row.wire(product + 1), state.product1);
                    (state.value0, state.value1) = (Row.wire(place), Row.wire(place + 1));
                    (state.product0, state.product1) = (Row.wire(product), Row.wire(product + 1));
                    next += COSET_INTERPOLATION_DEGREE - 1;
                    constraint += 4;
                    place += 2;
                }
                _step(state, 1 + 2 * index);
            }
            Row.putEqual(constraint, Row.wire(3 + 2 * COSET_POINTS), state.value0);
            Row.putEqual(constraint + 1, Row.wire(4 + 2 * COSET_POINTS), state.value1);
        }
        Row.close(COSET_INTERPOLATION_GATE);
    }

    /// @notice An interpolation in progress: pairs of elements, and the next element of the subgroup.
    struct Interpolation {
        uint256 point0;
        uint256 point1;
        uint256 value0;
        uint256 value1;
        uint256 product0;
        uint256 product1;
        uint256 root;
    }

    /// @notice One step of an interpolation.
    /// @param state The interpolation.
    /// @param place The first wire of the value at this element of the subgroup.
    function _step(Interpolation memory state, uint256 place) private pure {
        unchecked {
            uint256 root = state.root;
            uint256 factor0 = state.point0.sub(root);
            uint256 factor1 = state.point1;
            uint256 weight = mulmod(root, COSET_POINTS_INVERSE, ORDER);
            (uint256 product0, uint256 product1) = (state.product0, state.product1);
            (uint256 value0, uint256 value1) = Row.mulPairs(state.value0, state.value1, factor0, factor1);
            (uint256 added0, uint256 added1) =
                Row.mulPairs(Row.wire(place).scale(weight), Row.wire(place + 1).scale(weight), product0, product1);
            (state.value0, state.value1) = (value0 + added0, value1 + added1);
            (state.product0, state.product1) = Row.mulPairs(product0, product1, factor0, factor1);
            state.root = mulmod(root, COSET_ROOT, ORDER);
        }
    }

    /// @notice A word of the scratch list.
    /// @param index Which.
    /// @return value The word.
    function _state(uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(STATE, shl(5, index)))
        }
    }

    /// @notice Writes a word of the scratch list.
    /// @param index Which.
    /// @param value The word.
    function _setState(uint256 index, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(STATE, shl(5, index)), value)
        }
    }
}
