//! Ceph: the monitors of `ceph mon dump -f json`. A majority of them.

use super::draft::{Draft, origin};
use super::expression;
use super::literal::{self, Item};
use super::options::ImportOptions;
use super::places;
use crate::spec::problem::{Problem, Problems};

pub(super) fn read(text: &str, _: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let item = literal::whole(text, problems)?;
    let map = item.get("monmap").unwrap_or(&item);
    let Some((list, monitors)) = map.get("mons").and_then(|item| Some((item, item.list()?))) else {
        problems.push(Problem::new(map.span.start..map.span.start + 1, "no list `mons`"));
        return None;
    };
    let mut draft = Draft::default();
    let mut names = Vec::new();
    for monitor in monitors {
        let Some(name) = monitor.get("name").filter(|name| name.text().is_some()) else {
            problems.push(Problem::new(monitor.span.start..monitor.span.start + 1, "a monitor without a name"));
            continue;
        };
        let shown = name.text().unwrap_or_default();
        let before = draft.members.len();
        draft.member(shown, name.span.clone(), "a monitor", problems);
        let zone = monitor.get("crush_location").and_then(location);
        if let Some(member) = draft.members.get_mut(before) {
            member.zone = zone;
        }
        names.push(expression::name(shown));
    }
    draft.refuse_doubles("monitors have different names", problems);
    if names.is_empty() {
        problems.push(Problem::new(list.span.clone(), "no monitors"));
        return None;
    }
    if problems.count() > 0 {
        return None;
    }
    let tiebreaker = map.get("tiebreaker_mon").and_then(Item::text).filter(|name| !name.is_empty());
    if let Some(name) = tiebreaker {
        draft.note(format!("{name} is the tiebreaker of stretch mode: it votes as the others do, in a place of its own, and never leads"));
    }
    let alive = item.any(&["quorum"]).and_then(Item::list).map(<[Item]>::len);
    if let Some(alive) = alive.filter(|alive| *alive < names.len()) {
        draft.note(format!(
            "{alive} of {} monitors were in the quorum when this was printed: --failed NAME asks about what is left",
            names.len()
        ));
    }
    draft.note("monitors keep the map; whether data can be read and written depends on size and min_size of its pool");
    let says = format!("{} of {} monitors", names.len() / 2 + 1, names.len());
    draft.quorums(expression::majority(&names), vec![origin(list.span.start, says)]);
    Some(draft)
}

/// The place of a monitor: `{datacenter=a,host=b}` as text, or an object.
fn location(item: &Item) -> Option<String> {
    let pairs: Vec<(&str, &str)> = match item.text() {
        Some(text) => text.trim_matches(['{', '}']).split(',').filter_map(|pair| pair.split_once('=')).collect(),
        None => item.entries().iter().filter_map(|(key, value)| Some((key.as_str(), value.text()?))).collect(),
    };
    let pairs: Vec<(&str, &str)> = pairs.into_iter().map(|(key, value)| (key.trim(), value.trim())).collect();
    places::zone(&pairs).map(|(_, zone)| zone.to_owned())
}
