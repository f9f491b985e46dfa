// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";
import {Vault} from "./Vault.sol";

/// Shares a reward, so much a second until it ends, among those who have a token staked here, by their stakes.
/// One number says what a unit that was staked from the beginning has earned; each account remembers what it was at its last change.
contract Staking is Vault {
    uint256 private constant ONE = 1e18;

    IERC20 public stakeToken;
    IERC20 public rewardToken;
    /// Reward of a second for all stakes together.
    uint256 public rate;
    uint256 public end;
    uint256 public totalStaked;
    uint256 public lastAccrual;
    /// What 10^18 units have earned since the beginning.
    uint256 public accumulated;
    mapping(address account => uint256) public staked;
    mapping(address account => uint256) public accounted;
    mapping(address account => uint256) public earned;

    event Staked(address indexed account, uint256 amount);
    event Unstaked(address indexed account, uint256 amount);
    event Claimed(address indexed account, uint256 amount);

    error NothingStaked();
    error NothingEarned(address account);
    error TooMuch(uint256 amount, uint256 staked);

    /// The reward, `perSecond` for every second until `until`, has to be sent here.
    constructor(IERC20 stakes, IERC20 rewards, uint256 perSecond, uint256 until) {
        stakeToken = stakes;
        rewardToken = rewards;
        rate = perSecond;
        end = until;
        lastAccrual = block.timestamp;
    }

    /// Brings what the caller has earned up to date, before anything changes.
    modifier settled() {
        uint256 time = block.timestamp < end ? block.timestamp : end;
        if (time > lastAccrual) {
            // While nothing is staked nobody earns.
            if (totalStaked != 0) accumulated += ((time - lastAccrual) * rate * ONE) / totalStaked;
            lastAccrual = time;
        }
        earned[msg.sender] += (staked[msg.sender] * (accumulated - accounted[msg.sender])) / ONE;
        accounted[msg.sender] = accumulated;
        _;
    }

    function stake(uint256 amount) external settled {
        if (amount == 0) revert NothingStaked();
        staked[msg.sender] += amount;
        totalStaked += amount;
        take(stakeToken, msg.sender, amount);
        emit Staked(msg.sender, amount);
    }

    function unstake(uint256 amount) external settled {
        uint256 most = staked[msg.sender];
        if (amount > most) revert TooMuch(amount, most);
        staked[msg.sender] = most - amount;
        totalStaked -= amount;
        give(stakeToken, msg.sender, amount);
        emit Unstaked(msg.sender, amount);
    }

    function claim() external settled {
        uint256 amount = earned[msg.sender];
        if (amount == 0) revert NothingEarned(msg.sender);
        earned[msg.sender] = 0;
        give(rewardToken, msg.sender, amount);
        emit Claimed(msg.sender, amount);
    }
}
