// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ALPHAS, QUOTIENTS, QUOTIENT_PARTS, TERMS, TERM_COUNT, ZETA_POWER} from "../generated/WrapKey.sol";
import {ArithmeticGates} from "./ArithmeticGates.sol";
import {VerifierErrors} from "./Errors.sol";
import {Extension, ORDER} from "./Extension.sol";
import {Permutation} from "./Permutation.sol";
import {PoseidonGates} from "./PoseidonGates.sol";
import {RecursionGates} from "./RecursionGates.sol";

/// @title The vanishing polynomial at `zeta`
/// @notice All that must be zero in every row, combined by powers of a challenge, is the quotient times `zeta^n - 1`; and this for three challenges.
library Vanishing {
    using Extension for uint256;

    /// @notice Writes the terms of all gates. Terms were zero before: memory is fresh.
    function evaluateGates() internal pure {
        ArithmeticGates.constants();
        ArithmeticGates.publicInputs();
        ArithmeticGates.statement();
        ArithmeticGates.baseSum();
        ArithmeticGates.arithmetic();
        ArithmeticGates.arithmeticExtension();
        ArithmeticGates.mulExtension();
        RecursionGates.reducing();
        RecursionGates.reducingExtension();
        RecursionGates.exponentiation();
        RecursionGates.randomAccess();
        RecursionGates.cosetInterpolation();
        PoseidonGates.front();
        PoseidonGates.back();
    }

    /// @notice Reverts unless the terms, all of which have been written, are those of a circuit that holds.
    function requireQuotients() internal pure {
        (uint256 first, uint256 second, uint256 third) = _combine();
        bool equal = _quotient(0) == first && _quotient(1) == second && _quotient(2) == third;
        if (!equal) revert VerifierErrors.ConstraintsFail();
    }

    /// @notice A quotient at `zeta`, times `zeta^n - 1`. It is committed to in parts: coefficients from 0 on, from n on, and so on.
    /// @param index Which.
    /// @return Reduced.
    function _quotient(uint256 index) private pure returns (uint256) {
        uint256 power;
        assembly ("memory-safe") {
            power := mload(ZETA_POWER)
        }
        unchecked {
            uint256 quotient = 0;
            uint256 place = QUOTIENTS + 32 * QUOTIENT_PARTS * index;
            for (uint256 part = place + 32 * QUOTIENT_PARTS; part != place;) {
                part -= 32;
                uint256 opening;
                assembly ("memory-safe") {
                    opening := mload(part)
                }
                quotient = quotient.mul(power) + opening;
            }
            return quotient.mul(power.sub(1));
        }
    }

    /// @notice The terms, combined by the powers of each of the three challenges, by Horner's rule.
    /// @return result0 With the first challenge. Reduced.
    /// @return result1 With the second one. Reduced.
    /// @return result2 With the third one. Reduced.
    function _combine() private pure returns (uint256 result0, uint256 result1, uint256 result2) {
        assembly ("memory-safe") {
            let high0 := 0
            let high1 := 0
            let high2 := 0
            let alpha0 := mload(ALPHAS)
            let alpha1 := mload(add(ALPHAS, 32))
            let alpha2 := mload(add(ALPHAS, 64))
            for { let place := add(TERMS, shl(6, TERM_COUNT)) } gt(place, TERMS) {} {
                place := sub(place, 64)
                let term := mload(place)
                result0 := addmod(mulmod(result0, alpha0, ORDER), term, ORDER)
                result1 := addmod(mulmod(result1, alpha1, ORDER), term, ORDER)
                result2 := addmod(mulmod(result2, alpha2, ORDER), term, ORDER)
                term := mload(add(place, 32))
                high0 := addmod(mulmod(high0, alpha0, ORDER), term, ORDER)
                high1 := addmod(mulmod(high1, alpha1, ORDER), term, ORDER)
                high2 := addmod(mulmod(high2, alpha2, ORDER), term, ORDER)
            }
            result0 := or(result0, shl(128, high0))
            result1 := or(result1, shl(128, high1))
            result2 := or(result2, shl(128, high2))
        }
    }
}
