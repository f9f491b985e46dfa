// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidRollup} from "../../src/IBraidRollup.sol";
import {IBraidVerifier} from "../../src/IBraidVerifier.sol";

/// @title A verifier that accepts everything and calls back
/// @notice Not declared as an `IBraidVerifier`, whose `verify` a compiler would not let change anything.
contract ReentrantVerifier {
    /// @notice What the call back did.
    error CalledBack(bool settled, bytes32 seenBlockHash);

    /// @notice How often `verify` changed this contract's storage: never, under a static call.
    uint256 public calls;

    bytes private _batch;
    bool private _reports;

    /// @notice What to settle while settling; whether to revert with what happened.
    function arm(bytes calldata batch, bool reports) external {
        _batch = batch;
        _reports = reports;
    }

    /// @notice Tries to settle `arm`'s batch.
    function verify(IBraidVerifier.PublicValues calldata, bytes calldata) external returns (bool) {
        // Little gas is enough for the call back; a static call's violation burns all of it.
        (bool settled,) = msg.sender.call{gas: 500_000}(abi.encodeCall(IBraidRollup.settle, (_batch, "")));
        if (_reports) revert CalledBack(settled, IBraidRollup(msg.sender).checkpoint().blockHash);
        if (settled) ++calls;
        return true;
    }
}
