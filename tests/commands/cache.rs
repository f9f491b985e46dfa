//! `braid cache`: nothing but Braid's files, and of these what is not used.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use braid_prover::cache::CODE;

use super::*;

const MAGIC: &[u8; 16] = b"braid cache v1\0\0";

#[test]
fn the_cache_is_shown_and_cleaned() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let write = |name: &str, content: &[u8], hours: u64| {
        fs::write(folder.join(name), content).unwrap();
        let file = File::options().write(true).open(folder.join(name)).unwrap();
        let age = Duration::from_secs(3600 * hours);
        file.set_modified(SystemTime::now() - age).unwrap();
    };
    // The first as code before this build's names it.
    let name = |digit: &str| match digit {
        "a" => format!("chunk-tiny-{}.bin", digit.repeat(32)),
        _ => format!("chunk-tiny-{}-{}.bin", digit.repeat(32), &CODE[..16]),
    };
    write(&name("a"), MAGIC, 0);
    write(&name("b"), MAGIC, 1);
    write(".tmpAbCdEf", MAGIC, 30);
    write("notes.bin", MAGIC, 100);
    write(&name("c"), b"somebody else's work", 100);
    let cache = |words: &[&str]| {
        let mut command = braid();
        command.args(["--json", "cache"]).args(words);
        let said = Said::by(command.arg("--cache-dir").arg(folder));
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        said.json()
    };
    let names = |files: &Value| -> Vec<String> {
        let files = files.as_array().unwrap().iter();
        let path = |file: &Value| PathBuf::from(file["file"].as_str().unwrap());
        files
            .map(|file| path(file).file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    let list = cache(&["list"]);
    let stale = [".tmpAbCdEf".to_owned(), name("a")];
    let known = [stale[0].clone(), name("a"), name("b")];
    assert_eq!(names(&list["files"]), known);
    let states: Vec<_> = list["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["state"].clone())
        .collect();
    assert_eq!(states, ["leftover", "superseded", "current"]);
    assert_eq!(list["files"][2]["what"], "chunk circuit, shape tiny");
    let size = cache(&["size"]);
    assert_eq!(
        (&size["bytes"], &size["staleBytes"]),
        (&48.into(), &32.into())
    );
    let all = || fs::read_dir(folder).unwrap().count();
    let shown = cache(&["clean", "--dry-run"]);
    assert_eq!((names(&shown["removed"]), all()), (stale.to_vec(), 5));
    let cleaned = cache(&["clean"]);
    assert_eq!((names(&cleaned["removed"]), all()), (stale.to_vec(), 3));
    assert_eq!(names(&cache(&["clean"])["removed"]), Vec::<String>::new());
    assert_eq!(names(&cache(&["clean", "--all"])["removed"]), [name("b")]);
    // What is not Braid's is there still.
    assert_eq!(all(), 2);

    let text = Said::by(braid().args(["cache", "list", "--cache-dir"]).arg(folder));
    assert!(text.stdout.contains("0 files"), "{}", text.stdout);
    let none = Said::by(
        braid()
            .args(["cache", "size", "--cache-dir"])
            .arg(folder.join("none")),
    );
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    assert!(none.stderr.contains("none"), "{}", none.stderr);
    let no_folder = Said::by(
        braid()
            .args(["cache", "size", "--cache-dir"])
            .arg(folder.join("notes.bin")),
    );
    assert_eq!(no_folder.code, Some(2), "{}", no_folder.stderr);
}
