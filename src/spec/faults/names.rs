//! Who is meant: nodes by name, clients by number, and sets that the quorums define.

use rustc_hash::FxHashMap;

use crate::budget::{Budget, Meter, Resource};
use crate::circuit::{Compiled, pass};
use crate::model::{Kind, NodeSet, System};
use crate::protocol::ProcessId;
use crate::sim::{Link, ProcessSet};
use crate::spec::problem::Problems;
use crate::spec::table::Value;
use crate::spec::wording::{quoted, suggestion};
use crate::structure::resilience::resilience;

/// What stands before a name that is not a node's.
const MARK: char = '@';

/// What names mean in a file of faults.
pub(super) struct Names<'a> {
    system: &'a System,
    compiled: Compiled<'a>,
    nodes: FxHashMap<&'a str, usize>,
    clients: usize,
}

impl<'a> Names<'a> {
    pub(super) fn new(system: &'a System, clients: u32) -> Self {
        let nodes = system.nodes().iter().enumerate().map(|(index, node)| (node.name.as_str(), index)).collect();
        Names { system, compiled: Compiled::new(system, Budget::default()), nodes, clients: clients as usize }
    }

    pub(super) fn system(&self) -> &'a System {
        self.system
    }

    /// Nodes and clients together.
    pub(super) fn count(&self) -> usize {
        self.system.nodes().len() + self.clients
    }

    pub(super) fn all_nodes(&self) -> ProcessSet {
        (0..self.system.nodes().len() as u32).map(ProcessId).collect()
    }

    pub(super) fn all_clients(&self) -> ProcessSet {
        self.all_nodes().complement(self.count())
    }

    /// One name, or a list of names, at least one.
    pub(super) fn processes(&self, value: &Value<'_>, problems: &mut Problems) -> Option<ProcessSet> {
        let set = self.processes_or_none(value, problems)?;
        if set.is_empty() {
            let problem = value.problem(format!("{} names nobody", value.what())).label("an empty list");
            problems.push(problem.help("name a node, as in `[\"n1\"]`, or leave the table out".to_owned()));
            return None;
        }
        Some(set)
    }

    /// One name, or a list of names.
    pub(super) fn processes_or_none(&self, value: &Value<'_>, problems: &mut Problems) -> Option<ProcessSet> {
        if value.raw().is_str() {
            return self.named(value, problems);
        }
        let names = value.list("a name or a list of names", problems)?;
        let mut seen = FxHashMap::default();
        let mut set = ProcessSet::default();
        let before = problems.count();
        for name in names {
            let Some(named) = self.named(&name, problems) else { continue };
            if let Some(first) = name.raw().as_str().and_then(|text| seen.insert(text, name.span().start)) {
                let problem = name.problem(format!("{} names the same twice", name.what())).label("not the first one");
                problems.push(problem.first(first).help("name it once".to_owned()));
            }
            named.iter().for_each(|process| set.insert(process));
        }
        (problems.count() == before).then_some(set)
    }

    pub(super) fn clients(&self) -> usize {
        self.clients
    }

    /// A single process.
    pub(super) fn process(&self, value: &Value<'_>, problems: &mut Problems) -> Option<ProcessId> {
        let set = self.processes(value, problems)?;
        let first = set.iter().next().filter(|_| set.len() == 1);
        if first.is_none() {
            problems.push(value.problem("one node or one client is wanted").label("not one"));
        }
        first
    }

    /// A single client.
    pub(super) fn client(&self, value: &Value<'_>, problems: &mut Problems) -> Option<ProcessId> {
        let set = self.processes(value, problems)?;
        let first = set.iter().next().filter(|process| set.len() == 1 && process.index() >= self.system.nodes().len());
        if first.is_none() {
            problems.push(value.problem("one client is wanted").label("not one client").help("`@client-1`".to_owned()));
        }
        first
    }

    fn named(&self, value: &Value<'_>, problems: &mut Problems) -> Option<ProcessSet> {
        let name = value.text(problems)?;
        if let Some(index) = self.nodes.get(name) {
            return Some([ProcessId(*index as u32)].into_iter().collect());
        }
        let Some(group) = name.strip_prefix(MARK) else {
            problems.push_with(|| {
                let known = self.system.nodes().iter().map(|node| node.name.as_str());
                let problem = value.problem(format!("unknown node {}", quoted(name))).label("no node has this name");
                problem.help(suggestion(name, "the nodes are", known))
            });
            return None;
        };
        if let Some(number) = group.strip_prefix("client-").and_then(|number| number.parse::<usize>().ok()) {
            if number == 0 || number > self.clients {
                let message = format!("client {number}, but there are {} clients", self.clients);
                problems.push(value.problem(message).label("no such client").help("they count from 1".to_owned()));
                return None;
            }
            return Some([ProcessId((self.system.nodes().len() + number - 1) as u32)].into_iter().collect());
        }
        let quorum_set = match group {
            "nodes" => return Some(self.all_nodes()),
            "clients" => return Some(self.all_clients()),
            "all" => return Some((0..self.count() as u32).map(ProcessId).collect()),
            "read-quorum" => self.quorum(Kind::Read, None),
            "write-quorum" => self.quorum(Kind::Write, None),
            "read-transversal" => resilience(&self.compiled, Kind::Read).transversal,
            "write-transversal" => resilience(&self.compiled, Kind::Write).transversal,
            _ => {
                let problem = value.problem(format!("unknown group {}", quoted(name))).label("no such group");
                problems.push(problem.help(
                    "the groups are @nodes, @clients, @all, @client-1, @read-quorum, @write-quorum, @read-transversal \
                     and @write-transversal"
                        .to_owned(),
                ));
                return None;
            }
        };
        if quorum_set.is_none() {
            problems.push(value.problem(format!("{} could not be found within the limits", quoted(name))));
        }
        quorum_set.map(|set| set.iter().map(ProcessId::from).collect())
    }

    /// A smallest quorum, or one with as few members as possible of a set.
    fn quorum(&self, kind: Kind, avoided: Option<&NodeSet>) -> Option<NodeSet> {
        let nodes = self.system.nodes().len();
        let is_avoided = |node: usize| avoided.is_some_and(|set| set.iter().any(|member| member.index() == node));
        let cost: Vec<u64> = (0..nodes).map(|node| if is_avoided(node) { nodes as u64 + 1 } else { 1 }).collect();
        let mut meter = Meter::new(Resource::PassSteps, self.compiled.budget().pass_steps);
        let formula = self.compiled.decomposable(kind).ok()?;
        pass::cheapest_quorum(formula, &cost, &mut meter).ok().map(|(_, quorum)| quorum)
    }

    /// A smallest write quorum, and a read quorum that has as few nodes in common with it as possible.
    pub(super) fn narrowest(&self) -> Option<[ProcessSet; 2]> {
        let write = self.quorum(Kind::Write, None)?;
        let read = self.quorum(Kind::Read, Some(&write))?;
        Some([read, write].map(|set| set.iter().map(ProcessId::from).collect()))
    }

    /// What the definition says: a node answers after its latency, half of it each way.
    pub(super) fn links(&self) -> Vec<Link> {
        crate::sim::links_of(self.system, self.clients as u32)
    }
}
