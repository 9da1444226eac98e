//! The best strategy for load, network or latency, within limits, given failures.
//!
//! Failed nodes leave smaller formulas; sets that survive losses are formulas too; and so are the smallest quorums and those
//! that answer first. So an objective without limits is the load of another system, found and certified as any load, and
//! only limits need a program of their own.
//!
//! So there is one way from a question to its answer: problem, ladder, certificate, answer.
//!
//! | question | file |
//! | --- | --- |
//! | what is asked, and why may there be no answer? | `objective`; inside, `question` |
//! | where does the way begin? | `best`; of loads, `load` |
//! | what is the problem? | without limits, the load of other quorums: `unlimited`; within limits, `within_limits`, `limited_program`, by time `time_layers` |
//! | which method, in which order? | `rung`, `ladder`; what they share on the way, `climb` |
//! | what did a method find, and how does that become an answer? | `solution`, `finish`, `claims`, `measures` |
//! | what is the answer? | `optimum`; with the question, `answer` |
//! | a front of two quantities, what a unit of capacity is worth | `pareto_front`, `marginal_value` |
//! | what a front is searched on; what is known of it meanwhile | `ground`, `chain` |
//! | where the nodes that are left hold quorums of one kind only | `one_kind` |
//! | when do numbers count as equal? | `tolerance` |
//! | what is proven, and how does anybody check it? | the room `certificate` |
//! | a strategy of its own for each client, where they share the nodes | the room `clients` |
//! | the linear program as data; the methods; the solver; exact certificates | the rooms `program`, `methods`, `solver`, `certify` |

mod answer;
mod best;
mod certificate;
mod certify;
mod chain;
mod claims;
mod clients;
mod climb;
mod finish;
mod ground;
mod ladder;
mod limited_program;
mod load;
mod marginal_value;
mod measures;
mod methods;
pub mod objective;
mod one_kind;
mod optimum;
mod pareto_front;
mod program;
mod question;
mod rung;
mod solution;
mod solver;
mod time_layers;
mod tolerance;
mod unlimited;
mod within_limits;

#[doc(hidden)]
pub use answer::StrategyAnswer;
#[doc(hidden)]
pub use best::best_by;
pub use best::{best, optimise};
pub use certificate::{Certificate, ExactChoice, Flaw, LimitPrices};
#[doc(hidden)]
pub use clients::{
    ClientCorner, ClientFront, ClientGoal, ClientLatency, ClientOptimum, ClientPrices, ClientStrategy,
    client_strategies,
};
pub(crate) use finish::ASKED_FOR;
#[doc(hidden)]
pub use load::{optimum, optimum_by};
#[doc(hidden)]
pub use marginal_value::worth;
pub use optimum::{LoadMethod, Optimum, Price};
pub use pareto_front::{Corner, Front, front};
#[doc(hidden)]
pub use rung::Rung;
