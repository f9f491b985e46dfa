// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    ALPHA_POWERS,
    DISTANCES,
    DOMAIN_BITS,
    DOMAIN_SHIFT,
    DOMAIN_SIZE,
    FRI_ALPHA,
    INDICES,
    INVERSES,
    NIBBLE_ROOTS,
    NORMS,
    OPENED,
    OPENED_COMBINED,
    OPENED_NEXT,
    OPENINGS,
    POINTS,
    QUERIES,
    QUERY_ZS_OFFSET,
    ROW_ROOT,
    ZETA,
    ZS_NEXT
} from "../generated/WrapKey.sol";
import {VerifierErrors} from "./Errors.sol";
import {Extension, LANE, ORDER, WORD} from "./Extension.sol";

/// @dev Where the high lane begins in words whose lanes are spread.
uint256 constant SPREAD = 136;
/// @dev The order at the high lane of such a word.
uint256 constant SPREAD_ORDER = 0xffffffff000000010000000000000000000000000000000000;
/// @dev The low lane of such a word.
uint256 constant SPREAD_LANE = 0xffffffffffffffffffffffffffffffffff;

/// @title What is tested for low degree
/// @notice All quotients `(p(x) - p(zeta)) / (x - zeta)`, combined by powers of a challenge: polynomials of low degree if the openings are right.
/// @dev In some words lanes lie 136 bits apart instead of 128. Such a word times a word below p, modulo `SPREAD_ORDER`, has a high lane below p and a low lane
/// below 2^128, so that 256 of them can be added.
library Quotients {
    using Extension for uint256;

    /// @notice Writes the challenge's powers, the combined openings and, for each query, what its point needs.
    function prepare() internal pure {
        _raiseAlpha();
        _store(OPENED_COMBINED, _combineOpenings(OPENINGS, OPENED));
        _store(OPENED_COMBINED + 32, _combineOpenings(ZS_NEXT, OPENED_NEXT));
        _placeQueries();
    }

    /// @notice Writes each query's point, its distances from `zeta` and the next row, and an inverse of all three at once. There is one inversion for all queries:
    /// of the product of everything.
    function _placeQueries() private pure {
        unchecked {
            uint256 zeta = _load(ZETA);
            uint256 next = zeta.scale(ROW_ROOT);
            uint256 product = 1;
            for (uint256 place = 0; place < 32 * QUERIES; place += 32) {
                uint256 point = _point(_load(INDICES + place) % DOMAIN_SIZE);
                uint256 distance = point.sub(zeta).reduce();
                uint256 distanceNext = point.sub(next).reduce();
                _store(POINTS + place, point);
                _store(DISTANCES + 2 * place, distance);
                _store(DISTANCES + 2 * place + 32, distanceNext);
                point = mulmod(point, mulmod(distance.norm(), distanceNext.norm(), ORDER), ORDER);
                _store(NORMS + place, point);
                _store(INVERSES + place, product);
                product = mulmod(product, point, ORDER);
            }
            if (product == 0) revert VerifierErrors.DegeneratePoint();
            product = Extension.invert(product);
            for (uint256 place = 32 * QUERIES; place != 0;) {
                place -= 32;
                _store(INVERSES + place, mulmod(product, _load(INVERSES + place), ORDER));
                product = mulmod(product, _load(NORMS + place), ORDER);
            }
        }
    }

    /// @notice The point of the domain with an index: the shift times a root of unity whose exponent is the index with its bits in reverse, the order in which
    /// values stand in trees. Four bits at a time.
    /// @param index The index.
    /// @return point Of the base field.
    function _point(uint256 index) private pure returns (uint256 point) {
        assembly ("memory-safe") {
            point := 1
            for { let bit := 0 } lt(bit, DOMAIN_BITS) { bit := add(bit, 4) } {
                point := mulmod(point, point, ORDER)
                point := mulmod(point, point, ORDER)
                point := mulmod(point, point, ORDER)
                point := mulmod(point, point, ORDER)
                point := mulmod(point, mload(add(NIBBLE_ROOTS, shl(5, and(shr(bit, index), 15)))), ORDER)
            }
            point := mulmod(point, DOMAIN_SHIFT, ORDER)
        }
    }

    /// @notice The combination of all quotients at a query's point `x`: `alpha^3 (A - a) / (x - zeta) + (B - b) / (x - g zeta)`, where `A` and `B` combine the leaves, and `a`
    /// and `b` the openings.
    /// @param offset Calldata offset of the query.
    /// @param query Which.
    /// @return value Reduced.
    /// @return inverse The point's inverse.
    function combine(uint256 offset, uint256 query) internal pure returns (uint256 value, uint256 inverse) {
        unchecked {
            (uint256 first, uint256 second) = (_load(DISTANCES + 64 * query), _load(DISTANCES + 64 * query + 32));
            (uint256 norm, uint256 nextNorm) = (first.norm(), second.norm());
            // Of the product of both norms and the point.
            uint256 all = _load(INVERSES + 32 * query);
            inverse = mulmod(all, mulmod(norm, nextNorm, ORDER), ORDER);
            all = mulmod(all, _load(POINTS + 32 * query), ORDER);
            first = first.conjugate().scale(mulmod(all, nextNorm, ORDER));
            second = second.conjugate().scale(mulmod(all, norm, ORDER));
            value = _leaves(offset, OPENED).sub(_load(OPENED_COMBINED)).mul(first);
            value = value.mul(_despread(_load(ALPHA_POWERS + 32 * OPENED_NEXT)));
            first = _leaves(offset + QUERY_ZS_OFFSET, OPENED_NEXT).sub(_load(OPENED_COMBINED + 32));
            value = (value + first.mul(second)).reduce();
        }
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
