//! What is written must not take the place of what is read, or of something else that is written.

use super::*;

const PROOFS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/proofs/");
const BLOCKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/blocks/");

#[test]
fn a_file_is_not_written_over_another() {
    let mut case = case();
    case.write_signed();
    let folder = case.folder.path();
    for (name, from) in [
        ("proof", format!("{PROOFS}transfers.proof.json")),
        ("wrapped", format!("{PROOFS}transfers.wrapped.json")),
        ("blocks.json", format!("{BLOCKS}transfers.json")),
    ] {
        fs::copy(from, folder.join(name)).unwrap();
    }
    fs::create_dir(folder.join("t8n")).unwrap();
    fs::write(folder.join("t8n/env.json"), "{}").unwrap();
    let mut all = vec![
        vec!["prove", "block.json", "--out", "block.json"],
        vec!["prove", "block.json", "--out", "./t8n/../block.json"],
        vec!["prove", "block.json", "--out", "new", "--calldata", "new"],
        vec!["prove", "block.json", "--calldata", "block.json"],
        vec!["wrap", "proof", "--out", "proof"],
        vec!["calldata", "wrapped", "blocks.json", "--out", "wrapped"],
        vec!["calldata", "wrapped", "blocks.json", "--out", "blocks.json"],
        vec!["execute", "block.json", "--timeline", "block.json"],
        vec!["import", "t8n", "--out", "t8n/env.json"],
        vec!["import", "block.json", "--test", "x", "--out", "block.json"],
        vec!["setup", "--key-out", "new", "--circuit-keys-out", "new"],
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("block.json", folder.join("link")).unwrap();
        fs::hard_link(folder.join("block.json"), folder.join("hard")).unwrap();
        all.push(vec!["prove", "block.json", "--out", "hard"]);
        all.push(vec![
            "prove",
            "block.json",
            "--out",
            "block.json",
            "--calldata",
            "hard",
        ]);
        all.push(vec!["execute", "block.json", "--timeline", "link"]);
        all.push(vec!["execute", "link", "--timeline", "block.json"]);
    }
    let before = fs::read(case.path()).unwrap();
    for arguments in all {
        let output = braid().current_dir(folder).args(&arguments).output();
        let output = output.unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        let says = ["is read: name another file", "two are to be written"];
        assert!(says.iter().any(|says| stderr.contains(says)), "{stderr}");
        assert!(!folder.join("new").exists(), "{arguments:?}");
    }
    assert_eq!(fs::read(case.path()).unwrap(), before);
}
