//! A system whose definition is an expression, with no file around it.

use super::custom::{self, Side};
use super::diagnostic::Diagnostics;
use super::expression::{self, NodeNames};
use super::problem::Problems;
use super::quorums::Quorums;
use super::wording::name_problem;
use crate::model::{About, Formula, Node, Pair, System};

/// An expression, and what errors call the place that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inline<'a> {
    /// Where it stands, in the role of the name of a file.
    pub place: &'a str,
    /// The expression.
    pub text: &'a str,
}

/// The system called `name` whose reads and writes are these expressions, as in `family = "custom"`: an absent one is the
/// dual of the other.
///
/// # Errors
/// [`Diagnostics`] about the first of the name, the reads and the writes that is wrong, or is missing.
///
/// # Complexity
/// As of [`parse_expression`](super::parse_expression).
///
/// # Examples
/// ```
/// use quorate::model::Pair;
/// use quorate::spec::{Inline, read_inline};
/// let reads = Inline { place: "-e", text: "a*b + c*d*e" };
/// let system = read_inline("five", Pair { reads: Some(reads), writes: None })?;
/// assert_eq!(system.nodes().len(), 5);
/// let wrong = Inline { place: "-e", text: "a*" };
/// let error = read_inline("wrong", Pair { reads: Some(wrong), writes: None }).unwrap_err();
/// assert!(error.render(false).contains("-e:1:3"));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn read_inline(name: &str, sides: Pair<Option<Inline<'_>>>) -> Result<System, Diagnostics> {
    let mut problems = Problems::default();
    if let Some(problem) = name_problem(name, &(0..name.len())) {
        problems.push(problem);
        return problems.finish(None, "the name", name.as_bytes());
    }
    let mut names = NodeNames::new();
    let reads = side(sides.reads, &mut names)?;
    let writes = side(sides.writes, &mut names)?;
    let sides = Pair { reads: reads.map(Some), writes: writes.map(Some) };
    let system = custom::quorums(sides, false, names).and_then(|quorums| system(name, quorums, &mut problems));
    problems.finish(system, "the expressions", &[])
}

impl System {
    /// The system whose read quorums satisfy an expression, and whose writes are its dual: `a*b + c*d`, `majority(a, b, c)`,
    /// `2 of (a, b, c)`, as in `family = "custom"`.
    ///
    /// # Errors
    /// [`Diagnostics`] about what is wrong.
    ///
    /// # Examples
    /// ```
    /// let system = quorate::System::from_expression("a*b + c*d")?;
    /// assert_eq!(system.nodes().len(), 4);
    /// assert!(quorate::System::from_expression("a*").is_err());
    /// # Ok::<(), quorate::spec::Diagnostics>(())
    /// ```
    pub fn from_expression(reads: &str) -> Result<System, Diagnostics> {
        let side = Inline { place: "the expression", text: reads };
        read_inline("expression", Pair { reads: Some(side), writes: None })
    }
}

fn side(given: Option<Inline<'_>>, names: &mut NodeNames) -> Result<Option<Side>, Diagnostics> {
    let Some(Inline { place, text }) = given else { return Ok(None) };
    let mut problems = Problems::default();
    let formula: Option<Formula> = expression::parse(text, names, &mut problems);
    problems.finish(formula, place, text.as_bytes()).map(|formula| Some(Side::of(formula, text)))
}

fn system(name: &str, quorums: Quorums, problems: &mut Problems) -> Option<System> {
    system_with(name, quorums, None, problems)
}

/// The system of these quorums, and fast ones beside them.
pub(super) fn system_with(
    name: &str,
    quorums: Quorums,
    fast: Option<Formula>,
    problems: &mut Problems,
) -> Option<System> {
    let Quorums { family, members, formulas, listed, symmetric, majority, shape, quorum_sets } = quorums;
    let about = About {
        name: name.into(),
        description: None,
        family: family.into(),
        listed,
        symmetric,
        majority,
        shape,
        failed: Vec::new(),
        byzantine: None,
        fast,
        quorum_sets,
        clients: Default::default(),
        dynamic: None,
        is_configuration: false,
        ring: None,
    };
    let nodes = members.names.names().iter().map(|name| Node::new(name.as_str())).collect();
    // Names are different and known to the formulas, so nothing can be wrong; if something were, it would be said.
    System::new(about, nodes, formulas)
        .map_err(|error| problems.push(super::Problem::new(0..0, error.to_string())))
        .ok()
}
