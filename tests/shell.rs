//! `braid completions` and `braid man`: for every command, and usable as they are.

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

fn braid() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("braid"))
}

/// The commands that `braid help` lists.
fn commands() -> Vec<String> {
    let output = braid().arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn scripts_for_shells_know_every_command() {
    let commands = commands();
    assert!(commands.contains(&"prove".to_owned()), "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = braid().args(["completions", shell]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let script = String::from_utf8(output.stdout).unwrap();
        let known = |name: &str| script.contains(name);
        assert!(known("braid") && known("state-dir"), "{shell}");
        assert!(commands.iter().all(|name| known(name)), "{shell}");
    }
    braid().args(["completions", "none"]).assert().code(2);
}

#[test]
fn bash_completes_commands_options_and_values() {
    let output = braid().args(["completions", "bash"]).output().unwrap();
    let script = String::from_utf8(output.stdout).unwrap();
    let cases = [
        (vec!["braid", "exec"], "execute"),
        (vec!["braid", "prove", "--calld"], "--calldata"),
        (vec!["braid", "prove", "--until", "wr"], "wrap"),
        (vec!["braid", "prove", "--shape", "sta"], "standard"),
    ];
    for (words, expected) in cases {
        let last = words.len() - 1;
        let (current, before) = (words[last], words[last - 1]);
        let line = words.join(" ");
        let ask = format!(
            "{script}\nCOMP_WORDS=({line}); COMP_CWORD={last}; _braid braid '{current}' '{before}'; echo \"${{COMPREPLY[*]}}\""
        );
        let Ok(output) = std::process::Command::new("bash")
            .args(["-c", &ask])
            .output()
        else {
            println!("skipped: no bash");
            return;
        };
        let reply = String::from_utf8_lossy(&output.stdout);
        assert_eq!(reply.trim(), expected, "{line}: {output:?}");
    }
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("share/man1");
    braid()
        .args(["man", "--out"])
        .arg(&out)
        .assert()
        .success()
        .stdout(contains("pages in"));
    let main = std::fs::read_to_string(out.join("braid.1")).unwrap();
    assert!(main.contains("Exit codes"), "{main}");
    for name in commands() {
        let page = std::fs::read_to_string(out.join(format!("braid-{name}.1"))).unwrap();
        assert!(
            page.starts_with(".ie ") && page.contains(".SH NAME"),
            "{page}"
        );
        let reference = format!("braid\\-{}(1)", name.replace('-', "\\-"));
        assert!(main.contains(&reference), "{reference}");
    }
    assert!(out.join("braid-state-init.1").is_file());
    assert!(!out.join("braid-help.1").exists());
}

#[test]
fn pages_that_cannot_be_written_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    braid()
        .args(["man", "--out"])
        .arg(file.join("man1"))
        .assert()
        .failure()
        .stderr(contains("man1").and(contains("what to do")));
}
