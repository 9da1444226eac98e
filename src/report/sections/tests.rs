use unicode_width::UnicodeWidthStr;

use super::super::{Analysed, Format, View, analyses, fixture};
use crate::structure::minimal_quorums::Listing;

fn text(analysed: Analysed, strategy: bool) -> String {
    analyses(&[analysed], Format::Text, View { strategy, ..View::default() })
}

#[test]
fn a_grid_as_text() {
    let text = text(fixture::grid(), true);
    assert_eq!(text, include_str!("grid.txt"));
}

#[test]
fn one_kind_of_quorum_has_one_column() {
    let text = text(fixture::symmetric(), true);
    assert_eq!(text, include_str!("symmetric.txt"));
}

#[test]
fn what_is_undecided_says_so() {
    let text = text(fixture::undecided(), true);
    assert_eq!(text, include_str!("undecided.txt"));
}

#[test]
fn text_fits_a_terminal() {
    let mut listed = fixture::grid();
    listed.analysis.minimal.reads.listing =
        Some(Listing { quorums: vec![crate::model::NodeSet::first(9); 3], complete: false });
    for analysed in [fixture::grid(), fixture::symmetric(), fixture::undecided(), listed] {
        let text = text(analysed, true);
        assert!(text.lines().all(|line| line.width() <= 80 && line == line.trim_end()), "{text}");
    }
}

#[test]
fn listed_quorums_are_all_shown() {
    let mut analysed = fixture::grid();
    analysed.analysis.minimal.writes.listing =
        Some(Listing { quorums: vec![fixture::set(&[6, 7, 8]), fixture::set(&[0, 1, 2, 3, 6])], complete: false });
    let text = text(analysed, false);
    assert!(
        text.contains("Minimal write quorums, by size: the first 2\n  1  {n7, n8, n9}\n  2  {n1, n2, n3, n4, n7}\n"),
        "{text}"
    );
    assert!(!text.contains("probability  quorum"));
}

#[test]
fn names_cannot_control_the_terminal() {
    let mut analysed = fixture::grid();
    analysed.system = analysed.system.named("evil\u{1b}[31m", Some("two\nlines\u{7}".into()));
    let text = text(analysed, false);
    assert!(text.starts_with("evil\\u{1b}[31m\n"), "{text}");
    assert!(text.contains("\ntwo lines\\u{7}\n"), "{text}");
}

#[test]
fn markdown_has_one_section_for_each_system() {
    let markdown = analyses(&[fixture::grid(), fixture::undecided()], Format::Markdown, View::default());
    assert_eq!(markdown.matches("\n## ").count() + usize::from(markdown.starts_with("## ")), 2);
    assert!(markdown.contains("## big, odd \\| name\n"));
    assert!(markdown.contains("| load | 0.4035 = 23/57 | certified, flow-lp |\n"), "{markdown}");
    assert!(markdown.contains("| node p | no read | no write | not both | neither | how |\n| ---: |"), "{markdown}");
}
