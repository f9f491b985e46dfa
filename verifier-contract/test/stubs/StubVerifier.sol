// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidVerifier} from "../../src/IBraidVerifier.sol";

/// @title A verifier that accepts what it is told to
/// @notice For tests of settlement alone: it accepts exactly the pairs of public values and proof that were named before.
contract StubVerifier is IBraidVerifier {
    /// @notice Another way to refuse.
    error Refused(uint256 length);

    mapping(bytes32 pair => bool) private _accepted;
    bool private _reverts;

    /// @notice Accepts one pair from now on.
    function accept(PublicValues calldata values, bytes calldata proof) external {
        _accepted[_pair(values, proof)] = true;
    }

    /// @notice Reverts from now on where it would refuse.
    function refuseByReverting() external {
        _reverts = true;
    }

    /// @inheritdoc IBraidVerifier
    function verify(PublicValues calldata values, bytes calldata proof) external view returns (bool valid) {
        valid = _accepted[_pair(values, proof)];
        if (!valid && _reverts) revert Refused(proof.length);
    }

    function _pair(PublicValues calldata values, bytes calldata proof) private pure returns (bytes32) {
        return keccak256(abi.encode(values, proof));
    }
}
