// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";
import {Vault} from "./Vault.sol";

/// A meadow of 32 by 32 squares on which players walk and gather. What was gathered grows again after some blocks; points become tokens.
contract Game is Vault {
    enum Direction {
        North,
        East,
        South,
        West
    }

    struct Player {
        bool playing;
        uint8 x;
        uint8 y;
        uint32 moves;
        uint128 points;
    }

    uint256 public constant SIDE = 32;
    /// Blocks until a square has grown again.
    uint256 public constant REGROWTH = 50;
    /// Units of the token for a point.
    uint256 public constant POINT = 1e18;

    IERC20 public token;
    /// Decides where players start and what grows where.
    uint256 public seed;
    mapping(address account => Player) public players;
    /// The block in which a square was gathered.
    mapping(uint256 square => uint256) public gatheredAt;

    event Joined(address indexed player, uint256 square);
    event Moved(address indexed player, uint256 square, uint256 points);
    event Rewarded(address indexed player, uint256 amount);

    error AlreadyPlaying(address player);
    error NotPlaying(address player);
    error OffTheMeadow(uint256 x, uint256 y, Direction direction);
    error NoPoints(address player);

    constructor(IERC20 rewards, uint256 start) {
        token = rewards;
        seed = start;
    }

    function join() external {
        if (players[msg.sender].playing) revert AlreadyPlaying(msg.sender);
        uint256 square = uint256(keccak256(abi.encode(seed, msg.sender))) % (SIDE * SIDE);
        // Both are below 32.
        players[msg.sender] = Player(true, uint8(square % SIDE), uint8(square / SIDE), 0, 0);
        emit Joined(msg.sender, square);
    }

    /// Goes to the next square and gathers what has grown there.
    function move(Direction direction) external {
        Player memory player = players[msg.sender];
        if (!player.playing) revert NotPlaying(msg.sender);
        (uint256 x, uint256 y) = (player.x, player.y);
        // Below zero is far above the last square too.
        unchecked {
            if (direction == Direction.North) y -= 1;
            else if (direction == Direction.East) x += 1;
            else if (direction == Direction.South) y += 1;
            else x -= 1;
        }
        if (x >= SIDE || y >= SIDE) revert OffTheMeadow(player.x, player.y, direction);
        uint256 square = y * SIDE + x;
        uint256 points = gather(square);
        player.x = uint8(x);
        player.y = uint8(y);
        player.moves += 1;
        player.points += uint128(points);
        players[msg.sender] = player;
        emit Moved(msg.sender, square, points);
    }

    /// Pays for all points of the caller.
    function cashIn() external {
        uint256 points = players[msg.sender].points;
        if (points == 0) revert NoPoints(msg.sender);
        players[msg.sender].points = 0;
        give(token, msg.sender, points * POINT);
        emit Rewarded(msg.sender, points * POINT);
    }

    /// From one to eight points, or none where nothing has grown yet.
    function gather(uint256 square) private returns (uint256) {
        uint256 last = gatheredAt[square];
        if (last != 0 && block.number < last + REGROWTH) return 0;
        gatheredAt[square] = block.number;
        return 1 + (uint256(keccak256(abi.encode(seed, square, last))) & 7);
    }
}
