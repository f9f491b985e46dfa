// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// Numbered pieces (in the manner of ERC-721), sold one by one at a fixed price until they are gone.
contract Collectible {
    string public constant name = "Braid Benchmark Collectible";
    string public constant symbol = "BBC";

    address public seller;
    uint256 public price;
    uint256 public limit;
    uint256 public totalSupply;
    mapping(uint256 id => address) public ownerOf;
    mapping(address owner => uint256) public balanceOf;
    mapping(uint256 id => address) public getApproved;

    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);

    error WrongPrice(uint256 paid, uint256 price);
    error SoldOut();
    error ZeroAddress();
    error NotOwner(address caller, uint256 id);
    error WithdrawalFailed();

    constructor(uint256 priceInWei, uint256 pieces) {
        seller = msg.sender;
        price = priceInWei;
        limit = pieces;
    }

    /// Buys the next piece; numbers start at 1.
    function mint() external payable returns (uint256 id) {
        if (msg.value != price) revert WrongPrice(msg.value, price);
        id = totalSupply + 1;
        if (id > limit) revert SoldOut();
        totalSupply = id;
        ownerOf[id] = msg.sender;
        balanceOf[msg.sender] += 1;
        emit Transfer(address(0), msg.sender, id);
    }

    function approve(address approved, uint256 id) external {
        if (ownerOf[id] != msg.sender) revert NotOwner(msg.sender, id);
        getApproved[id] = approved;
        emit Approval(msg.sender, approved, id);
    }

    function transferFrom(address from, address to, uint256 id) external {
        if (to == address(0)) revert ZeroAddress();
        if (ownerOf[id] != from) revert NotOwner(from, id);
        if (msg.sender != from && getApproved[id] != msg.sender) revert NotOwner(msg.sender, id);
        delete getApproved[id];
        ownerOf[id] = to;
        balanceOf[from] -= 1;
        balanceOf[to] += 1;
        emit Transfer(from, to, id);
    }

    function withdraw() external {
        (bool sent,) = seller.call{value: address(this).balance}("");
        if (!sent) revert WithdrawalFailed();
    }
}
