//! A strategy of its own for each client, where all of them share the nodes.
//!
//! Clients stand far apart, so each has its own fastest quorums; but what they ask of a node adds up. One program has all of them: a
//! *commodity* for the operations of a kind from a place, with a distribution over the quorums of that kind, and rows that they share.
//!
//! *Primal.* Commodity c makes the share a(c) of all operations, and an operation on node i costs a(c) / capacity(c, i). Minimise one of
//! load (the largest sum of costs of a node), mean latency (sum over c of a(c) times its mean), and worst latency (the largest of these
//! means), the others within limits.
//!
//! *Dual.* Prices y(i) of nodes, m of the mean, z(c) of the worst, none negative; those of the objective add up to 1. A quorum Q costs
//! commodity c the sum over its nodes of y(i) a(c) / capacity(c, i), and (m a(c) + z(c)) times the time at which it has answered. The
//! cheapest quorums of all commodities together, less what the limits cost, are what no strategies can do better than.
//!
//! | question | file |
//! | --- | --- |
//! | what is asked? | `goal` |
//! | who asks for quorums, and what do these cost it? | `commodity`; by the time at which they answer, `layer` |
//! | which quantity plays which part? | `parts` |
//! | what do prices prove? | `pricing`; in whole numbers, `proof` |
//! | which quorums does an optimum need? | `generation`; of those, few: `corner` |
//! | what is the answer? | `answer`; how it is reached, `best` |
//! | what do load and latency cost each other? | `trade_off` |

mod answer;
mod best;
mod commodity;
mod corner;
mod generation;
mod goal;
mod layer;
pub(crate) mod parts;
mod pricing;
mod proof;
mod trade_off;

pub use answer::{ClientCorner, ClientFront, ClientOptimum, ClientPrices, ClientStrategy};
pub use best::client_strategies;
pub use goal::{ClientGoal, ClientLatency};
