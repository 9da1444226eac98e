//! Load on a running store: operations, what came of each, and one history with one clock.

mod load;
mod operation;
mod proxy;
mod replicas;
mod replicated_store;
mod schedule;
mod weather;

pub use load::{Clients, Load, Measured, Pace, run};
pub use operation::{Did, Store, Task};
pub use proxy::Proxies;
pub use replicas::{ClusterPlan, Replicas};
pub use schedule::{Done, schedule};
pub use weather::Weather;
