//! Writes Solidity.

use std::fmt::Write as _;

use alloy_primitives::{B256, U256, hex};

/// Addresses of memory and the words to write there.
pub(super) type Words = Vec<(usize, B256)>;

/// A file of constants and one function.
#[derive(Default)]
pub(super) struct Source {
    constants: String,
    words: Words,
}

impl Source {
    /// A heading.
    pub(super) fn heading(&mut self, text: &str) {
        write_line(&mut self.constants, &format!("\n// {text}\n"));
    }

    /// A number, in decimal digits.
    pub(super) fn number(&mut self, name: &str, value: usize, meaning: &str) {
        self.constant(name, &value.to_string(), meaning);
    }

    /// A number of which the bits matter.
    pub(super) fn bits(&mut self, name: &str, value: U256, meaning: &str) {
        self.constant(name, &format!("0x{value:x}"), meaning);
    }

    /// An address of memory.
    pub(super) fn address(&mut self, name: &str, value: usize, meaning: &str) {
        self.constant(name, &format!("0x{value:04x}"), meaning);
    }

    /// Thirty-two bytes.
    pub(super) fn word(&mut self, name: &str, value: B256, meaning: &str) {
        let line = format!(
            "/// @dev {meaning}\nbytes32 constant {name} = 0x{};",
            hex::encode(value)
        );
        write_line(&mut self.constants, &line);
    }

    /// What the function writes to memory.
    pub(super) fn load(&mut self, words: Words) {
        self.words.extend(words);
    }

    fn constant(&mut self, name: &str, value: &str, meaning: &str) {
        let line = format!("/// @dev {meaning}\nuint256 constant {name} = {value};");
        write_line(&mut self.constants, &line);
    }

    /// The file.
    pub(super) fn finish(self) -> String {
        let mut text = String::from(
            "// SPDX-License-Identifier: MIT OR Apache-2.0\npragma solidity 0.8.37;\n\n\
             // Generated from the verifying key by `braid export-verifier`: not to be edited.\n",
        );
        text.push_str(&self.constants);
        text.push_str(
            "\n/// @title The tables of the verifying key\nlibrary WrapKey {\n    /// @notice Writes the key's Merkle cap, the \
             constants of Poseidon and the roots for folding to memory.\n    function load() internal pure {\n        assembly (\"memory-safe\") {\n",
        );
        for (address, word) in &self.words {
            let line = format!(
                "            mstore(0x{address:04x}, 0x{})",
                hex::encode(word)
            );
            write_line(&mut text, &line);
        }
        text.push_str("        }\n    }\n}\n");
        text
    }
}

fn write_line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}
