// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {BraidRollup} from "../src/BraidRollup.sol";
import {BraidVerifier} from "../src/BraidVerifier.sol";
import {IBraidRollup} from "../src/IBraidRollup.sol";
import {IBraidVerifier} from "../src/IBraidVerifier.sol";
import {VM} from "../test/base/Vm.sol";

/// @title Deploys a settlement contract
/// @notice The variables of the environment are final once the contract stands, but proposer and owner if there is an owner: see
/// docs/settlement.md.
///
///     BRAID_VERIFIER=0x...            the verifier contract, deployed already; zero deploys the one of src/BraidVerifier.sol too
///     BRAID_CHAIN_ID=1337             the rollup's chain id
///     BRAID_RULES=0                   the rules of its transactions: 0 for Cancun, 1 for Prague, 2 for Osaka
///     BRAID_GENESIS_BLOCK_HASH=0x...  what the first batch follows: hash,
///     BRAID_GENESIS_STATE_ROOT=0x...  state root, as `braid inspect` prints it,
///     BRAID_GENESIS_NUMBER=100        number
///     BRAID_GENESIS_TIMESTAMP=1700... and timestamp of the last block before it
///     BRAID_PROPOSER=0x...            the account that settles
///     BRAID_PROPOSER_TIMEOUT=86400    how many seconds without a settlement open settlement to anyone
///     BRAID_OWNER=0x...               who can exchange the proposer; zero fixes it for ever
///
///     forge script script/Deploy.s.sol --rpc-url URL --broadcast --interactive
contract Deploy {
    /// @notice A number does not fit: the rules have 8 bits, all others 64.
    error TooLarge(string name, uint256 value);

    /// @notice Deploys by one transaction, or by two if there is no verifier yet.
    /// @return rollup The contract.
    function run() external returns (BraidRollup rollup) {
        IBraidVerifier verifier = IBraidVerifier(VM.envAddress("BRAID_VERIFIER"));
        uint64 chainId = _number("BRAID_CHAIN_ID");
        uint8 rules = _rules();
        IBraidRollup.Checkpoint memory genesis = IBraidRollup.Checkpoint({
            blockHash: VM.envBytes32("BRAID_GENESIS_BLOCK_HASH"),
            stateRoot: VM.envBytes32("BRAID_GENESIS_STATE_ROOT"),
            number: _number("BRAID_GENESIS_NUMBER"),
            timestamp: _number("BRAID_GENESIS_TIMESTAMP")
        });
        address proposer = VM.envAddress("BRAID_PROPOSER");
        uint64 timeout = _number("BRAID_PROPOSER_TIMEOUT");
        address owner = VM.envAddress("BRAID_OWNER");
        VM.startBroadcast();
        if (address(verifier) == address(0)) verifier = new BraidVerifier();
        rollup = new BraidRollup(verifier, chainId, rules, genesis, proposer, timeout, owner);
        VM.stopBroadcast();
    }

    /// @notice The rules from the environment. Whether there are any with this number is for the contract to say.
    /// @return The number.
    function _rules() private view returns (uint8) {
        uint256 value = VM.envUint("BRAID_RULES");
        if (value > type(uint8).max) revert TooLarge("BRAID_RULES", value);
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint8(value);
    }

    /// @notice A number of 64 bits from the environment.
    /// @param name The variable.
    /// @return The number.
    function _number(string memory name) private view returns (uint64) {
        uint256 value = VM.envUint(name);
        if (value > type(uint64).max) revert TooLarge(name, value);
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(value);
    }
}
