// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidVerifier} from "../IBraidVerifier.sol";
import {DEGREE, ROW_ROOT, STATEMENT_OPENING, STATEMENT_VERSION, ZETA, ZETA_POWER} from "../generated/WrapKey.sol";
import {VerifierErrors} from "./Errors.sol";
import {Extension, LANE, ORDER} from "./Extension.sol";

/// @title What a proof is bound to
/// @notice The statement is eleven words, of which three are constant, three are below 2^64 and the rules are below 2^32. What is left are 39 limbs of 32 bits, which the
/// last column of the circuit has in its first rows, with zeros in all other rows.
library Statement {
    using Extension for uint256;

    /// @dev The top bit of each of four words of eight bytes.
    uint256 private constant TOP_BITS = 0x8000000000000000800000000000000080000000000000008000000000000000;
    /// @dev Bytes of the eleven words.
    uint256 private constant BYTES = 352;

    /// @notice Reverts unless the constant parts of the statement are what they must be.
    /// @param values The statement.
    function requireForm(IBraidVerifier.PublicValues calldata values) internal pure {
        uint256 numbers = values.chainId | values.firstBlock | values.lastBlock;
        bool wrong = values.version != STATEMENT_VERSION || numbers >> 64 != 0 || values.rules >> 32 != 0
            || (values.messageRoot | values.depositChain) != 0;
        if (wrong) revert VerifierErrors.NoStatement();
    }

    /// @notice The circuit's public inputs: `keccak256` of the eleven words, in each of whose four words of eight bytes the top bit is
    /// cleared, so that each is an element.
    /// @param values The statement.
    /// @return result The four elements.
    function digest(IBraidVerifier.PublicValues calldata values) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            // Not yet allocated, and needed only until it is hashed.
            let free := mload(0x40)
            calldatacopy(free, values, BYTES)
            result := and(keccak256(free, BYTES), not(TOP_BITS))
        }
    }

    /// @notice Reverts unless the statement's column has at `zeta` the value that it must have for this statement.
    /// @dev That is the sum over rows of `limb x (zeta^n - 1) / (n (zeta - x))`, where `x` is the row's root of unity. All fractions are brought to
    /// one denominator, and both sides multiplied by it. It is not zero: `zeta^n` is not 1.
    /// @param values The statement, of right form.
    function requireColumn(IBraidVerifier.PublicValues calldata values) internal pure {
        // Numerator, denominator, the row's root of unity.
        uint256[3] memory sum = [uint256(0), 1, 1];
        _add(sum, values.chainId, 2);
        _add(sum, values.rules, 1);
        _add(sum, uint256(values.prevBlockHash), 8);
        _add(sum, uint256(values.blockHash), 8);
        _add(sum, uint256(values.prevStateRoot), 8);
        _add(sum, uint256(values.stateRoot), 8);
        _add(sum, values.firstBlock, 2);
        _add(sum, values.lastBlock, 2);
        uint256 opening;
        uint256 power;
        assembly ("memory-safe") {
            opening := mload(STATEMENT_OPENING)
            power := mload(ZETA_POWER)
        }
        uint256 expected = sum[0].mul(power.sub(1));
        if (opening.mul(sum[1]).scale(DEGREE) != expected) revert VerifierErrors.WrongStatement();
    }

    /// @notice Adds the rows of a word's lowest limbs, the highest of them first.
    /// @param sum The sum so far.
    /// @param word The word.
    /// @param limbs How many.
    function _add(uint256[3] memory sum, uint256 word, uint256 limbs) private pure {
        assembly ("memory-safe") {
            let top := mload(sum)
            let top1 := shr(128, top)
            top := and(top, LANE)
            let bottom := mload(add(sum, 32))
            let bottom1 := shr(128, bottom)
            bottom := and(bottom, LANE)
            let root := mload(add(sum, 64))
            for { let shift := shl(5, limbs) } shift {} {
                shift := sub(shift, 32)
                // zeta - root, and limb root
                let factor := sub(add(and(mload(ZETA), LANE), ORDER), root)
                let factor1 := shr(128, mload(ZETA))
                let limb := mulmod(and(shr(shift, word), 0xffffffff), root, ORDER)
                let low := add(add(mul(top, factor), mul(7, mul(top1, factor1))), mul(bottom, limb))
                top1 := mod(add(add(mul(top, factor1), mul(top1, factor)), mul(bottom1, limb)), ORDER)
                top := mod(low, ORDER)
                low := add(mul(bottom, factor), mul(7, mul(bottom1, factor1)))
                bottom1 := mod(add(mul(bottom, factor1), mul(bottom1, factor)), ORDER)
                bottom := mod(low, ORDER)
                root := mulmod(root, ROW_ROOT, ORDER)
            }
            mstore(sum, or(top, shl(128, top1)))
            mstore(add(sum, 32), or(bottom, shl(128, bottom1)))
            mstore(add(sum, 64), root)
        }
    }
}
