#!/usr/bin/env bash
# Guess:     the compiler of npm's package solc serves forge as it is: its command solcjs prints a version and speaks --standard-json, and forge's
#            setting `solc` takes a path.
# Instead:   forge accepts the path and reads the version, then fails at the first build: it always gives --allow-paths, which solcjs does not know
#            (`error: unknown option '--allow-paths'`). A wrapper of a few lines over the package's `compile` function is needed.
# Versions:  solc 0.8.37, @foundry-rs/forge-linux-amd64 1.7.1 (npm)
# Seen:      2026-11-29
# Hurts:     projects that want everything from npm, pinned by one lock file, without a compiler that forge downloads by itself.
set -euo pipefail
[[ $(uname -sm) == 'Linux x86_64' ]] || {
    echo 'the package of forge that this takes is for Linux on x86-64'
    exit 1
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-fund --no-audit solc@0.8.37 @foundry-rs/forge-linux-amd64@1.7.1
mkdir src
cat >src/One.sol <<'END'
// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract One {
    function one() external pure returns (uint256) {
        return 1;
    }
}
END
settings() {
    printf '[profile.default]\nsrc = "src"\nlibs = []\noffline = true\nauto_detect_remappings = false\nsolc = "%s"\n' "$1" >foundry.toml
}
# What the wrapper has to know.
cat >wrapper <<'END'
#!/usr/bin/env node
import { readFileSync } from "node:fs";
import solc from "solc";
process.stdout.write(process.argv.includes("--version") ? `Version: ${solc.version()}\n` : solc.compile(readFileSync(0, "utf8")));
END
chmod +x wrapper

cat >expected <<'END'
solcjs: exit 1
error: unknown option '--allow-paths'
wrapper: exit 0
END
forge=node_modules/.bin/forge
{
    settings node_modules/.bin/solcjs
    status=0
    NO_COLOR=1 "$forge" build >solcjs.log 2>&1 || status=$?
    echo "solcjs: exit $status"
    grep -x "error: unknown option .*" solcjs.log || cat solcjs.log
    settings ./wrapper
    status=0
    NO_COLOR=1 "$forge" build >wrapper.log 2>&1 || status=$?
    echo "wrapper: exit $status"
} >seen
echo 'solc 0.8.37, forge 1.7.1'
cat seen
diff expected seen || {
    cat solcjs.log wrapper.log
    echo 'this has changed'
    exit 1
}
