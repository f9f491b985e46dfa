// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    BETA_POWERS,
    DOMAIN_SIZE,
    FINAL,
    FINAL_COUNT,
    FINAL_OFFSET,
    FOLD_BITS,
    FOLD_ROOTS,
    FOLD_SIZE,
    FRI_BETA,
    HEAD_BYTES,
    INDICES,
    POINTS,
    POSITION_ROOTS,
    QUERIES,
    QUERY_BYTES,
    QUERY_FOLD_OFFSET,
    STATE,
    WORK,
    WORK_BITS
} from "../generated/WrapKey.sol";
import {Calldata} from "./Calldata.sol";
import {VerifierErrors} from "./Errors.sol";
import {Extension, LANE, LARGE, ORDER} from "./Extension.sol";
import {Quotients, SPREAD, SPREAD_LANE, SPREAD_ORDER} from "./Quotients.sol";
import {Trees} from "./Trees.sol";

/// @title The low-degree test
/// @notice The openings are those of committed polynomials of low degree if the quotients `(p(x) - p(zeta)) / (x - zeta)`, combined by powers of a challenge, are a
/// polynomial of low degree. Ten times, where the transcript says, the combination is made from leaves of the trees, folded once, and compared
/// with the final polynomial.
library Fri {
    using Extension for uint256;

    /// @notice Reverts unless all queries hold.
    /// @param proof Calldata offset of the proof, of which the head is canonical and the length right.
    function requireLowDegree(uint256 proof) internal pure {
        if (_load(WORK) >> (64 - WORK_BITS) != 0) revert VerifierErrors.NoProofOfWork();
        prepare(proof);
        requireQueries(proof);
    }

    /// @notice Reverts unless all queries hold, once all that they need is written.
    /// @param proof Calldata offset of the proof.
    function requireQueries(uint256 proof) internal pure {
        unchecked {
            uint256 offset = proof + HEAD_BYTES;
            for (uint256 query = 0; query < QUERIES; ++query) {
                Trees.requireLeaves(offset, _load(INDICES + 32 * query) % DOMAIN_SIZE, query);
                (uint256 value, uint256 inverse) = Quotients.combine(offset, query);
                uint256 folded = fold(offset + QUERY_FOLD_OFFSET, query, value, inverse);
                // Folding has left out to divide by its size.
                if (folded != evaluate(query).scale(FOLD_SIZE)) revert VerifierErrors.WrongFinalPolynomial(query);
                offset += QUERY_BYTES;
            }
        }
    }

    /// @notice Writes what all queries need.
    /// @param proof Calldata offset of the proof.
    function prepare(uint256 proof) internal pure {
        Quotients.prepare();
        Calldata.load(proof + FINAL_OFFSET, FINAL, FINAL_COUNT, SPREAD);
        unchecked {
            uint256 beta = _load(FRI_BETA);
            for (uint256 bit = 0; bit < FOLD_BITS; ++bit) {
                _store(BETA_POWERS + 32 * bit, beta);
                beta = beta.mul(beta);
            }
        }
    }

    /// @notice Folds a coset of values to one: the polynomial through them at the challenge, times their number.
    /// @dev The values stand in bit-reversed order, so that those at `y` and `-y` are neighbours. Halving them four times, each time by
    /// `f(y) + f(-y) + (beta / y) (f(y) - f(-y))`, with `beta` and `y` squared from one time to the next, is the same as interpolating all at once.
    /// @param offset Calldata offset of the values; they are canonical.
    /// @param query The query. The lowest bits of its index say which value is known already.
    /// @param known That value. Reduced.
    /// @param inverse The inverse of the point at which it is known.
    /// @return The folded value. Reduced.
    function fold(uint256 offset, uint256 query, uint256 known, uint256 inverse) internal pure returns (uint256) {
        unchecked {
            Calldata.load(offset, STATE, FOLD_SIZE, 128);
            uint256 position = _load(INDICES + 32 * query) % FOLD_SIZE;
            if (_load(STATE + 32 * position) != known) revert VerifierErrors.WrongFold(query);
            // The inverse of the coset's first point, from which the others differ by roots of unity.
            inverse = mulmod(inverse, _load(POSITION_ROOTS + 32 * position), ORDER);
            uint256 length = FOLD_SIZE;
            for (uint256 bit = 0; bit < FOLD_BITS; ++bit) {
                length >>= 1;
                _foldPairs(_load(BETA_POWERS + 32 * bit), inverse, length);
                inverse = mulmod(inverse, inverse, ORDER);
            }
            return _load(STATE).reduce();
        }
    }

    /// @notice Halves the values in `STATE` once.
    /// @param beta The challenge.
    /// @param inverse The inverse of the first value's point.
    /// @param pairs How many there are.
    function _foldPairs(uint256 beta, uint256 inverse, uint256 pairs) private pure {
        assembly ("memory-safe") {
            let beta0 := and(beta, LANE)
            let beta1 := shr(128, beta)
            let root := FOLD_ROOTS
            let from := STATE
            for { let to := STATE } pairs { pairs := sub(pairs, 1) } {
                let factor := mulmod(inverse, mload(root), ORDER)
                let left := mload(from)
                let right := mload(add(from, 32))
                let high := sub(add(left, LARGE), right)
                let low := mulmod(and(high, LANE), factor, ORDER)
                high := mulmod(shr(128, high), factor, ORDER)
                let sum := shl(128, mod(add(mul(low, beta1), mul(high, beta0)), ORDER))
                sum := or(sum, mod(add(mul(low, beta0), mul(7, mul(high, beta1))), ORDER))
                mstore(to, add(sum, add(left, right)))
                root := add(root, 32)
                from := add(from, 64)
                to := add(to, 32)
            }
        }
    }

    /// @notice The final polynomial where a query's values are folded to: at the power of its point.
    /// @param query The query.
    /// @return Reduced.
    function evaluate(uint256 query) internal pure returns (uint256) {
        uint256 point = _load(POINTS + 32 * query);
        for (uint256 bit = 0; bit < FOLD_BITS;) {
            point = mulmod(point, point, ORDER);
            unchecked {
                ++bit;
            }
        }
        uint256 low = 0;
        uint256 high = 0;
        assembly ("memory-safe") {
            let point2 := mulmod(point, point, ORDER)
            let point3 := mulmod(point2, point, ORDER)
            let point4 := mulmod(point2, point2, ORDER)
            let point5 := mulmod(point2, point3, ORDER)
            let point6 := mulmod(point3, point3, ORDER)
            let point7 := mulmod(point3, point4, ORDER)
            let point8 := mulmod(point4, point4, ORDER)
            // Eight coefficients at a time, the highest first.
            for { let place := add(FINAL, shl(5, FINAL_COUNT)) } gt(place, FINAL) {} {
                place := sub(place, 256)
                let sum := add(mulmod(mload(add(place, 32)), point, SPREAD_ORDER), mload(place))
                sum := add(
                    mulmod(mload(add(place, 96)), point3, SPREAD_ORDER),
                    add(mulmod(mload(add(place, 64)), point2, SPREAD_ORDER), sum)
                )
                sum := add(
                    mulmod(mload(add(place, 160)), point5, SPREAD_ORDER),
                    add(mulmod(mload(add(place, 128)), point4, SPREAD_ORDER), sum)
                )
                sum := add(
                    mulmod(mload(add(place, 224)), point7, SPREAD_ORDER),
                    add(mulmod(mload(add(place, 192)), point6, SPREAD_ORDER), sum)
                )
                low := add(mulmod(low, point8, ORDER), and(sum, SPREAD_LANE))
                high := add(mulmod(high, point8, ORDER), shr(SPREAD, sum))
            }
            low := or(mod(low, ORDER), shl(128, mod(high, ORDER)))
        }
        return low;
    }

    /// @notice A word of memory.
    /// @param place Its address.
    /// @return word The word.
    function _load(uint256 place) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(place)
        }
    }

    /// @notice Writes a word to memory.
    /// @param place Its address.
    /// @param word The word.
    function _store(uint256 place, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(place, word)
        }
    }
}
