// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Deploy} from "../script/Deploy.s.sol";
import {BraidRollup} from "../src/BraidRollup.sol";
import {BraidVerifier} from "../src/BraidVerifier.sol";
import {RollupTest} from "./base/RollupTest.sol";
import {VM} from "./base/Vm.sol";

/// @title The deployment script
contract DeployTest is RollupTest {
    /// One test, since the environment is shared by all that run at the same time.
    function test_deploysWhatTheEnvironmentSays() public {
        VM.setEnv("BRAID_VERIFIER", VM.toString(address(verifier)));
        VM.setEnv("BRAID_CHAIN_ID", VM.toString(uint256(CHAIN)));
        VM.setEnv("BRAID_GENESIS_BLOCK_HASH", VM.toString(genesis().blockHash));
        VM.setEnv("BRAID_GENESIS_STATE_ROOT", VM.toString(genesis().stateRoot));
        VM.setEnv("BRAID_GENESIS_NUMBER", VM.toString(uint256(genesis().number)));
        VM.setEnv("BRAID_GENESIS_TIMESTAMP", VM.toString(uint256(genesis().timestamp)));
        Deploy deploy = new Deploy();
        BraidRollup deployed = deploy.run();
        assertEq(address(deployed).codehash, address(rollup).codehash, "code and immutables");
        assertEq(abi.encode(deployed.checkpoint()), abi.encode(genesis()), "genesis");

        VM.setEnv("BRAID_VERIFIER", VM.toString(address(0)));
        address real = address(deploy.run().VERIFIER());
        assertEq(real.codehash, address(new BraidVerifier()).codehash, "a verifier of its own");

        VM.setEnv("BRAID_CHAIN_ID", VM.toString(uint256(1) << 64));
        VM.expectRevert(abi.encodeWithSelector(Deploy.TooLarge.selector, "BRAID_CHAIN_ID", uint256(1) << 64));
        deploy.run();
    }
}
