// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidVerifier} from "../../src/BraidVerifier.sol";
import {
    DOMAIN_SIZE,
    HEAD_BYTES,
    INDICES,
    MEMORY_END,
    QUERIES,
    QUERY_BYTES,
    QUERY_FOLD_OFFSET
} from "../../src/generated/WrapKey.sol";
import {Calldata} from "../../src/verifier/Calldata.sol";
import {Fri} from "../../src/verifier/Fri.sol";
import {Permutation} from "../../src/verifier/Permutation.sol";
import {Quotients} from "../../src/verifier/Quotients.sol";
import {Statement} from "../../src/verifier/Statement.sol";
import {Transcript} from "../../src/verifier/Transcript.sol";
import {Trees} from "../../src/verifier/Trees.sol";
import {Vanishing} from "../../src/verifier/Vanishing.sol";

/// @title The verifier, measured part by part
/// @notice Runs the parts of `BraidVerifier.verify` in their order, with a look at the gas that is left in between.
contract VerifierParts is BraidVerifier {
    /// @notice Gas of the parts.
    /// @param values The public values.
    /// @param proof A proof of them.
    /// @return laps Gas of: reading the head and writing tables; transcript; statement; wiring; gates; combining terms; preparing queries; leaves and paths; quotients at
    /// the queries; folds; final polynomial.
    function measure(PublicValues calldata values, bytes calldata proof) external view returns (uint256[11] memory laps) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := proof.offset
            // The result is behind the verifier's memory.
            laps := MEMORY_END
            mstore(0x40, add(MEMORY_END, 352))
        }
        uint256 start = gasleft();
        Calldata.requireCanonical(offset, HEAD_BYTES);
        _load(offset);
        start = _lap(laps, 0, start);
        Transcript.run(offset, Statement.digest(values));
        start = _lap(laps, 1, start);
        _raiseZeta();
        Statement.requireColumn(values);
        start = _lap(laps, 2, start);
        Permutation.evaluate();
        start = _lap(laps, 3, start);
        Vanishing.evaluateGates();
        start = _lap(laps, 4, start);
        Vanishing.requireQuotients();
        start = _lap(laps, 5, start);
        _queries(offset, laps);
    }

    function _queries(uint256 offset, uint256[11] memory laps) private view {
        uint256 start = gasleft();
        Fri.prepare(offset);
        start = _lap(laps, 6, start);
        for (uint256 query = 0; query < QUERIES; ++query) {
            uint256 place = offset + HEAD_BYTES + QUERY_BYTES * query;
            uint256 index;
            assembly ("memory-safe") {
                index := mload(add(INDICES, shl(5, query)))
            }
            index %= DOMAIN_SIZE;
            start = gasleft();
            Trees.requireLeaves(place, index, query);
            start = _lap(laps, 7, start);
            (uint256 value, uint256 inverse) = Quotients.combine(place, query);
            start = _lap(laps, 8, start);
            Fri.fold(place + QUERY_FOLD_OFFSET, query, value, inverse);
            start = _lap(laps, 9, start);
            Fri.evaluate(query);
            start = _lap(laps, 10, start);
        }
    }

    function _lap(uint256[11] memory laps, uint256 part, uint256 start) private view returns (uint256) {
        laps[part] += start - gasleft();
        return gasleft();
    }
}
