//! One client, one store, and what becomes of its commands.

use super::course::Nature;
use crate::consensus::Timing;
use crate::model::{Kind, LatencyMs, NodeId, NodeSet, System};
use crate::protocol::register::Patience;
use crate::protocol::{ProcessId, Protocol};
use crate::sim::{
    Fault, FaultEvent, Happened, Latency, Link, Pace, ProcessSet, Run, RunLimits, Scenario, SpaceTime, Traffic, Window,
    run, run_drawn,
};

/// What a protocol is measured on.
#[derive(Debug)]
pub(super) struct Stand<'a, M> {
    pub(super) system: &'a System,
    pub(super) make: &'a M,
    pub(super) nature: Nature,
    pub(super) seed: u64,
}

/// A client that asks for some seconds: by then a leader was elected if one can be.
const PATIENCE: Patience = Patience { retry_after_ns: 100_000_000, retries: Some(60) };

/// When nodes crash where a leader has to stand before.
pub(super) const CRASH_NS: u64 = 2_000_000_000;

/// Milliseconds that a message between the client and a node takes.
pub(super) const CLIENT_MS: f64 = 1.0;

/// Everything that happens is drawn: runs are short.
const ALL: Window = Window { messages: 1_000_000, is_end: false };

/// What one run is asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Who crashes, and when.
    pub(super) down: ProcessSet,
    pub(super) crash_ns: u64,
    /// Commands, and milliseconds before each.
    pub(super) commands: u64,
    pub(super) think_ms: f64,
    /// Delays between nodes, where they are not a millisecond.
    pub(super) links: Vec<Link>,
    /// Whether leaders send no heartbeats, so that all messages are those of commands.
    pub(super) is_quiet: bool,
    pub(super) seed: u64,
}

/// Longer than a run without heartbeats.
const QUIET_NS: u64 = 100_000_000_000;

impl<P: Protocol, M: Fn(Patience, Timing) -> P> Stand<'_, M> {
    pub(super) fn nodes(&self) -> usize {
        self.system.nodes().len()
    }

    /// So many commands, without a fault.
    pub(super) fn commands(&self, commands: u64) -> Asked {
        let (down, links) = (ProcessSet::default(), Vec::new());
        Asked { down, crash_ns: 0, commands, think_ms: 0.0, links, is_quiet: false, seed: self.seed }
    }

    fn scenario(&self, asked: &Asked) -> (P, Scenario, Traffic) {
        let longest = asked.links.iter().map(|link| link.latency.quantile_ms(|| 0.99)).fold(CLIENT_MS, f64::max);
        let timing = Timing::for_delay((longest * 2e6) as u64);
        let heartbeat_ns = if asked.is_quiet { QUIET_NS } else { timing.heartbeat_ns };
        let protocol = (self.make)(PATIENCE, Timing { heartbeat_ns, ..timing });
        let crash = FaultEvent { at_ns: asked.crash_ns, fault: Fault::Crash { processes: asked.down.clone() } };
        let scenario = Scenario {
            latency: Latency::Constant { ms: CLIENT_MS },
            links: asked.links.clone(),
            faults: if asked.down.is_empty() { Vec::new() } else { vec![crash] },
            ..Scenario::default()
        };
        let think = (asked.think_ms > 0.0).then_some(Latency::Constant { ms: asked.think_ms });
        let traffic = Traffic {
            clients: 1,
            operations: asked.commands,
            read_fraction: 0.0,
            cas_fraction: 0.0,
            keys: 1,
            pace: Pace::Closed { think },
            script: None,
        };
        (protocol, scenario, traffic)
    }

    /// Whether all commands are answered.
    pub(super) fn completes(&self, asked: &Asked) -> bool {
        let (protocol, scenario, traffic) = self.scenario(asked);
        // Without the phase after the faults, in which everybody is up again: one command more than is answered never comes.
        let run = run(&protocol, &scenario, &traffic, asked.seed, RunLimits::default());
        run.counts.operations() == asked.commands
    }

    /// A run, and all that happened in it.
    pub(super) fn drawn(&self, asked: &Asked) -> (Run, SpaceTime) {
        let (protocol, scenario, traffic) = self.scenario(asked);
        run_drawn(&protocol, (&scenario, &traffic), (asked.seed, RunLimits::default()), (ALL, Vec::new()))
    }

    /// Delays that differ from node to node: those of the definition, or else half a millisecond more for each.
    pub(super) fn uneven(&self) -> Vec<Link> {
        let own: Vec<f64> = (0..self.nodes()).map(|node| self.share_ms(node)).collect();
        let one = |node: usize| [ProcessId(node as u32)].into_iter().collect::<ProcessSet>();
        let mut links = Vec::new();
        for from in 0..own.len() {
            for to in (0..own.len()).filter(|to| *to != from) {
                let latency = Latency::Constant { ms: own[from] + own[to] };
                links.push(Link { from: one(from), to: one(to), role: None, latency });
            }
        }
        links
    }

    /// The share that a node has of the time of a message to it or from it, in whole microseconds.
    fn share_ms(&self, node: usize) -> f64 {
        let given = self.system.nodes()[node].latency_ms.map(LatencyMs::get);
        let latency = given.unwrap_or(1.0 + 0.5 * node as f64);
        (latency * 250.0).round() / 1e3
    }

    /// Milliseconds from one node to another, with these delays.
    pub(super) fn way_ms(&self, (from, to): (usize, usize), is_uneven: bool) -> f64 {
        match from == to {
            true => 0.0,
            false if is_uneven => self.share_ms(from) + self.share_ms(to),
            false => CLIENT_MS,
        }
    }

    /// The time of the fastest quorum around a node: the least over all quorums among those that are up of the largest round trip.
    pub(super) fn quorum_ms(
        &self,
        formula: &crate::model::Formula,
        node: usize,
        (is_up, is_uneven): (&dyn Fn(usize) -> bool, bool),
    ) -> Option<f64> {
        let trip = |to: usize| 2.0 * self.way_ms((node, to), is_uneven);
        let mut order: Vec<usize> = (0..self.nodes()).filter(|to| is_up(*to)).collect();
        order.sort_by(|one, other| trip(*one).total_cmp(&trip(*other)));
        let mut known: Vec<NodeId> = Vec::new();
        for to in order {
            known.push(NodeId::new(to));
            let set: NodeSet = known.iter().copied().collect();
            if formula.holds(&set) {
                return Some(trip(to));
            }
        }
        None
    }

    /// The formula of a phase.
    pub(super) fn phase(&self, kind: Kind) -> &crate::model::Formula {
        self.system.formula(kind)
    }
}

/// Who led last before an instant.
pub(super) fn leader(run: &SpaceTime, before_ns: u64) -> Option<usize> {
    let led = |moment: &&crate::sim::Moment| matches!(moment.what, Happened::Leads(_)) && moment.at_ns <= before_ns;
    run.moments.iter().rev().find(led).map(|moment| moment.process.index())
}
