//! Systems in which every node says whom it trusts: which nodes stop all of them, and which can divide them?
//!
//! | question | file |
//! | --- | --- |
//! | who trusts whom, and which nodes of a set can go on? | `trust` |
//! | who trusts each other? | `components` |
//! | which of them go on when some lie, as a function? | `sides` |
//! | how many sets of a kind, and which? | `set_family` |
//! | whose lies make two parts agree on different values? | `splitting` |
//! | all of it about one system | `answers` |

mod answers;
mod components;
mod set_family;
mod sides;
mod splitting;
mod trust;

pub use answers::Federated;
pub(crate) use answers::federated;
pub use set_family::SetFamily;
pub use splitting::SplitWitness;
