//! The pipeline over a toy proof system, whose "proof" is the text that it proves.

use std::fs;
use std::path::Path;

use super::*;
use crate::schedule::thread_pool;

#[derive(Default)]
struct Toy {
    identity: u8,
    made: AtomicUsize,
    fails_at: Option<usize>,
    panics_at: Option<usize>,
    stalls_at: Option<usize>,
    memory: u64,
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn report(&self, event: Event<'_>) {
        self.0.lock().unwrap().push(format!("{event:?}"));
    }
}

impl Heard {
    fn count(&self, what: &str) -> usize {
        let heard = self.0.lock().unwrap();
        heard.iter().filter(|line| line.contains(what)).count()
    }
}

impl ProofSystem for Toy {
    type Chunk = String;
    type Proof = String;
    type Error = String;

    fn identity(&self) -> Vec<u8> {
        vec![self.identity]
    }
    fn chunk_bytes(&self, chunk: &String) -> Result<Vec<u8>, String> {
        Ok(chunk.clone().into_bytes())
    }
    fn chunk_memory(&self, _: &String) -> u64 {
        self.memory
    }
    fn fold_memory(&self) -> u64 {
        self.memory
    }
    fn prove_chunk(
        &self,
        index: usize,
        chunk: &String,
        _: &dyn Progress,
    ) -> Result<String, String> {
        if self.fails_at == Some(index) {
            return Err("no proof".to_owned());
        }
        assert_ne!(self.panics_at, Some(index), "the worker dies");
        if self.stalls_at == Some(index) {
            std::thread::sleep(std::time::Duration::from_secs(60));
        }
        self.made.fetch_add(1, Ordering::SeqCst);
        Ok(format!("<{chunk}>"))
    }
    fn fold(
        &self,
        _: usize,
        left: &String,
        right: &String,
        _: &dyn Progress,
    ) -> Result<String, String> {
        self.made.fetch_add(1, Ordering::SeqCst);
        Ok(format!("({left}{right})"))
    }
    fn encode(&self, proof: &String) -> Result<Vec<u8>, String> {
        Ok(proof.clone().into_bytes())
    }
    fn decode_chunk(&self, chunk: &String, bytes: &[u8]) -> Result<String, String> {
        let proof = String::from_utf8_lossy(bytes).into_owned();
        if proof == format!("<{chunk}>") {
            Ok(proof)
        } else {
            Err("it proves something else".to_owned())
        }
    }
    fn decode_fold(&self, left: &String, right: &String, bytes: &[u8]) -> Result<String, String> {
        let proof = String::from_utf8_lossy(bytes).into_owned();
        if proof == format!("({left}{right})") {
            Ok(proof)
        } else {
            Err("it joins something else".to_owned())
        }
    }
}

fn chunks(count: usize) -> Vec<String> {
    (0..count).map(|i| i.to_string()).collect()
}

const LIMITS: Limits = Limits {
    threads: 2,
    memory: 1000,
};

fn run(
    toy: &Toy,
    count: usize,
    job: Option<Job<'_>>,
    heard: &Heard,
) -> Result<Vec<String>, PipelineError<String>> {
    let pool = thread_pool(2).unwrap();
    prove_all(toy, &chunks(count), Goal::One, &pool, LIMITS, job, heard)
}

fn in_folder(
    toy: &Toy,
    count: usize,
    path: &Path,
    resume: bool,
    heard: &Heard,
) -> Result<String, PipelineError<String>> {
    let folder = JobFolder::open(path).unwrap();
    let job = Job {
        folder: &folder,
        resume,
    };
    run(toy, count, Some(job), heard).map(|mut proofs| proofs.remove(0))
}

const FIVE: &str = "(((<0><1>)(<2><3>))<4>)";

#[test]
fn any_number_of_chunks_becomes_one_proof() {
    for (count, expected) in [(1, "<0>"), (2, "(<0><1>)"), (3, "((<0><1>)<2>)"), (5, FIVE)] {
        let heard = Heard::default();
        let proofs = run(&Toy::default(), count, None, &heard).unwrap();
        assert_eq!(proofs, [expected]);
        assert_eq!(heard.count("StageAdvanced { stage: Chunks"), count);
        assert_eq!(heard.count("StageAdvanced { stage: Folds"), count - 1);
        assert_eq!(heard.count("StageFinished"), if count == 1 { 1 } else { 2 });
    }
    assert!(
        run(&Toy::default(), 0, None, &Heard::default())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn chunk_proofs_alone_come_in_order() {
    let pool = thread_pool(2).unwrap();
    let proofs = prove_all(
        &Toy::default(),
        &chunks(3),
        Goal::Chunks,
        &pool,
        LIMITS,
        None,
        &Heard::default(),
    );
    assert_eq!(proofs.unwrap(), ["<0>", "<1>", "<2>"]);
}

#[test]
fn a_second_run_makes_nothing_again() {
    let folder = tempfile::tempdir().unwrap();
    let heard = Heard::default();
    let toy = Toy::default();
    assert_eq!(
        in_folder(&toy, 5, folder.path(), true, &heard).unwrap(),
        FIVE
    );
    assert_eq!(toy.made.load(Ordering::SeqCst), 9);
    assert_eq!(heard.count("Reused"), 0);
    assert_eq!(
        in_folder(&toy, 5, folder.path(), true, &heard).unwrap(),
        FIVE
    );
    assert_eq!(toy.made.load(Ordering::SeqCst), 9);
    assert_eq!(heard.count("Reused"), 9);
    // Another proof system's proofs are not taken, nor any without `resume`.
    let other = Toy {
        identity: 1,
        ..Toy::default()
    };
    in_folder(&other, 5, folder.path(), true, &heard).unwrap();
    assert_eq!(other.made.load(Ordering::SeqCst), 9);
    in_folder(&toy, 5, folder.path(), false, &heard).unwrap();
    assert_eq!(toy.made.load(Ordering::SeqCst), 18);
}

#[test]
fn an_end_in_the_middle_loses_no_finished_chunk() {
    for broken in [
        Toy {
            fails_at: Some(3),
            ..Toy::default()
        },
        Toy {
            panics_at: Some(3),
            ..Toy::default()
        },
    ] {
        let folder = tempfile::tempdir().unwrap();
        let error = in_folder(&broken, 5, folder.path(), true, &Heard::default()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("chunk 3"), "{text}");
        let before = broken.made.load(Ordering::SeqCst);
        assert!(before >= 3, "{before}");
        let toy = Toy::default();
        let heard = Heard::default();
        assert_eq!(
            in_folder(&toy, 5, folder.path(), true, &heard).unwrap(),
            FIVE
        );
        assert_eq!(heard.count("Reused"), before);
        assert_eq!(toy.made.load(Ordering::SeqCst), 9 - before);
    }
}

#[test]
fn damaged_and_forged_entries_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let toy = Toy::default();
    in_folder(&toy, 3, folder.path(), true, &Heard::default()).unwrap();
    let files = || {
        let mut files: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "bin"));
        files
    };
    let all = files();
    assert_eq!(all.len(), 5);
    for (number, path) in all.iter().enumerate() {
        let good = fs::read(path).unwrap();
        fs::write(path, &good[..good.len() - 1]).unwrap();
        let heard = Heard::default();
        in_folder(&toy, 3, folder.path(), true, &heard).unwrap();
        assert_eq!(heard.count("Warning"), 1, "{path:?}");
        assert_eq!(heard.count("Reused"), 4);
        assert_eq!(toy.made.load(Ordering::SeqCst), 6 + number);
        assert_eq!(fs::read(path).unwrap(), good);
    }
    // A whole entry that proves something else: the reader notices.
    let job = JobFolder::open(folder.path()).unwrap();
    job.put(&EntryKey::new("chunk", &[&[0], b"1"]), b"<7>")
        .unwrap();
    drop(job);
    let heard = Heard::default();
    let proof = in_folder(&toy, 3, folder.path(), true, &heard).unwrap();
    assert_eq!(proof, "((<0><1>)<2>)");
    assert_eq!(heard.count("it proves something else"), 1);
}

#[test]
fn too_little_memory_is_said_before_anything_is_made() {
    let toy = Toy {
        memory: 1001,
        ..Toy::default()
    };
    let error = run(&toy, 3, None, &Heard::default()).unwrap_err();
    assert!(
        matches!(error, ScheduleError::WouldNotFit { .. }),
        "{error}"
    );
    assert_eq!(toy.made.load(Ordering::SeqCst), 0);
}

/// Names the job folder of a child process of [`a_killed_process_loses_nothing`].
const CHILD_FOLDER: &str = "BRAID_TEST_JOB_FOLDER";

/// Not a test of its own: the process that is killed.
#[test]
#[ignore = "run by a_killed_process_loses_nothing"]
fn stalls_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD_FOLDER) else {
        return;
    };
    let toy = Toy {
        stalls_at: Some(4),
        ..Toy::default()
    };
    let _ = in_folder(&toy, 5, Path::new(&path), true, &Heard::default());
}

#[test]
fn a_killed_process_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "pipeline::tests::stalls_until_it_is_killed",
        ])
        .env(CHILD_FOLDER, folder.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // Four chunks and three folds can be done without the last chunk.
    let written = || {
        let names = fs::read_dir(folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().path());
        names
            .filter(|path| path.extension().is_some_and(|e| e == "bin"))
            .count()
    };
    let begun = Instant::now();
    while written() < 7 {
        assert!(
            begun.elapsed().as_secs() < 50,
            "the child makes no progress"
        );
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // While it lives, nobody else gets in.
    assert!(matches!(
        JobFolder::open(folder.path()),
        Err(JobError::Locked { .. })
    ));
    child.kill().unwrap();
    child.wait().unwrap();
    // As if it had been killed while it wrote.
    fs::write(folder.path().join(".chunk-9.braid-tmp"), b"half").unwrap();
    let toy = Toy::default();
    let heard = Heard::default();
    assert_eq!(
        in_folder(&toy, 5, folder.path(), true, &heard).unwrap(),
        FIVE
    );
    assert_eq!(heard.count("Reused"), 7);
    assert_eq!(toy.made.load(Ordering::SeqCst), 2);
}
