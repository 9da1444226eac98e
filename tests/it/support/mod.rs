//! What the tests share: systems to ask about, and second ways to every answer that use nothing of the crate but its
//! formulas.

pub(crate) mod answers;
pub(crate) mod certificate;
pub(crate) mod draws;
pub(crate) mod expression;
pub(crate) mod files;
pub(crate) mod float_simplex;
pub(crate) mod load;
pub(crate) mod nulls;
pub(crate) mod print;
pub(crate) mod program;
pub(crate) mod repaired;
#[cfg(all(feature = "net", unix))]
pub(crate) mod replicas;
pub(crate) mod shapes;
pub(crate) mod simplex;
pub(crate) mod sources;
pub(crate) mod strategies;
pub(crate) mod systems;
pub(crate) mod truth;
