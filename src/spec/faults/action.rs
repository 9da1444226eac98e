//! `[[fault]]`: one thing that goes wrong, and for how long.

use super::names::Names;
use super::{Events, TIME_MS_MAX, ns, required_ns};
use crate::model::{OutOfRange, Probability, Weight};
use crate::protocol::Role;
use crate::sim::{Fault, FaultEvent, ProcessSet};
use crate::spec::problem::Problems;
use crate::spec::table::{Table, Value};
use crate::spec::wording::{quoted, suggestion};

/// The actions, and what each of them takes beside `at_ms` and `action`.
pub(super) const ACTIONS: [(&str, &[&str]); 12] = [
    ("crash", &["nodes", "for_ms", "disk"]),
    ("recover", &["nodes", "disk"]),
    ("cut", &["from", "to", "only", "for_ms"]),
    ("mend", &["from", "to", "only"]),
    ("partition", &["groups", "for_ms"]),
    ("heal", &[]),
    ("slow", &["nodes", "factor", "for_ms"]),
    ("loss", &["probability", "for_ms"]),
    ("duplication", &["probability", "for_ms"]),
    ("clock", &["nodes", "ahead_ms", "rate"]),
    ("torn-write", &["client", "reaches"]),
    ("narrow-quorums", &["for_ms"]),
];

/// What every action takes.
const OWN: [&str; 2] = ["at_ms", "action"];

/// An action, when it starts, and when it ends by itself.
struct Action<'a, 'b> {
    table: &'b Table<'a>,
    names: &'b Names<'b>,
    at_ns: u64,
    until_ns: Option<u64>,
}

/// The events of one `[[fault]]`; `rates` are the loss and duplication of the network otherwise.
pub(super) fn read(table: &Table<'_>, names: &Names<'_>, rates: (f64, f64), problems: &mut Problems) -> Events {
    let action = action(table, problems);
    let at_ns = required_ns(table, "at_ms", problems);
    let for_ns = table.get("for_ms").and_then(|value| ns(&value, problems));
    let (Some(action), Some(at_ns)) = (action, at_ns) else { return Events::new() };
    let until_ns = for_ns.map(|for_ns| at_ns.saturating_add(for_ns));
    let reader = Action { table, names, at_ns, until_ns };
    reader.faults(action, rates, problems).unwrap_or_default()
}

fn action(table: &Table<'_>, problems: &mut Problems) -> Option<&'static str> {
    let Some(value) = table.require("action", "action = \"crash\"", problems) else {
        // It may be there under another name.
        let known: Vec<&'static str> =
            OWN.into_iter().chain(ACTIONS.iter().flat_map(|(_, keys)| *keys).copied()).collect();
        table.refuse_unknown(&known, |_| None, problems);
        return None;
    };
    let name = value.text(problems)?;
    let Some((action, keys)) = ACTIONS.iter().find(|(action, _)| *action == name) else {
        let problem = value.problem(format!("unknown action {}", quoted(name))).label("no such action");
        problems.push(problem.help(suggestion(name, "the actions are", ACTIONS.iter().map(|(action, _)| *action))));
        return None;
    };
    let known: Vec<&'static str> = OWN.into_iter().chain(keys.iter().copied()).collect();
    let own = |_: &str| Some(format!("this action takes {}", known.join(", ")));
    table.refuse_unknown(&known, own, problems);
    Some(action)
}

impl Action<'_, '_> {
    fn faults(&self, action: &str, (loss, duplication): (f64, f64), problems: &mut Problems) -> Option<Events> {
        let rate = |fault: fn(f64) -> Fault, usual: f64, problems: &mut Problems| {
            let value = self.table.require("probability", "probability = 0.1", problems)?;
            let probability = value.quantity(Probability::new, problems)?.get();
            Some(self.spanning(fault(probability), fault(usual)))
        };
        match action {
            "crash" => self.crash(problems),
            "recover" => {
                let processes = self.set("nodes", problems)?;
                Some(self.once(Fault::Recover { processes, disk: self.disk(problems)? }))
            }
            "cut" => self.cut(problems),
            "mend" => {
                let (from, to, role) = self.link(problems)?;
                Some(self.once(Fault::Mend { from, to, role }))
            }
            "partition" => self.partition(problems),
            "heal" => Some(self.once(Fault::Heal)),
            "slow" => {
                let processes = self.set("nodes", problems);
                let factor = self.table.require("factor", "factor = 10", problems);
                let factor = factor.and_then(|value| value.quantity(Weight::new, problems))?.get();
                let processes = processes?;
                let end = Fault::Slow { processes: processes.clone(), factor: 1.0 };
                Some(self.spanning(Fault::Slow { processes, factor }, end))
            }
            "loss" => rate(|probability| Fault::Loss { probability }, loss, problems),
            "duplication" => rate(|probability| Fault::Duplication { probability }, duplication, problems),
            "clock" => self.clock(problems),
            "torn-write" => {
                let client = self.table.require("client", "client = \"@client-1\"", problems);
                let client = client.and_then(|value| self.names.client(&value, problems));
                let reaches = self.table.require("reaches", "reaches = [\"n1\"]", problems);
                let reaches = reaches.and_then(|value| self.names.processes_or_none(&value, problems))?;
                Some(self.once(Fault::TornWrite { client: client?, reaches }))
            }
            _ => self.narrow(problems),
        }
    }

    fn crash(&self, problems: &mut Problems) -> Option<Events> {
        let processes = self.set("nodes", problems)?;
        let disk = self.disk(problems)?;
        if let (Some(value), None) = (self.table.get("disk"), self.until_ns) {
            let problem =
                value.problem("`disk` says how nodes come back, but nothing says when").label("without `for_ms`");
            problems.push(problem.help("give `for_ms`, or a `recover` later".to_owned()));
        }
        Some(self.spanning(Fault::Crash { processes: processes.clone() }, Fault::Recover { processes, disk }))
    }

    fn cut(&self, problems: &mut Problems) -> Option<Events> {
        Some(self.cuts(&[self.link(problems)?]))
    }

    /// From whom to whom, and which messages.
    fn link(&self, problems: &mut Problems) -> Option<(ProcessSet, ProcessSet, Option<Role>)> {
        let (from, to) = (self.set("from", problems), self.set("to", problems));
        let role = match self.table.get("only") {
            None => None,
            Some(value) => Some(role(&value, problems)?),
        };
        Some((from?, to?, role))
    }

    /// Cuts in both directions between groups; those who are in none form the last group.
    fn partition(&self, problems: &mut Problems) -> Option<Events> {
        let value = self.table.require("groups", "groups = [[\"n1\", \"@client-1\"], [\"n2\"]]", problems)?;
        let groups = value.list("a list of groups", problems)?;
        let groups: Vec<Option<ProcessSet>> = groups.map(|group| self.names.processes(&group, problems)).collect();
        let mut groups = groups.into_iter().collect::<Option<Vec<ProcessSet>>>()?;
        if groups.iter().all(|group| group.len() == self.names.count()) {
            let problem = value.problem("a partition into a single group").label("nobody is cut off");
            problems.push(problem.help("those who are in no group form one more".to_owned()));
            return None;
        }
        let mut named = ProcessSet::default();
        for group in &groups {
            if let Some(twice) = group.iter().find(|process| named.contains(*process)) {
                let message = format!("{} is in two groups", quoted(&crate::sim::name_of(self.names.system(), twice)));
                problems.push(value.problem(message).label("groups have no members in common"));
                return None;
            }
            group.iter().for_each(|process| named.insert(process));
        }
        groups.push(named.complement(self.names.count()));
        let count = self.names.count();
        let parts = groups.into_iter().filter(|group| !group.is_empty());
        let cuts: Vec<_> = parts.map(|group| (group.clone(), group.complement(count), None)).collect();
        Some(self.cuts(&cuts))
    }

    fn clock(&self, problems: &mut Problems) -> Option<Events> {
        let processes = self.set("nodes", problems)?;
        let signed = |value: f64| match value.abs() <= TIME_MS_MAX {
            true => Ok(value),
            false => Err(OutOfRange { value, expected: "a number of milliseconds between -1e12 and 1e12" }),
        };
        if self.table.get("ahead_ms").is_none() && self.table.get("rate").is_none() {
            problems.push(self.table.missing("`ahead_ms` and no `rate`", "ahead_ms = 100"));
        }
        let ahead_ms = self.table.get("ahead_ms").map_or(Some(0.0), |value| value.quantity(signed, problems));
        let rate =
            self.table.get("rate").map_or(Some(1.0), |value| value.quantity(Weight::new, problems).map(Weight::get));
        Some(self.once(Fault::Clock { processes, ahead_ns: (ahead_ms? * 1e6) as i64, rate: rate? }))
    }

    /// Stores reach one write quorum only, queries one read quorum that has as little in common with it as possible.
    fn narrow(&self, problems: &mut Problems) -> Option<Events> {
        let Some([read, write]) = self.names.narrowest() else {
            let value = self.table.require("action", "action = \"narrow-quorums\"", problems)?;
            problems.push(value.problem("quorums for this could not be found within the limits"));
            return None;
        };
        let beside = |set: &ProcessSet| {
            let others = set.complement(self.names.count());
            others.iter().filter(|process| self.names.all_nodes().contains(*process)).collect()
        };
        let clients = self.names.all_clients();
        let cuts = [(clients.clone(), beside(&write), Some(Role::Store)), (clients, beside(&read), Some(Role::Query))];
        Some(self.cuts(&cuts))
    }

    fn cuts(&self, cuts: &[(ProcessSet, ProcessSet, Option<Role>)]) -> Events {
        let cut = |(from, to, role): &(ProcessSet, ProcessSet, Option<Role>)| {
            let (from, to, role) = (from.clone(), to.clone(), *role);
            self.spanning(Fault::Cut { from: from.clone(), to: to.clone(), role }, Fault::Mend { from, to, role })
        };
        cuts.iter().flat_map(cut).collect()
    }

    fn set(&self, key: &str, problems: &mut Problems) -> Option<ProcessSet> {
        let value = self.table.require(key, &format!("{key} = [\"n1\"]"), problems)?;
        self.names.processes(&value, problems)
    }

    fn disk(&self, problems: &mut Problems) -> Option<bool> {
        self.table.get("disk").map_or(Some(true), |value| value.truth(problems))
    }

    fn once(&self, fault: Fault) -> Events {
        vec![FaultEvent { at_ns: self.at_ns, fault }]
    }

    /// A fault, and what ends it if it has an end.
    fn spanning(&self, fault: Fault, end: Fault) -> Events {
        let mut events = self.once(fault);
        events.extend(self.until_ns.map(|at_ns| FaultEvent { at_ns, fault: end }));
        events
    }
}

pub(super) fn role(value: &Value<'_>, problems: &mut Problems) -> Option<Role> {
    let name = value.text(problems)?;
    let found = Role::ALL.into_iter().find(|role| role.name() == name);
    if found.is_none() {
        let problem = value.problem(format!("unknown kind of message {}", quoted(name))).label("no such kind");
        problems.push(problem.help(suggestion(name, "the kinds are", Role::ALL.iter().map(|role| role.name()))));
    }
    found
}
