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
        VM.setEnv("BRAID_RULES", VM.toString(uint256(RULES)));
        VM.setEnv("BRAID_GENESIS_BLOCK_HASH", VM.toString(genesis().blockHash));
        VM.setEnv("BRAID_GENESIS_STATE_ROOT", VM.toString(genesis().stateRoot));
        VM.setEnv("BRAID_GENESIS_NUMBER", VM.toString(uint256(genesis().number)));
        VM.setEnv("BRAID_GENESIS_TIMESTAMP", VM.toString(uint256(genesis().timestamp)));
        VM.setEnv("BRAID_PROPOSER", VM.toString(address(this)));
        VM.setEnv("BRAID_PROPOSER_TIMEOUT", VM.toString(uint256(TIMEOUT)));
        VM.setEnv("BRAID_OWNER", VM.toString(OWNER));
        Deploy script = new Deploy();
        BraidRollup deployed = script.run();
        assertEq(address(deployed).codehash, address(rollup).codehash, "code and immutables");
        assertEq(abi.encode(deployed.checkpoint()), abi.encode(genesis()), "genesis");
        assertEq(deployed.proposer(), address(this), "proposer");
        assertEq(deployed.owner(), OWNER, "owner");

        VM.setEnv("BRAID_OWNER", VM.toString(address(0)));
        assertEq(script.run().owner(), address(0), "no owner");

        VM.setEnv("BRAID_VERIFIER", VM.toString(address(0)));
        address real = address(script.run().VERIFIER());
        assertEq(real.codehash, address(new BraidVerifier()).codehash, "a verifier of its own");

        // A number that would lose its high bits is refused, wherever it stands.
        VM.setEnv("BRAID_RULES", VM.toString(256 + uint256(RULES)));
        VM.expectRevert(abi.encodeWithSelector(Deploy.TooLarge.selector, "BRAID_RULES", 256 + uint256(RULES)));
        script.run();
        VM.setEnv("BRAID_RULES", VM.toString(uint256(RULES)));
        string[4] memory numbers = ["BRAID_CHAIN_ID", "BRAID_GENESIS_NUMBER", "BRAID_GENESIS_TIMESTAMP", "BRAID_PROPOSER_TIMEOUT"];
        for (uint256 index = 0; index < 4; ++index) {
            uint256 valid = VM.envUint(numbers[index]);
            VM.setEnv(numbers[index], VM.toString((uint256(1) << 64) + valid));
            VM.expectRevert(abi.encodeWithSelector(Deploy.TooLarge.selector, numbers[index], (uint256(1) << 64) + valid));
            script.run();
            VM.setEnv(numbers[index], VM.toString(valid));
        }
    }
}
