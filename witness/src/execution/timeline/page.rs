//! One page that shows timelines: no file beside it, no network, no library.
//!
//! Parts written by Rust: the title, the facts, the table of blocks, and the spans as compact text. The script of the page
//! reads the spans, draws them and counts them.

mod encoding;
mod summary;

use core::fmt::Write as _;

use super::{Activity, Ending, Span, Timeline};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
/// The script in the order in which its parts need each other.
const SCRIPT: &str = concat!(
    include_str!("page/data.js"),
    include_str!("page/chart.js"),
    include_str!("page/tables.js"),
    include_str!("page/main.js"),
);

/// What the page tells apart by colour. The order is that of the legend and of the colours in the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    FirstExecution,
    Reexecution,
    Validation,
    Sequential,
}

impl Kind {
    const ALL: [Self; 4] = [
        Self::FirstExecution,
        Self::Reexecution,
        Self::Validation,
        Self::Sequential,
    ];

    fn of(span: &Span) -> Self {
        match (span.activity, span.incarnation) {
            (Activity::Execute, 0) => Self::FirstExecution,
            (Activity::Execute, _) => Self::Reexecution,
            (Activity::Validate, _) => Self::Validation,
            (Activity::Sequential, _) => Self::Sequential,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::FirstExecution => "first execution",
            Self::Reexecution => "re-execution",
            Self::Validation => "validation",
            Self::Sequential => "sequential execution",
        }
    }
}

const ENDINGS: [Ending; 3] = [Ending::Done, Ending::Blocked, Ending::Conflict];

fn ending_name(ending: Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::Blocked => "blocked",
        Ending::Conflict => "conflict",
    }
}

/// The page, as a whole HTML document.
///
/// `title` and `facts` (a name and a value each, shown under the title) may hold any text. There is one block for each
/// timeline, in the order given; the page shows one at a time. Without spans it says that there is nothing to show.
///
/// It takes about 8 bytes for a span.
pub fn page(title: &str, timelines: &[Timeline], facts: &[(String, String)]) -> String {
    let empty = timelines.iter().all(|timeline| timeline.spans.is_empty());
    let hidden = |hide: bool| if hide { "hidden" } else { "" }.to_owned();
    let mut page = String::new();
    let mut rest = TEMPLATE;
    // One pass: what is put in is not searched for names again.
    while let Some((before, name, after)) = next_name(rest) {
        page.push_str(before);
        page.push_str(&match name {
            "title" => escaped(title),
            "style" => STYLE.to_owned(),
            "facts" => facts_list(facts),
            "hide_empty" => hidden(!empty),
            "hide_picture" => hidden(empty),
            "blocks" => summary::table(timelines),
            "data" => encoding::data(timelines),
            "script" => SCRIPT.to_owned(),
            other => format!("{{{{{other}}}}}"),
        });
        rest = after;
    }
    page.push_str(rest);
    page
}

/// Splits at the first `{{name}}`.
fn next_name(template: &str) -> Option<(&str, &str, &str)> {
    let (before, from_name) = template.split_once("{{")?;
    let (name, after) = from_name.split_once("}}")?;
    Some((before, name, after))
}

fn facts_list(facts: &[(String, String)]) -> String {
    facts.iter().fold(String::new(), |mut list, (name, value)| {
        let (name, value) = (escaped(name), escaped(value));
        let _ = write!(list, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        list
    })
}

/// Text as HTML, for elements and quoted attributes. The page puts it nowhere else: never in its script or style.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // HTML has no way to write NUL.
            '\0' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(worker: u16, transaction: u32, activity: Activity, start: u64, end: u64) -> Span {
        Span {
            worker,
            transaction,
            incarnation: 0,
            activity,
            ending: Ending::Done,
            start,
            end,
        }
    }

    fn one_block() -> Timeline {
        Timeline {
            block: 7,
            transactions: 1,
            workers: 1,
            spans: vec![span(0, 0, Activity::Execute, 10, 20)],
        }
    }

    #[test]
    fn every_name_of_the_template_is_filled_in() {
        let page = page("t", &[one_block()], &[]);
        assert!(!page.contains("{{"), "a name is left");
        for id in ["title", "style", "script", "data"] {
            assert_eq!(
                TEMPLATE.matches(&format!("{{{{{id}}}}}")).count(),
                if id == "title" { 2 } else { 1 }
            );
        }
    }

    #[test]
    fn text_from_outside_cannot_become_markup() {
        let evil = "</script></title><script>alert(1)</script>&{{data}}\"'\0<!--";
        let plain = page("t", &[one_block()], &[("n".into(), "v".into())]);
        let with_evil = page(evil, &[one_block()], &[(evil.into(), evil.into())]);
        for tag in ["<script", "</script", "</title", "<!--", "\0"] {
            assert_eq!(
                with_evil.matches(tag).count(),
                plain.matches(tag).count(),
                "{tag}"
            );
        }
        let shown = "&lt;/script&gt;&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;{{data}}&quot;&#39;\u{fffd}&lt;!--";
        // Twice as title, once as name and once as value: the name in braces is text, not filled in.
        assert_eq!(with_evil.matches(shown).count(), 4);
    }

    #[test]
    fn the_page_asks_for_nothing_from_outside() {
        let page = page("t", &[one_block()], &[]);
        for word in ["http:", "https:", "//cdn", "@import", "url(", " src="] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn nothing_to_show_is_said() {
        let notice = "<p id=\"empty\" class=\"notice\" >";
        let hidden = "<p id=\"empty\" class=\"notice\" hidden>";
        let no_spans = Timeline {
            block: 1,
            transactions: 0,
            workers: 2,
            spans: vec![],
        };
        for empty in [page("t", &[], &[]), page("t", &[no_spans], &[])] {
            assert!(empty.contains(notice));
            assert!(empty.contains("<main hidden>"));
        }
        let full = page("t", &[one_block()], &[]);
        assert!(full.contains(hidden));
        assert!(full.contains("<main >"));
    }
}
