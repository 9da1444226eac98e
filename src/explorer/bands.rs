//! When something was wrong: the bands behind the operations.

use serde::Serialize;

use super::shown::text;
use crate::history::NemesisEvent;
use crate::model::System;
use crate::protocol::Role;
use crate::sim::{Fault, FaultEvent, ProcessSet, name_of};

/// Members of a set that a label names.
const NAMES_MAX: usize = 6;

/// A time during which something was wrong, in the unit of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Band {
    /// When it began.
    pub from: i64,
    /// When it was over; absent if it never was.
    pub to: Option<i64>,
    /// What it was.
    pub label: String,
    /// The line of the file where it began; absent where there is none.
    pub line: Option<u32>,
}

impl Band {
    /// The same with times that count from an instant.
    pub(super) fn since(self, base: i64) -> Band {
        let from = self.from.saturating_sub(base);
        Band { from, to: self.to.map(|to| to.saturating_sub(base)), ..self }
    }
}

/// What ends what the nemesis began: what it is called, and the names of its end.
const ENDS: &[(&str, &[&str])] = &[
    ("kill", &["start", "restart", "recover"]),
    ("crash", &["recover", "restart", "start"]),
    ("stop", &["start", "restart"]),
    ("pause", &["resume"]),
    ("cut", &["heal", "mend", "restore"]),
    ("partition", &["heal", "stop-partition"]),
    ("isolate", &["heal"]),
    ("bump", &["reset"]),
    ("strobe", &["reset"]),
    ("bump-clock", &["reset-clock"]),
    ("strobe-clock", &["reset-clock"]),
    ("slow", &["fast"]),
];

/// Whether an event of this name ends what one of that name began.
fn is_end(end: &str, began: &str) -> bool {
    let rest = |prefix: &str| began.strip_prefix(prefix);
    // `start` and `stop`, `start-partition` and `stop-partition`.
    rest("start").is_some_and(|rest| end.strip_prefix("stop") == Some(rest))
        || ENDS.iter().any(|(known, ends)| *known == began && ends.contains(&end))
}

/// The bands that the events of a nemesis are.
///
/// An event stands there twice, when it is done and when that is over; a band is as wide as it may have been.
pub(super) fn of_nemesis(events: &[NemesisEvent]) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    // What is under way: the name, and its band.
    let mut open: Vec<(String, usize)> = Vec::new();
    // The event that has not been answered yet: its name, its band, and the bands that it ends.
    let mut asked: Option<(String, Vec<usize>)> = None;
    for event in events {
        let name = event.what.as_deref().unwrap_or("fault").to_owned();
        if let Some((_, touched)) = asked.take_if(|(asked, _)| *asked == name) {
            for band in touched {
                match &mut bands[band].to {
                    Some(to) => *to = event.at.max(*to),
                    None => bands[band].label = label(&name, event, Some(&bands[band].label)),
                }
            }
            continue;
        }
        let ended: Vec<usize> = open.iter().filter(|(began, _)| is_end(&name, began)).map(|(_, band)| *band).collect();
        open.retain(|(began, _)| !is_end(&name, began));
        for band in &ended {
            bands[*band].to = Some(event.at.max(bands[*band].from));
        }
        if ended.is_empty() {
            let begins = name.starts_with("start") || ENDS.iter().any(|(known, _)| *known == name);
            let to = if begins { None } else { Some(event.at) };
            bands.push(Band { from: event.at, to, label: label(&name, event, None), line: Some(event.line) });
            if begins {
                open.push((name.clone(), bands.len() - 1));
            }
            asked = Some((name, vec![bands.len() - 1]));
        } else {
            asked = Some((name, ended));
        }
    }
    bands
}

/// What happened to whom; the second of two events says more.
fn label(name: &str, event: &NemesisEvent, before: Option<&str>) -> String {
    let value = match &event.value {
        crate::history::Value::Null => String::new(),
        value => text(value),
    };
    match before {
        Some(before) if value.is_empty() || before.ends_with(&value) => before.to_owned(),
        _ if value.is_empty() => name.to_owned(),
        _ => format!("{name} {value}"),
    }
}

/// The bands that the faults of a simulation are, in nanoseconds.
pub fn of_faults(system: &System, faults: &[FaultEvent]) -> Vec<Band> {
    let mut sorted: Vec<&FaultEvent> = faults.iter().collect();
    sorted.sort_by_key(|event| event.at_ns);
    let mut bands: Vec<(Band, &Fault)> = Vec::new();
    for FaultEvent { at_ns, fault } in sorted {
        let at = i64::try_from(*at_ns).unwrap_or(i64::MAX);
        for (band, began) in &mut bands {
            if band.to.is_none() && is_over(fault, began) {
                band.to = Some(at);
            }
        }
        if let Some((label, is_moment)) = begins(system, fault) {
            let to = is_moment.then_some(at);
            bands.push((Band { from: at, to, label, line: None }, fault));
        }
    }
    bands.into_iter().map(|(band, _)| band).collect()
}

/// Whether a fault ends, or replaces, what another one began.
fn is_over(fault: &Fault, began: &Fault) -> bool {
    let holds = |set: &ProcessSet, other: &ProcessSet| other.iter().all(|process| set.contains(process));
    match (fault, began) {
        (Fault::Recover { processes, .. }, Fault::Crash { processes: crashed }) => holds(processes, crashed),
        (Fault::Mend { from, to, role }, Fault::Cut { from: cut, to: off, role: only }) => {
            (from, to, role) == (cut, off, only)
        }
        (Fault::Heal, Fault::Cut { .. })
        | (Fault::Loss { .. }, Fault::Loss { .. })
        | (Fault::Duplication { .. }, Fault::Duplication { .. }) => true,
        (Fault::Slow { processes, .. }, Fault::Slow { processes: slow, .. })
        | (Fault::Clock { processes, .. }, Fault::Clock { processes: slow, .. }) => holds(processes, slow),
        _ => false,
    }
}

/// What begins to be wrong, if anything does, and whether that is a matter of a moment.
fn begins(system: &System, fault: &Fault) -> Option<(String, bool)> {
    let named = |set: &ProcessSet| {
        let mut names: Vec<String> = set.iter().take(NAMES_MAX).map(|process| name_of(system, process)).collect();
        if set.len() > NAMES_MAX {
            names.push(format!("{} more", set.len() - NAMES_MAX));
        }
        names.join(", ")
    };
    let only = |role: &Option<Role>| role.map_or_else(String::new, |role| format!(", only {}", role.name()));
    let label = match fault {
        Fault::Crash { processes } if !processes.is_empty() => format!("crash of {}", named(processes)),
        Fault::Cut { from, to, role } if !from.is_empty() && !to.is_empty() => {
            format!("cut from {} to {}{}", named(from), named(to), only(role))
        }
        Fault::Slow { processes, factor } if !processes.is_empty() && *factor != 1.0 => {
            format!("{factor} times as slow: {}", named(processes))
        }
        Fault::Loss { probability } if *probability > 0.0 => format!("messages lost with probability {probability}"),
        Fault::Duplication { probability } if *probability > 0.0 => {
            format!("messages twice with probability {probability}")
        }
        Fault::Clock { processes, ahead_ns, rate } if !processes.is_empty() && (*ahead_ns != 0 || *rate != 1.0) => {
            format!("clocks {} ms ahead at rate {rate}: {}", *ahead_ns as f64 / 1e6, named(processes))
        }
        Fault::TornWrite { client, reaches } => {
            let label = format!("torn write of {} reaches {}", name_of(system, *client), named(reaches));
            return Some((label, true));
        }
        _ => return None,
    };
    Some((label, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Value;
    use crate::protocol::ProcessId;

    fn bands(events: &[(&str, i64)]) -> Vec<(String, i64, Option<i64>)> {
        let event = |(what, at): &(&str, i64)| NemesisEvent {
            line: 1,
            what: Some((*what).into()),
            value: Value::Null,
            at: *at,
        };
        let events: Vec<NemesisEvent> = events.iter().map(event).collect();
        of_nemesis(&events).into_iter().map(|band| (band.label, band.from, band.to)).collect()
    }

    #[test]
    fn what_the_nemesis_begins_is_over_when_it_ends_it() {
        let band = |label: &str, from, to| (label.to_owned(), from, to);
        assert_eq!(
            bands(&[("start", 10), ("start", 12), ("stop", 20), ("stop", 25), ("start", 30)]),
            [band("start", 10, Some(25)), band("start", 30, None)]
        );
        assert_eq!(
            bands(&[
                ("kill", 1),
                ("kill", 2),
                ("start-partition", 3),
                ("start", 4),
                ("start", 5),
                ("stop-partition", 9)
            ]),
            [band("kill", 1, Some(5)), band("start-partition", 3, Some(9))]
        );
        assert_eq!(
            bands(&[("snap", 7), ("snap", 8), ("heal", 9)]),
            [band("snap", 7, Some(8)), band("heal", 9, Some(9))]
        );
    }

    #[test]
    fn the_second_event_says_what_was_hit() {
        let event = |value, at| NemesisEvent { line: 3, what: Some("start".into()), value, at };
        let found = of_nemesis(&[event(Value::Null, 1), event(Value::from("n1"), 2)]);
        assert_eq!((found[0].label.as_str(), found[0].from, found[0].to), ("start \"n1\"", 1, None));
    }

    #[test]
    fn faults_of_a_simulation_are_over_when_they_are_taken_back() {
        let system = crate::families::Family::Majority { n: 3 }.system().unwrap();
        let set = |members: &[u32]| members.iter().map(|index| ProcessId(*index)).collect::<ProcessSet>();
        let event = |at_ns, fault| FaultEvent { at_ns, fault };
        let faults = [
            event(30, Fault::Recover { processes: set(&[0]), disk: true }),
            event(10, Fault::Crash { processes: set(&[0]) }),
            event(15, Fault::Loss { probability: 0.5 }),
            event(20, Fault::Loss { probability: 0.0 }),
            event(25, Fault::Cut { from: set(&[0]), to: set(&[1, 2]), role: None }),
        ];
        let found: Vec<_> =
            of_faults(&system, &faults).into_iter().map(|band| (band.from, band.to, band.label)).collect();
        assert_eq!(
            found,
            [
                (10, Some(30), "crash of n1".to_owned()),
                (15, Some(20), "messages lost with probability 0.5".to_owned()),
                (25, None, "cut from n1 to n2, n3".to_owned()),
            ]
        );
    }
}
