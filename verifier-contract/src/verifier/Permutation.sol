// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    BETAS,
    CHALLENGES,
    CHUNK,
    CHUNKS,
    CONSTRAINTS,
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
        _writeCosets();
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

    /// @notice Writes where the cells of each wire's column are mapped to at `zeta`: its coset's shift times `zeta`. No gate needs the memory for
    /// constraints yet.
    function _writeCosets() private pure {
        uint256 coset = _load(ZETA);
        unchecked {
            for (uint256 index = 0; index < CHUNK * CHUNKS; ++index) {
                assembly ("memory-safe") {
                    mstore(add(CONSTRAINTS, shl(5, index)), coset)
                }
                coset = coset.scale(COSET_SHIFT);
            }
        }
    }

    /// @notice Writes the steps of one running product: the opening before, times the product of `wire + beta coset + gamma`, is the opening after, times the
    /// product of `wire + beta sigma + gamma`.
    /// @param index Which.
    /// @param previous The opening at which it begins.
    function _steps(uint256 index, uint256 previous) private pure {
        unchecked {
            uint256 beta = _load(BETAS + 32 * index);
            uint256 gamma = _load(GAMMAS + 32 * index);
            for (uint256 step = 0; step < CHUNKS; ++step) {
                uint256 next = step + 1 == CHUNKS
                    ? _load(ZS_NEXT + 32 * index)
                    : _load(PARTIAL_PRODUCTS + 32 * ((CHUNKS - 1) * index + step));
                uint256 offset = 32 * CHUNK * step;
                uint256 numerator = _product(previous, offset, CONSTRAINTS, beta, gamma);
                uint256 denominator = _product(next, offset, SIGMAS, beta, gamma);
                _store(CHALLENGES + CHUNKS * index + step, numerator.sub(denominator));
                previous = next;
            }
        }
    }

    /// @notice A product over the wires of a step.
    /// @param start What it is multiplied with. Reduced.
    /// @param offset From the first wire of all to the first of this step, in bytes of memory.
    /// @param table Address of a table of as many reduced elements as there are wires.
    /// @param beta A challenge.
    /// @param gamma Another.
    /// @return result `start` times the product of `wire + beta table + gamma`. Reduced.
    function _product(uint256 start, uint256 offset, uint256 table, uint256 beta, uint256 gamma)
        private
        pure
        returns (uint256 result)
    {
        assembly ("memory-safe") {
            let low := and(start, LANE)
            let high := shr(128, start)
            table := add(table, offset)
            let wire := add(WIRES, offset)
            for { let end := add(wire, mul(32, CHUNK)) } lt(wire, end) {
                wire := add(wire, 32)
                table := add(table, 32)
            } {
                // Both lanes of a reduced element times a word below p, plus less than 2 p, are below 2^128.
                let factor := add(add(mload(wire), gamma), mul(beta, mload(table)))
                let factor1 := shr(128, factor)
                factor := and(factor, LANE)
                result := mod(add(mul(low, factor), mul(7, mul(high, factor1))), ORDER)
                high := mod(add(mul(low, factor1), mul(high, factor)), ORDER)
                low := result
            }
            result := or(low, shl(128, high))
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
