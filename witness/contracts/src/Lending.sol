// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";
import {Oracle} from "./Oracle.sol";
import {Vault} from "./Vault.sol";

/// Lends one token against another, whose price an oracle tells. What can be lent is what lies here; whoever sends it gives it for good.
/// Debts are counted in shares, whose worth grows by interest, so that one number brings all debts up to date.
contract Lending is Vault {
    uint256 private constant ONE = 1e18;
    /// Percent of the collateral's worth up to which one may borrow.
    uint256 public constant BORROW_PERCENT = 75;
    /// Percent of the collateral's worth above which a debt may be liquidated.
    uint256 public constant LIQUIDATION_PERCENT = 80;
    /// What a liquidator gets in collateral, in percent of what is repaid.
    uint256 public constant REWARD_PERCENT = 108;

    IERC20 public collateralToken;
    IERC20 public debtToken;
    Oracle public oracle;
    /// Interest of a second, of 10^18.
    uint256 public rate;
    /// What a share is worth, of 10^18.
    uint256 public index;
    uint256 public lastAccrual;
    uint256 public totalShares;
    mapping(address borrower => uint256) public collateralOf;
    mapping(address borrower => uint256) public sharesOf;

    event Deposited(address indexed borrower, uint256 amount);
    event Withdrawn(address indexed borrower, uint256 amount);
    event Borrowed(address indexed borrower, uint256 amount);
    event Repaid(address indexed borrower, address indexed by, uint256 amount);
    event Liquidated(address indexed borrower, address indexed by, uint256 repaid, uint256 seized);

    error TooLittleCollateral(uint256 debt, uint256 limit);
    error Healthy(address borrower);
    error TooMuch(uint256 amount, uint256 limit);

    constructor(IERC20 collateral, IERC20 debt, Oracle prices, uint256 interest) {
        collateralToken = collateral;
        debtToken = debt;
        oracle = prices;
        rate = interest;
        index = ONE;
        lastAccrual = block.timestamp;
    }

    function deposit(uint256 amount) external {
        collateralOf[msg.sender] += amount;
        take(collateralToken, msg.sender, amount);
        emit Deposited(msg.sender, amount);
    }

    function withdraw(uint256 amount) external {
        accrue();
        collateralOf[msg.sender] -= amount;
        requireCovered(msg.sender);
        give(collateralToken, msg.sender, amount);
        emit Withdrawn(msg.sender, amount);
    }

    function borrow(uint256 amount) external {
        accrue();
        // Rounded up, so that nobody owes less than was borrowed.
        uint256 shares = (amount * ONE + index - 1) / index;
        sharesOf[msg.sender] += shares;
        totalShares += shares;
        requireCovered(msg.sender);
        give(debtToken, msg.sender, amount);
        emit Borrowed(msg.sender, amount);
    }

    /// Repays at most what is owed.
    function repay(uint256 amount) external {
        accrue();
        uint256 debt = debtOf(msg.sender);
        if (amount > debt) amount = debt;
        reduce(msg.sender, amount, debt);
        take(debtToken, msg.sender, amount);
        emit Repaid(msg.sender, msg.sender, amount);
    }

    /// Repays up to half of a debt that its collateral covers too little, and takes collateral for it.
    function liquidate(address borrower, uint256 amount) external {
        accrue();
        uint256 price = oracle.price();
        uint256 collateral = collateralOf[borrower];
        uint256 debt = debtOf(borrower);
        if (debt <= limit(collateral, price, LIQUIDATION_PERCENT)) revert Healthy(borrower);
        if (amount > debt / 2) revert TooMuch(amount, debt / 2);
        uint256 seized = (amount * REWARD_PERCENT * ONE) / (100 * price);
        if (seized > collateral) seized = collateral;
        collateralOf[borrower] = collateral - seized;
        reduce(borrower, amount, debt);
        take(debtToken, msg.sender, amount);
        give(collateralToken, msg.sender, seized);
        emit Liquidated(borrower, msg.sender, amount, seized);
    }

    /// What is owed, with interest up to the last change; rounded up.
    function debtOf(address borrower) public view returns (uint256) {
        return (sharesOf[borrower] * index + ONE - 1) / ONE;
    }

    function accrue() private {
        uint256 elapsed = block.timestamp - lastAccrual;
        if (elapsed == 0) return;
        index += (index * rate * elapsed) / ONE;
        lastAccrual = block.timestamp;
    }

    function reduce(address borrower, uint256 amount, uint256 debt) private {
        uint256 owned = sharesOf[borrower];
        uint256 shares = amount == debt ? owned : (amount * ONE) / index;
        sharesOf[borrower] = owned - shares;
        totalShares -= shares;
    }

    function requireCovered(address borrower) private view {
        uint256 debt = debtOf(borrower);
        if (debt == 0) return;
        uint256 most = limit(collateralOf[borrower], oracle.price(), BORROW_PERCENT);
        if (debt > most) revert TooLittleCollateral(debt, most);
    }

    function limit(uint256 collateral, uint256 price, uint256 percent) private pure returns (uint256) {
        return (collateral * price * percent) / (100 * ONE);
    }
}
