//! What clients' strategies should be best at.

use crate::model::NodeId;
use crate::strategy::objective::Objective;

/// Which latency of many clients counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum ClientLatency {
    /// The mean over all operations.
    #[default]
    Mean,
    /// The largest mean of the operations of one kind of one client.
    Worst,
}

impl ClientLatency {
    /// Both.
    pub const ALL: [ClientLatency; 2] = [ClientLatency::Mean, ClientLatency::Worst];

    /// The word in the output and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ClientLatency::Mean => "mean",
            ClientLatency::Worst => "worst",
        }
    }
}

/// What clients' strategies should be best at, and what they must keep to.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientGoal {
    /// What is made as small as possible: the load or the latency.
    pub objective: Objective,
    /// Which latency that is.
    pub latency: ClientLatency,
    /// The largest load of a node, in seconds of it per operation.
    pub load_max: Option<f64>,
    /// The largest latency, in milliseconds.
    pub latency_ms_max: Option<f64>,
    /// The leader in force, where there is one.
    pub leader: Option<NodeId>,
    /// Whether the front of load and latency is asked for.
    pub has_front: bool,
}
