//! How long a command takes, and how many messages.

use super::course::{Course, Leading};
use super::stand::{Asked, CLIENT_MS, CRASH_NS, Stand, leader};
use crate::consensus::Timing;
use crate::history::Register;
use crate::model::{Formula, Kind};
use crate::protocol::register::Patience;
use crate::protocol::{ProcessId, Protocol};
use crate::sim::Run;
use crate::verify::claim::{Claim, Quantity};
use crate::verify::evidence::Evidence;

/// Leaders that are tried: with more nodes the first ones to be elected.
const LEADERS_MAX: usize = 9;

/// Seeds among which a leader is looked for, for each node.
const SEEDS_EACH: u64 = 24;

/// Commands of a run; the last ones are measured, when everything goes its usual way.
const COMMANDS: u64 = 24;
const MEASURED: usize = 8;

/// All claims about commands of a protocol.
pub(super) fn claims<P: Protocol + Sync>(stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>) -> Vec<Claim> {
    let mut claims = messages(stand);
    if stand.nature.course == Course::Open {
        return claims;
    }
    claims.extend(round_trips(stand));
    for (leader, seed) in leaders(stand) {
        claims.extend(by_leader(stand, (leader, seed)));
        claims.extend(after_loss(stand, (leader, seed)));
    }
    claims
}

/// A certain claim in milliseconds.
fn certain(subject: String, predicted: f64, measured: f64, remark: Option<String>) -> Claim {
    let whole = |ms: f64| (ms * 1e3).round() / 1e3;
    Claim {
        quantity: Quantity::CommitLatencyMs,
        subject,
        predicted: Some(whole(predicted)),
        evidence: Evidence::Certain { measured: whole(measured) },
        remark,
    }
}

/// Milliseconds that the last commands took beyond the way of the client, if all took the same.
fn usual_ms(run: &Run) -> Option<f64> {
    let mut times: Vec<(i64, i64)> = run
        .history
        .registers()
        .iter()
        .flat_map(Register::entries)
        .filter(|entry| !entry.is_pending())
        .map(|entry| (entry.start, entry.end - entry.start))
        .collect();
    times.sort_unstable();
    let last: Vec<i64> = times.iter().rev().take(MEASURED).map(|(_, took)| *took).collect();
    let first = *last.first()?;
    (last.len() == MEASURED && last.iter().all(|took| *took == first)).then_some(first as f64 / 1e6 - 2.0 * CLIENT_MS)
}

/// What a command takes with a node that sees to it, in milliseconds.
fn predicted_ms<P: Protocol>(
    stand: &Stand<'_, impl Fn(Patience, Timing) -> P>,
    node: usize,
    (is_up, is_uneven): (&dyn Fn(usize) -> bool, bool),
) -> Option<f64> {
    let around = |formula: &Formula| stand.quorum_ms(formula, node, (is_up, is_uneven));
    let writes = stand.phase(Kind::Write);
    match stand.nature.course {
        Course::Commit => around(writes),
        Course::BothPhases => Some(around(stand.phase(Kind::Read))? + around(writes)?),
        Course::Fast => around(stand.system.about().fast.as_ref().unwrap_or(writes)),
        Course::Chain => {
            let nodes = stand.nodes();
            let chain: Vec<usize> = (0..nodes).map(|place| (node + place) % nodes).collect();
            let hops = chain.windows(2).map(|pair| stand.way_ms((pair[0], pair[1]), is_uneven));
            let back = chain.last().map_or(0.0, |last| stand.way_ms((*last, node), is_uneven));
            Some(hops.sum::<f64>() + back)
        }
        Course::Open => None,
    }
}

const EVERYBODY: &dyn Fn(usize) -> bool = &|_| true;

/// Round trips of a command, where every message takes as long.
fn round_trips<P: Protocol + Sync>(stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>) -> Option<Claim> {
    let (run, drawn) = stand.drawn(&stand.commands(COMMANDS));
    let node = leader(&drawn, run.counts.end_ns).unwrap_or(0);
    let predicted = predicted_ms(stand, node, (EVERYBODY, false))? / (2.0 * CLIENT_MS);
    Some(Claim {
        quantity: Quantity::RoundTrips,
        subject: "command".into(),
        predicted: Some(predicted),
        evidence: usual_ms(&run)
            .map_or(Evidence::Fit(None), |ms| Evidence::Certain { measured: ms / (2.0 * CLIENT_MS) }),
        remark: Some("beyond that of the client, where every message takes a millisecond".into()),
    })
}

/// Leaders, each with a seed by which it is elected.
fn leaders<P: Protocol + Sync>(stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>) -> Vec<(usize, u64)> {
    if stand.nature.leading != Leading::Elected {
        return vec![(0, stand.seed)];
    }
    let wanted = stand.nodes().min(LEADERS_MAX);
    let mut found: Vec<(usize, u64)> = Vec::new();
    for number in 0..SEEDS_EACH * wanted as u64 {
        let seed = stand.seed.wrapping_add(number);
        let asked = Asked { links: stand.uneven(), seed, ..stand.commands(1) };
        let (run, drawn) = stand.drawn(&asked);
        let Some(node) = leader(&drawn, run.counts.end_ns) else { continue };
        if found.iter().all(|(known, _)| *known != node) {
            found.push((node, seed));
        }
        if found.len() >= wanted {
            break;
        }
    }
    found.sort_unstable();
    found
}

fn name<M>(stand: &Stand<'_, M>, node: usize) -> String {
    stand.system.nodes()[node].name.clone()
}

/// Commit latency with a leader, where nodes are not equally far.
fn by_leader<P: Protocol + Sync>(
    stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>,
    (node, seed): (usize, u64),
) -> Option<Claim> {
    let (run, drawn) = stand.drawn(&Asked { links: stand.uneven(), seed, ..stand.commands(COMMANDS) });
    // With more commands another one may have come to lead.
    let node = leader(&drawn, run.counts.end_ns).unwrap_or(node);
    let predicted = predicted_ms(stand, node, (EVERYBODY, true))?;
    Some(certain(format!("{} leads", name(stand, node)), predicted, usual_ms(&run)?, None))
}

/// Commit latency after the leader is lost, with whoever comes after it.
fn after_loss<P: Protocol + Sync>(
    stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>,
    (node, seed): (usize, u64),
) -> Option<Claim> {
    // The chain goes on without the node after a while only, and the fast rounds need all of a fast quorum.
    if stand.nature.course == Course::Chain {
        return None;
    }
    let down = [ProcessId(node as u32)].into_iter().collect();
    let asked =
        Asked { down, crash_ns: CRASH_NS, think_ms: 250.0, links: stand.uneven(), seed, ..stand.commands(COMMANDS) };
    let (run, drawn) = stand.drawn(&asked);
    let next = match stand.nature.leading {
        // Clients ask the next one when the first is silent.
        Leading::Nobody => (node + 1) % stand.nodes(),
        _ => leader(&drawn, run.counts.end_ns).filter(|next| *next != node)?,
    };
    let predicted = predicted_ms(stand, next, (&|other| other != node, true))?;
    let measured = usual_ms(&run)?;
    Some(certain(format!("{} leads after {}", name(stand, next), name(stand, node)), predicted, measured, None))
}

/// Messages of a command, and those that each node handles: what a longer run has more than a shorter one.
fn messages<P: Protocol + Sync>(stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>) -> Vec<Claim> {
    let nodes = stand.nodes();
    let counted = |commands: u64| {
        // Heartbeats are no part of a command.
        let (run, drawn) = stand.drawn(&Asked { is_quiet: true, ..stand.commands(commands) });
        let sent = || drawn.messages.iter().filter(|flight| flight.sent_ns <= run.counts.end_ns);
        let mut handled = vec![0u64; nodes];
        for flight in sent() {
            for end in [flight.from, flight.to] {
                if let Some(count) = handled.get_mut(end.index()) {
                    *count += 1;
                }
            }
        }
        (sent().count() as u64, handled, leader(&drawn, run.counts.end_ns).unwrap_or(0))
    };
    let Some(predicted) = stand.nature.messages(nodes) else { return Vec::new() };
    let (few, many) = (counted(8), counted(8 + MESSAGED));
    let each = |many: u64, few: u64| many.saturating_sub(few) as f64 / MESSAGED as f64;
    let claim = |quantity, subject: String, predicted: usize, measured: f64| Claim {
        quantity,
        subject,
        predicted: Some(predicted as f64),
        evidence: Evidence::Certain { measured },
        remark: None,
    };
    let mut claims = vec![claim(Quantity::Messages, "command".into(), predicted + 2, each(many.0, few.0))];
    for node in 0..nodes {
        let Some(predicted) = stand.nature.handled(nodes, node == many.2) else { continue };
        claims.push(claim(Quantity::MessagesHandled, name(stand, node), predicted, each(many.1[node], few.1[node])));
    }
    claims
}

/// Commands that the longer run has more.
const MESSAGED: u64 = 40;
