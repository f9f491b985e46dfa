use super::*;

fn key(name: &str) -> EntryKey {
    EntryKey::new("chunk", &[name.as_bytes()])
}

fn folder() -> (tempfile::TempDir, JobFolder) {
    let temporary = tempfile::tempdir().unwrap();
    let job = JobFolder::open(&temporary.path().join("a/job")).unwrap();
    (temporary, job)
}

#[test]
fn keys_tell_parts_apart() {
    let keys = [
        EntryKey::new("chunk", &[b"ab", b"c"]),
        EntryKey::new("chunk", &[b"a", b"bc"]),
        EntryKey::new("chunk", &[b"abc"]),
        EntryKey::new("chunk", &[b"abc", b""]),
        EntryKey::new("fold", &[b"abc"]),
    ];
    for (i, a) in keys.iter().enumerate() {
        assert!(keys[..i].iter().all(|b| a.digest() != b.digest()));
    }
}

#[test]
fn entries_survive_a_reopening() {
    let (_temporary, job) = folder();
    let path = job.path().to_owned();
    assert_eq!(job.get(&key("a")).unwrap(), Found::Missing);
    job.put(&key("a"), b"proof a").unwrap();
    job.put(&key("b"), b"").unwrap();
    drop(job);
    let job = JobFolder::open(&path).unwrap();
    assert_eq!(job.count().unwrap(), 2);
    assert_eq!(
        job.get(&key("a")).unwrap(),
        Found::Whole(b"proof a".to_vec())
    );
    assert_eq!(job.get(&key("b")).unwrap(), Found::Whole(Vec::new()));
    job.put(&key("a"), b"again").unwrap();
    assert_eq!(job.get(&key("a")).unwrap(), Found::Whole(b"again".to_vec()));
}

#[test]
fn every_cut_and_every_flipped_byte_is_damage() {
    let (_temporary, job) = folder();
    job.put(&key("a"), b"some proof").unwrap();
    let path = job.path().join(key("a").file_name());
    let good = fs::read(&path).unwrap();
    for length in 0..good.len() {
        fs::write(&path, &good[..length]).unwrap();
        assert!(matches!(job.get(&key("a")).unwrap(), Found::Damaged(_)));
    }
    for index in 0..good.len() {
        let mut bad = good.clone();
        bad[index] ^= 0x10;
        fs::write(&path, &bad).unwrap();
        assert!(matches!(job.get(&key("a")).unwrap(), Found::Damaged(_)));
    }
    // An entry under another one's name.
    fs::write(job.path().join(key("b").file_name()), &good).unwrap();
    let Found::Damaged(reason) = job.get(&key("b")).unwrap() else {
        panic!("not damaged");
    };
    assert!(reason.ends_with("entry for something else"), "{reason}");
    job.put(&key("a"), b"some proof").unwrap();
    assert_eq!(fs::read(&path).unwrap(), good);
}

#[test]
fn a_half_written_entry_is_forgotten() {
    let (_temporary, job) = folder();
    let path = job.path().to_owned();
    job.put(&key("a"), b"whole").unwrap();
    fs::write(path.join(".chunk-7.braid-tmp"), b"half").unwrap();
    drop(job);
    let job = JobFolder::open(&path).unwrap();
    assert!(!path.join(".chunk-7.braid-tmp").exists());
    assert_eq!(job.get(&key("a")).unwrap(), Found::Whole(b"whole".to_vec()));
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let (_temporary, mut job) = folder();
    job.put(&key("a"), b"finished").unwrap();
    job.sink = |file, bytes| {
        file.write_all(&bytes[..bytes.len() / 2])?;
        Err(io::ErrorKind::StorageFull.into())
    };
    let error = job.put(&key("b"), b"too much").unwrap_err();
    assert!(matches!(error, JobError::DiskFull { .. }), "{error}");
    // Even writing the same entry again leaves the old one whole.
    assert!(job.put(&key("a"), b"finished").is_err());
    assert_eq!(
        job.get(&key("a")).unwrap(),
        Found::Whole(b"finished".to_vec())
    );
    assert_eq!(job.get(&key("b")).unwrap(), Found::Missing);
    let names = fs::read_dir(job.path()).unwrap();
    let names: Vec<_> = names.map(|e| e.unwrap().file_name()).collect();
    assert!(
        names
            .iter()
            .all(|name| !is_temporary_name(name.to_str().unwrap()))
    );
}

#[test]
fn one_process_at_a_time() {
    let (_temporary, job) = folder();
    let path = job.path().to_owned();
    assert!(matches!(
        JobFolder::open(&path),
        Err(JobError::Locked { .. })
    ));
    drop(job);
    assert!(JobFolder::open(&path).is_ok());
}

#[test]
fn removal_keeps_what_is_not_ours() {
    let (_temporary, job) = folder();
    let path = job.path().to_owned();
    job.put(&key("a"), b"x").unwrap();
    fs::write(path.join("notes.txt"), b"mine").unwrap();
    job.remove().unwrap();
    assert!(path.join("notes.txt").exists());
    let left = fs::read_dir(&path).unwrap().count();
    assert_eq!(left, 1);
    fs::remove_file(path.join("notes.txt")).unwrap();
    JobFolder::open(&path).unwrap().remove().unwrap();
    assert!(!path.exists());
}

#[test]
fn a_file_in_the_folders_place_is_an_error() {
    let temporary = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(
        JobFolder::open(temporary.path()),
        Err(JobError::Io { .. })
    ));
}

#[test]
fn files_of_others_stay() {
    let (_temporary, job) = folder();
    let path = job.path().to_owned();
    let theirs = [
        "notes.tmp",
        "chunk-0.tmp",
        "chunk-1.bin",
        "mine.bin",
        "lock",
    ];
    for name in theirs {
        fs::write(path.join(name), b"mine").unwrap();
    }
    job.put(&key("a"), b"whole").unwrap();
    assert_eq!(job.count().unwrap(), 1);
    drop(job);
    JobFolder::open(&path).unwrap().remove().unwrap();
    let mut names: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "chunk-0.tmp",
            "chunk-1.bin",
            "lock",
            "mine.bin",
            "notes.tmp"
        ]
    );
}
