// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Collectible} from "./Collectible.sol";

/// Sells pieces of a collection for Ether. It holds the pieces that are for sale; of what is paid a share goes to the collection's creator.
contract Market {
    struct Listing {
        address seller;
        uint96 price;
    }

    /// Royalties are counted in parts of this.
    uint256 public constant WHOLE = 10_000;

    Collectible public collectible;
    address public creator;
    uint256 public royalty;
    mapping(uint256 id => Listing) public listings;

    event Listed(uint256 indexed id, address indexed seller, uint256 price);
    event Sold(uint256 indexed id, address indexed seller, address indexed buyer, uint256 price, uint256 royalty);
    event Cancelled(uint256 indexed id, address indexed seller);

    error RoyaltyTooHigh(uint256 royalty);
    error NoPrice();
    error NotListed(uint256 id);
    error NotSeller(address caller, uint256 id);
    error WrongPrice(uint256 paid, uint256 price);
    error PaymentFailed(address to);

    constructor(Collectible collection, address artist, uint256 share) {
        if (share > WHOLE) revert RoyaltyTooHigh(share);
        collectible = collection;
        creator = artist;
        royalty = share;
    }

    /// Offers a piece of the caller, who has approved the market for it.
    function list(uint256 id, uint96 price) external {
        if (price == 0) revert NoPrice();
        listings[id] = Listing(msg.sender, price);
        // Fails unless the piece is the caller's: so nothing is listed twice.
        collectible.transferFrom(msg.sender, address(this), id);
        emit Listed(id, msg.sender, price);
    }

    /// Buys a piece for exactly its price. A seller or creator who takes no Ether cannot be paid, and then nothing is sold.
    function buy(uint256 id) external payable {
        Listing memory listing = listings[id];
        if (listing.seller == address(0)) revert NotListed(id);
        if (msg.value != listing.price) revert WrongPrice(msg.value, listing.price);
        // Before anybody is called, so that nobody who is called can buy it again.
        delete listings[id];
        uint256 share = (msg.value * royalty) / WHOLE;
        collectible.transferFrom(address(this), msg.sender, id);
        pay(creator, share);
        pay(listing.seller, msg.value - share);
        emit Sold(id, listing.seller, msg.sender, msg.value, share);
    }

    /// Takes an offer back.
    function cancel(uint256 id) external {
        if (listings[id].seller != msg.sender) revert NotSeller(msg.sender, id);
        delete listings[id];
        collectible.transferFrom(address(this), msg.sender, id);
        emit Cancelled(id, msg.sender);
    }

    function pay(address to, uint256 amount) private {
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert PaymentFailed(to);
    }
}
