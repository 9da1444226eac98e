//! ZooKeeper: `zoo.cfg` and the file of the servers that may stand beside it.
//!
//! Any key that begins with `group` or `weight` makes quorums hierarchical: more than half of the groups, each with more than half
//! of its votes; groups without votes do not count. Otherwise a majority of the participants.
//!
//! # Source
//! Apache ZooKeeper, QuorumPeerConfig.java and QuorumHierarchical.java.

use std::collections::BTreeMap;

use super::draft::{Draft, Origin, origin};
use super::expression;
use super::options::ImportOptions;
use super::properties::{Property, properties};
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

/// A server of the list.
#[derive(Debug)]
struct Server {
    at: usize,
    is_observer: bool,
}

/// A group of servers.
#[derive(Debug)]
struct Group {
    at: usize,
    servers: Vec<u64>,
}

/// The votes of each server that the file gives some, and where.
type Weights = BTreeMap<u64, (u64, usize)>;

pub(super) fn read(text: &str, _: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let properties = properties(text);
    let mut draft = Draft::default();
    refuse_elsewhere(&properties, problems);
    let servers = servers(&properties, problems);
    if problems.count() > 0 {
        return None;
    }
    notes(&properties, &servers, &mut draft);
    if servers.is_empty() {
        let at = properties.first().map_or(0, |first| first.span.start);
        draft.note("no server.N: a standalone server, which is its own quorum");
        draft.member("standalone", at..at, "no list of servers", problems);
        draft.quorums("standalone".into(), Vec::new());
        return Some(draft);
    }
    let is_hierarchical = properties.iter().any(|one| one.key.starts_with("group") || one.key.starts_with("weight"));
    for (id, server) in &servers {
        let role = if server.is_observer { ", an observer: it does not vote" } else { "" };
        draft.member(&name(*id), server.at..server.at, format!("server.{id}{role}"), problems);
    }
    if is_hierarchical {
        let groups = groups(&properties, &servers, problems);
        let weights = weights(&properties, &servers, problems);
        check(&properties, &servers, (&groups, &weights), problems);
        if problems.count() > 0 {
            return None;
        }
        hierarchical(&servers, &groups, &weights, &mut draft, problems);
    } else {
        majority(&servers, &mut draft, problems);
    }
    Some(draft)
}

fn name(id: u64) -> String {
    format!("server.{id}")
}

/// Files that say less than all: the list of servers, or the rule, is somewhere else.
fn refuse_elsewhere(properties: &[Property], problems: &mut Problems) {
    let of = |key: &str| properties.iter().find(|one| one.key == key);
    if let Some(oracle) = of("oraclePath") {
        let problem =
            Problem::new(oracle.span.clone(), "`oraclePath` lets a program decide which of two servers goes on");
        let help = "no definition says what a program answers; without the line, two servers need each other";
        problems.push(problem.label("not a quorum system").help(help.to_owned()));
    }
    let has_servers = properties.iter().any(|one| one.key.starts_with("server."));
    if let Some(dynamic) = of("dynamicConfigFile").filter(|_| !has_servers) {
        let problem = Problem::new(dynamic.span.clone(), "the servers are in another file");
        let help = format!("import that one: {}", quoted(&dynamic.value));
        problems.push(problem.label("names the file with the list").help(help));
    }
}

fn servers(properties: &[Property], problems: &mut Problems) -> BTreeMap<u64, Server> {
    let mut servers = BTreeMap::new();
    for property in properties {
        let Some(id) = property.key.strip_prefix("server.") else { continue };
        let Ok(id) = id.trim().parse::<u64>() else {
            let problem = Problem::new(property.span.clone(), format!("{} is no number of a server", quoted(id)));
            problems.push(problem.help("write server.1, server.2, ...".to_owned()));
            continue;
        };
        match is_observer(&property.value) {
            Ok(is_observer) => {
                servers.insert(id, Server { at: property.span.start, is_observer });
            }
            Err(message) => {
                let help = "write server.1=host:2888:3888, or server.1=host:2888:3888:observer;2181";
                problems.push(Problem::new(property.span.clone(), message).help(help.to_owned()));
            }
        }
    }
    servers
}

/// The role at the end of an address, in any case; of several addresses they must agree.
fn is_observer(value: &str) -> Result<bool, String> {
    let addresses = value.split(';').next().unwrap_or_default();
    let mut roles = Vec::new();
    for address in addresses.split('|') {
        // An address of IPv6 stands in brackets.
        let (host, rest) = match address.trim().strip_prefix('[') {
            Some(inside) => inside.split_once(']').ok_or_else(|| "a bracket of an address is not closed".to_owned())?,
            None => address.trim().find(':').map_or((address.trim(), ""), |colon| address.trim().split_at(colon)),
        };
        let parts: Vec<&str> = rest.trim_start_matches(':').split(':').map(str::trim).collect();
        let is_port = |port: &&&str| port.parse::<u16>().is_ok();
        if host.is_empty() || !(2..=3).contains(&parts.len()) || parts.iter().take(2).filter(is_port).count() < 2 {
            return Err(format!("{} is no host:port:electionPort", quoted(address)));
        }
        roles.push(match parts.get(2).map(|role| role.to_ascii_lowercase()) {
            None => false,
            Some(role) if role == "participant" => false,
            Some(role) if role == "observer" => true,
            Some(role) => return Err(format!("{} is no role: it is participant or observer", quoted(&role))),
        });
    }
    let first = roles.first().copied().unwrap_or(false);
    if roles.iter().all(|role| *role == first) { Ok(first) } else { Err("two addresses with two roles".into()) }
}

fn groups(properties: &[Property], servers: &BTreeMap<u64, Server>, problems: &mut Problems) -> BTreeMap<u64, Group> {
    let mut groups = BTreeMap::new();
    let mut owners: BTreeMap<u64, usize> = BTreeMap::new();
    for property in properties.iter().filter(|one| one.key.starts_with("group")) {
        let Some(id) = property.key.split_once('.').and_then(|(_, id)| id.trim().parse::<u64>().ok()) else {
            let problem = Problem::new(property.span.clone(), format!("{} is no group", quoted(&property.key)));
            problems.push(problem.help("write group.1=1:2:3, with the numbers of its servers".to_owned()));
            continue;
        };
        let mut members = Vec::new();
        for part in property.value.split(':') {
            match part.trim().parse::<u64>() {
                Ok(server) => {
                    if let Some(first) = owners.insert(server, property.span.start) {
                        let problem = Problem::new(property.span.clone(), format!("server {server} is in two groups"));
                        problems.push(problem.first(first).help("a server is in one group".to_owned()));
                    } else if !servers.contains_key(&server) {
                        let problem = Problem::new(property.span.clone(), format!("there is no server.{server}"));
                        problems.push(problem.help("groups are made of the servers of the list".to_owned()));
                    } else {
                        members.push(server);
                    }
                }
                Err(_) => {
                    let problem =
                        Problem::new(property.span.clone(), format!("{} is no number of a server", quoted(part)));
                    problems.push(problem.help("write group.1=1:2:3".to_owned()));
                }
            }
        }
        groups.insert(id, Group { at: property.span.start, servers: members });
    }
    groups
}

/// The votes that the file gives to servers, and where.
fn weights(properties: &[Property], servers: &BTreeMap<u64, Server>, problems: &mut Problems) -> Weights {
    let mut weights = BTreeMap::new();
    for property in properties.iter().filter(|one| one.key.starts_with("weight")) {
        let id = property.key.split_once('.').and_then(|(_, id)| id.trim().parse::<u64>().ok());
        match (id, property.value.parse::<u32>()) {
            (Some(id), Ok(votes)) if servers.contains_key(&id) => {
                weights.insert(id, (u64::from(votes), property.span.start));
            }
            (Some(id), Ok(_)) => {
                problems.push(Problem::new(property.span.clone(), format!("there is no server.{id}")));
            }
            _ => {
                let problem = Problem::new(property.span.clone(), "no weight of a server");
                problems.push(problem.help("write weight.4=2, a whole number of votes".to_owned()));
            }
        }
    }
    weights
}

/// What the server itself refuses to start with.
fn check(
    properties: &[Property],
    servers: &BTreeMap<u64, Server>,
    (groups, weights): (&BTreeMap<u64, Group>, &Weights),
    problems: &mut Problems,
) {
    let grouped = |id: &u64| groups.values().any(|group| group.servers.contains(id));
    if groups.is_empty() {
        if let Some((_, at)) = weights.values().next() {
            let problem = Problem::new(*at..*at, "weights without a group: ZooKeeper then asks for groups too");
            let help = "weights count inside groups only; add group.1=... with all servers, or drop the weights";
            problems.push(problem.label("an error, not a weighted majority").help(help.to_owned()));
        }
        return;
    }
    for (id, server) in servers {
        if !server.is_observer && !grouped(id) {
            let problem = Problem::new(server.at..server.at, format!("server {id} is not in a group"));
            let doubled = properties.iter().find(|one| one.key.starts_with("group") && one.before.is_some());
            let help = match doubled {
                Some(one) => format!(
                    "{} stands twice, and the last one takes the place of the first: write all of its servers into one line, or number the groups",
                    quoted(&one.key)
                ),
                None => "every participant is in a group as soon as there is one".to_owned(),
            };
            problems.push(problem.help(help));
        }
        if server.is_observer && grouped(id) && !weights.contains_key(id) {
            let problem = Problem::new(server.at..server.at, format!("observer {id} is in a group, and has no weight"));
            let help = format!("ZooKeeper fails on it: take it out of its group, or give it weight.{id}=0");
            problems.push(problem.help(help));
        }
    }
}

fn hierarchical(
    servers: &BTreeMap<u64, Server>,
    groups: &BTreeMap<u64, Group>,
    weights: &Weights,
    draft: &mut Draft,
    problems: &mut Problems,
) {
    let votes = |id: &u64| weights.get(id).map_or(1, |(votes, _)| *votes);
    let mut parts = Vec::new();
    let mut origins: Vec<Origin> = Vec::new();
    let mut counted = 0;
    let mut first = 0;
    for (id, Group { at, servers: members }) in groups {
        let total: u64 = members.iter().map(votes).sum();
        first = *at;
        if total == 0 {
            draft.note(format!("group.{id} has no votes, and does not count as a group"));
            continue;
        }
        counted += 1;
        // Weights of observers count in the sum, though they never vote.
        let voters: Vec<&u64> = members.iter().filter(|id| !servers[id].is_observer).collect();
        if voters.len() < members.len() && total > voters.iter().map(|id| votes(id)).sum() {
            draft.note(format!("group.{id} counts votes of an observer, which never votes"));
        }
        let needed = total / 2 + 1;
        origins.push(origin(*at, format!("group.{id}: {needed} of {total} votes")));
        if voters.iter().map(|id| votes(id)).sum::<u64>() >= needed {
            let named: Vec<(String, u64)> = voters.iter().map(|id| (name(**id), votes(id))).collect();
            parts.push(expression::weighted(needed, &named));
        } else {
            draft.note(format!("group.{id} can never have a majority of its votes"));
        }
    }
    for (id, (votes, at)) in weights {
        origins.push(origin(*at, format!("weight.{id}: {votes} votes")));
        if *votes == 0 {
            draft.note(format!("server.{id} has no votes: it adds nothing to any quorum"));
        }
    }
    let needed = counted / 2 + 1;
    if parts.len() < needed {
        problems.push(Problem::new(first..first, "no set of servers has a majority of votes in a majority of groups"));
        return;
    }
    if counted == 2 {
        draft.note("two groups: both are needed, so that losing either stops it; three groups survive the loss of one");
    }
    origins.sort_by_key(|origin| origin.at);
    draft.quorums(expression::choose(needed, &parts), origins);
}

fn majority(servers: &BTreeMap<u64, Server>, draft: &mut Draft, problems: &mut Problems) {
    let voters: Vec<u64> = servers.iter().filter(|(_, server)| !server.is_observer).map(|(id, _)| *id).collect();
    let first = servers.values().next().map_or(0, |server| server.at);
    match voters.len() {
        0 => {
            let problem = Problem::new(first..first, "observers without a participant: ZooKeeper refuses to start");
            problems.push(problem.help("at least one server votes".to_owned()));
        }
        count => {
            if count == 1 {
                draft.note("one participant: a standalone server, unless standaloneEnabled=false");
            }
            let names: Vec<String> = voters.iter().map(|id| name(*id)).collect();
            let says = format!("a majority of {count} participants");
            draft.quorums(expression::majority(&names), vec![origin(first, says)]);
        }
    }
}

fn notes(properties: &[Property], servers: &BTreeMap<u64, Server>, draft: &mut Draft) {
    for property in properties.iter().filter(|one| one.before.is_some()) {
        if ["server.", "group", "weight"].iter().any(|start| property.key.starts_with(start)) {
            draft.note(format!("{} stands more than once, and only the last counts", property.key));
        }
    }
    let peer = properties.iter().find(|one| one.key == "peerType" && one.value.eq_ignore_ascii_case("observer"));
    if peer.is_some() && servers.values().all(|server| !server.is_observer) {
        draft.note("peerType=observer alone makes no observer: the list of servers decides, and names none");
    }
    let observers = servers.values().filter(|server| server.is_observer).count();
    if observers > 0 {
        draft.note(format!("observers: {observers}; they do not vote, and add nothing to any quorum"));
    }
    if properties.iter().any(|one| one.key == "dynamicConfigFile") && !servers.is_empty() {
        draft.note("dynamicConfigFile names a file whose list of servers takes the place of this one");
    }
}
