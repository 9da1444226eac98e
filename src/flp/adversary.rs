//! The adversary: a schedule in which everything happens that should, and nothing is ever decided.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::configuration::{Configuration, Event, MessageId, Pending};
use super::protocol::Protocol;
use super::renaming::Renamed;
use super::valence::{Search, Valence};

/// Configurations that are looked at, for one event, before the argument of the proof is followed.
const BREADTH: usize = 200;

/// One stage: some steps, and then the event that had been pending for longest; bivalent before and after.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// What happened, the event last.
    pub(crate) events: Vec<Event>,
    /// What can be reached from there.
    pub(crate) valence: Valence,
}

/// How the adversary got on.
#[derive(Debug)]
pub(crate) struct Run<P: Protocol> {
    /// As many events as were asked for, unless it was given up.
    pub(crate) schedule: Vec<Event>,
    /// After them.
    pub(crate) last: Configuration<P>,
    /// The rest of the stage that was going on, and what can be reached from its end.
    pub(crate) rest: Vec<Event>,
    pub(crate) valence: Valence,
    /// Stages that ended.
    pub(crate) stages: usize,
    /// The first stage in which the oldest event could not happen at once: after how many steps it began.
    pub(crate) detour: Option<(usize, Stage)>,
    /// After how many steps a configuration came for the second time, but for the names of rounds: when it first came, and how long
    /// the way back was.
    pub(crate) lasso: Option<Lasso>,
    /// The search ended before there were enough steps.
    pub(crate) gave_up: bool,
}

impl<P: Protocol> Run<P> {
    /// Before the first step.
    pub(crate) fn begin(from: &Configuration<P>, valence: Valence) -> Self {
        Run {
            schedule: Vec::new(),
            last: from.clone(),
            rest: Vec::new(),
            valence,
            stages: 0,
            detour: None,
            lasso: None,
            gave_up: false,
        }
    }
}

/// A configuration that may come again.
#[derive(Debug, Clone)]
struct Before {
    steps: usize,
    round: u32,
    oldest: Option<MessageId>,
}

impl Before {
    fn of<P: Protocol>(protocol: &P, now: &Configuration<P>) -> Self {
        let oldest = now.buffer.first().map(|pending| pending.id);
        Before { steps: now.time as usize, round: now.round(protocol), oldest }
    }

    /// Whether everybody has taken a step since then, and the oldest message has arrived: as the buffers are alike, each message then comes
    /// closer to its delivery with every turn.
    fn is_fair_turn<P: Protocol>(&self, now: &Configuration<P>) -> bool {
        now.stepped_at.iter().all(|stepped| *stepped as usize > self.steps)
            && self.oldest.is_none_or(|id| now.position(id).is_none())
    }
}

/// A schedule that may be repeated for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasso {
    /// Steps before it.
    pub prefix: usize,
    /// Steps of one turn.
    pub period: usize,
    /// How many rounds one turn is.
    pub rounds: u32,
}

/// Keeps a configuration bivalent for so many steps.
///
/// Each stage is Lemma 3 of the paper for the event that has been pending for longest, so that every message arrives and every process goes on
/// taking steps. What repeats itself, but for the names of rounds, is repeated without a search.
pub(crate) fn run<P: Protocol>(
    search: &mut Search<'_, P>,
    from: &Configuration<P>,
    begun: Valence,
    steps: usize,
) -> Run<P> {
    let protocol = search.protocol;
    let mut run = Run::begin(from, begun);
    let mut seen: FxHashMap<Renamed<P>, Before> = FxHashMap::default();
    let mut positions: Vec<(usize, Option<usize>)> = Vec::new();
    while run.schedule.len() < steps {
        if let Some(renamed) = run.last.renamed(protocol) {
            let now = Before::of(protocol, &run.last);
            let before = seen.entry(renamed).or_insert_with(|| now.clone());
            if before.is_fair_turn(&run.last) {
                let prefix = before.steps;
                run.lasso = Some(Lasso { prefix, period: now.steps - prefix, rounds: now.round - before.round });
                repeat(&mut run, &positions[prefix..], steps, search);
                return run;
            }
        }
        let Some(stage) = stage(search, &run.last, &run.valence) else {
            run.gave_up = true;
            return run;
        };
        if stage.events.len() > 1 && run.detour.is_none() {
            run.detour = Some((run.schedule.len(), stage.clone()));
        }
        for (at, event) in stage.events.iter().enumerate() {
            if run.schedule.len() == steps {
                run.rest = stage.events[at..].to_vec();
                break;
            }
            positions.push((event.process, event.message.and_then(|id| run.last.position(id))));
            run.last.apply(protocol, *event);
            run.schedule.push(*event);
        }
        run.stages += usize::from(run.rest.is_empty());
        run.valence = stage.valence;
    }
    run
}

/// Takes the turns of a lasso until there are enough steps; then what is left of the turn, to a configuration that is bivalent again.
fn repeat<P: Protocol>(run: &mut Run<P>, turn: &[(usize, Option<usize>)], steps: usize, search: &mut Search<'_, P>) {
    let protocol = search.protocol;
    let of = |now: &Configuration<P>, (process, position): (usize, Option<usize>)| {
        let message = position.map(|position| now.buffer[position].id);
        Event { process, message }
    };
    let mut at = 0;
    while run.schedule.len() < steps {
        let event = of(&run.last, turn[at]);
        run.last.apply(protocol, event);
        run.schedule.push(event);
        at = (at + 1) % turn.len();
    }
    let mut end = run.last.clone();
    for step in turn[at..].iter().filter(|_| at > 0) {
        let event = of(&end, *step);
        end.apply(protocol, event);
        run.rest.push(event);
    }
    run.valence = search.valence(&end, &[]);
}

/// Lemma 3: from a bivalent configuration, steps without the oldest event and then that event, so that both decisions can still be reached.
///
/// First breadth first, for a shortest way. Then as the proof goes: if the event makes the configuration univalent, take a schedule to
/// the other decision; along it the event must at some place leave both open, and that can only change with steps of the same process.
pub(crate) fn stage<P: Protocol>(
    search: &mut Search<'_, P>,
    from: &Configuration<P>,
    known: &Valence,
) -> Option<Stage> {
    let event = from.oldest_event();
    let hints: Vec<Vec<Event>> = known.to.iter().flatten().cloned().collect();
    breadth_first(search, from, event, &hints).or_else(|| along(search, from, event, &hints))
}

/// The valence after an event, if both decisions can be reached.
fn bivalent<P: Protocol>(
    search: &mut Search<'_, P>,
    from: &Configuration<P>,
    event: Event,
    hints: &[&[Event]],
) -> Option<Valence> {
    let mut after = from.clone();
    after.apply(search.protocol, event);
    let valence = search.valence(&after, hints);
    valence.is_bivalent().then_some(valence)
}

fn breadth_first<P: Protocol>(
    search: &mut Search<'_, P>,
    from: &Configuration<P>,
    event: Event,
    hints: &[Vec<Event>],
) -> Option<Stage> {
    let hints: Vec<&[Event]> = hints.iter().map(Vec::as_slice).collect();
    let mut seen = FxHashSet::from_iter([from.content()]);
    let mut queue = VecDeque::from([(from.clone(), Vec::<Event>::new())]);
    while let Some((now, way)) = queue.pop_front() {
        // Steps of others commute with the event: only those of its process can make a difference.
        if way.last().is_none_or(|last| last.process == event.process)
            && let Some(valence) = bivalent(search, &now, event, &hints)
        {
            let events = way.into_iter().chain([event]).collect();
            return Some(Stage { events, valence });
        }
        let nothing = (0..search.protocol.processes()).map(|process| Event { process, message: None });
        let messages = now.buffer.iter().map(Pending::event);
        for next in messages.chain(nothing).filter(|next| *next != event).collect::<Vec<_>>() {
            if seen.len() >= BREADTH || search.steps_left == 0 {
                break;
            }
            let mut then = now.clone();
            then.apply(search.protocol, next);
            if then.decision(search.protocol).is_none() && seen.insert(then.content()) {
                queue.push_back((then, way.iter().copied().chain([next]).collect()));
            }
        }
    }
    None
}

fn along<P: Protocol>(
    search: &mut Search<'_, P>,
    from: &Configuration<P>,
    event: Event,
    hints: &[Vec<Event>],
) -> Option<Stage> {
    for way in hints {
        let mut now = from.clone();
        for (at, step) in way.iter().enumerate() {
            if *step == event || !now.allows(*step) || search.steps_left == 0 {
                break;
            }
            now.apply(search.protocol, *step);
            if now.decision(search.protocol).is_some() {
                break;
            }
            if step.process != event.process {
                continue;
            }
            if let Some(valence) = bivalent(search, &now, event, &[&way[at + 1..]]) {
                let events = way[..=at].iter().copied().chain([event]).collect();
                return Some(Stage { events, valence });
            }
        }
    }
    None
}
