//! Patroni: its `/sync` key, which says who may be promoted. The leader and k standbys acknowledge a write; a standby is promoted that has
//! seen that it is not behind so many others.
//!
//! # Source
//! Patroni 4, patroni/quorum.py and the manual on quorum commit: standbys that acknowledge and `quorum` are together no fewer than the standbys.

use super::draft::{Draft, origin};
use super::expression;
use super::literal;
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

pub(super) fn read(text: &str, options: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let map = literal::whole(text, problems)?;
    let here = map.span.start..map.span.start + 1;
    let Some(leader) = map.get("leader").filter(|leader| leader.text().is_some_and(|name| !name.is_empty())) else {
        let problem = Problem::new(here, "no `leader`: nobody acknowledges writes");
        problems.push(problem.help("read the key when there is a leader".to_owned()));
        return None;
    };
    let listed = map.get("sync_standby");
    let at = listed.map_or(here.start, |item| item.span.start);
    let standbys: Vec<&str> = listed
        .and_then(|item| item.text())
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let mut draft = Draft::default();
    let leader_name = leader.text().unwrap_or_default();
    draft.member(leader_name, leader.span.clone(), "the leader, which acknowledges every write", problems);
    for name in &standbys {
        draft.member(name, at..at + 1, "a synchronous standby", problems);
    }
    draft.refuse_doubles("the leader is no standby, and each standby stands once", problems);
    let count = standbys.len();
    let asked = match map.get("quorum").filter(|item| !item.is_null()) {
        None => 0,
        Some(item) => match item.whole() {
            Some(asked) if asked == 0 || (asked as usize) < count => asked as usize,
            _ => {
                let message = format!("a quorum that is no number below that of the standbys, which are {count}");
                problems.push(Problem::new(item.span.clone(), message).help("nobody could be promoted".to_owned()));
                return None;
            }
        },
    };
    let waits = acknowledging(options, count, asked, at, problems)?;
    if problems.count() > 0 {
        return None;
    }
    let leader = expression::name(leader_name);
    let parts: Vec<String> = standbys.iter().map(|name| expression::name(name)).collect();
    if parts.is_empty() {
        draft.note("no synchronous standby: the loss of the leader can lose acknowledged writes, and nobody may be promoted without a loss");
        draft.quorums(leader, vec![origin(at, "the leader alone")]);
        return Some(draft);
    }
    draft.note("without the leader nothing is written until a standby is promoted, which this definition does not do");
    draft.note("reads are what a promotion asks: the standby itself and those that it must not be behind");
    let writes = format!("{leader} * {}", expression::choose(waits, &parts));
    let reads = expression::choose(asked + 1, &parts);
    draft.side("writes", writes, vec![origin(at, format!("the leader and {waits} of {count} standbys"))]);
    draft.side("reads", reads, vec![origin(at, format!("a standby that is not behind {asked} others"))]);
    Some(draft)
}

/// Standbys that a commit waits for: Patroni keeps as few as promotions allow, unless a flag says otherwise.
fn acknowledging(
    options: &ImportOptions,
    count: usize,
    asked: usize,
    at: usize,
    problems: &mut Problems,
) -> Option<usize> {
    let Some(given) = &options.write_level else { return Some(count - asked) };
    match given.parse::<usize>() {
        Ok(waits) if (1..=count).contains(&waits) => Some(waits),
        _ => {
            let message = format!("--write-level {} is no number of standbys, of {count}", quoted(given));
            let help = "say how many synchronous_standby_names waits for, as in --write-level 1".to_owned();
            problems.push(Problem::new(at..at + 1, message).help(help));
            None
        }
    }
}
