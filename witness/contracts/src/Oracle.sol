// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// A price that its owner tells: units of one token for 10^18 units of another.
contract Oracle {
    address public owner;
    uint256 public price;
    uint256 public updatedAt;

    event PriceChanged(uint256 price);

    error NotOwner(address caller);
    error NoPrice();

    constructor(uint256 first) {
        owner = msg.sender;
        price = first;
        updatedAt = block.timestamp;
    }

    function setPrice(uint256 next) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        if (next == 0) revert NoPrice();
        price = next;
        updatedAt = block.timestamp;
        emit PriceChanged(next);
    }
}
