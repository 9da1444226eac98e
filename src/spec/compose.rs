//! `family = "compose"`: systems whose places are systems.

use toml::de::DeValue;

use super::nodes::Members;
use super::parameters::Parameters;
use super::problem::Problems;
use super::quorums::Quorums;
use super::table::{Table, Value};
use crate::families::compose::{INFO, composed};
use crate::model::{EDGES_MAX, Formula, Kind, NODES_MAX, Pair, Shape, grouped};

/// The quorums of a composition; `nested` reads the `[system]` table of a part.
pub(super) fn read(
    table: &Table<'_>,
    problems: &mut Problems,
    nested: &dyn Fn(&Table<'_>, &mut Problems) -> Option<Quorums>,
) -> Option<Quorums> {
    let outer = table.require("outer", "outer = { family = \"majority\", n = 3 }", problems);
    let inner = table.require("inner", "inner = { family = \"majority\", n = 3 }", problems);
    let (outer, inner) = (outer?, inner?);
    let (whole, parts) = (part(&outer, problems, nested), parts(&inner, problems, nested));
    let (whole, mut parts) = (whole?, parts?);
    let places = size(&whole);
    if !inner.raw().is_array() {
        let first = parts.remove(0);
        return combined(table, (whole, (0..places).map(|_| &first).collect()), problems);
    }
    if parts.len() != places {
        let message = format!("`inner` has {} systems, but `outer` has {} places", parts.len(), grouped(places));
        problems.push(inner.problem(message).label("one for each place, or one table for all"));
        return None;
    }
    combined(table, (whole, parts.iter().collect()), problems)
}

fn size(part: &Quorums) -> usize {
    part.members.names.names().len()
}

/// One system that is written inline.
fn part(
    value: &Value<'_>,
    problems: &mut Problems,
    nested: &dyn Fn(&Table<'_>, &mut Problems) -> Option<Quorums>,
) -> Option<Quorums> {
    if matches!(value.raw(), DeValue::String(_)) {
        let problem = value.problem("a composition is of [system] tables that are written inline").label("not a table");
        problems.push(problem.help("for example `{ family = \"majority\", n = 3 }`".to_owned()));
        return None;
    }
    nested(&value.table("[system]", problems)?, problems)
}

fn parts(
    value: &Value<'_>,
    problems: &mut Problems,
    nested: &dyn Fn(&Table<'_>, &mut Problems) -> Option<Quorums>,
) -> Option<Vec<Quorums>> {
    if !value.raw().is_array() {
        return Some(vec![part(value, problems, nested)?]);
    }
    let each: Vec<_> =
        value.list("a table, or a list of them", problems)?.map(|value| part(&value, problems, nested)).collect();
    each.into_iter().collect()
}

fn combined(table: &Table<'_>, (outer, parts): (Quorums, Vec<&Quorums>), problems: &mut Problems) -> Option<Quorums> {
    let nodes: usize = parts.iter().map(|part| size(part)).sum();
    let edges = |kind: Kind| -> usize {
        outer.formulas.of(kind).edge_count()
            + parts.iter().map(|part| part.formulas.of(kind).edge_count()).sum::<usize>()
    };
    if nodes > NODES_MAX || Kind::BOTH.iter().any(|kind| edges(*kind) > EDGES_MAX) {
        let message = format!(
            "a composition of {} nodes: the limits are {} nodes and {} edges",
            grouped(nodes),
            grouped(NODES_MAX),
            grouped(EDGES_MAX)
        );
        problems.push(super::problem::Problem::new(table.span.clone(), message));
        return None;
    }
    let of = |kind: Kind| -> Formula {
        let inner: Vec<(&Formula, usize)> = parts.iter().map(|part| (part.formulas.of(kind), size(part))).collect();
        composed(outer.formulas.of(kind), &inner)
    };
    let formulas = Pair { reads: of(Kind::Read), writes: of(Kind::Write) };
    let names = Parameters::new(table, &INFO, problems).names(nodes)?;
    Some(Quorums {
        family: INFO.name,
        members: Members { names, open: false },
        symmetric: formulas.reads == formulas.writes,
        majority: false,
        formulas,
        listed: Pair::default(),
        shape: Shape::Ring,
        quorum_sets: Vec::new(),
    })
}
