// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @dev Order of the base field: 2^64 - 2^32 + 1.
uint256 constant ORDER = 0xffffffff00000001;
/// @dev One lane of an element: the low 128 bits of its word.
uint256 constant LANE = 0xffffffffffffffffffffffffffffffff;
/// @dev A multiple of the order, 2^40 times, in both lanes.
uint256 constant LARGE = 0xffffffff000000010000000000000000ffffffff000000010000000000;
/// @dev A coordinate that stands in calldata: 64 bits.
uint256 constant WORD = 0xffffffffffffffff;

/// @title Arithmetic of the quadratic extension of the Goldilocks field
/// @notice F_p[X] / (X^2 - 7). An element `c0 + c1 X` is one word of the EVM: `c0` in the low 128 bits, its low lane, and `c1` in the high lane. An element is reduced
/// if both lanes are below p; otherwise it is loose. Elements of the base field are words below p.
/// @dev Lanes have room: elements are added by adding words, and multiplied by small numbers by multiplying words, as long as no lane reaches 2^128. Every function
/// says what it takes. Nothing is checked here: whoever calls knows the bounds.
library Extension {
    /// @notice Product.
    /// @param left Loose: any lane of it times any lane of `right` is below 2^252.
    /// @param right Loose likewise.
    /// @return result Reduced.
    function mul(uint256 left, uint256 right) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            let left0 := and(left, LANE)
            let left1 := shr(128, left)
            let right0 := and(right, LANE)
            let right1 := shr(128, right)
            result := mod(add(mul(left0, right0), mul(7, mul(left1, right1))), ORDER)
            result := or(result, shl(128, mod(add(mul(left0, right1), mul(left1, right0)), ORDER)))
        }
    }

    /// @notice Difference.
    /// @param left Lanes below 2^127.
    /// @param right Lanes below 2^103.
    /// @return result Loose: lanes below that of `left` plus 2^104.
    function sub(uint256 left, uint256 right) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := sub(add(left, LARGE), right)
        }
    }

    /// @notice The reduced form.
    /// @param value Any word.
    /// @return result Reduced.
    function reduce(uint256 value) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := or(mod(and(value, LANE), ORDER), shl(128, mod(shr(128, value), ORDER)))
        }
    }

    /// @notice Product with an element of the base field.
    /// @param value Any word.
    /// @param factor Of the base field, or any other word that stands for it.
    /// @return result Reduced.
    function scale(uint256 value, uint256 factor) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := or(mulmod(and(value, LANE), factor, ORDER), shl(128, mulmod(shr(128, value), factor, ORDER)))
        }
    }

    /// @notice The 2^count-th power.
    /// @param value Lanes below 2^126.
    /// @param count How often it is squared.
    /// @return Reduced if `count` is not zero.
    function square(uint256 value, uint256 count) internal pure returns (uint256) {
        for (; count != 0;) {
            value = mul(value, value);
            unchecked {
                --count;
            }
        }
        return value;
    }

    /// @notice The norm `c0^2 - 7 c1^2`, which is zero for zero only.
    /// @param value Reduced.
    /// @return result Of the base field.
    function norm(uint256 value) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            let high := shr(128, value)
            let low := and(value, LANE)
            result := addmod(mul(low, low), mulmod(sub(ORDER, 7), mul(high, high), ORDER), ORDER)
        }
    }

    /// @notice The conjugate `c0 - c1 X`: the inverse times the norm.
    /// @param value Reduced.
    /// @return result Lanes up to p.
    function conjugate(uint256 value) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := or(and(value, LANE), shl(128, sub(ORDER, shr(128, value))))
        }
    }

    /// @notice Inverse in the base field: the (p-2)th power, and so zero for zero.
    /// @dev p - 2 = 2^33 (2^31 - 1) + 2^32 - 1.
    /// @param value Of the base field.
    /// @return result Of the base field.
    function invert(uint256 value) internal pure returns (uint256 result) {
        // Powers whose exponents are ones in binary: as many as the name says.
        uint256 ones3 = mulmod(mulmod(value, value, ORDER), value, ORDER);
        ones3 = mulmod(mulmod(ones3, ones3, ORDER), value, ORDER);
        uint256 ones6 = _append(ones3, 3, ones3);
        uint256 ones12 = _append(ones6, 6, ones6);
        uint256 ones30 = _append(_append(ones12, 12, ones12), 6, ones6);
        uint256 ones31 = mulmod(mulmod(ones30, ones30, ORDER), value, ORDER);
        uint256 ones32 = mulmod(mulmod(ones31, ones31, ORDER), value, ORDER);
        result = _append(ones31, 33, ones32);
    }

    /// @notice `value^(2^count) tail`: the exponent's bits moved up, and others in their place.
    /// @param value Of the base field.
    /// @param count By how many bits: a multiple of three.
    /// @param tail Of the base field.
    /// @return result Of the base field.
    function _append(uint256 value, uint256 count, uint256 tail) private pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := value
            for {} count { count := sub(count, 3) } {
                result := mulmod(result, result, ORDER)
                result := mulmod(result, result, ORDER)
                result := mulmod(result, result, ORDER)
            }
            result := mulmod(result, tail, ORDER)
        }
    }
}
