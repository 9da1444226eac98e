//! Names, sets and workloads in words.

use super::columns::shortest;
use crate::history::Value;
pub(super) use crate::model::plain;
use crate::model::{Kind, NodeId, NodeSet, System, Workload, ZoneId};
use std::borrow::Cow;

/// Members of a set that are named before it is cut short.
const NAMES_MAX: usize = 12;

/// A name as a definition would write it: in quotes where it needs them.
pub(super) fn name(name: &str) -> Cow<'_, str> {
    let bare = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | ':');
    if !name.is_empty() && name.chars().all(bare) { Cow::Borrowed(name) } else { Cow::Owned(format!("{name:?}")) }
}

/// Why an optimum has no certificate.
pub(super) fn without_certificate(is_certified: bool) -> &'static str {
    match is_certified {
        true => "the strategy is too long to be listed in fractions",
        false => "the bounds do not meet in a fraction",
    }
}

/// A value of a history: a string without its quotes, unless it could be taken for something else.
pub(crate) fn value(value: &Value) -> String {
    match value.text() {
        Some(text) if text.parse::<i64>().is_err() && text != "null" => name(&text).into_owned(),
        _ => plain(&value.to_string()).into_owned(),
    }
}

/// Where something was read from, as people may see it.
pub(crate) fn file(name: &str) -> Cow<'_, str> {
    match name {
        "-" => Cow::Borrowed("standard input"),
        "-e" => Cow::Borrowed("the command line"),
        name => plain(name),
    }
}

/// The name of a node.
pub(super) fn node(system: &System, node: NodeId) -> Cow<'_, str> {
    name(&system.nodes()[node.index()].name)
}

/// What a component is called that fails: nodes are counted first, and then zones.
pub(super) fn component(system: &System, component: usize) -> &str {
    match system.nodes().get(component) {
        Some(node) => &node.name,
        None => &system.zones()[component - system.nodes().len()].name,
    }
}

/// The name of a zone.
pub(super) fn zone(system: &System, zone: ZoneId) -> Cow<'_, str> {
    name(&system.zones()[zone.index()].name)
}

/// All members of a set, in braces.
pub(super) fn whole_set(system: &System, set: &NodeSet) -> String {
    cut_set(system, set, usize::MAX)
}

/// The first members of a set, in braces, and how many more there are.
pub(super) fn set(system: &System, set: &NodeSet) -> String {
    cut_set(system, set, NAMES_MAX)
}

fn cut_set(system: &System, set: &NodeSet, names_max: usize) -> String {
    format!("{{{}}}", cut(system.names(set).map(name), names_max))
}

/// The first of many names, and how many more there are.
pub(super) fn first_few<'a>(names: impl Iterator<Item = Cow<'a, str>>) -> String {
    cut(names, NAMES_MAX)
}

fn cut<'a>(mut names: impl Iterator<Item = Cow<'a, str>>, names_max: usize) -> String {
    let mut shown: Vec<_> = names.by_ref().take(names_max).collect();
    let hidden = names.count();
    if hidden > 0 {
        shown.push(format!("… {hidden} more").into());
    }
    shown.join(", ")
}

/// `1 node`, `2 nodes`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    many(count as u64, noun)
}

/// The same for numbers that are larger.
pub(super) fn many(count: u64, noun: &str) -> String {
    let number = super::number::whole(count);
    if count == 1 { format!("{number} {noun}") } else { format!("{number} {noun}s") }
}

/// Whether reads and writes are one kind of quorum, so that saying everything twice would only confuse.
pub(super) fn is_symmetric(system: &System) -> bool {
    system.about().symmetric || system.is_symmetric()
}

/// `read quorum`, or just `quorum` where there is only one kind.
pub(super) fn quorum(system: &System, kind: Kind) -> String {
    if is_symmetric(system) { "quorum".into() } else { format!("{} quorum", kind.name()) }
}

/// `read fraction 0.5`, or the distribution.
pub(super) fn workload(workload: &Workload) -> String {
    if let [share] = workload.shares() {
        return format!("read fraction {}", share.read_fraction.get());
    }
    let share = |share: &crate::model::Share| {
        format!("{} (weight {})", share.read_fraction.get(), shortest(share.given_weight.get()))
    };
    format!("read fractions {}", workload.shares().iter().map(share).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::{Fraction, Weight};

    #[test]
    fn escapes_are_shown_not_obeyed() {
        assert_eq!(plain("Übung 3: \"a\\b\" – it's"), "Übung 3: \"a\\b\" – it's");
        assert_eq!(plain("red\u{1b}[31m\n\u{202e}"), "red\\u{1b}[31m\\n\\u{202e}");
        assert_eq!(name("n-1.eu:west_2"), "n-1.eu:west_2");
        assert_eq!(name("a b"), "\"a b\"");
        assert_eq!(name("\u{7}"), "\"\\u{7}\"");
    }

    #[test]
    fn long_sets_are_cut() {
        let system = Family::Majority { n: 50 }.system().unwrap();
        let all = NodeSet::first(50);
        assert_eq!(set(&system, &all), "{n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, … 38 more}");
        assert!(whole_set(&system, &all).ends_with("n50}"));
        assert_eq!(set(&system, &NodeSet::first(2)), "{n1, n2}");
    }

    #[test]
    fn workloads() {
        let fraction = |value| Fraction::new(value).unwrap();
        let weight = |value| Weight::new(value).unwrap();
        assert_eq!(workload(&Workload::of(fraction(0.25))), "read fraction 0.25");
        let mixed = Workload::distribution(&[(fraction(0.1), weight(1.0)), (fraction(1.0), weight(2.5))]).unwrap();
        assert_eq!(workload(&mixed), "read fractions 0.1 (weight 1), 1 (weight 2.5)");
        let huge = Workload::distribution(&[(fraction(0.5), weight(1e308)), (fraction(1.0), weight(1.0))]).unwrap();
        assert!(workload(&huge).len() < 60, "{}", workload(&huge));
    }
}
