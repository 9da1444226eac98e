//! How old what stale reads returned was, as a picture wants it.

/// The ages of the stale reads of a register, ascending, with the name of the register.
#[derive(Debug, Clone, PartialEq)]
pub struct Ages {
    /// The name.
    pub name: String,
    /// The ages.
    pub ages: Vec<f64>,
}
