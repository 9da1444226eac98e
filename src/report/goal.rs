//! The words for why there is no strategy.

use super::names;
use super::number;
use crate::model::System;
use crate::strategy::StrategyAnswer;
use crate::strategy::objective::{Infeasible, Objective};

/// Why no strategy does what was asked, and what would be possible.
pub fn no_strategy(system: &System, infeasible: &Infeasible) -> String {
    match infeasible {
        Infeasible::NoQuorum { kind } => {
            format!("No strategy: without the failed nodes there is no {} left.", names::quorum(system, *kind))
        }
        Infeasible::Survive { kind, most } => format!(
            "No strategy: no set of nodes still contains a {} after losing that many of its members; {}.",
            names::quorum(system, *kind),
            match most {
                Some(0) => "even of all nodes together, the loss of a single one can leave none".into(),
                Some(most) => format!("--survive {most} is the most that is possible"),
                None => "how many it can lose was beyond the limits".into(),
            }
        ),
        Infeasible::Limit { quantity, limit, least, beside } => format!(
            "No strategy: --max-{quantity} {} cannot be kept; the least that is possible{} is {}{}.",
            shown(*limit),
            beside.map_or_else(String::new, |other| format!(" beside --max-{other}")),
            shown(*least),
            match quantity {
                Objective::Load => "",
                Objective::Network => " nodes per operation",
                Objective::Latency => " ms",
            }
        ),
        Infeasible::NoLatency { node } => format!(
            "No strategy: the latency cannot be computed, since node {} has no latency_ms.",
            names::node(system, *node)
        ),
        Infeasible::Ranges => {
            "No strategy of the whole: an operation of a ring asks the replicas of one range. The load where it does so evenly \
             stands with the ranges."
                .into()
        }
        Infeasible::Undecided(exhausted) => {
            format!("The best strategy is not settled; {}.", number::gave_up(*exhausted))
        }
    }
}

/// All digits, so that the number can be used as a limit.
fn shown(value: f64) -> String {
    super::columns::shortest(value)
}

/// The sentence about an answer without a strategy, with its workload where there are several.
pub(super) fn sentence(system: &System, answer: &StrategyAnswer, alone: bool) -> Option<String> {
    let sentence = no_strategy(system, answer.infeasible()?);
    Some(if alone { sentence } else { format!("At {}: {sentence}", names::workload(&answer.workload)) })
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::model::{Kind, NodeId};

    #[track_caller]
    fn check(infeasible: &Infeasible, expected: &str) {
        assert_eq!(no_strategy(&fixture::grid().system, infeasible), expected);
        assert!(!super::super::explained(expected).is_empty(), "{expected}");
    }

    #[test]
    fn every_reason_has_words() {
        check(
            &Infeasible::NoQuorum { kind: Kind::Write },
            "No strategy: without the failed nodes there is no write quorum left.",
        );
        check(
            &Infeasible::Survive { kind: Kind::Read, most: Some(2) },
            "No strategy: no set of nodes still contains a read quorum after losing that many of its members; \
             --survive 2 is the most that is possible.",
        );
        check(
            &Infeasible::Survive { kind: Kind::Read, most: Some(0) },
            "No strategy: no set of nodes still contains a read quorum after losing that many of its members; even of all \
             nodes together, the loss of a single one can leave none.",
        );
        check(
            &Infeasible::Limit { quantity: Objective::Network, limit: 2.0, least: 2.5, beside: Some(Objective::Load) },
            "No strategy: --max-network 2 cannot be kept; the least that is possible beside --max-load is 2.5 \
             nodes per operation.",
        );
        check(
            &Infeasible::NoLatency { node: NodeId::new(1) },
            "No strategy: the latency cannot be computed, since node n2 has no latency_ms.",
        );
    }
}
