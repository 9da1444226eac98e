//! What the strategies are to be best at, as flags.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::args::heading;
use super::error::Failure;
use super::numbers::{not_negative, positive};
use crate::analysis::{Options, PerClient};
use crate::strategy::ClientLatency;
use crate::strategy::objective::{Limits, Objective};

/// The goal of the strategies, and what they must keep to.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::STRATEGIES)]
pub(super) struct GoalArgs {
    /// What the strategy is to be best at
    #[arg(long, value_enum, default_value_t)]
    objective: Objective,
    /// Largest load of the busiest node, in seconds of it per operation
    #[arg(long, value_name = "LOAD", value_parser = positive, allow_negative_numbers = true)]
    max_load: Option<f64>,
    /// Largest expected number of nodes that an operation contacts
    #[arg(long, value_name = "NODES", value_parser = positive, allow_negative_numbers = true)]
    max_network: Option<f64>,
    /// Largest expected time until the answers contain a quorum, in milliseconds
    #[arg(long, value_name = "MS", value_parser = not_negative, allow_negative_numbers = true)]
    max_latency: Option<f64>,
    /// Contact only sets that still contain a quorum after losing any F of their members
    #[arg(long, value_name = "F", default_value_t = 0, allow_negative_numbers = true)]
    survive: usize,
    /// Give each client a strategy of its own, all sharing the capacities of the nodes: --objective, --max-load, --max-latency and
    /// --pareto are about them, where latency is the mean over all operations, or the worst of the means of clients [default: where a
    /// latency is asked for and nodes have none of their own]
    #[arg(long, value_enum, value_name = "LATENCY", num_args = 0..=1, default_missing_value = "mean",
          require_equals = true, conflicts_with_all = ["survive", "max_network"])]
    per_client: Option<ClientLatency>,
    /// Show what two of load, network and latency cost each other
    #[arg(long, value_enum, value_name = "X,Y", value_delimiter = ',')]
    pareto: Vec<Objective>,
}

impl GoalArgs {
    /// Whether fronts are asked for.
    pub(super) fn has_fronts(&self) -> bool {
        !self.pareto.is_empty()
    }

    /// The options with this goal.
    ///
    /// # Errors
    /// [`Failure::LimitOnObjective`] where a quantity is minimised and limited at once.
    pub(super) fn add_to(&self, options: Options) -> Result<Options, Failure> {
        let limits = Limits {
            load: self.max_load,
            network: self.max_network,
            latency_ms: self.max_latency,
            survive: self.survive,
            ..Limits::default()
        };
        let pareto = match self.pareto[..] {
            [] => None,
            [x, y] if x != y => Some([x, y]),
            _ => return Err(Failure::Pareto),
        };
        if let Some(axis) = pareto.into_iter().flatten().find(|axis| limits.of(*axis).is_some()) {
            return Err(Failure::LimitOnAxis { axis });
        }
        if limits.of(self.objective).is_some() {
            return Err(Failure::LimitOnObjective { objective: self.objective });
        }
        let per_client = self.per_client.map_or(PerClient::WhereNeeded, PerClient::Always);
        let has_network = self.objective == Objective::Network || self.pareto.contains(&Objective::Network);
        if self.per_client.is_some() && has_network {
            return Err(Failure::NetworkOfClients);
        }
        Ok(Options { objective: self.objective, limits, pareto, per_client, ..options })
    }
}

impl ValueEnum for ClientLatency {
    fn value_variants<'a>() -> &'a [Self] {
        &ClientLatency::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            ClientLatency::Mean => "The mean over all operations",
            ClientLatency::Worst => "The largest mean of the operations of one kind of one client",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

impl ValueEnum for Objective {
    fn value_variants<'a>() -> &'a [Self] {
        &Objective::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Objective::Load => PossibleValue::new("load").help("The load of the busiest node"),
            Objective::Network => PossibleValue::new("network").help("The expected number of nodes contacted"),
            Objective::Latency => {
                PossibleValue::new("latency").help("The expected time until the answers contain a quorum")
            }
        })
    }
}
