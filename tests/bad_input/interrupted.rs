//! What is said when a signal ends the work.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

/// What `prove` says from the signal on, with a job folder of these files.
fn said_after(signal: &str, job: &[&str]) -> String {
    let mut case = case();
    let path = case.write_signed();
    let folder = case.folder.path();
    fs::create_dir(folder.join("job")).unwrap();
    for name in job {
        fs::write(folder.join("job").join(name), b"x").unwrap();
    }
    let words = ["--job-dir", "job", "--cache-dir", "circuits", "--resume"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_braid"))
        .current_dir(folder)
        .args(["prove", "--shape", "tiny", "--until", "aggregate"])
        .args(words)
        .arg(&path)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("execution") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0);
    }
    std::thread::sleep(Duration::from_millis(300));
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(sent.success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    // It ends by the signal, as its parent expects.
    assert_eq!(child.wait().unwrap().code(), None, "{rest}");
    rest
}

#[test]
fn an_interrupted_proof_says_how_to_go_on() {
    let proof = format!("chunk-{}.bin", "a".repeat(64));
    let kept = said_after("-INT", &[&proof, "lock"]);
    let says = "interrupted: 1 proof kept in job; go on with: braid prove ";
    assert!(kept.contains(says), "{kept}");
    assert!(kept.contains("--resume --job-dir job"), "{kept}");
    let nothing = said_after("-TERM", &[]);
    assert!(nothing.contains("so that nothing is kept"), "{nothing}");
}
