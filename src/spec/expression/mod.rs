//! The algebra of quorums: `a*b + c*d*e`, `choose(2, a, b, c)`, `majority(a, b, c)`, `weighted(3, a=2, b=1, c=1)`.
//!
//! # Source
//! Whittaker et al., Read-write quorum systems made practical, PaPoC 2021 (`+`, `*` and `choose`).

mod lexer;
mod node_names;
mod parser;

use super::diagnostic::Diagnostics;
use super::problem::Problems;
use crate::model::Formula;
pub use node_names::NodeNames;
pub(super) use parser::parse;

#[cfg(test)]
mod tests;

/// The formula of an expression; nodes that `names` does not know yet are added to it in reading order.
///
/// `+` means either and `*` both, which binds tighter. `choose(k, ...)` asks for any k of the expressions that follow,
/// `majority(...)` for floor(m/2) + 1 of m, `weighted(quota, e=votes, ...)` for expressions with that many votes together.
/// They count by position: `choose(2, a, a, b)` is satisfied by `a` alone. A name is made of letters, digits, `_`, `.`,
/// `-` and `:`, or is anything between double quotes, in which `\"` and `\\` stand for `"` and `\`.
///
/// # Errors
/// [`Diagnostics`] whose spans are offsets in `text`.
///
/// # Complexity
/// Linear in the text; nothing is recursive, and more than [`NESTING_MAX`](super::NESTING_MAX) parentheses inside each
/// other are refused.
///
/// # Examples
/// ```
/// use quorate::model::NodeSet;
/// use quorate::spec::{NodeNames, parse_expression};
/// let mut names = NodeNames::new();
/// let formula = parse_expression("a*b + choose(2, b, c, \"rack 7\")", &mut names)?;
/// assert_eq!(names.names(), ["a", "b", "c", "rack 7"]);
/// assert!(formula.holds(&NodeSet::first(2)));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn parse_expression(text: &str, names: &mut NodeNames) -> Result<Formula, Diagnostics> {
    let mut problems = Problems::default();
    let formula = parse(text, names, &mut problems);
    problems.finish(formula, "expression", text.as_bytes())
}
