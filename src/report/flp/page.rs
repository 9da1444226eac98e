//! The theorem as a page for people.

use super::wording;
use crate::flp::{Known, Outcome, Rounds};
use crate::report::names::counted;
use crate::report::number::{MISSING, significant, whole};
use crate::report::page::{Block, Cell, Table, Tone};

/// Events that are listed; all are in the formats for programs.
const EVENTS_SHOWN: usize = 60;

pub(super) fn page(outcome: &Outcome) -> Vec<Block> {
    let title = format!("{} over {}", outcome.protocol.name(), counted(outcome.processes, "process"));
    let mut page = vec![
        Block::Title(title.replace("processs", "processes")),
        Block::Paragraph(format!("{}. Seed {}.", capital(wording::protocol(outcome.protocol)), outcome.seed)),
        Block::Summary(wording::summary(outcome)),
        Block::Heading("Initial configurations".into()),
        Block::Table(initials(outcome)),
    ];
    page.extend(neighbours(outcome).map(Block::Paragraph));
    page.extend(detour(outcome));
    page.extend(schedule(outcome));
    page.push(Block::Heading("Around the theorem".into()));
    page.push(Block::Table(remedies(outcome)));
    page.push(Block::Heading("A register".into()));
    page.push(Block::Paragraph(register(outcome)));
    page.push(Block::Heading("What else can be given up".into()));
    page.push(Block::Table(trade_offs(outcome)));
    page.push(Block::Heading("Notes".into()));
    page.push(Block::Bullets(wording::notes(outcome)));
    page
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn initials(outcome: &Outcome) -> Table {
    let row = |(inputs, known): &(Vec<bool>, Known)| {
        let tone = if *known == Known::Bivalent { Tone::Best } else { Tone::Plain };
        vec![
            Cell::new(wording::inputs(inputs)),
            Cell { text: known.name().into(), tone },
            Cell::aside(wording::evidence(*known)),
        ]
    };
    let rows = outcome.initials.iter().map(row).collect();
    Table { header: vec!["inputs", "valence", "evidence"], header_shown: true, numeric: Vec::new(), rows }
}

fn neighbours(outcome: &Outcome) -> Option<String> {
    let pair = outcome.neighbours.as_ref()?;
    let inputs = pair.inputs.each_ref().map(|inputs| wording::inputs(inputs));
    let (value, schedule) = pair.without.as_ref()?;
    Some(format!(
        "Lemma 2: {} and {} differ in the input of {} only. If {} is silent, the same {} decide {} from both.",
        inputs[0],
        inputs[1],
        pair.process,
        pair.process,
        counted(schedule.len(), "step"),
        u8::from(*value),
    ))
}

fn detour(outcome: &Outcome) -> Vec<Block> {
    let Some(detour) = &outcome.detour else { return Vec::new() };
    vec![
        Block::Heading("Put off".into()),
        Block::Paragraph(format!(
            "Lemma 3: after {} the oldest event is `{}`. At once, it would make the configuration {}. These come first, and both decisions \
             stay open:",
            counted(detour.after, "step"),
            detour.event,
            detour.settles.name(),
        )),
        Block::Code(detour.schedule.iter().chain([&detour.event]).cloned().collect::<Vec<_>>().join("\n")),
    ]
}

/// The schedule in the form that `--schedule` reads.
fn schedule(outcome: &Outcome) -> Vec<Block> {
    let all = outcome.schedule.len();
    let mut lines = vec![
        format!("protocol: {}", outcome.protocol.name()),
        format!("inputs: {}", wording::inputs(&outcome.inputs)),
        format!("seed: {}", outcome.seed),
    ];
    lines.extend(outcome.schedule.iter().take(EVENTS_SHOWN).cloned());
    if all > EVENTS_SHOWN {
        lines.push(format!("# and {} more; --format json or csv has them all", whole((all - EVENTS_SHOWN) as u64)));
    }
    vec![Block::Heading("Schedule".into()), Block::Code(lines.join("\n"))]
}

fn remedies(outcome: &Outcome) -> Table {
    let own = format!("{}, once the network is timely", outcome.protocol.name());
    let rows = [
        ("random", "ben-or".to_owned(), &outcome.remedies.random),
        ("partial-synchrony", own, &outcome.remedies.partial_synchrony),
        ("relaxed-agreement", "answers at once, which become the same".into(), &outcome.remedies.relaxed_agreement),
    ];
    let row = |(name, protocol, rounds): (&str, String, &Rounds)| {
        let mean = rounds.mean.map_or_else(|| MISSING.into(), |mean| significant(mean, 3));
        let interval = rounds.interval.map_or_else(String::new, |[lower, upper]| {
            format!("{} to {}, ", significant(lower, 3), significant(upper, 3))
        });
        let trials = format!("{interval}{} of {} trials decided", whole(rounds.decided), whole(rounds.trials));
        vec![Cell::new(name), Cell::new(mean), Cell::aside(trials), Cell::new(protocol)]
    };
    Table {
        header: vec!["remedy", "rounds", "interval (95 %)", "protocol"],
        header_shown: true,
        numeric: vec![false, true],
        rows: rows.into_iter().map(row).collect(),
    }
}

fn register(outcome: &Outcome) -> String {
    let run = outcome.register;
    let steps = |steps: Option<u64>| steps.map_or_else(|| MISSING.into(), whole);
    format!(
        "A write and a read of an atomic register over the same majorities end under a scheduler that puts them off, after {} deliveries and, \
         with a crash, after {}: there are at most {}, whatever the order.",
        steps(run.steps),
        steps(run.steps_with_crash),
        run.bound
    )
}

fn trade_offs(outcome: &Outcome) -> Table {
    let rows = outcome.trade_offs.iter().map(|one| {
        vec![
            Cell::new(one.protocol),
            Cell::new(one.gives_up),
            Cell::aside(format!("inputs {}: {}", wording::inputs(&one.inputs), one.shown_by)),
        ]
    });
    Table {
        header: vec!["protocol", "gives up", "shown by"],
        header_shown: true,
        numeric: Vec::new(),
        rows: rows.collect(),
    }
}
