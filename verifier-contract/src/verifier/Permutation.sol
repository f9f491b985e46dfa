// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    BETAS,
    CHALLENGES,
    CHUNK,
    CHUNKS,
    COSET_SHIFT,
    DEGREE,
    GAMMAS,
    PARTIAL_PRODUCTS,
    SIGMAS,
    TERMS,
    WIRES,
    ZETA,
    ZETA_POWER,
    ZS,
    ZS_NEXT
} from "../generated/WrapKey.sol";
import {Extension, LANE, ORDER} from "./Extension.sol";

/// @title The wiring: that connected wires are equal
/// @notice For each of the three pairs of challenges (beta, gamma) a running product over the rows, kept in steps of eight wires: a step goes from one of the openings
/// `Z, product, ..., product, Z at the next row` to the next one.
library Permutation {
    using Extension for uint256;

    /// @notice Writes the terms of the vanishing polynomial that speak of the wiring: first those that make each running product begin with
    /// one, then all steps.
    /// @dev `zeta^n` is not one, so that neither is `zeta`.
    function evaluate() internal pure {
        uint256 first = _firstRow();
        unchecked {
            for (uint256 index = 0; index < CHALLENGES; ++index) {
                uint256 product = _load(ZS + 32 * index);
                _store(index, first.mul(product.sub(1)));
                _steps(index, product);
            }
        }
    }

    /// @notice The Lagrange polynomial of the first row at `zeta`: `(zeta^n - 1) / (n (zeta - 1))`.
    /// @return Reduced.
    function _firstRow() private pure returns (uint256) {
        uint256 denominator = _load(ZETA).sub(1).reduce();
        uint256 inverse = Extension.invert(mulmod(DEGREE, denominator.norm(), ORDER));
        return _load(ZETA_POWER).sub(1).mul(denominator.conjugate()).scale(inverse);
    }

    /// @notice Writes the steps of one running product.
    /// @param index Which.
    /// @param previous The opening at which it begins.
    function _steps(uint256 index, uint256 previous) private pure {
        unchecked {
            uint256 shift = 1;
            for (uint256 step = 0; step < CHUNKS; ++step) {
                uint256 next = step + 1 == CHUNKS
                    ? _load(ZS_NEXT + 32 * index)
                    : _load(PARTIAL_PRODUCTS + 32 * ((CHUNKS - 1) * index + step));
                (uint256 numerator, uint256 denominator, uint256 nextShift) = _products(index, step, previous, next, shift);
                _store(CHALLENGES + CHUNKS * index + step, numerator.sub(denominator));
                (previous, shift) = (next, nextShift);
            }
        }
    }

    /// @notice The two products of a step.
    /// @param index Which running product.
    /// @param step Which step.
    /// @param numerator The opening before it.
    /// @param denominator The opening after it.
    /// @param shift The first wire's shift: in which coset of the rows its cells lie.
    /// @return The opening before, times the product of `wire + beta shift zeta + gamma` over the wires.
    /// @return The opening after, times the product of `wire + beta sigma + gamma`.
    /// @return The next step's shift.
    function _products(uint256 index, uint256 step, uint256 numerator, uint256 denominator, uint256 shift)
        private
        pure
        returns (uint256, uint256, uint256)
    {
        unchecked {
            uint256 beta = _load(BETAS + 32 * index);
            uint256 gamma = _load(GAMMAS + 32 * index);
            uint256 zeta = _load(ZETA);
            uint256 end = 32 * CHUNK * (step + 1);
            for (uint256 place = 32 * CHUNK * step; place < end; place += 32) {
                uint256 wire = _load(WIRES + place) + gamma;
                // Both lanes of a reduced element times a word below p, plus less than 2 p, are below 2^128.
                numerator = numerator.mul(wire + zeta * mulmod(beta, shift, ORDER));
                denominator = denominator.mul(wire + _load(SIGMAS + place) * beta);
                shift = mulmod(shift, COSET_SHIFT, ORDER);
            }
            return (numerator, denominator, shift);
        }
    }

    /// @notice A word of memory.
    /// @param place Its address.
    /// @return word The word.
    function _load(uint256 place) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(place)
        }
    }

    /// @notice Writes a term.
    /// @param index Which.
    /// @param value Its value. Lanes stand apart: the gates' terms need more than 128 bits for each.
    function _store(uint256 index, uint256 value) private pure {
        assembly ("memory-safe") {
            let place := add(TERMS, shl(6, index))
            mstore(place, and(value, LANE))
            mstore(add(place, 32), shr(128, value))
        }
    }
}
