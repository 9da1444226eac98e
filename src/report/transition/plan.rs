//! The best order of single steps.

use serde::Serialize;

use crate::model::{Kind, System};
use crate::report::columns::{Column, table, text};
use crate::report::names::{self, counted};
use crate::report::number::{MISSING, gave_up, whole};
use crate::report::page::{Block, Cell, Table};
use crate::search::expression_of;
use crate::transition::{NoPlan, Plan, Planned};

/// What came of looking for one.
pub type Planning = Result<Plan, NoPlan>;

/// A table of the steps, or why there are none.
pub(super) fn blocks(planning: &Planning) -> Vec<Block> {
    let mut blocks = vec![Block::Heading("Best order of single steps".into())];
    match planning {
        Err(why) => blocks.push(Block::Paragraph(reason(why))),
        Ok(plan) if plan.steps.is_empty() => blocks.push(Block::Paragraph("There is nothing to change.".into())),
        Ok(plan) => {
            blocks.push(Block::Table(steps(plan)));
            blocks.push(Block::Paragraph(judgement(plan).into()));
        }
    }
    blocks
}

fn judgement(plan: &Plan) -> &'static str {
    match plan.is_best {
        true => "Every step is direct. No way of such steps is shorter, and of those none survives more all the way.",
        false => "Every step is direct. The limits ended before all ways were seen: a better one may exist.",
    }
}

fn steps(plan: &Plan) -> Table {
    let has_zones = plan.steps.iter().any(|step| step.zone_resilience.is_some());
    let row = |(at, step): (usize, &Planned)| {
        let mut row = vec![
            Cell::new((at + 1).to_string()),
            Cell::new(change(step)),
            Cell::new(needed(step)),
            Cell::new(step.resilience.to_string()),
        ];
        row.extend(
            has_zones.then(|| Cell::new(step.zone_resilience.map_or(MISSING.into(), |zones| zones.to_string()))),
        );
        row
    };
    let mut header = vec!["step", "change", "votes needed", "resilience"];
    header.extend(has_zones.then_some("zone resilience"));
    Table { header, header_shown: true, numeric: vec![true], rows: plan.steps.iter().enumerate().map(row).collect() }
}

fn change(step: &Planned) -> String {
    let Some((node, from, to)) = step.change else { return "other quorums of the same votes".into() };
    let name = names::node(&step.system, node);
    match (from, to) {
        (0, 1) => format!("add {name}"),
        (0, votes) => format!("add {name} with {}", names::many(votes, "vote")),
        (_, 0) => format!("remove {name}"),
        (_, votes) => format!("give {name} {}", names::many(votes, "vote")),
    }
}

fn needed(step: &Planned) -> String {
    match step.quotas {
        [read, write] if read == write => whole(read),
        [read, write] => format!("{} to read, {} to write", whole(read), whole(write)),
    }
}

/// Why there is no plan.
pub(super) fn reason(why: &NoPlan) -> String {
    match why {
        NoPlan::NotVotes(stage) => format!(
            "No order of single steps: the {} system is not one of votes, and what could stand between is known for those only.",
            stage.name()
        ),
        NoPlan::Unsafe(stage) => {
            format!("No order of single steps: the {} system does not hold by itself.", stage.name())
        }
        NoPlan::OneVoteOnly => {
            "No order of single steps: more than one common node is planned for among nodes with one vote each only."
                .into()
        }
        NoPlan::Protocol(protocol) => {
            format!("No order of single steps: what {} needs is not known of votes.", protocol.name())
        }
        NoPlan::Opaque => "No order of single steps: what opaque liars ask for is not known of votes.".into(),
        NoPlan::Open(exhausted) => format!("No order of single steps was found: {}.", gave_up(*exhausted)),
        NoPlan::None { reached } => format!(
            "There is no order of single steps: of {} that can be reached directly, none is one step from the new one.",
            counted(*reached, "system")
        ),
    }
}

/// The steps as one table.
pub(super) fn csv(plan: Option<&Plan>) -> String {
    let columns: [Column<(usize, &Planned)>; 10] = [
        Column { name: "step", value: |(at, _)| (at + 1).to_string() },
        Column { name: "node", value: |(_, step)| text(node(step)) },
        Column { name: "from", value: |(_, step)| text(step.change.map(|(_, from, _)| from)) },
        Column { name: "to", value: |(_, step)| text(step.change.map(|(_, _, to)| to)) },
        Column { name: "read_votes", value: |(_, step)| step.quotas[0].to_string() },
        Column { name: "write_votes", value: |(_, step)| step.quotas[1].to_string() },
        Column { name: "resilience", value: |(_, step)| step.resilience.to_string() },
        Column { name: "zone_resilience", value: |(_, step)| text(step.zone_resilience) },
        Column { name: "reads", value: |(_, step)| text(quorums(&step.system, Kind::Read)) },
        Column { name: "writes", value: |(_, step)| text(quorums(&step.system, Kind::Write)) },
    ];
    table(&columns, plan.into_iter().flat_map(|plan| plan.steps.iter().enumerate()))
}

fn node(step: &Planned) -> Option<&str> {
    step.change.map(|(node, _, _)| step.system.nodes()[node.index()].name.as_str())
}

/// As `-e` and `--writes` take them.
fn quorums(system: &System, kind: Kind) -> Option<String> {
    expression_of(system.formula(kind), system.nodes())
}

/// The plan in JSON.
#[derive(Serialize)]
pub(super) struct PlanDocument<'a> {
    found: bool,
    best: bool,
    reason: Option<String>,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    node: Option<&'a str>,
    from: Option<u64>,
    to: Option<u64>,
    read_votes: u64,
    write_votes: u64,
    resilience: usize,
    zone_resilience: Option<usize>,
    reads: Option<String>,
    writes: Option<String>,
}

/// The plan, or why there is none.
pub(super) fn document(planning: &Planning) -> PlanDocument<'_> {
    PlanDocument {
        found: planning.is_ok(),
        best: planning.as_ref().is_ok_and(|plan| plan.is_best),
        reason: planning.as_ref().err().map(reason),
        steps: planning.iter().flat_map(|plan| &plan.steps).map(of).collect(),
    }
}

fn of(step: &Planned) -> Step<'_> {
    Step {
        node: node(step),
        from: step.change.map(|(_, from, _)| from),
        to: step.change.map(|(_, _, to)| to),
        read_votes: step.quotas[0],
        write_votes: step.quotas[1],
        resilience: step.resilience,
        zone_resilience: step.zone_resilience,
        reads: quorums(&step.system, Kind::Read),
        writes: quorums(&step.system, Kind::Write),
    }
}

/// The notes on what is `null` in it.
pub(super) fn missing(planning: &Planning) -> Vec<String> {
    let steps = || planning.iter().flat_map(|plan| &plan.steps);
    let quotas_only = steps().any(|step| step.change.is_none());
    let mut notes = Vec::new();
    if quotas_only {
        notes.push(crate::report::json::missing::null(&["node", "from", "to"], "only the quorums change in that step"));
    }
    if planning.is_ok() {
        notes.push(crate::report::json::missing::null(&["reason"], "there is a plan"));
    }
    if steps().any(|step| step.zone_resilience.is_none()) {
        notes.push(crate::report::json::missing::null(&["zone_resilience"], "there are no zones"));
    }
    notes
}
