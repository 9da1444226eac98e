//! Everything about one protocol.

use super::adversary::{self, Run};
use super::configuration::{Configuration, Event};
use super::initial::{self, Initial};
use super::outcome::{Detour, NeighbourPair, Outcome, Remedies, Ways};
use super::protocol::Protocol;
use super::protocols::{Coins, Paxos, Rotating, Voting};
use super::register;
use super::remedies::{balanced, partial_synchrony, random, relaxed_agreement};
use super::schedule_file::{Given, Misread};
use super::trade_offs::trade_offs;
use super::valence::{Search, Valence};
use super::which::{PROCESSES, Which};
use super::written::{name, read, written};

/// Steps that are tried in a search before it is given up.
const SEARCH_STEPS: u64 = 200_000_000;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// About which protocol.
    pub protocol: Which,
    /// Over how many processes, of [`PROCESSES`].
    pub processes: usize,
    /// How long the schedule is to be.
    pub steps: usize,
    /// Trials of each remedy; absent: as many as take a moment.
    pub trials: Option<u64>,
    /// The seed of coins, trials and orders.
    pub seed: u64,
    /// A schedule to follow instead of searching one.
    pub given: Option<Given>,
}

impl Asked {
    fn trials(&self) -> u64 {
        // Rounds by chance double with every process.
        self.trials.unwrap_or(2000 >> (self.processes - PROCESSES.start()))
    }
}

/// Shows the theorem for a protocol: a bivalent initial configuration, a schedule without a decision, and what gets around it.
///
/// # Errors
/// An event of the given schedule that cannot happen.
///
/// # Panics
/// For fewer or more processes than [`PROCESSES`].
pub fn impossibility(asked: &Asked) -> Result<Outcome, Misread> {
    assert!(PROCESSES.contains(&asked.processes), "{} processes", asked.processes);
    match asked.protocol {
        Which::Rotating => about(asked, &Rotating::new(asked.processes), None),
        Which::Voting => about(asked, &Voting::new(asked.processes, Coins::ByTurns), None),
        Which::Paxos => about(asked, &Paxos::new(asked.processes), None),
        Which::BenOr => about(asked, &Voting::new(asked.processes, Coins::Tossed(asked.seed)), Some(balanced)),
    }
}

/// Who chooses the next event where nobody may know what comes.
type Scheduler<P> = fn(&Configuration<P>) -> Event;

fn about<P: Protocol>(asked: &Asked, protocol: &P, scheduler: Option<Scheduler<P>>) -> Result<Outcome, Misread> {
    let mut search = Search::new(protocol, SEARCH_STEPS);
    let mut chain = initial::chain(&mut search);
    let inputs = asked.given.as_ref().and_then(|given| given.inputs.clone());
    let begin = match inputs {
        Some(inputs) => {
            let valence = search.valence(&Configuration::initial(protocol, &inputs), &[]);
            Initial { inputs, valence }
        }
        None => chain.iter().find(|one| one.valence.is_bivalent()).unwrap_or(&chain[1]).clone(),
    };
    let from = Configuration::initial(protocol, &begin.inputs);
    let run = match (&asked.given, scheduler) {
        (Some(given), _) => follow(&mut search, &from, given)?,
        (None, Some(scheduler)) => until_decided(&mut search, &from, scheduler, asked.steps),
        (None, None) => adversary::run(&mut search, &from, begin.valence.clone(), asked.steps),
    };
    let neighbours = initial::neighbours(&mut search, &chain).map(|pair| {
        let [one, other] = [0, 1].map(|at| &chain[pair.first + at]);
        let start = Configuration::initial(protocol, &one.inputs);
        NeighbourPair {
            inputs: [one.inputs.clone(), other.inputs.clone()],
            valences: [one.valence.known(), other.valence.known()],
            process: name(pair.process),
            without: pair.without.map(|(value, schedule)| (value, written(protocol, &start, &schedule))),
        }
    });
    let (trials, seed) = (asked.trials(), asked.seed);
    let mixed = &chain[1].inputs;
    let remedies = Remedies {
        random: random(asked.processes, mixed, trials, seed),
        partial_synchrony: partial_synchrony(&mut search, &from, &run.schedule, (trials, seed)),
        relaxed_agreement: relaxed_agreement(asked.processes, trials, seed),
    };
    let lines = written(protocol, &from, &run.schedule);
    let is_searched = asked.given.is_none() && scheduler.is_none();
    Ok(Outcome {
        protocol: asked.protocol,
        processes: asked.processes,
        seed,
        valence: begin.valence.known(),
        ways: ways(protocol, &from, &[], &begin.valence),
        initials: chain.drain(..).map(|one| (one.inputs, one.valence.known())).collect(),
        neighbours,
        detour: detour(&mut search, &from, &run),
        is_verified: is_verified(protocol, &from, (&lines, &run.last)),
        schedule: lines,
        is_given: asked.given.is_some(),
        gave_up: run.gave_up,
        decision: run.last.decision(protocol),
        undelivered_longer_than: run.last.undelivered_longer_than(),
        stages: is_searched.then_some(run.stages),
        lasso: run.lasso,
        last_valence: run.valence.known(),
        last_ways: ways(protocol, &run.last, &run.rest, &run.valence),
        remedies,
        register: register::run(asked.processes),
        trade_offs: trade_offs(asked.processes),
        inputs: begin.inputs,
    })
}

/// Schedules to decisions, which go on where a stage ends.
fn ways<P: Protocol>(protocol: &P, from: &Configuration<P>, rest: &[Event], valence: &Valence) -> Ways {
    valence.to.each_ref().map(|way| {
        let whole: Vec<Event> = rest.iter().chain(way.as_ref()?).copied().collect();
        Some(written(protocol, from, &whole))
    })
}

fn detour<P: Protocol>(search: &mut Search<'_, P>, from: &Configuration<P>, run: &Run<P>) -> Option<Detour> {
    let (after, stage) = run.detour.as_ref()?;
    let (event, before) = stage.events.split_last()?;
    let mut now = from.clone();
    now.apply_all(search.protocol, &run.schedule[..*after]);
    let mut at_once = now.clone();
    at_once.apply(search.protocol, *event);
    Some(Detour {
        after: *after,
        event: written(search.protocol, &now, &[*event]).remove(0),
        settles: search.valence(&at_once, &[]).known(),
        schedule: written(search.protocol, &now, before),
    })
}

/// Whether the lines, read again from the beginning, lead to the same states and messages.
fn is_verified<P: Protocol>(
    protocol: &P,
    from: &Configuration<P>,
    (lines, last): (&[String], &Configuration<P>),
) -> bool {
    let mut now = from.clone();
    let mut happens = |line: &String| read(&now, line).map(|event| now.apply(protocol, event)).is_ok();
    lines.iter().all(&mut happens) && now.content() == last.content()
}

/// What a schedule that is given does.
fn follow<P: Protocol>(search: &mut Search<'_, P>, from: &Configuration<P>, given: &Given) -> Result<Run<P>, Misread> {
    let mut run = Run::begin(from, Valence::default());
    for (line, text) in &given.events {
        let misread = |reason| Misread { line: *line, text: text.clone(), reason };
        let event = read(&run.last, text).map_err(misread)?;
        run.last.apply(search.protocol, event);
        run.schedule.push(event);
    }
    run.valence = search.valence(&run.last, &[]);
    Ok(run)
}

/// Goes on until something is decided, or there are enough steps.
fn until_decided<P: Protocol>(
    search: &mut Search<'_, P>,
    from: &Configuration<P>,
    scheduler: Scheduler<P>,
    steps: usize,
) -> Run<P> {
    let mut run = Run::begin(from, Valence::default());
    while run.schedule.len() < steps && run.last.decision(search.protocol).is_none() {
        let event = scheduler(&run.last);
        run.last.apply(search.protocol, event);
        run.schedule.push(event);
    }
    run.valence = search.valence(&run.last, &[]);
    run
}
