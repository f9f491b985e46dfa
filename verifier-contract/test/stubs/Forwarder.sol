// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IBraidRollup} from "../../src/IBraidRollup.sol";

/// @title A contract that settles for whoever calls it
contract Forwarder {
    /// @notice Settles.
    function settle(IBraidRollup rollup, bytes calldata batch, bytes calldata proof) external {
        rollup.settle(batch, proof);
    }
}
