//! Which quorum system over given nodes is the best?
//!
//! A system is better the more its reads and writes may do with what they have, so only *optimal pairs* need to be
//! looked at: reads f, and as writes the dual of f, the smallest sets that meet every read quorum. Any other writes that
//! meet the reads contain those, hence have at least their load, their size, their latency and their failure probability.
//! So the space is one of monotone functions f, and it has these parts:
//!
//! * every read-once formula of thresholds `k of (...)`, nested at will, over any of the nodes: each function once up to
//!   exchanging equal nodes (the module `read_once_forms`). Thresholds, read one and write all, its reverse, singletons and
//!   hierarchies of any shape are among them;
//! * weighted voting: every threshold function that small votes give, each once up to exchanging equal nodes (`weighted_voting`);
//! * the families whose quorums no such formula has, with every choice of parameters that fits: grids in all variants,
//!   B-grids, walls of all widths (with them triangles, CWlogs and wheels), trees, projective planes, Paths and Y; on any of
//!   the nodes and in every placement, up to symmetry, within a limit (`placements`).
//!
//! Up to five nodes every monotone function is looked at, whatever it looks like (`every_function`): then no system of any sort is
//! better. Over more than a dozen nodes there are too many functions: then the space is that of the families over the fastest and
//! over the slowest nodes (the module `by_family`), and the answer says so.
//!
//! Demands (an overlap of several nodes, liars, zones of durable writes) allow fewer writes beside the same reads. Those that they allow are again a
//! monotone function of the reads, the largest one, so that the space stays one of reads f (`requirements`).
//!
//! Nodes need not be used: a slow one that some quorum must contain may do more harm than good.
//!
//! Every candidate that is left out is left out by a proof. Of a formula: the region of rates that it can serve
//! bounds its load, at first by a few of its directions (`quick_bounds`), its parts bound its network, its latency and its failure
//! probability (`form_bounds`), and a part whose region others cover, or that leaves too few nodes to others, is not built upon
//! (`prune`). Of votes and placements: prices in proportion to capacities. Of single systems: prices of the nodes that prove that they are not among the best; or, for
//! limits, that no strategy meets them (Farkas), with more to spare than rounding can take. A search that came to its end
//! therefore has the best system of its space, up to a relative 1e-9, and says so.
//!
//! | question | file |
//! | --- | --- |
//! | can this be asked, and how is it answered? | `validate`, `run` |
//! | which systems are there? | `enumerate`, with `read_once_forms`, `weighted_voting`, `placements`, `every_function`, `by_family`, `family_members` |
//! | what is a candidate? | `candidate`, `sketch`, `form_tree`, `truth_table`, `node_classes`, `expression` |
//! | what can be left out before its quorums are listed? | `quick_bounds`, `rate_region`, `form_bounds`, `prune` |
//! | what else must it meet, and which writes does that allow? | `requirements` |
//! | how good is it? | `evaluate`, with `costs`, `live_sets`, `strategy_lp` on `lp_layout` and `tableau`, and `exact` where these do not reach |
//! | which are the best so far? | `ranking` |

mod asked;
mod by_family;
mod candidate;
mod costs;
mod enumerate;
mod evaluate;
mod every_function;
mod exact;
mod expression;
mod family_members;
mod form_bounds;
mod form_tree;
mod found;
mod live_sets;
mod lp_layout;
mod lp_rules;
mod mask;
mod node_classes;
mod one_zone_kind;
mod placements;
mod progress;
mod prune;
mod quick_bounds;
mod ranking;
mod rate_region;
mod read_once_forms;
mod requirements;
mod run;
mod sketch;
mod strategy_lp;
mod tableau;

#[doc(hidden)]
pub use self::progress::Progress;
pub use asked::{Cluster, Query, SearchError};
#[cfg(feature = "report")]
pub(crate) use expression::formula as expression_of;
pub use found::{Found, Winner};
#[doc(hidden)]
pub use found::{Nearest, Part};
pub use run::search;
#[doc(hidden)]
pub use run::search_while;

#[cfg(test)]
mod tests;
mod truth_table;
mod validate;
mod weighted_voting;
