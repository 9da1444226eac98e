//! Redis Sentinel: who may start a failover. QUORUM sentinels agree that the master is down, and a majority of all votes for who acts.

use super::draft::{Draft, origin};
use super::expression;
use super::lines::{Line, lines};
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

/// Sentinels of one master.
const SENTINELS_MAX: usize = 10_000;

/// A line `sentinel monitor NAME host port QUORUM`.
struct Monitor<'a> {
    name: &'a str,
    quorum: usize,
    line: Line<'a>,
}

/// The masters that are watched, and for each other sentinel that is known of one, its name.
fn lists<'a>(text: &'a str, problems: &mut Problems) -> (Vec<Monitor<'a>>, Vec<&'a str>) {
    let mut monitors: Vec<Monitor<'_>> = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    for line in lines(text).map(Line::trimmed) {
        let words: Vec<Line<'_>> = line.words().collect();
        match words.iter().map(|word| word.text).collect::<Vec<_>>()[..] {
            [first, "monitor", name, _, _, quorum] if first.eq_ignore_ascii_case("sentinel") => {
                match quorum.parse::<usize>().ok().filter(|quorum| *quorum > 0) {
                    Some(quorum) => monitors.push(Monitor { name, quorum, line }),
                    None => {
                        let problem = Problem::new(words[5].span(), format!("{} is no quorum", quoted(quorum)));
                        problems.push(problem.help("it is a number of sentinels, 1 or more".to_owned()));
                    }
                }
            }
            [first, "monitor", ..] if first.eq_ignore_ascii_case("sentinel") => {
                let problem = Problem::new(line.span(), "not `sentinel monitor NAME host port QUORUM`");
                problems.push(problem.help("for example sentinel monitor mymaster 10.0.0.1 6379 2".to_owned()));
            }
            [first, "known-sentinel", name, ..] if first.eq_ignore_ascii_case("sentinel") => known.push(name),
            _ => {}
        }
    }
    (monitors, known)
}

pub(super) fn read(text: &str, options: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let (monitors, known) = lists(text, problems);
    let Some(last) = monitors.last() else {
        if problems.count() == 0 {
            problems.push(Problem::new(0..0, "no `sentinel monitor NAME host port QUORUM`"));
        }
        return None;
    };
    if let Some(other) = monitors.iter().find(|other| other.name != last.name && other.quorum != last.quorum) {
        let problem =
            Problem::new(last.line.span(), format!("a second master with another quorum: {}", quoted(last.name)));
        problems.push(problem.first(other.line.at).help("keep the one that is asked about".to_owned()));
        return None;
    }
    let Monitor { name, quorum, line } = last;
    let others = known.iter().filter(|master| *master == name).count();
    let mut draft = Draft { name: Some((*name).to_owned()), ..Draft::default() };
    let count = match (options.nodes, others) {
        (Some(nodes), _) => nodes,
        (None, 0) => {
            let problem = Problem::new(line.span(), "the file does not say how many sentinels there are");
            problems.push(
                problem.label("a quorum of how many?").help("say it with --nodes N, this one included".to_owned()),
            );
            return None;
        }
        (None, others) => {
            draft.note(format!(
                "{others} other sentinels were known to the one that wrote this file; --nodes N counts otherwise"
            ));
            others + 1
        }
    };
    if *quorum > count || count > SENTINELS_MAX {
        let problem = Problem::new(line.span(), format!("a quorum of {quorum} of {count} sentinels"));
        problems.push(
            problem.help(format!("there are at least as many sentinels as the quorum, and at most {SENTINELS_MAX}")),
        );
        return None;
    }
    let names: Vec<String> = (1..=count).map(|number| format!("sentinel-{number}")).collect();
    for name in &names {
        draft.member(name, line.span(), "a sentinel", problems);
    }
    let majority = count / 2 + 1;
    let needed = majority.max(*quorum);
    if *quorum < majority {
        draft.note(format!(
            "{quorum} sentinels are enough to call the master down, and not to act: that takes {majority} of {count}"
        ));
    }
    draft.note("this is the quorum of failovers; writes are acknowledged by the master alone, so that a failover can lose them (min-replicas-to-write bounds how many)");
    let says = format!("quorum {quorum}: {needed} of {count} sentinels");
    draft.quorums(expression::choose(needed, &names), vec![origin(line.at, says)]);
    Some(draft)
}
