//! `family = "hierarchical"` with groups of unlike sizes or votes.

use super::nodes::Members;
use super::parameters::Parameters;
use super::problem::{Problem, Problems};
use super::quorums::Quorums;
use super::table::{Table, Value};
use crate::families::FamilyInfo;
use crate::model::{Formula, FormulaBuilder, FormulaError, GateId, NODES_MAX, NodeId, grouped};

/// Votes of the members of each group.
type Groups = Vec<Vec<u64>>;

/// A majority of the groups, in each of which a majority of the votes; groups without votes do not count. `quorum` is how many groups, and
/// how many votes in each, instead.
pub(super) fn read(table: &Table<'_>, info: &'static FamilyInfo, problems: &mut Problems) -> Option<Quorums> {
    for other in ["branching", "read", "write"] {
        table.refuse_together(if table.get("groups").is_some() { "groups" } else { "votes" }, other, problems);
    }
    let sizes = table.get("groups").map(|value| numbers(&value, problems));
    let votes = table.get("votes").map(|value| lists(&value, problems));
    let quorum = table.get("quorum").map(|value| numbers(&value, problems));
    let groups = match (sizes, votes) {
        (Some(sizes), None) => ones(&sizes?, table, problems)?,
        (sizes, votes) => {
            let votes = votes??;
            if let Some(sizes) = sizes
                && sizes? != votes.iter().map(|group| group.len() as u64).collect::<Vec<_>>()
            {
                let value = table.get("votes")?;
                problems
                    .push(value.problem("`votes` has other groups than `groups`").label("one number for each member"));
                return None;
            }
            votes
        }
    };
    let needed = match quorum {
        None => None,
        Some(quorum) => match quorum?[..] {
            [groups, votes] => Some((groups, votes)),
            _ => {
                let problem = table.get("quorum")?.problem("`quorum` is how many groups, and how many votes in each");
                problems.push(problem.label("must be two numbers"));
                return None;
            }
        },
    };
    let nodes: usize = groups.iter().map(Vec::len).sum();
    few_enough(nodes as u64, table, problems)?;
    let names = Parameters::new(table, info, problems).names(nodes)?;
    match formula(&groups, needed) {
        Ok(formula) => Some(Quorums::alike(info.name, Members { names, open: false }, formula)),
        Err(error) => {
            problems.push(Problem::new(table.span.clone(), error.to_string()));
            None
        }
    }
}

/// A vote for each member of groups of these sizes.
fn ones(sizes: &[u64], table: &Table<'_>, problems: &mut Problems) -> Option<Groups> {
    let nodes = sizes.iter().fold(0u64, |nodes, size| nodes.saturating_add(*size));
    few_enough(nodes, table, problems)?;
    Some(sizes.iter().map(|size| vec![1; *size as usize]).collect())
}

fn few_enough(nodes: u64, table: &Table<'_>, problems: &mut Problems) -> Option<()> {
    if nodes > NODES_MAX as u64 {
        let message = format!("{} nodes: the limit is {}", grouped(nodes), grouped(NODES_MAX));
        problems.push(Problem::new(table.span.clone(), message));
        return None;
    }
    Some(())
}

fn numbers(value: &Value<'_>, problems: &mut Problems) -> Option<Vec<u64>> {
    let all: Vec<Option<u64>> =
        value.list("a list of whole numbers", problems)?.map(|one| one.whole(problems)).collect();
    all.into_iter().collect()
}

fn lists(value: &Value<'_>, problems: &mut Problems) -> Option<Groups> {
    let all: Vec<_> = value.list("a list of lists of votes", problems)?.map(|one| numbers(&one, problems)).collect();
    all.into_iter().collect()
}

fn formula(groups: &[Vec<u64>], needed: Option<(u64, u64)>) -> Result<Formula, FormulaError> {
    let mut builder = FormulaBuilder::new();
    let mut node = 0;
    let mut gates: Vec<GateId> = Vec::new();
    for votes in groups {
        let members: Vec<(GateId, u64)> = votes
            .iter()
            .map(|votes| {
                node += 1;
                (builder.leaf(NodeId::new(node - 1)), *votes)
            })
            .collect();
        let total = votes.iter().fold(0u64, |sum, votes| sum.saturating_add(*votes));
        if total > 0 {
            gates.push(builder.weighted(needed.map_or(total / 2 + 1, |(_, votes)| votes), &members)?);
        }
    }
    let majority = gates.len() as u64 / 2 + 1;
    let root = builder.threshold(needed.map_or(majority, |(groups, _)| groups), &gates)?;
    Ok(builder.finish(root))
}
