// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ALPHA_POWERS,
    BETA_POWERS,
    DOMAIN_BITS,
    DOMAIN_ROOT,
    DOMAIN_SHIFT,
    DOMAIN_SIZE,
    FINAL,
    FINAL_COUNT,
    FINAL_OFFSET,
    FOLD_BITS,
    FOLD_ROOT,
    FOLD_ROOTS,
    FOLD_SIZE,
    FRI_ALPHA,
    FRI_ALPHA_SHIFT,
    FRI_BETA,
    HEAD_BYTES,
    INDICES,
    OPENED,
    OPENED_NEXT,
    OPENINGS,
    QUERIES,
    QUERY_BYTES,
    QUERY_FOLD_OFFSET,
    QUERY_ZS_OFFSET,
    ROW_ROOT,
    STATE,
    WORK,
    WORK_BITS,
    ZETA,
    ZS_NEXT
} from "../generated/WrapKey.sol";
import {Calldata} from "./Calldata.sol";
import {VerifierErrors} from "./Errors.sol";
import {Extension, LANE, LARGE, ORDER, WORD} from "./Extension.sol";
import {Trees} from "./Trees.sol";

/// @title The low-degree test
/// @notice The openings are those of committed polynomials of low degree if the quotients `(p(x) - p(zeta)) / (x - zeta)`, combined by powers of a challenge, are a
/// polynomial of low degree. Ten times, where the transcript says, the combination is made from leaves of the trees, folded once, and compared
/// with the final polynomial.
/// @dev In some words here lanes lie 136 bits apart instead of 128: such a word times a word below p, modulo `SPREAD_ORDER`, has a high lane below p and a
/// low lane below 2^128, so that 256 of them can be added.
library Fri {
    using Extension for uint256;

    /// @dev Where the high lane begins.
    uint256 private constant SPREAD = 136;
    /// @dev The order at the high lane.
    uint256 private constant SPREAD_ORDER = 0xffffffff000000010000000000000000000000000000000000;
    /// @dev The low lane.
    uint256 private constant SPREAD_LANE = 0xffffffffffffffffffffffffffffffffff;

    /// @notice Reverts unless all queries hold.
    /// @param proof Calldata offset of the proof, of which the head is canonical and the length right.
    function requireLowDegree(uint256 proof) internal pure {
        if (_load(WORK) >> (64 - WORK_BITS) != 0) revert VerifierErrors.NoProofOfWork();
        (uint256 opened, uint256 openedNext) = prepare();
        Calldata.load(proof + FINAL_OFFSET, FINAL, FINAL_COUNT, SPREAD);
        unchecked {
            uint256 offset = proof + HEAD_BYTES;
            for (uint256 query = 0; query < QUERIES; ++query) {
                uint256 index = _load(INDICES + 32 * query) % DOMAIN_SIZE;
                Trees.requireLeaves(offset, index, query);
                uint256 point = mulmod(reversedPower(DOMAIN_ROOT, index, DOMAIN_BITS), DOMAIN_SHIFT, ORDER);
                (uint256 value, uint256 inverse) = combine(offset, point, opened, openedNext);
                uint256 folded = fold(offset + QUERY_FOLD_OFFSET, index, value, inverse, query);
                uint256 last = point;
                for (uint256 bit = 0; bit < FOLD_BITS; ++bit) {
                    last = mulmod(last, last, ORDER);
                }
                // Folding has left out to divide by its size.
                if (folded != evaluate(last).scale(FOLD_SIZE)) revert VerifierErrors.WrongFinalPolynomial(query);
                offset += QUERY_BYTES;
            }
        }
    }

    /// @notice Writes the powers of both challenges, and combines the openings.
    /// @return opened Those at `zeta`. Reduced.
    /// @return openedNext Those at the next row. Reduced.
    function prepare() internal pure returns (uint256 opened, uint256 openedNext) {
        _raiseAlpha();
        unchecked {
            _store(FRI_ALPHA_SHIFT, _despread(_load(ALPHA_POWERS + 32 * OPENED_NEXT)));
            opened = _combineOpenings(OPENINGS, OPENED);
            openedNext = _combineOpenings(ZS_NEXT, OPENED_NEXT);
            uint256 beta = _load(FRI_BETA);
            for (uint256 bit = 0; bit < FOLD_BITS; ++bit) {
                _store(BETA_POWERS + 32 * bit, beta);
                beta = beta.mul(beta);
            }
        }
    }

    /// @notice Writes the powers of the challenge for columns, with their lanes spread.
    function _raiseAlpha() private pure {
        assembly ("memory-safe") {
            let alpha0 := and(mload(FRI_ALPHA), LANE)
            let alpha1 := shr(128, mload(FRI_ALPHA))
            let low := 1
            let high := 0
            for { let place := ALPHA_POWERS } lt(place, add(ALPHA_POWERS, mul(32, OPENED))) { place := add(place, 32) } {
                mstore(place, or(low, shl(SPREAD, high)))
                let next := mod(add(mul(low, alpha0), mul(7, mul(high, alpha1))), ORDER)
                high := mod(add(mul(low, alpha1), mul(high, alpha0)), ORDER)
                low := next
            }
        }
    }

    /// @notice A word with lanes spread, as a word with usual lanes.
    /// @param value Lanes below 2^128 and 2^120.
    /// @return The element.
    function _despread(uint256 value) private pure returns (uint256) {
        return (value & SPREAD_LANE) | ((value >> SPREAD) << 128);
    }

    /// @notice Openings, combined by the powers of the challenge.
    /// @param from Address of the first.
    /// @param count How many; fewer than 2^8.
    /// @return result Reduced.
    function _combineOpenings(uint256 from, uint256 count) private pure returns (uint256 result) {
        assembly ("memory-safe") {
            let high := 0
            let power := ALPHA_POWERS
            for { let end := add(from, shl(5, count)) } lt(from, end) {
                from := add(from, 32)
                power := add(power, 32)
            } {
                let opening0 := and(mload(from), LANE)
                let opening1 := shr(128, mload(from))
                let power0 := and(mload(power), SPREAD_LANE)
                let power1 := shr(SPREAD, mload(power))
                result := add(result, add(mul(opening0, power0), mul(7, mul(opening1, power1))))
                high := add(high, add(mul(opening0, power1), mul(opening1, power0)))
            }
            result := or(mod(result, ORDER), shl(128, mod(high, ORDER)))
        }
    }

    /// @notice The power of a root of unity whose exponent is an index with its bits in reverse: the order in which values stand in trees.
    /// @param root The root.
    /// @param index The index.
    /// @param bits How many bits it has.
    /// @return power Of the base field.
    function reversedPower(uint256 root, uint256 index, uint256 bits) internal pure returns (uint256 power) {
        assembly ("memory-safe") {
            power := 1
            for { let bit := 0 } lt(bit, bits) { bit := add(bit, 1) } {
                power := mulmod(power, power, ORDER)
                if and(shr(bit, index), 1) { power := mulmod(power, root, ORDER) }
            }
        }
    }

    /// @notice The combination of all quotients at a point: `alpha^3 (A - a) / (x - zeta) + (B - b) / (x - g zeta)`, where `A` and `B` combine a query's leaves, and `a` and
    /// `b` the openings.
    /// @param offset Calldata offset of the query.
    /// @param point The point.
    /// @param opened `a`.
    /// @param openedNext `b`.
    /// @return value Reduced.
    /// @return inverse The point's inverse.
    function combine(uint256 offset, uint256 point, uint256 opened, uint256 openedNext)
        internal
        pure
        returns (uint256 value, uint256 inverse)
    {
        unchecked {
            uint256 distance = point.sub(_load(ZETA)).reduce();
            uint256 distanceNext = point.sub(_load(ZETA).scale(ROW_ROOT)).reduce();
            (inverse, distance, distanceNext) = _inverses(point, distance, distanceNext);
            value = _leaves(offset, OPENED).sub(opened).mul(distance).mul(_load(FRI_ALPHA_SHIFT));
            value = value + _leaves(offset + QUERY_ZS_OFFSET, OPENED_NEXT).sub(openedNext).mul(distanceNext);
            value = value.reduce();
        }
    }

    /// @notice Three inverses for one inversion. Reverts if one of the last part has none.
    /// @param point Of the base field, not zero.
    /// @param first Reduced.
    /// @param second Reduced.
    /// @return The point's inverse.
    /// @return The first one's. Reduced.
    /// @return The second one's. Reduced.
    function _inverses(uint256 point, uint256 first, uint256 second) private pure returns (uint256, uint256, uint256) {
        (uint256 norm, uint256 nextNorm) = (first.norm(), second.norm());
        uint256 norms = mulmod(norm, nextNorm, ORDER);
        if (norms == 0) revert VerifierErrors.DegeneratePoint();
        uint256 all = Extension.invert(mulmod(norms, point, ORDER));
        uint256 both = mulmod(all, point, ORDER);
        first = first.conjugate().scale(mulmod(both, nextNorm, ORDER));
        second = second.conjugate().scale(mulmod(both, norm, ORDER));
        return (mulmod(all, norms, ORDER), first, second);
    }

    /// @notice Elements of a query's leaves, combined by the powers of the challenge.
    /// @param offset Calldata offset of the first.
    /// @param count How many; at most 255.
    /// @return result Reduced.
    function _leaves(uint256 offset, uint256 count) private pure returns (uint256 result) {
        assembly ("memory-safe") {
            let sum := 0
            let place := ALPHA_POWERS
            let end := add(place, shl(5, count))
            for { let whole := add(place, shl(5, and(count, not(3)))) } lt(place, whole) { place := add(place, 128) } {
                let elements := calldataload(offset)
                let part := add(mulmod(and(elements, WORD), mload(add(place, 96)), SPREAD_ORDER), sum)
                part := add(mulmod(and(shr(64, elements), WORD), mload(add(place, 64)), SPREAD_ORDER), part)
                part := add(mulmod(and(shr(128, elements), WORD), mload(add(place, 32)), SPREAD_ORDER), part)
                sum := add(mulmod(shr(192, elements), mload(place), SPREAD_ORDER), part)
                offset := add(offset, 32)
            }
            for {} lt(place, end) { place := add(place, 32) } {
                sum := add(sum, mulmod(shr(192, calldataload(offset)), mload(place), SPREAD_ORDER))
                offset := add(offset, 8)
            }
            result := or(mod(and(sum, SPREAD_LANE), ORDER), shl(128, mod(shr(SPREAD, sum), ORDER)))
        }
    }

    /// @notice Folds a coset of values to one: the polynomial through them at the challenge, times their number.
    /// @dev The values stand in bit-reversed order, so that those at `y` and `-y` are neighbours. Halving them four times, each time by
    /// `f(y) + f(-y) + (beta / y) (f(y) - f(-y))`, with `beta` and `y` squared from one time to the next, is the same as interpolating all at once.
    /// @param offset Calldata offset of the values; they are canonical.
    /// @param index The query's index, whose lowest bits say which value is known already.
    /// @param known That value. Reduced.
    /// @param inverse The inverse of the point at which it is known.
    /// @param query The query, for the error.
    /// @return The folded value. Reduced.
    function fold(uint256 offset, uint256 index, uint256 known, uint256 inverse, uint256 query) internal pure returns (uint256) {
        unchecked {
            Calldata.load(offset, STATE, FOLD_SIZE, 128);
            uint256 position = index & (FOLD_SIZE - 1);
            if (_load(STATE + 32 * position) != known) revert VerifierErrors.WrongFold(query);
            // The inverse of the coset's first point. The table has the inverses of the roots by which the pairs' points differ from it.
            inverse = mulmod(inverse, reversedPower(FOLD_ROOT, position, FOLD_BITS), ORDER);
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

    /// @notice The final polynomial.
    /// @param point Where: of the base field.
    /// @return Reduced.
    function evaluate(uint256 point) internal pure returns (uint256) {
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
