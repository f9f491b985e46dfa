// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";
import {Oracle} from "./Oracle.sol";
import {Vault} from "./Vault.sol";

/// Call options, covered by what they are about. The holder may settle until the option expires: if the price is above the strike, the
/// difference is paid in the underlying token, and the writer gets the rest back.
contract Options is Vault {
    struct Option {
        address writer;
        uint64 expiry;
        address holder;
        uint128 strike;
        uint128 amount;
        uint256 premium;
    }

    IERC20 public underlying;
    /// What premiums are paid in, and prices are told in.
    IERC20 public quote;
    Oracle public oracle;
    /// How many options were written; numbers start at 1.
    uint256 public count;
    mapping(uint256 id => Option) public options;

    event Written(uint256 indexed id, address indexed writer, uint256 amount, uint256 strike, uint256 premium, uint256 expiry);
    event Bought(uint256 indexed id, address indexed holder);
    event Settled(uint256 indexed id, address indexed holder, uint256 price, uint256 payoff);
    event Closed(uint256 indexed id);

    error NothingOffered();
    error Expired(uint256 id);
    error NotExpired(uint256 id);
    error NoSuchOption(uint256 id);
    error Taken(uint256 id);
    error NotHolder(address caller, uint256 id);
    error NotWriter(address caller, uint256 id);
    error OutOfTheMoney(uint256 price, uint256 strike);

    constructor(IERC20 base, IERC20 money, Oracle prices) {
        underlying = base;
        quote = money;
        oracle = prices;
    }

    function write(uint128 amount, uint128 strike, uint256 premium, uint64 expiry) external returns (uint256 id) {
        if (amount == 0) revert NothingOffered();
        id = count + 1;
        if (expiry <= block.timestamp) revert Expired(id);
        count = id;
        options[id] = Option(msg.sender, expiry, address(0), strike, amount, premium);
        take(underlying, msg.sender, amount);
        emit Written(id, msg.sender, amount, strike, premium, expiry);
    }

    function buy(uint256 id) external {
        Option storage option = options[id];
        address writer = option.writer;
        if (writer == address(0)) revert NoSuchOption(id);
        if (option.holder != address(0)) revert Taken(id);
        if (option.expiry < block.timestamp) revert Expired(id);
        option.holder = msg.sender;
        if (!quote.transferFrom(msg.sender, writer, option.premium)) revert TransferFailed(address(quote));
        emit Bought(id, msg.sender);
    }

    function settle(uint256 id) external {
        Option memory option = options[id];
        if (option.holder != msg.sender) revert NotHolder(msg.sender, id);
        if (option.expiry < block.timestamp) revert Expired(id);
        uint256 price = oracle.price();
        if (price <= option.strike) revert OutOfTheMoney(price, option.strike);
        delete options[id];
        uint256 payoff = (uint256(option.amount) * (price - option.strike)) / price;
        give(underlying, msg.sender, payoff);
        give(underlying, option.writer, option.amount - payoff);
        emit Settled(id, msg.sender, price, payoff);
    }

    /// Gives the writer back what an option holds that nobody bought, or that has expired.
    function close(uint256 id) external {
        Option memory option = options[id];
        if (option.writer != msg.sender) revert NotWriter(msg.sender, id);
        if (option.holder != address(0) && option.expiry >= block.timestamp) revert NotExpired(id);
        delete options[id];
        give(underlying, msg.sender, option.amount);
        emit Closed(id);
    }
}
