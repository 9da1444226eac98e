//! What those ask who run a system: what is left without a zone, on which side of a split, and on how many places is a write?
//!
//! | question | file |
//! | --- | --- |
//! | what is left after the loss of each zone? | `zone_losses` |
//! | how many nodes more, after so many zones? | `zones_and_nodes`, of read-once formulas by `worst_zones` |
//! | which side of each cut reads and writes? | `splits` |
//! | on how many nodes and zones is an acknowledged write? | `durability` |
//! | in how many nodes and votes do reads meet writes? | `overlap`, with the votes by `shared_votes` and a pair by `closest_pair` |
//! | how many nodes may lie? | `byzantine` |
//! | why are two zones too few? | `two_zones` |
//! | which zones are asked about? | `places` |
//! | what does each protocol of consensus need? | `protocols` |
//! | how long do clients wait? | `clients`, by `fastest` quorums and the distances of `surroundings` |
//! | where does a leader stand best? | `leaders` |
//! | are so many lost zones survived, is every write in so many? | `zone_demands` |
//! | which of it for each kind of zones? | `zone_kinds` |
//! | all of it | `answers` |

mod answers;
mod byzantine;
mod clients;
mod closest_pair;
mod durability;
mod fastest;
mod leaders;
mod overlap;
mod places;
mod protocols;
mod shared_votes;
mod splits;
mod surroundings;
mod two_zones;
mod worst_zones;
mod zone_demands;
mod zone_kinds;
mod zone_losses;
mod zones_and_nodes;

#[doc(hidden)]
pub use answers::Demands;
pub use answers::Operations;
pub use byzantine::Byzantine;
#[doc(hidden)]
pub use byzantine::{Lies, LiesWitness, byzantine};
pub use clients::ClientAnswers;
#[doc(hidden)]
pub use clients::{ClientAfter, ClientAnswer, clients};
pub use durability::Durability;
#[doc(hidden)]
pub use durability::durability;
#[doc(hidden)]
pub use leaders::{LeaderAfter, LeaderAnswer};
pub use overlap::Overlap;
#[doc(hidden)]
pub use overlap::overlap;
#[doc(hidden)]
pub use places::places;
#[doc(hidden)]
pub use protocols::{Condition, Protocol, ProtocolDemand, lacking, protocol_demands, smallest_fast_quorum};
pub use splits::Splits;
#[doc(hidden)]
pub use splits::{SPLIT_ZONES_MAX, Side, Split, splits};
pub(crate) use two_zones::two_zones;
#[doc(hidden)]
pub use zone_demands::{ZoneDemand, zone_durability_demand, zone_resilience_demand};
#[doc(hidden)]
pub use zone_kinds::OfZoneKind;
pub use zone_losses::ZoneLoss;
#[doc(hidden)]
pub use zone_losses::zone_losses;
#[doc(hidden)]
pub use zones_and_nodes::{Nodes, ZonesAndNodes, zones_and_nodes};
