//! What the page does when people search, zoom, move, point and choose.

use super::*;
use crate::timelines::batches;

#[test]
fn people_can_search_zoom_move_point_and_choose_a_block() {
    let blocks = [small(), simulated(2, 4, 300, (4, 6), 20)];
    // What is shown here could have happened.
    blocks.iter().for_each(|block| block.check().unwrap());
    let Some((mut page, _folder)) = open(&page("Timeline", &blocks, &[])) else {
        return;
    };
    let view = |page: &mut Page| {
        (
            page.number("document.getElementById('lanes').dataset.start"),
            page.number("document.getElementById('lanes').dataset.end"),
        )
    };
    let left = page.number("document.getElementById('lanes').getBoundingClientRect().left");
    let top = page.number("document.getElementById('lanes').getBoundingClientRect().top");
    let width = page.number("document.getElementById('lanes').getBoundingClientRect().width");
    let legend = legend(&mut page);
    assert_eq!(view(&mut page), (0.0, 10_000.0));

    // The search marks the transaction's spans on every worker and dims the others.
    page.value("document.getElementById('search').focus()");
    page.call("Input.insertText", json!({"text": "1"}));
    page.settle();
    for span in &blocks[0].spans {
        let middle = (span.start + span.end) as f64 / 2.0;
        let found = colour(&mut page, span.worker, middle, IN_BAR);
        if span.ending == Done {
            assert_eq!(
                found == legend[kind(span)],
                span.transaction == 1,
                "{span:?}"
            );
        }
    }
    let rows = page.text("Array.from(document.querySelectorAll('#spans tbody tr'), row => Array.from(row.cells, cell => cell.textContent).join(' ')).join(';')");
    assert_eq!(
        rows,
        "1 first execution 0 0 3 done;1 validation 0 3 1 conflict;1 re-execution 1 4 3 done;0 validation 1 8 0.5 done"
    );
    // Enter zooms to the transaction, with a margin.
    page.value("document.getElementById('search').select()");
    page.call("Input.insertText", json!({"text": "2"}));
    page.key("Enter");
    assert_eq!(view(&mut page), (2100.0, 9900.0));

    // The pointer: what it is at, zoom by wheel with the time under it in its place, drag.
    page.value("document.getElementById('lanes').focus()");
    page.key("Escape");
    page.key("0");
    assert_eq!(view(&mut page), (0.0, 10_000.0));
    assert_eq!(
        page.text("document.getElementById('transaction').hidden"),
        "true"
    );
    page.mouse("mouseMoved", left + 0.4 * width, top + 10.0, json!({}));
    assert_eq!(
        page.text("document.getElementById('tip').innerText"),
        "Transaction 2, incarnation 0\nFirst execution, blocked\nWorker 0, start 3 µs, duration 2 µs"
    );
    page.mouse(
        "mouseWheel",
        left + 0.4 * width,
        top + 10.0,
        json!({"deltaX": 0, "deltaY": -100}),
    );
    page.wait_until("document.getElementById('lanes').dataset.end < 10000");
    let (start, end) = view(&mut page);
    let under_pointer = start + 0.4 * (end - start);
    assert!((under_pointer - 4000.0).abs() < 20.0, "{under_pointer}");
    assert!((end - start) < 8000.0);
    let button = json!({"button": "left", "buttons": 1, "clickCount": 1});
    page.mouse(
        "mousePressed",
        left + 0.5 * width,
        top + 10.0,
        button.clone(),
    );
    page.mouse("mouseMoved", left + 0.4 * width, top + 10.0, button.clone());
    page.mouse("mouseReleased", left + 0.4 * width, top + 10.0, button);
    let (dragged, _) = view(&mut page);
    assert!(
        (dragged - start - 0.1 * (end - start)).abs() < 20.0,
        "{start} {dragged}"
    );

    // The keyboard.
    page.key("0");
    page.key("+");
    assert_eq!(view(&mut page), (2500.0, 7500.0));
    page.key("ArrowRight");
    assert_eq!(view(&mut page), (3500.0, 8500.0));
    page.key("ArrowLeft");
    page.key("-");
    assert_eq!(view(&mut page), (0.0, 10_000.0));
    page.key("Escape");
    for _ in 0..3 {
        page.key("n");
    }
    let said = page.text("document.getElementById('announcement').textContent");
    assert!(said.starts_with("Transaction 2, incarnation 0"), "{said}");
    page.key("ArrowDown");
    let said = page.text("document.getElementById('announcement').textContent");
    assert!(
        said.contains("Worker 1") && said.contains("conflict"),
        "{said}"
    );

    // Another block.
    page.value("document.querySelectorAll('#blocks button')[1].scrollIntoView()");
    let place = "document.querySelectorAll('#blocks button')[1].getBoundingClientRect()";
    let x = page.number(&format!("{place}.left + 3"));
    let y = page.number(&format!("{place}.top + 5"));
    let click = json!({"button": "left", "clickCount": 1});
    page.mouse("mousePressed", x, y, click.clone());
    page.mouse("mouseReleased", x, y, click);
    assert_eq!(page.text("document.getElementById('block').value"), "1");
    assert_eq!(
        page.number("document.querySelectorAll('#workers li').length"),
        4.0
    );
    let mut expected = BTreeMap::new();
    for span in &blocks[1].spans {
        *expected.entry(kind(span)).or_insert(0) += 1;
    }
    for (name, kind) in [
        ("first execution", 0),
        ("re-execution", 1),
        ("validation", 2),
        ("sequential execution", 3),
    ] {
        assert!(expected[&kind] > 0);
        assert_eq!(
            counts(&mut page, name)[0],
            expected[&kind].to_string(),
            "{name}"
        );
    }
    quiet(&page);
}

#[test]
fn a_batch_is_named_by_its_first_and_last_transaction() {
    let Some((mut page, _folder)) = open(&page("Timeline", &[batches()], &[])) else {
        return;
    };
    page.value("document.getElementById('lanes').focus()");
    let mut said = |key: &str| {
        page.key(key);
        let said = page.text("document.getElementById('announcement').textContent");
        said.split(',').next().unwrap_or_default().to_owned()
    };
    assert_eq!(said("n"), "Transactions 0 to 127");
    assert_eq!(said("n"), "Transaction 191");
    assert_eq!(said("ArrowDown"), "Transactions 128 to 190");
    // Any of them is found; none beyond the block.
    for (text, title, rows) in [
        ("0", "Transactions 0 to 127", 1.0),
        ("127", "Transactions 0 to 127", 1.0),
        ("128", "Transactions 128 to 190", 2.0),
        ("190", "Transactions 128 to 190", 2.0),
        ("191", "Transaction 191", 1.0),
        ("192", "", 0.0),
        ("99999999999999999999", "", 0.0),
    ] {
        page.value("document.getElementById('search').select()");
        page.call("Input.insertText", json!({"text": text}));
        page.settle();
        let hidden = page.text("document.getElementById('transaction').hidden");
        assert_eq!(hidden, title.is_empty().to_string(), "{text}");
        if !title.is_empty() {
            let found = page.text("document.getElementById('transaction-title').textContent");
            assert_eq!(found, title);
        }
        let found = page.number("document.querySelectorAll('#spans tbody tr').length");
        assert_eq!(found, rows, "{text}");
    }
    quiet(&page);
}
