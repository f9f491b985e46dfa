use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

fn task(bytes: u64, after: &[usize]) -> Task {
    Task {
        label: format!("task of {bytes} after {after:?}"),
        bytes,
        after: after.to_vec(),
    }
}

fn tree_tasks(leaves: usize, bytes: u64) -> Vec<Task> {
    let mut tasks: Vec<_> = (0..leaves).map(|_| task(bytes, &[])).collect();
    tasks.extend(fold_tree(leaves).iter().map(|&(a, b)| task(bytes, &[a, b])));
    tasks
}

const PLENTY: Limits = Limits {
    threads: 4,
    memory: 100,
};

#[test]
fn folds_join_neighbours_up_to_one_root() {
    for leaves in 1..40 {
        let folds = fold_tree(leaves);
        assert_eq!(folds.len(), leaves - 1);
        // Every position stands for a run of leaves; a fold joins a run with the one right after it.
        let mut runs: Vec<_> = (0..leaves).map(|i| (i, i + 1)).collect();
        for &(left, right) in &folds {
            let (left, right) = (runs[left], runs[right]);
            assert_eq!(left.1, right.0);
            runs.push((left.0, right.1));
        }
        assert_eq!(runs.last(), Some(&(0, leaves)));
    }
    assert!(fold_tree(0).is_empty());
}

#[test]
fn results_arrive_in_order() {
    let pool = thread_pool(3).unwrap();
    for leaves in 1..12 {
        let tasks = tree_tasks(leaves, 30);
        let roots = run(&pool, PLENTY, &tasks, |index, inputs: &[Arc<String>]| {
            Ok::<_, ()>(match inputs {
                [] => format!("{index},"),
                [a, b] => format!("{a}{b}"),
                _ => unreachable!("folds have two inputs"),
            })
        });
        let expected: String = (0..leaves).map(|i| format!("{i},")).collect();
        let roots = roots.unwrap();
        assert_eq!(roots.len(), 1);
        assert_eq!(*roots[0], expected);
    }
}

#[test]
fn neither_memory_nor_threads_are_overdrawn() {
    let pool = thread_pool(4).unwrap();
    for (threads, memory, most) in [(4, 70, 2), (4, 1000, 4), (1, 1000, 1), (2, 1000, 2)] {
        let (running, bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
        let peak = AtomicUsize::new(0);
        let tasks = tree_tasks(9, 30);
        let limits = Limits { threads, memory };
        run(&pool, limits, &tasks, |index, _: &[Arc<()>]| {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            peak.fetch_max(now, Ordering::SeqCst);
            let used = bytes.fetch_add(tasks[index].bytes, Ordering::SeqCst);
            assert!(used + tasks[index].bytes <= memory);
            std::thread::sleep(Duration::from_millis(4));
            bytes.fetch_sub(tasks[index].bytes, Ordering::SeqCst);
            running.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, ()>(())
        })
        .unwrap();
        let peak = peak.load(Ordering::SeqCst);
        assert!(peak <= most, "{peak} tasks side by side instead of {most}");
    }
}

#[test]
fn tasks_do_run_side_by_side() {
    // Each of two tasks waits until the other has started.
    let pool = thread_pool(2).unwrap();
    let barrier = std::sync::Barrier::new(2);
    let tasks = [task(1, &[]), task(1, &[])];
    let limits = Limits {
        threads: 2,
        memory: 2,
    };
    let done = run(&pool, limits, &tasks, |_, _: &[Arc<()>]| {
        barrier.wait();
        Ok::<_, ()>(())
    });
    assert_eq!(done.unwrap().len(), 2);
}

#[test]
fn a_fold_starts_before_later_leaves() {
    let pool = thread_pool(1).unwrap();
    let order = std::sync::Mutex::new(Vec::new());
    let tasks = tree_tasks(4, 1);
    let limits = Limits {
        threads: 1,
        memory: 100,
    };
    run(&pool, limits, &tasks, |index, _: &[Arc<()>]| {
        order.lock().unwrap().push(index);
        Ok::<_, ()>(())
    })
    .unwrap();
    assert_eq!(*order.lock().unwrap(), [0, 1, 4, 2, 3, 5, 6]);
}

#[test]
fn what_cannot_fit_is_refused_before_anything_starts() {
    let pool = thread_pool(1).unwrap();
    let tasks = [task(1, &[]), task(101, &[0])];
    let result = run(
        &pool,
        PLENTY,
        &tasks,
        |_, _: &[Arc<()>]| -> Result<(), ()> { panic!("nothing may start") },
    );
    let Err(ScheduleError::WouldNotFit {
        needed, available, ..
    }) = result
    else {
        panic!("{result:?}");
    };
    assert_eq!((needed, available), (101, 100));
}

#[test]
fn the_first_error_stops_what_has_not_started() {
    let pool = thread_pool(1).unwrap();
    let count = AtomicUsize::new(0);
    let tasks: Vec<_> = (0..20).map(|_| task(60, &[])).collect();
    let result = run(&pool, PLENTY, &tasks, |index, _: &[Arc<()>]| {
        count.fetch_add(1, Ordering::SeqCst);
        if index == 3 { Err("broken") } else { Ok(()) }
    });
    let Err(ScheduleError::Failed { source, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(source, "broken");
    assert_eq!(count.load(Ordering::SeqCst), 4);
}

#[test]
fn a_panic_becomes_an_error_and_others_finish() {
    let pool = thread_pool(2).unwrap();
    let finished = AtomicUsize::new(0);
    let barrier = std::sync::Barrier::new(2);
    let tasks = [task(1, &[]), task(1, &[]), task(1, &[0, 1])];
    let limits = Limits {
        threads: 2,
        memory: 100,
    };
    let result = run(&pool, limits, &tasks, |index, _: &[Arc<()>]| {
        barrier.wait();
        if index == 0 {
            panic!("worker {index} is gone");
        }
        std::thread::sleep(Duration::from_millis(20));
        finished.fetch_add(1, Ordering::SeqCst);
        Ok::<_, ()>(())
    });
    let Err(ScheduleError::Panicked { message, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(message, "worker 0 is gone");
    assert_eq!(finished.load(Ordering::SeqCst), 1);
    // The pool is still good.
    assert_eq!(pool.install(|| 1 + 1), 2);
}

#[test]
fn a_plan_must_be_in_order() {
    let pool = thread_pool(1).unwrap();
    let tasks = [task(1, &[1]), task(1, &[])];
    let result = run(&pool, PLENTY, &tasks, |_, _: &[Arc<()>]| Ok::<_, ()>(()));
    assert!(matches!(result, Err(ScheduleError::Plan(_))));
    let none = run(&pool, PLENTY, &[], |_, _: &[Arc<()>]| Ok::<_, ()>(()));
    assert!(none.unwrap().is_empty());
}
