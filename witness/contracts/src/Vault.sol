// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";

/// Moves tokens in and out of a contract, and believes no token that says it did not.
abstract contract Vault {
    error TransferFailed(address token);

    function take(IERC20 token, address from, uint256 amount) internal {
        if (!token.transferFrom(from, address(this), amount)) revert TransferFailed(address(token));
    }

    function give(IERC20 token, address to, uint256 amount) internal {
        if (!token.transfer(to, amount)) revert TransferFailed(address(token));
    }
}
