//! The flow linear program and its dual, handed to the solver. The only room that knows good_lp.
//!
//! *Primal.* Every gate has a flow, the share of operations that use it. The root has 1; a gate `k of m` with flow x
//! gives its children flows that add up to k x, each at most x; *and* passes x on, *or* splits it. Of a read fraction f,
//! node i is busy f R(i)/r(i) + (1-f) W(i)/w(i), which must be at most L(f) for every node; minimise the mean of L(f).
//! Network and latency are sums over the same flows: an objective, or a row each.
//!
//! *Dual.* Weights y(f, i), for each f adding up to its share, price a read of node i at the sum of y f/r(i), a write
//! likewise. The potential of a gate is the price of its cheapest quorum: that of *and* is the sum of its children's, that
//! of *or* the least, and `k of m` costs k t - sum max(0, t - child) for the best t. Maximise the potential of both roots,
//! less what the limits cost at prices of their own.
//!
//! On the 2 x 2 grid of `a*b + c*d` (reads only, capacity 1), with u and v the flows of the two lines:
//!
//! ```text
//! minimise L  where  u + v = 1,  u <= L (nodes a and b),  v <= L (nodes c and d)         -> L = 1/2
//! maximise P  where  P <= y(a) + y(b),  P <= y(c) + y(d),  y(a)+y(b)+y(c)+y(d) = 1       -> P = 1/2
//! ```

mod client_program;
mod dual;
mod flow_model;
mod flow_program;
#[cfg(feature = "interior")]
mod interior;
mod large;
mod primal;
mod restricted_master;
mod rows;
mod shared_variables;

pub(crate) use client_program::{ClientColumn, ClientProgram, CommodityCost};
pub(crate) use flow_program::{optimal_flows, optimal_prices};
#[cfg(feature = "interior")]
pub(crate) use interior::flows_and_prices;
#[cfg(not(feature = "interior"))]
pub(crate) use large::flows_and_prices;
pub(crate) use large::is_for_interior;
pub(crate) use restricted_master::{Column, restricted_prices, restricted_strategy};
pub(crate) use shared_variables::program_terms;
