// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidVerifier} from "../IBraidVerifier.sol";
import {DEGREE, ROW_ROOT, STATEMENT_OPENING, STATEMENT_VERSION, ZETA, ZETA_POWER} from "../generated/WrapKey.sol";
import {VerifierErrors} from "./Errors.sol";
import {Extension, ORDER} from "./Extension.sol";

/// @title What a proof is bound to
/// @notice The statement is ten words, of which three are constant and three are below 2^64. What is left are 38 limbs of 32 bits, which the last column of the circuit has
/// in its first rows, with zeros in all other rows.
library Statement {
    using Extension for uint256;

    /// @dev The top bit of each of four words of eight bytes.
    uint256 private constant TOP_BITS = 0x8000000000000000800000000000000080000000000000008000000000000000;
    /// @dev Bytes of the ten words.
    uint256 private constant BYTES = 320;

    /// @notice Reverts unless the constant parts of the statement are what they must be.
    /// @param values The statement.
    function requireForm(IBraidVerifier.PublicValues calldata values) internal pure {
        uint256 numbers = values.chainId | values.firstBlock | values.lastBlock;
        bool wrong = values.version != STATEMENT_VERSION || numbers >> 64 != 0 || (values.messageRoot | values.depositChain) != 0;
        if (wrong) revert VerifierErrors.NoStatement();
    }

    /// @notice The circuit's public inputs: `keccak256` of the ten words, in each of whose four words of eight bytes the top bit is
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
        uint256 zeta;
        assembly ("memory-safe") {
            zeta := mload(ZETA)
        }
        (uint256 numerator, uint256 denominator, uint256 root) = (sum[0], sum[1], sum[2]);
        for (uint256 shift = 32 * limbs; shift != 0;) {
            unchecked {
                shift -= 32;
                uint256 limb = (word >> shift) & 0xffffffff;
                uint256 factor = zeta.sub(root);
                numerator = numerator.mul(factor) + denominator.scale(mulmod(limb, root, ORDER));
                denominator = denominator.mul(factor);
                root = mulmod(root, ROW_ROOT, ORDER);
            }
        }
        (sum[0], sum[1], sum[2]) = (numerator, denominator, root);
    }
}
