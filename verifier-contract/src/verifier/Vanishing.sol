// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ALPHAS, CHALLENGES, QUOTIENTS, QUOTIENT_PARTS, TERMS, TERM_COUNT, ZETA_POWER} from "../generated/WrapKey.sol";
import {ArithmeticGates} from "./ArithmeticGates.sol";
import {VerifierErrors} from "./Errors.sol";
import {Extension, LANE, ORDER} from "./Extension.sol";
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
        uint256 power;
        assembly ("memory-safe") {
            power := mload(ZETA_POWER)
        }
        unchecked {
            for (uint256 index = 0; index < CHALLENGES; ++index) {
                uint256 quotient = 0;
                for (uint256 part = QUOTIENT_PARTS; part != 0;) {
                    --part;
                    uint256 place = QUOTIENTS + 32 * (QUOTIENT_PARTS * index + part);
                    uint256 opening;
                    assembly ("memory-safe") {
                        opening := mload(place)
                    }
                    quotient = quotient.mul(power) + opening;
                }
                if (_combine(index) != quotient.mul(power.sub(1))) revert VerifierErrors.ConstraintsFail();
            }
        }
    }

    /// @notice The terms, combined by the powers of a challenge.
    /// @param index Which challenge.
    /// @return result Reduced.
    function _combine(uint256 index) private pure returns (uint256 result) {
        assembly ("memory-safe") {
            let alpha := mload(add(ALPHAS, shl(5, index)))
            let high := 0
            for { let place := add(TERMS, shl(6, TERM_COUNT)) } gt(place, TERMS) {} {
                place := sub(place, 64)
                result := addmod(mulmod(result, alpha, ORDER), mload(place), ORDER)
                high := addmod(mulmod(high, alpha, ORDER), mload(add(place, 32)), ORDER)
            }
            result := or(result, shl(128, high))
        }
    }
}
