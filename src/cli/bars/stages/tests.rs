//! What is said of stages and steps, with a clock of our own.

use super::*;

const STAGE: Stage = Stage::Chunks;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn nothing_is_said_of_rates_before_there_is_a_measure() {
    let start = Instant::now();
    let mut stages = Stages::default();
    stages.note(
        &Event::StageStarted {
            stage: STAGE,
            total: 3,
        },
        start,
    );
    let pace = |stages: &Stages, at| stages.get(STAGE).unwrap().pace(start + seconds(at));
    assert_eq!(pace(&stages, 0), "0 s so far");
    assert_eq!(pace(&stages, 300), "5 min so far");
    let advanced = Event::StageAdvanced {
        stage: STAGE,
        by: 1,
    };
    stages.note(&advanced, start + seconds(300));
    assert_eq!(
        pace(&stages, 300),
        "5 min so far, 300 s a chunk, about 10 min left"
    );
    assert_eq!(
        stages.now(start + seconds(400)).unwrap(),
        "chunks: 1 of 3 chunks, 7 min so far, 300 s a chunk, about 8 min left"
    );
    // It takes longer than the first did: no time left is better than a wrong one.
    assert_eq!(pace(&stages, 1200), "20 min so far, 300 s a chunk");
}

#[test]
fn an_estimate_by_sizes_is_there_from_the_start() {
    let start = Instant::now();
    let stage = Stage::Setup;
    let (work, step) = (Work::Setup, Step::Build);
    let mut stages = Stages::default();
    stages.note(&Event::StageStarted { stage, total: 4 }, start);
    let left = seconds(90);
    stages.note(&Event::Expected { stage, left }, start);
    stages.note(&Event::StepStarted { work, step }, start);
    let detail = "chunk-standard";
    stages.note(&Event::StepDetail { work, step, detail }, start);
    let after = start + seconds(40);
    assert_eq!(
        stages.now(after).unwrap(),
        "setup: 0 of 4 steps, building chunk-standard, 40 s so far, about 50 s left"
    );
    // A set-up's steps are unlike each other, so that their rate means nothing.
    stages.note(&Event::StageAdvanced { stage, by: 1 }, after);
    assert_eq!(
        stages.get(stage).unwrap().pace(after),
        "40 s so far, about 50 s left"
    );
    // Longer than expected: no time left is better than a wrong one.
    assert_eq!(
        stages.get(stage).unwrap().pace(start + seconds(95)),
        "95 s so far"
    );
    assert_eq!(
        stages.step_finished(work, step, seconds(40)),
        "setup: chunk-standard built in 40.00 s"
    );
    assert_eq!(
        stages.stage_finished(stage, seconds(44)),
        "setup: 4 steps in 44.00 s"
    );
}

#[test]
fn steps_side_by_side_are_named_up_to_a_number() {
    let start = Instant::now();
    let mut stages = Stages::default();
    let total = 9;
    stages.note(
        &Event::StageStarted {
            stage: STAGE,
            total,
        },
        start,
    );
    for index in 0..5 {
        let (work, step) = (Work::Chunk(index), Step::Stark);
        stages.note(&Event::StepStarted { work, step }, start);
    }
    let (work, step, detail) = (Work::Chunk(1), Step::Stark, "openings");
    stages.note(&Event::StepDetail { work, step, detail }, start);
    assert_eq!(
        stages.now(start + seconds(12)).unwrap(),
        "chunks: 0 of 9 chunks, chunk 0 in stark, chunk 1 in stark (openings), chunk 2 in stark, 2 more, 12 s so far"
    );
    for index in 0..5 {
        let work = Work::Chunk(index);
        let elapsed = seconds(13);
        stages.forget(&Event::StepFinished {
            work,
            step,
            elapsed,
        });
    }
    assert_eq!(
        stages.now(start + seconds(13)).unwrap(),
        "chunks: 0 of 9 chunks, 13 s so far"
    );
}

/// As the pipeline reports it: folds begin with the chunks.
#[test]
fn what_runs_is_said_of_every_stage_at_work() {
    let start = Instant::now();
    let mut stages = Stages::default();
    for (stage, total) in [(Stage::Chunks, 3), (Stage::Folds, 2)] {
        stages.note(&Event::StageStarted { stage, total }, start);
    }
    let at = start + seconds(10);
    assert_eq!(
        stages.now(at).unwrap(),
        "chunks: 0 of 3 chunks, 10 s so far"
    );
    let chunk = |index| Event::StepStarted {
        work: Work::Chunk(index),
        step: Step::Stark,
    };
    stages.note(&chunk(0), start);
    assert_eq!(
        stages.now(at).unwrap(),
        "chunks: 0 of 3 chunks, chunk 0 in stark, 10 s so far"
    );
    let (work, step) = (Work::Fold(0), Step::Fold);
    stages.note(&Event::StepStarted { work, step }, start);
    assert_eq!(
        stages.now(at).unwrap(),
        "chunks: 0 of 3 chunks, chunk 0 in stark, 10 s so far; folds: 0 of 2 folds, fold 0 in fold, 10 s so far"
    );
    // All chunks are done.
    let elapsed = seconds(10);
    let over = Event::StepFinished {
        work: Work::Chunk(0),
        step: Step::Stark,
        elapsed,
    };
    stages.forget(&over);
    assert_eq!(
        stages.now(at).unwrap(),
        "folds: 0 of 2 folds, fold 0 in fold, 10 s so far"
    );
}

#[test]
fn one_is_singular() {
    let start = Instant::now();
    let mut stages = Stages::default();
    for (stage, total, text) in [
        (
            Stage::Chunks,
            1,
            "chunks: 1 chunk in 2.00 s, 0.50 chunks a second",
        ),
        (
            Stage::Chunks,
            2,
            "chunks: 2 chunks in 2.00 s, 1.00 chunks a second",
        ),
        (Stage::Execution, 1, "execution: 1 transaction in 2.00 s"),
        (Stage::Final, 1, "final proof: 1 proof in 2.00 s"),
        (Stage::Wrap, 3, "wrap: 3 proofs in 2.00 s"),
    ] {
        stages.note(&Event::StageStarted { stage, total }, start);
        assert_eq!(stages.stage_finished(stage, seconds(2)), text);
    }
}

#[test]
fn times_are_said_as_people_say_them() {
    assert_eq!(about(Duration::from_millis(700)), "1 s");
    assert_eq!(about(seconds(119)), "119 s");
    assert_eq!(about(seconds(150)), "3 min");
    assert_eq!(about(seconds(7 * 3600 + 61)), "7 h 1 min");
}

/// What the stage of execution takes holds more than what the answer calls execution.
#[test]
fn the_rate_of_execution_is_left_to_the_answer() {
    let start = Instant::now();
    let stage = Stage::Execution;
    let mut stages = Stages::default();
    stages.note(&Event::StageStarted { stage, total: 100 }, start);
    let advanced = Event::StageAdvanced { stage, by: 50 };
    stages.note(&advanced, start + seconds(10));
    let running = stages.get(stage).unwrap();
    let pace = running.pace(start + seconds(10));
    assert_eq!(pace, "10 s so far, about 10 s left");
}

#[test]
fn what_was_found_finished_has_no_rate() {
    let start = Instant::now();
    let (stage, work) = (STAGE, Work::Chunk(0));
    let mut stages = Stages::default();
    stages.note(&Event::StageStarted { stage, total: 3 }, start);
    stages.note(&Event::Reused { work }, start + seconds(2));
    let advanced = Event::StageAdvanced { stage, by: 1 };
    stages.note(&advanced, start + seconds(2));
    let pace = stages.get(stage).unwrap().pace(start + seconds(2));
    assert_eq!(pace, "2 s so far");
    let finished = stages.stage_finished(stage, seconds(3));
    assert_eq!(finished, "chunks: 3 chunks in 3.00 s");
}
