//! How often quorums are lost, for how long, and how soon for the first time.

use super::super::Analysed;
use super::super::number::{MISSING, long, whole};
use super::super::page::{Block, Cell, Table};
use crate::availability::repair::{FirstLoss, FirstLossMethod, HOURS_A_YEAR, LongRun, Losses, RepairAnswer};
use crate::number::Scaled;
use crate::report::names;

/// The long run and the first loss; nothing where nothing is said of times.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let Some(answer) = &analysed.analysis.reliability.repair else { return Vec::new() };
    let mut blocks = vec![Block::Heading("Failure and repair over time".into())];
    let Ok(answer) = answer else {
        blocks.push(Block::Paragraph("Not computed; see the notes.".into()));
        return blocks;
    };
    let data = analysed.analysis.reliability.data_loss.as_ref().and_then(|losses| losses.as_ref().ok());
    let data = data.map(|losses| loss_of_data(&losses.first_loss));
    if names::is_symmetric(&analysed.system) {
        blocks.push(Block::Table(table(&["", "no quorum"], &[&answer.system])));
        blocks.push(Block::Bullets(how(&[("", &answer.system)]).into_iter().chain(data).collect()));
    } else {
        let RepairAnswer { read, write, system, total, .. } = answer;
        let header = ["", "no read", "no write", "not both", "neither"];
        blocks.push(Block::Table(table(&header, &[read, write, system, total])));
        let named = [(header[1], read), (header[2], write), (header[3], system), (header[4], total)];
        blocks.push(Block::Bullets(how(&named).into_iter().chain(data).collect()));
    }
    blocks
}

fn table(header: &[&'static str], columns: &[&Losses]) -> Table {
    let row = |name: &str, of: &dyn Fn(&Losses) -> Option<Scaled>| {
        let shown = |losses: &&Losses| Cell::new(of(losses).map_or_else(|| MISSING.to_owned(), long));
        std::iter::once(Cell::new(name)).chain(columns.iter().map(shown)).collect::<Vec<_>>()
    };
    let run = |name: &str, of: fn(LongRun) -> Option<Scaled>| row(name, &move |losses| losses.long_run.and_then(of));
    let first = columns.iter().map(|losses| Cell::new(first_loss(&losses.first_loss)));
    let first = std::iter::once(Cell::new("mean hours to the first loss")).chain(first).collect();
    let rows = vec![
        run("losses a year", |run| Some(run.losses_per_hour * Scaled::from(HOURS_A_YEAR))),
        run("minutes down a year", |run| Some(run.unavailability * Scaled::from(HOURS_A_YEAR * 60.0))),
        run("mean hours between outages", |run| run.mean_up_hours),
        run("mean hours of an outage", |run| run.mean_down_hours),
        first,
    ];
    let numeric = std::iter::once(false).chain(columns.iter().map(|_| true)).collect();
    Table { header: header.to_vec(), header_shown: columns.len() > 1, numeric, rows }
}

fn first_loss(answer: &FirstLoss) -> String {
    match (answer.method, answer.hours, answer.lower) {
        (FirstLossMethod::Never, ..) => "never".into(),
        (FirstLossMethod::Simulation, Some(hours), _) => format!("~{}", long(hours)),
        (_, Some(hours), _) => long(hours),
        (_, None, Some(lower)) => format!("≥{}", long(lower)),
        (_, None, None) => MISSING.into(),
    }
}

/// How soon acknowledged writes are lost.
fn loss_of_data(answer: &FirstLoss) -> String {
    let how = how_first(answer).unwrap_or_default();
    match answer.method {
        FirstLossMethod::Never => "Loss of data: never; nothing that fails can take all copies of a write.".into(),
        _ => format!(
            "Loss of data: after {} hours on the mean all nodes of some write quorum have failed at once ({how}).",
            first_loss(answer)
        ),
    }
}

/// How the numbers were found, column by column; equal sentences once.
fn how(columns: &[(&str, &Losses)]) -> Vec<String> {
    let exact = columns.iter().any(|(_, losses)| losses.long_run.is_some());
    let first = if exact {
        "The long run is exact. The first loss is counted from a start with everything up."
    } else {
        "The long run was not computed; see the notes. The first loss is counted from a start with everything up."
    };
    let mut sentences = vec![first.to_owned()];
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, losses) in columns {
        let Some(how) = how_first(&losses.first_loss) else { continue };
        match found.iter_mut().find(|(known, _)| *known == how) {
            Some((_, names)) => names.push(name),
            None => found.push((how, vec![name])),
        }
    }
    let everywhere = columns.len();
    sentences.extend(found.into_iter().map(|(how, names)| {
        let quoted: Vec<String> = names.iter().map(|name| format!(" \"{name}\"")).collect();
        let of = if names.len() == everywhere { String::new() } else { format!(" of{}", quoted.join(",")) };
        format!("First loss{of}: {how}.")
    }));
    sentences
}

fn how_first(answer: &FirstLoss) -> Option<String> {
    let end = |end: Option<Scaled>| end.map_or_else(|| MISSING.to_owned(), long);
    let states = |states: usize| names::counted(states, "state");
    Some(match (answer.method, answer.sample) {
        (FirstLossMethod::MarkovChain, _) => match answer.states {
            Some(number) => format!("exact, from a Markov chain of {}", states(number)),
            None => "exact: there is no quorum even with everything up".into(),
        },
        (FirstLossMethod::Bounds, _) if answer.upper.is_none() => {
            format!("at least {} hours, a bound that holds for sure", end(answer.lower))
        }
        (FirstLossMethod::Bounds, _) => {
            format!("in [{}, {}] hours, bounds that hold for sure", end(answer.lower), end(answer.upper))
        }
        (FirstLossMethod::Simulation, Some(sample)) => {
            let runs = format!(
                "confidence {} ({} simulated runs, seed {})",
                sample.confidence,
                whole(sample.trials),
                sample.seed
            );
            match (answer.hours, answer.upper) {
                (None, None) => format!("at least {} hours with {runs}, too few of which were lost", end(answer.lower)),
                _ => format!("in [{}, {}] hours with {runs}", end(answer.lower), end(answer.upper)),
            }
        }
        (FirstLossMethod::Simulation, None) => return None,
        (FirstLossMethod::Never, _) => "nothing that fails can cause it".into(),
        (FirstLossMethod::GaveUp, _) => "not computed; see the notes".into(),
    })
}
