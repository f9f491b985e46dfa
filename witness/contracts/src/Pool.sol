// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";

/// Exchanges two tokens so that the product of its reserves never falls; 0.3 % of what comes in is its fee.
/// Liquidity is given by sending tokens and calling `sync`; it stays in the pool for good.
contract Pool {
    address public token0;
    address public token1;
    uint112 private reserve0;
    uint112 private reserve1;
    uint32 private lastTimestamp;
    uint256 private locked = 1;

    event Swap(
        address indexed sender,
        uint256 amount0In,
        uint256 amount1In,
        uint256 amount0Out,
        uint256 amount1Out,
        address indexed to
    );
    event Sync(uint112 reserve0, uint112 reserve1);

    error Reentrant();
    error UnknownToken(address token);
    error IdenticalTokens();
    error NothingIn();
    error NoLiquidity();
    error TooLittleOut(uint256 amountOut, uint256 minimumOut);
    error TransferFailed(address token);
    error ReserveOverflow();
    error ProductFell();

    modifier lock() {
        if (locked != 1) revert Reentrant();
        locked = 2;
        _;
        locked = 1;
    }

    constructor(address first, address second) {
        if (first == second) revert IdenticalTokens();
        token0 = first;
        token1 = second;
    }

    function getReserves() external view returns (uint112, uint112, uint32) {
        return (reserve0, reserve1, lastTimestamp);
    }

    /// What an amount buys: the product of the reserves stays the same for 99.7 % of it.
    function amountFor(uint256 amountIn, uint256 reserveIn, uint256 reserveOut) public pure returns (uint256) {
        if (amountIn == 0) revert NothingIn();
        if (reserveIn == 0 || reserveOut == 0) revert NoLiquidity();
        uint256 withoutFee = amountIn * 997;
        return (withoutFee * reserveOut) / (reserveIn * 1000 + withoutFee);
    }

    /// Takes `amountIn` of one token from the caller, who has approved it, and gives the other to `to`.
    function swap(address tokenIn, uint256 amountIn, uint256 minimumOut, address to)
        external
        lock
        returns (uint256 amountOut)
    {
        (address first, address second) = (token0, token1);
        bool zeroForOne = tokenIn == first;
        if (!zeroForOne && tokenIn != second) revert UnknownToken(tokenIn);
        (uint256 before0, uint256 before1) = (reserve0, reserve1);

        amountOut = zeroForOne ? amountFor(amountIn, before0, before1) : amountFor(amountIn, before1, before0);
        if (amountOut < minimumOut) revert TooLittleOut(amountOut, minimumOut);
        address tokenOut = zeroForOne ? second : first;
        if (!IERC20(tokenIn).transferFrom(msg.sender, address(this), amountIn)) revert TransferFailed(tokenIn);
        if (!IERC20(tokenOut).transfer(to, amountOut)) revert TransferFailed(tokenOut);

        // What a token says it moved is not believed: the balances are asked for.
        (uint256 after0, uint256 after1) = balances(first, second);
        if (after0 * after1 < before0 * before1) revert ProductFell();
        update(after0, after1);
        if (zeroForOne) emit Swap(msg.sender, amountIn, 0, 0, amountOut, to);
        else emit Swap(msg.sender, 0, amountIn, amountOut, 0, to);
    }

    /// Takes the balances for the reserves.
    function sync() external lock {
        (uint256 balance0, uint256 balance1) = balances(token0, token1);
        update(balance0, balance1);
    }

    function balances(address first, address second) private view returns (uint256, uint256) {
        return (IERC20(first).balanceOf(address(this)), IERC20(second).balanceOf(address(this)));
    }

    function update(uint256 balance0, uint256 balance1) private {
        if (balance0 > type(uint112).max || balance1 > type(uint112).max) revert ReserveOverflow();
        // Both fit: checked above. Timestamps wrap in 2106.
        reserve0 = uint112(balance0);
        reserve1 = uint112(balance1);
        lastTimestamp = uint32(block.timestamp);
        emit Sync(uint112(balance0), uint112(balance1));
    }
}
