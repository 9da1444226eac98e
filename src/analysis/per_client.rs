//! Whether a goal is about the strategies of clients, and the answer.

use super::options::{Options, PerClient};
use crate::circuit::Compiled;
use crate::model::{Kind, System, Workload};
use crate::operations::ClientAnswers;
use crate::strategy::objective::{Infeasible, Limits, Objective};
use crate::strategy::{ClientGoal, ClientLatency, ClientOptimum, client_strategies};

/// What clients' strategies are best at, or why there are none.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientStrategies {
    /// What was asked.
    pub goal: ClientGoal,
    /// The best strategies.
    pub best: Result<ClientOptimum, Infeasible>,
}

impl Options {
    /// Which latency of clients the goal is about, if it is about them.
    pub(super) fn client_latency(&self, system: &System) -> Option<ClientLatency> {
        let clients = &system.about().clients.each;
        if clients.iter().all(|client| client.place.is_none()) {
            return None;
        }
        let is_plain =
            self.limits.network.is_none() && self.limits.survive == 0 && self.objective != Objective::Network;
        let has_latency = self.objective == Objective::Latency
            || self.limits.latency_ms.is_some()
            || self.pareto.is_some_and(|axes| axes.contains(&Objective::Latency));
        let is_pair = self.pareto.is_none_or(|axes| !axes.contains(&Objective::Network));
        let is_theirs = system.nodes().iter().any(|node| node.latency_ms.is_none());
        match self.per_client {
            PerClient::Never => None,
            PerClient::Always(latency) => Some(latency),
            PerClient::WhereNeeded => {
                (is_plain && is_pair && has_latency && is_theirs).then_some(ClientLatency::default())
            }
        }
    }

    /// The goal of the one strategy for everybody: what is not about clients.
    pub(super) fn for_everybody(&self, system: &System) -> Options {
        if self.client_latency(system).is_none() {
            return self.clone();
        }
        let limits = Limits { load: None, latency_ms: None, ..self.limits.clone() };
        Options { objective: Objective::Load, limits, pareto: None, ..self.clone() }
    }
}

/// The best strategies of clients, where the goal is about them.
pub(super) fn of_clients(
    compiled: &Compiled<'_>,
    workload: &Workload,
    options: &Options,
    known: &ClientAnswers,
) -> Option<ClientStrategies> {
    let latency = options.client_latency(compiled.system())?;
    let goal = ClientGoal {
        objective: options.objective,
        latency,
        load_max: options.limits.load,
        latency_ms_max: options.limits.latency_ms,
        leader: known.leader,
        has_front: options.pareto.is_some(),
    };
    let is_lacking = compiled.system().about().clients.leader.is_some() && known.leader.is_none();
    let best = match known.exhausted {
        Some(exhausted) if is_lacking => Err(Infeasible::Undecided(exhausted)),
        None if is_lacking => Err(Infeasible::NoQuorum { kind: Kind::Write }),
        _ => client_strategies(compiled, workload, &goal).transpose()?,
    };
    Some(ClientStrategies { goal, best })
}
