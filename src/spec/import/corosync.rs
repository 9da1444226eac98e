//! corosync: the `nodelist` and `quorum` of `corosync.conf`.
//!
//! # Source
//! votequorum(5), corosync-qdevice(8), exec/votequorum.c (`are_we_quorate`).

use std::ops::Range;

use super::draft::{Draft, Origin, origin};
use super::expression;
use super::lines::lines;
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

/// Blocks inside each other.
const NESTING_MAX: usize = 32;

/// A key, the blocks that it stands in, and where.
#[derive(Debug, Clone)]
struct Setting {
    /// As `quorum.device.net`.
    path: String,
    key: String,
    value: String,
    span: Range<usize>,
    /// Which block of its kind, counted over the file.
    block: usize,
}

#[derive(Debug)]
struct Node {
    name: String,
    id: Option<u64>,
    votes: u64,
    at: usize,
}

pub(super) fn read(text: &str, _: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let settings = settings(text, problems);
    let nodes = nodes(&settings, problems);
    let rule = Rule { settings: &settings, nodes: &nodes };
    if problems.count() > 0 {
        return None;
    }
    let mut draft = Draft { name: rule.text("totem", "cluster_name").map(|one| one.value.clone()), ..Draft::default() };
    if nodes.is_empty() {
        problems.push(Problem::new(0..0, "no nodelist with nodes: who votes is not said").help(
            "add nodelist { node { ring0_addr: ... } }; expected_votes alone does not name the nodes".to_owned(),
        ));
        return None;
    }
    for node in &nodes {
        let votes = if node.votes == 1 { String::new() } else { format!(", {} votes", node.votes) };
        draft.member(&node.name, node.at..node.at, format!("a node{votes}"), problems);
    }
    draft.refuse_doubles("give each node a `name` of its own", problems);
    rule.notes(&mut draft, problems);
    let (value, origins) = rule.quorums(&mut draft, problems)?;
    draft.quorums(value, origins);
    if let Some(setting) = rule.last_man_standing() {
        let origins =
            vec![origin(setting.span.start, "last_man_standing: expected votes follow the nodes that are left")];
        draft.side("dynamic", "last-man-standing".to_owned(), origins);
    }
    Some(draft)
}

fn settings(text: &str, problems: &mut Problems) -> Vec<Setting> {
    let mut found = Vec::new();
    let mut open: Vec<(String, usize, Range<usize>)> = Vec::new();
    let mut blocks = 0;
    for line in lines(text) {
        let line = line.trimmed();
        if line.text.is_empty() || line.text.starts_with('#') {
            continue;
        }
        if let Some(name) = line.text.strip_suffix('{') {
            blocks += 1;
            open.push((name.trim().to_owned(), blocks, line.span()));
            if open.len() > NESTING_MAX {
                problems.push(Problem::new(line.span(), format!("blocks nested deeper than {NESTING_MAX}")));
                return found;
            }
        } else if line.text == "}" {
            if open.pop().is_none() {
                problems.push(Problem::new(line.span(), "a block ends that never began"));
            }
        } else if let Some((key, value)) = line.split_once(':') {
            let path = open.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>().join(".");
            let block = open.last().map_or(0, |(_, block, _)| *block);
            let (key, value) = (key.text.to_owned(), value.text.to_owned());
            found.push(Setting { path, key, value, span: line.span(), block });
        } else {
            let problem = Problem::new(line.span(), "neither a block nor `key: value`");
            problems.push(problem.help("corosync.conf is made of `name {`, `key: value` and `}`".to_owned()));
        }
    }
    if let Some((name, _, span)) = open.pop() {
        let problem = Problem::new(span, format!("the block {} has no end", quoted(&name)));
        problems.push(problem.label("begins here").help("close it with `}`; is the file cut off?".to_owned()));
    }
    found
}

fn nodes(settings: &[Setting], problems: &mut Problems) -> Vec<Node> {
    let mut blocks: Vec<usize> =
        settings.iter().filter(|one| one.path == "nodelist.node").map(|one| one.block).collect();
    blocks.dedup();
    let mut nodes = Vec::new();
    for block in blocks {
        let inside: Vec<&Setting> = settings.iter().filter(|one| one.block == block).collect();
        let of = |key: &str| inside.iter().rev().find(|one| one.key == key).copied();
        let Some(named) = of("name").or_else(|| of("ring0_addr")) else {
            let span = inside.first().map_or(0..0, |one| one.span.clone());
            problems.push(Problem::new(span, "a node without `name` and `ring0_addr`"));
            continue;
        };
        let votes = of("quorum_votes").map_or(Some(1), |one| number(one, problems));
        let id = of("nodeid").and_then(|one| number(one, problems));
        nodes.push(Node { name: named.value.clone(), id, votes: votes.unwrap_or(1), at: named.span.start });
    }
    nodes
}

fn number(setting: &Setting, problems: &mut Problems) -> Option<u64> {
    let number = setting.value.parse::<u32>().ok().map(u64::from);
    if number.is_none() {
        let message = format!("{} is {}, which is no whole number", setting.key, quoted(&setting.value));
        problems.push(Problem::new(setting.span.clone(), message));
    }
    number
}

/// What `quorum { }` makes of the nodes.
struct Rule<'a> {
    settings: &'a [Setting],
    nodes: &'a [Node],
}

/// The votes of a device, what it is, and where that is said.
struct Device {
    votes: u64,
    at: usize,
    says: String,
}

impl Rule<'_> {
    /// The last setting of a key.
    fn text(&self, path: &str, key: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|one| one.path == path && one.key == key)
    }

    fn is_on(&self, key: &str) -> Option<&Setting> {
        self.text("quorum", key).filter(|one| ["1", "yes", "on"].contains(&one.value.as_str()))
    }

    /// Where expected votes shrink from the votes of all nodes on; with a tie-breaker it depends on who was there before.
    fn last_man_standing(&self) -> Option<&Setting> {
        let others = ["two_node", "auto_tie_breaker"].iter().any(|key| self.is_on(key).is_some());
        self.is_on("last_man_standing").filter(|_| !others && self.text("quorum", "expected_votes").is_none())
    }

    fn notes(&self, draft: &mut Draft, problems: &mut Problems) {
        match self.text("quorum", "provider") {
            None => draft.note("quorum { provider } is missing: corosync then keeps no quorum at all; this is what corosync_votequorum would ask for"),
            Some(one) if one.value != "corosync_votequorum" => {
                problems.push(Problem::new(one.span.clone(), format!("{} is no provider", quoted(&one.value))).help("it is corosync_votequorum".to_owned()));
            }
            Some(_) => {}
        }
        for (key, says) in [
            (
                "last_man_standing",
                "expected votes shrink after each loss, so that more losses one after another are survived than at once",
            ),
            ("allow_downscale", "expected votes shrink when nodes leave cleanly"),
        ] {
            if self.is_on(key).is_some() {
                draft.note(format!("{key} is dynamic: {says}; this definition is the start, with all nodes up"));
            }
        }
        let device = self.settings.iter().any(|one| one.path.starts_with("quorum.device"));
        if let Some(one) = self.is_on("last_man_standing")
            && (device || self.nodes.iter().any(|node| node.votes != 1))
        {
            let problem = Problem::new(one.span.clone(), "last_man_standing goes with one vote a node and no device");
            problems.push(problem.help("corosync refuses the combination: drop one of them".to_owned()));
        }
        if self.is_on("wait_for_all").is_some() {
            draft.note("wait_for_all: at first all nodes must have been seen at once; this definition is what holds after that");
        }
        for node in self.nodes.iter().filter(|node| node.votes == 0) {
            draft.note(format!("{} has no votes: it adds nothing to any quorum", node.name));
        }
    }

    /// The device that votes too.
    fn device(&self, draft: &mut Draft, problems: &mut Problems) -> Option<Device> {
        let model = self.text("quorum.device", "model")?;
        if model.value != "net" {
            let problem =
                Problem::new(model.span.clone(), format!("unknown model {} of a device", quoted(&model.value)));
            problems.push(problem.help("the model that is understood is net".to_owned()));
            return None;
        }
        let nodes = self.nodes.len() as u64;
        let algorithm = self.text("quorum.device.net", "algorithm");
        let name = algorithm.map_or("ffsplit", |one| one.value.as_str());
        let given = self.text("quorum.device", "votes");
        let equal = self.nodes.iter().all(|node| node.votes == 1);
        if given.is_none() && !equal {
            let problem =
                Problem::new(model.span.clone(), "votes of the device are missing, and nodes have different votes");
            problems.push(problem.help("add `votes: 1` to quorum { device { } }".to_owned()));
        }
        let votes = match (name, given) {
            (_, Some(one)) => number(one, problems)?,
            ("lms" | "2nodelms", None) => nodes.saturating_sub(1),
            _ => 1,
        };
        match name {
            "ffsplit" | "50-50 split" => {
                draft.note("ffsplit: the device gives its vote to one part only, so that of two halves one goes on");
                if nodes % 2 == 1 {
                    draft.note("ffsplit is for an even number of nodes");
                }
            }
            "lms" => draft.note(format!(
                "lms: the device has {votes} votes, so that it and any 1 node are enough, and without it all {nodes} nodes are needed"
            )),
            "2nodelms" => {}
            other => {
                let span = algorithm.map_or(model.span.clone(), |one| one.span.clone());
                let problem = Problem::new(span, format!("unknown algorithm {} of a device", quoted(other)));
                problems.push(problem.help("it is ffsplit or lms".to_owned()));
                return None;
            }
        }
        Some(Device { votes, at: model.span.start, says: format!("device net, {name}: {votes} votes") })
    }

    fn quorums(&self, draft: &mut Draft, problems: &mut Problems) -> Option<(String, Vec<Origin>)> {
        let has_device = self.text("quorum.device", "model").is_some();
        let device = self.device(draft, problems);
        if has_device && device.is_none() {
            return None;
        }
        let mut voters: Vec<(String, u64)> =
            self.nodes.iter().map(|node| (expression::name(&node.name), node.votes)).collect();
        if let Some(device) = &device {
            if self.nodes.iter().any(|node| node.name == "qnetd") {
                problems.push(Problem::new(device.at..device.at, "a node is called qnetd, as the device is here"));
            }
            draft.member("qnetd", device.at..device.at, &*device.says, problems);
            voters.push(("qnetd".into(), device.votes));
        }
        let sum: u64 = voters.iter().map(|(_, votes)| votes).sum();
        let given = self.text("quorum", "expected_votes");
        let expected = given.map_or(Some(sum), |one| number(one, problems))?;
        let mut origins = Vec::new();
        if let Some(one) = given {
            origins.push(origin(one.span.start, format!("expected_votes: {expected}")));
            if expected != sum {
                draft.note(format!("expected_votes is {expected}, but the votes add up to {sum}: {expected} counts"));
            }
        }
        if let Some(one) = self.is_on("two_node") {
            if self.nodes.len() == 2 && device.is_none() {
                draft.note("two_node: either node alone is quorate, so two quorums do not meet: only fencing keeps one of them from going on; wait_for_all is switched on");
                origins.push(origin(one.span.start, "two_node: 1, a quorum is 1 vote"));
                let names: Vec<String> = voters.into_iter().map(|(name, _)| name).collect();
                return Some((expression::choose(1, &names), origins));
            }
            draft.note("two_node is for exactly 2 nodes, and is ignored");
        }
        let quorum = expected / 2 + 1;
        if quorum > sum {
            let span = given.map_or(0..0, |one| one.span.clone());
            let problem =
                Problem::new(span, format!("{quorum} of {expected} expected votes are needed, and there are {sum}"));
            problems.push(problem.help("no set of nodes is ever quorate: lower expected_votes".to_owned()));
            return None;
        }
        let at = self.nodes.first().map_or(0, |node| node.at);
        origins.push(origin(at, format!("{quorum} of {expected} votes")));
        if self.is_on("auto_tie_breaker").is_some() {
            return self.with_tie_breaker((expected, &voters), origins, draft, problems);
        }
        Some((expression::weighted(quorum, &voters), origins))
    }

    /// With one node half of the votes are enough: votes count twice, and that node's once more.
    fn with_tie_breaker(
        &self,
        (expected, voters): (u64, &[(String, u64)]),
        mut origins: Vec<Origin>,
        draft: &mut Draft,
        problems: &mut Problems,
    ) -> Option<(String, Vec<Origin>)> {
        if expected % 2 == 1 {
            draft.note("auto_tie_breaker does nothing here: there are no two halves of an odd number of votes");
            return Some((expression::weighted(expected / 2 + 1, voters), origins));
        }
        let how = self.text("quorum", "auto_tie_breaker_node");
        let word = how.map_or("lowest", |one| one.value.as_str());
        let at = how.or_else(|| self.is_on("auto_tie_breaker")).map_or(0..0, |one| one.span.clone());
        let ids: Option<Vec<u64>> = self.nodes.iter().map(|node| node.id).collect();
        let Some(ids) = ids else {
            let problem = Problem::new(at, "auto_tie_breaker needs the nodeid of each node");
            problems.push(problem.help("add `nodeid: 1` and so on to the nodes".to_owned()));
            return None;
        };
        let wanted = match word {
            "lowest" => ids.iter().min().copied(),
            "highest" => ids.iter().max().copied(),
            list => list.split([' ', ',']).find(|word| !word.is_empty()).and_then(|word| word.parse().ok()),
        };
        let Some(index) = ids.iter().position(|id| Some(*id) == wanted) else {
            let problem = Problem::new(at, format!("{} names no node", quoted(word)));
            problems.push(problem.help("write lowest, highest, or node ids in order".to_owned()));
            return None;
        };
        let name = &self.nodes[index].name;
        draft.note(format!("auto_tie_breaker: exactly half of the votes are enough with {name}; if that node is gone, half is not enough"));
        if word.split_whitespace().count() > 1 {
            draft.note("auto_tie_breaker_node lists several nodes: the first that was up before the split decides; here all were");
        }
        origins.push(origin(at.start, format!("auto_tie_breaker: half of the votes and {name}")));
        let doubled: Vec<(String, u64)> = voters
            .iter()
            .enumerate()
            .map(|(at, (name, votes))| (name.clone(), 2 * votes + u64::from(at == index)))
            .collect();
        Some((expression::weighted(expected + 1, &doubled), origins))
    }
}
