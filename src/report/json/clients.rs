//! How long clients wait, and where a leader stands best, as JSON.

use serde::Serialize;

use super::missing::nulls;
use super::shared::Names;
use crate::model::{NodeSet, Pair, System, ZoneId};
use crate::operations::{ClientAfter, ClientAnswer, ClientAnswers, LeaderAnswer};
use crate::report::Analysed;

/// The keys beside those of all analyses.
#[derive(Serialize)]
pub(super) struct Clients<'a> {
    clients: Vec<Client<'a>>,
    leaders: Option<Vec<Leader<'a>>>,
}

#[derive(Serialize)]
struct Client<'a> {
    name: &'a str,
    read_ms: Option<f64>,
    write_ms: Option<f64>,
    read_quorum: Option<Names<'a>>,
    write_quorum: Option<Names<'a>>,
    after_zone_loss: Vec<After<'a>>,
}

#[derive(Serialize)]
struct After<'a> {
    zone: &'a str,
    read_ms: Option<f64>,
    write_ms: Option<f64>,
}

#[derive(Serialize)]
struct Leader<'a> {
    node: &'a str,
    mean_write_ms: Option<f64>,
    worst_write_ms: Option<f64>,
    after_zone_loss: Vec<LeaderAfter<'a>>,
}

#[derive(Serialize)]
struct LeaderAfter<'a> {
    zone: &'a str,
    leader: Option<&'a str>,
    mean_write_ms: Option<f64>,
}

/// All of them; lists without entries where there are no clients.
pub(super) fn clients<'a>(system: &'a System, answers: &'a ClientAnswers) -> Clients<'a> {
    let known = &system.about().clients.each;
    let zone = |zone: ZoneId| system.zones()[zone.index()].name.as_str();
    let names = |set: &'a NodeSet| Names { system, set };
    let client = |answer: &'a ClientAnswer| Client {
        name: &known[answer.client].name,
        read_ms: answer.latency_ms.reads,
        write_ms: answer.latency_ms.writes,
        read_quorum: answer.quorum.reads.as_ref().map(names),
        write_quorum: answer.quorum.writes.as_ref().map(names),
        after_zone_loss: answer
            .after
            .iter()
            .map(|after| After {
                zone: zone(after.zone),
                read_ms: after.latency_ms.reads,
                write_ms: after.latency_ms.writes,
            })
            .collect(),
    };
    let node = |node: crate::model::NodeId| system.nodes()[node.index()].name.as_str();
    let leader = |answer: &LeaderAnswer| Leader {
        node: node(answer.node),
        mean_write_ms: answer.mean_write_ms,
        worst_write_ms: answer.worst_write_ms,
        after_zone_loss: answer
            .after
            .iter()
            .map(|after| LeaderAfter {
                zone: zone(after.zone),
                leader: after.leader.map(node),
                mean_write_ms: after.mean_write_ms,
            })
            .collect(),
    };
    Clients {
        clients: answers.each.iter().map(client).collect(),
        leaders: if known.is_empty() {
            Some(Vec::new())
        } else {
            answers.leaders.as_ref().map(|leaders| leaders.iter().map(leader).collect())
        },
    }
}

/// Why some of it is `null`.
pub(super) fn missing(analysed: &Analysed) -> Vec<String> {
    let answers = &analysed.analysis.operations.clients;
    let has_none = |latency: &Pair<Option<f64>>| latency.reads.is_none() || latency.writes.is_none();
    let each = || answers.each.iter();
    let after = || each().flat_map(|client| &client.after);
    let is_cut = answers.exhausted.is_some();
    let leaders = || answers.leaders.iter().flatten();
    let of_leaders = || leaders().flat_map(|leader| &leader.after);
    let stopped = |client: &&ClientAnswer| !client.is_lost && has_none(&client.latency_ms);
    let stopped_after = |after: &&ClientAfter| !after.is_lost && has_none(&after.latency_ms);
    let mut notes = nulls(&[
        ("leaders", is_cut && answers.leaders.is_none(), "the budget ended before every node was tried as a leader"),
        (
            "leader",
            of_leaders().any(|after| after.leader.is_none()),
            "the leader is lost with that zone, and no node that is left can lead, or no client is left",
        ),
        (
            "worst_write_ms",
            leaders().any(|leader| leader.worst_write_ms.is_none()),
            "with that leader there are no writes, a link is missing, or no client is left",
        ),
        (
            "mean_write_ms",
            leaders().any(|leader| leader.mean_write_ms.is_none())
                || of_leaders().any(|after| after.mean_write_ms.is_none()),
            "with that leader there are no writes, a link is missing, or no client that writes is left",
        ),
    ]);
    let mut times = |is_null: bool, keys: &[&str], why: &str| {
        if is_null {
            notes.push(super::missing::null(keys, why));
        }
    };
    let quorums = ["read_ms", "write_ms", "read_quorum", "write_quorum"];
    times(each().any(|client| client.is_lost), &quorums, "the place of that client has failed");
    times(
        each().filter(stopped).count() > 0,
        &quorums,
        if is_cut { "the budget ended before they were known" } else { "that client reaches no quorum of that kind" },
    );
    times(
        after().any(|after| after.is_lost),
        &["read_ms", "write_ms"],
        "in `after_zone_loss`, that client is lost with the zone",
    );
    times(
        after().filter(stopped_after).count() > 0,
        &["read_ms", "write_ms"],
        "in `after_zone_loss`, no quorum of that kind is left, or no leader",
    );
    notes
}
