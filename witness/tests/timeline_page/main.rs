//! The timeline's page in a real browser: what it counts, where it draws, what it does when people act on it.
//!
//! Needs Chromium. Without one the tests say that they were skipped, unless `BRAID_REQUIRE_CHROMIUM` is set: then they fail.

mod acting;
mod browser;
mod timelines;

use std::collections::BTreeMap;
use std::time::Instant;

use braid_witness::execution::Ending::{Blocked, Conflict, Done};
use braid_witness::execution::Timeline;
use braid_witness::execution::timeline::page::page;
use browser::Page;
use serde_json::json;
use timelines::{kind, simulated, small};

/// Opens the page, or says that there is no browser.
fn open(html: &str) -> Option<(Page, tempfile::TempDir)> {
    let Some(chromium) = browser::find() else {
        assert!(
            std::env::var_os("BRAID_REQUIRE_CHROMIUM").is_none(),
            "Chromium is required here and was not found"
        );
        eprintln!(
            "SKIPPED: no Chromium in PATH and none in CHROMIUM; the timeline's page was not looked at"
        );
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("timeline.html");
    std::fs::write(&file, html).unwrap();
    let mut page = Page::open(&chromium, &file, (1300, 900));
    page.settle();
    Some((page, folder))
}

/// At the end of every test: the console is empty, and the page asked for nothing but itself.
fn quiet(page: &Page) {
    assert!(page.complaints.is_empty(), "{:?}", page.complaints);
    let others: Vec<_> = page
        .requests
        .iter()
        .filter(|address| !address.ends_with("/timeline.html") && !address.starts_with("data:"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

/// Row of the table of counts: count, blocked, conflict.
fn counts(page: &mut Page, name: &str) -> [String; 3] {
    let row = format!("document.querySelector('#counts tr[data-name=\"{name}\"]').cells");
    [1, 2, 3].map(|column| page.text(&format!("{row}[{column}].textContent")))
}

/// Colour of the canvas at a time and a distance from the top of a worker's lane, as CSS writes it.
fn colour(page: &mut Page, worker: u16, time: f64, down: f64) -> String {
    page.text(&format!(
        "(() => {{
            const canvas = document.getElementById('lanes');
            const box = canvas.getBoundingClientRect();
            const label = document.querySelectorAll('#workers li')[{worker}].getBoundingClientRect();
            const from = Number(canvas.dataset.start), to = Number(canvas.dataset.end);
            const x = ({time} - from) / (to - from) * box.width;
            const y = label.top - box.top + {down};
            const copy = new OffscreenCanvas(1, 1).getContext('2d', {{ willReadFrequently: true }});
            copy.drawImage(canvas, -Math.floor(x), -Math.floor(y));
            const [r, g, b] = copy.getImageData(0, 0, 1, 1).data;
            return `rgb(${{r}}, ${{g}}, ${{b}})`;
        }})()"
    ))
}

/// Colours of the legend by kind: first execution, re-execution, validation, sequential.
fn legend(page: &mut Page) -> [String; 4] {
    [0, 1, 2, 3].map(|kind| {
        page.text(&format!(
            "getComputedStyle(document.getElementById('swatch-{kind}')).backgroundColor"
        ))
    })
}

fn ending_colour(page: &mut Page, name: &str) -> String {
    page.text(&format!(
        "getComputedStyle(document.querySelector('#counts tr[data-name=\"ended: {name}\"] .swatch')).borderTopColor"
    ))
}

/// In a bar, above its label.
const IN_BAR: f64 = 8.0;
/// In the strip of marks, where only those of conflicts reach.
const DEEP_IN_STRIP: f64 = 30.0;
/// In the strip of marks, where all of them are.
const IN_STRIP: f64 = 28.0;

#[test]
fn counts_and_bars_are_those_of_the_spans() {
    let timeline = small();
    let facts = [("Mode".to_owned(), "<b>parallel</b>".to_owned())];
    let evil = "Timeline </title><script>document.body.remove()</script> & more";
    let Some((mut page, _folder)) = open(&page(evil, std::slice::from_ref(&timeline), &facts))
    else {
        return;
    };
    assert_eq!(page.text("document.title"), evil);
    assert_eq!(
        page.text("document.querySelector('#facts dd').textContent"),
        facts[0].1
    );
    assert_eq!(page.text("document.getElementById('empty').hidden"), "true");
    assert!(
        page.text("document.getElementById('counts-title').textContent")
            .contains("18000000000000000001: 10 spans in 10.00")
    );

    assert_eq!(counts(&mut page, "first execution"), ["3", "1", "0"]);
    assert_eq!(counts(&mut page, "re-execution"), ["2", "0", "0"]);
    assert_eq!(counts(&mut page, "validation"), ["4", "0", "1"]);
    assert_eq!(counts(&mut page, "sequential execution"), ["1", "0", "0"]);
    let workers =
        page.text("Array.from(document.querySelectorAll('#workers li'), item => item.textContent)");
    assert_eq!(workers, "Worker 0 85.0 % busy,Worker 1 80.0 % busy");

    for scheme in ["light", "dark"] {
        page.scheme(scheme);
        let legend = legend(&mut page);
        let blocked = ending_colour(&mut page, "blocked");
        let conflict = ending_colour(&mut page, "conflict");
        for span in &timeline.spans {
            let middle = (span.start + span.end) as f64 / 2.0;
            let mark = colour(&mut page, span.worker, middle, IN_STRIP);
            let deep = colour(&mut page, span.worker, middle, DEEP_IN_STRIP);
            // The outline starts with the bar.
            let edge = colour(&mut page, span.worker, span.start as f64 + 9.0, IN_BAR);
            match span.ending {
                Done => {
                    let found = colour(&mut page, span.worker, middle, IN_BAR);
                    assert_eq!(found, legend[kind(span)], "{scheme}: {span:?}");
                    assert!(mark != blocked && mark != conflict, "{scheme}: {span:?}");
                }
                Blocked => {
                    assert_eq!([&edge, &mark], [&blocked, &blocked], "{scheme}: {span:?}");
                    assert_ne!(deep, blocked, "{scheme}: {span:?}");
                }
                Conflict => {
                    assert_eq!([&edge, &mark, &deep], [&conflict; 3], "{scheme}: {span:?}");
                }
            }
        }
        for (worker, time) in [(0, 5500.0), (0, 8750.0), (1, 7500.0), (1, 9500.0)] {
            let found = colour(&mut page, worker, time, IN_BAR);
            assert!(
                !legend.contains(&found),
                "{scheme}: worker {worker} is idle at {time}"
            );
        }
    }
    quiet(&page);
}

#[test]
fn a_large_block_is_small_on_disk_and_quick_to_draw() {
    let timeline = simulated(1, 16, 95_000, (3, 4), 500);
    let spans = timeline.spans.len();
    assert!(spans > 190_000, "{spans}");
    let empty = page("Timeline", &[], &[]).len();
    let start = Instant::now();
    let html = page("Timeline", &[timeline], &[]);
    let written = start.elapsed();
    let bytes = (html.len() - empty) as f64 / spans as f64;
    assert!(bytes < 9.0, "{bytes} bytes a span");
    let Some((mut page, _folder)) = open(&html) else {
        return;
    };
    assert!(counts(&mut page, "first execution")[0].starts_with("95,000"));
    // Frames while a view that moves is drawn: all spans, then a hundredth of them.
    page.value("document.getElementById('lanes').focus()");
    let frames = |page: &mut Page| {
        page.value(
            "(async () => {
                const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
                const start = performance.now();
                for (let i = 0; i < 20; i++) {
                    document.getElementById(i % 2 ? 'left' : 'right').click();
                    await new Promise(requestAnimationFrame);
                    copy.drawImage(document.getElementById('lanes'), 0, 0);
                    copy.getImageData(0, 0, 1, 1);
                }
                return (performance.now() - start) / 20;
            })()",
        )
        .as_f64()
        .unwrap()
    };
    page.key("+");
    let half = frames(&mut page);
    for _ in 0..6 {
        page.key("+");
    }
    let part = frames(&mut page);
    println!(
        "{spans} spans: {bytes:.2} bytes each, written in {written:.0?}; {half:.1} ms a frame, zoomed in {part:.1} ms"
    );
    // Twenty times what it takes on an idle machine.
    assert!(
        half < 1500.0 && part < 1500.0,
        "{half} ms, {part} ms a frame"
    );
    quiet(&page);
}

#[test]
fn an_empty_timeline_says_so() {
    let nothing = Timeline {
        block: 5,
        transactions: 0,
        workers: 2,
        spans: vec![],
    };
    let Some((mut page, _folder)) = open(&page("Timeline", &[], &[])) else {
        return;
    };
    assert!(page.text("document.body.innerText").contains("no spans"));
    assert_eq!(page.text("document.querySelector('main').hidden"), "true");
    quiet(&page);

    let (mut page, _folder) = open(&self::page("Timeline", &[nothing, small()], &[])).unwrap();
    assert!(
        page.text("document.body.innerText")
            .contains("Nothing was recorded for this block")
    );
    assert_eq!(page.text("document.getElementById('chart').hidden"), "true");
    page.value("document.querySelectorAll('#blocks button')[1].click()");
    page.settle();
    assert_eq!(
        page.text("document.getElementById('chart').hidden"),
        "false"
    );
    assert_eq!(
        page.number("document.getElementById('lanes').dataset.end"),
        10_000.0
    );
    quiet(&page);
}
