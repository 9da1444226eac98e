//! A register since no operation of it was under way.

use rustc_hash::FxHashSet;

use crate::checker::assertion::{Violation, require};
use crate::checker::model::Model;
use crate::checker::options::Options;
use crate::checker::report::{Unanswered, Verdict};
use crate::history::{Action, Builder, History, Operation, Outcome, STAMP_MAX, Value};

/// Operations that are kept before it is asked which of them still matter.
const CUT: usize = 256;
/// What may be true before a segment: with more, it is not ended.
const STARTS_MAX: usize = 64;
/// The process that asks what the register holds at the end; a recorder numbers its clients from 0.
const ASKS: i64 = -1;

/// A register since no operation of it was under way.
#[derive(Debug)]
pub(super) struct Segment {
    /// What may have been true before.
    starts: Vec<Start>,
    /// In the order in which they started.
    operations: Vec<Kept>,
    under_way: usize,
    /// How many operations are kept when it is looked at next, and when it is tried next to forget them.
    look_at: usize,
    cut_at: usize,
    /// How many are kept before it is tried at all.
    cut: usize,
}

/// What may be true where no operation is under way.
#[derive(Debug, Clone, PartialEq)]
struct Start {
    /// What the register holds; `None` where that is not known.
    value: Option<Value>,
    /// Writes without an answer that may still take effect.
    open: Vec<Kept>,
}

#[derive(Debug, Clone, PartialEq)]
struct Kept {
    number: u32,
    operation: Operation,
}

impl Segment {
    pub(super) fn new(initial: Option<Value>) -> Self {
        let start = Start { value: initial, open: Vec::new() };
        Segment { starts: vec![start], operations: Vec::new(), under_way: 0, look_at: CUT, cut_at: CUT, cut: CUT }
    }

    /// How many operations are kept.
    pub(super) fn kept(&self) -> usize {
        self.operations.len() + self.starts.iter().map(|start| start.open.len()).sum::<usize>()
    }

    pub(super) fn start(&mut self, number: u32, operation: &Operation) {
        self.under_way += 1;
        self.operations.push(Kept { number, operation: operation.clone() });
    }

    pub(super) fn end(&mut self, number: u32, outcome: Outcome) {
        let Ok(place) = self.operations.binary_search_by_key(&number, |kept| kept.number) else { return };
        self.under_way -= 1;
        let kept = &mut self.operations[place];
        match outcome {
            Outcome::Done { action, end } => (kept.operation.action, kept.operation.end) = (action, Some(end)),
            // A read without an answer says nothing.
            Outcome::Unknown if kept.written().is_some() => {}
            Outcome::Unknown | Outcome::Failed => {
                self.operations.remove(place);
            }
        }
    }

    /// Looks at what is kept when it has become much, and forgets what does not matter any more.
    pub(super) fn advance(&mut self, options: &Options) -> Option<Box<Violation>> {
        if self.under_way == 0 && self.operations.len() >= self.cut_at {
            // What does not succeed now is tried again when it is worth as much work.
            self.cut_at = 2 * self.operations.len();
            match if self.has_repeated_values() { None } else { self.ends(options) } {
                Some(ends) if ends.is_empty() => return self.violation(options),
                Some(ends) if ends.len() <= STARTS_MAX => {
                    (self.starts, self.look_at, self.cut_at) = (ends, CUT, self.cut);
                    self.operations.clear();
                    return None;
                }
                Some(_) | None => {}
            }
        }
        if self.operations.len() < self.look_at {
            return None;
        }
        self.look_at = 2 * self.operations.len();
        self.violation(options).filter(|violation| violation.finding.verdict == Verdict::Violated)
    }

    /// Why nothing that may have been true before explains what is kept; nothing if something does.
    pub(super) fn violation(&self, options: &Options) -> Option<Box<Violation>> {
        let mut first = None;
        for start in &self.starts {
            match self.judge(start, None, options) {
                Ok(()) => return None,
                Err(violation) if violation.finding.verdict != Verdict::Violated => first = Some(violation),
                Err(violation) => first = first.or(Some(violation)),
            }
        }
        first
    }

    /// What may be true after all that is kept; `None` where that was not found out.
    ///
    /// A write without an answer that nobody saw may still take effect: that it already did and was overwritten allows nothing more.
    fn ends(&self, options: &Options) -> Option<Vec<Start>> {
        let mut ends: Vec<Start> = Vec::new();
        for start in &self.starts {
            let open: Vec<&Kept> = start.open.iter().chain(&self.operations).filter(|kept| kept.is_open()).collect();
            for value in self.last_values(start, &open) {
                match self.judge(start, value.as_ref(), options) {
                    Ok(()) => {}
                    Err(violation) if violation.finding.verdict == Verdict::Violated => continue,
                    Err(_) => return None,
                }
                let seen = self.seen(value.as_ref(), &open);
                let is_unseen = |kept: &&Kept| !kept.written().is_some_and(|written| seen.contains(written));
                // What was read may be what was there before, whatever that was, and the write of it may still take effect.
                if start.value.is_none() && !open.iter().all(&is_unseen) {
                    return None;
                }
                let open = open.iter().copied().filter(is_unseen).cloned().collect();
                let end = Start { value, open };
                if !ends.contains(&end) {
                    ends.push(end);
                }
            }
        }
        Some(ends)
    }

    /// What the register may hold in the end: what no later write has certainly replaced.
    fn last_values(&self, start: &Start, open: &[&Kept]) -> Vec<Option<Value>> {
        let done = || self.operations.iter().filter(|kept| !kept.is_open() && kept.written().is_some());
        let latest = done().map(|kept| kept.operation.start).max();
        let is_last = |kept: &&Kept| kept.operation.end >= latest;
        let mut values: Vec<Option<Value>> =
            done().filter(is_last).filter_map(Kept::written).cloned().map(Some).collect();
        let seen = self.seen(None, open);
        let taken = open.iter().filter_map(|kept| kept.written()).filter(|written| seen.contains(written));
        values.extend(taken.cloned().map(Some));
        if latest.is_none() {
            // What was not known is what somebody read and nobody wrote.
            let is_written = |value: &&Value| open.iter().any(|kept| kept.written() == Some(value));
            let read = || self.operations.iter().filter_map(Kept::read).find(|value| !is_written(value)).cloned();
            values.push(start.value.clone().or_else(read));
        }
        values
    }

    /// Values that somebody has seen: read, expected by a compare-and-set that took effect, or held in the end.
    fn seen<'a>(&'a self, value: Option<&'a Value>, open: &[&'a Kept]) -> FxHashSet<&'a Value> {
        let mut seen: FxHashSet<&Value> = value.into_iter().collect();
        seen.extend(self.operations.iter().filter(|kept| !kept.is_open()).filter_map(Kept::read));
        loop {
            let took_effect = |kept: &&&Kept| kept.written().is_some_and(|written| seen.contains(written));
            let found: Vec<&Value> = open.iter().filter(took_effect).filter_map(|kept| kept.read()).collect();
            let before = seen.len();
            seen.extend(found);
            if seen.len() == before {
                return seen;
            }
        }
    }

    /// Whether a value is written twice, or again that may have been there before: a read of it then says less.
    fn has_repeated_values(&self) -> bool {
        self.starts.iter().any(|start| {
            let mut values: FxHashSet<&Value> = start.value.iter().collect();
            let mut written = start.open.iter().chain(&self.operations).filter_map(Kept::written);
            !written.all(|written| values.insert(written))
        })
    }

    /// Whether what may have been true before explains what is kept, and this value in the end.
    fn judge(&self, start: &Start, end: Option<&Value>, options: &Options) -> Result<(), Box<Violation>> {
        let history = self.history(start, end);
        let options = Options {
            initial: start.value.clone(),
            unknown_initial: start.value.is_none(),
            linearization: false,
            ..options.clone()
        };
        match require(&history, Model::Atomic, &options) {
            Err(violation) if violation.finding.unanswered == Some(Unanswered::NothingCompleted) => Ok(()),
            judged => judged,
        }
    }

    fn history(&self, start: &Start, end: Option<&Value>) -> History {
        let mut builder = Builder::new();
        for Kept { number, operation } in start.open.iter().chain(&self.operations) {
            // Refused only if a clock went backwards; the operation then counts as one that never returned.
            let Ok(ticket) = builder.start(operation, *number) else { continue };
            let ended = operation.end.map(|end| builder.end(ticket, &operation.action, end));
            if !matches!(ended, Some(Ok(()))) {
                builder.abandon(ticket);
            }
        }
        if let (Some(value), Some(last)) = (end, self.operations.last()) {
            let key = last.operation.key.clone();
            let action = Action::Read(value.clone());
            let asks = Operation { process: ASKS, key, action, start: STAMP_MAX, end: Some(STAMP_MAX) };
            let _ = builder.push(&asks);
        }
        builder.finish()
    }
}

impl Kept {
    fn is_open(&self) -> bool {
        self.operation.end.is_none()
    }

    fn written(&self) -> Option<&Value> {
        self.operation.action.as_ref().written()
    }

    fn read(&self) -> Option<&Value> {
        match &self.operation.action {
            Action::Read(value) | Action::Cas { expected: value, .. } => Some(value),
            Action::Write(_) | Action::FailedCas { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::check::check;

    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % limit
        }
    }

    /// Clients of an atomic register that lose answers, fail, and now and then read what is long gone; each operation is judged as it
    /// ends, and all together by a checker that has the whole history.
    struct Run {
        random: Random,
        segment: Segment,
        whole: Builder,
        value: i64,
        written: Vec<i64>,
        /// Writes without an answer that have not taken effect.
        late: Vec<i64>,
        number: u32,
        now: i64,
    }

    impl Run {
        fn new(seed: u64) -> Self {
            let initial = (!seed.is_multiple_of(5)).then_some(Value::Integer(0));
            let cut = 1 + seed as usize % 5;
            let segment = Segment { cut_at: cut, cut, look_at: 4, ..Segment::new(initial) };
            let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            Run {
                random,
                segment,
                whole: Builder::new(),
                value: 0,
                written: vec![0],
                late: Vec::new(),
                number: 0,
                now: 0,
            }
        }

        fn options(seed: u64) -> Options {
            let initial = (!seed.is_multiple_of(5)).then_some(Value::Integer(0));
            Options { unknown_initial: initial.is_none(), initial, ..Options::default() }
        }

        fn tick(&mut self) -> i64 {
            self.now += 1;
            self.now
        }

        /// Runs three clients; whether something was seen that cannot be.
        fn violated(&mut self, options: &Options, fault: u64) -> bool {
            let mut open: [Option<(u32, crate::history::Ticket, Action<i64>)>; 3] = Default::default();
            let mut process = [0i64, 1, 2];
            let mut is_violated = false;
            for _ in 0..40 {
                if !self.late.is_empty() && self.random.below(4) == 0 {
                    self.value = self.late.swap_remove(0);
                }
                let client = self.random.below(3) as usize;
                match open[client].take() {
                    None => open[client] = Some(self.begin(process[client])),
                    Some((number, ticket, action)) => {
                        let outcome = self.outcome(&action, fault);
                        match &outcome {
                            Outcome::Done { action, end } => self.whole.end(ticket, action, *end).unwrap(),
                            Outcome::Failed => self.whole.fail(ticket),
                            Outcome::Unknown => {
                                self.whole.abandon(ticket);
                                process[client] += 3;
                            }
                        }
                        self.segment.end(number, outcome);
                        is_violated |= self.segment.advance(options).is_some();
                    }
                }
            }
            is_violated || self.segment.violation(options).is_some()
        }

        fn begin(&mut self, process: i64) -> (u32, crate::history::Ticket, Action<i64>) {
            self.number += 1;
            let new = i64::from(self.number);
            let action = match self.random.below(5) {
                0 | 1 => Action::Write(new),
                2 => Action::Cas { expected: self.value, new },
                _ => Action::Read(0),
            };
            let start = self.tick();
            let operation = Operation { process, key: None, action: action.map(Value::from), start, end: None };
            self.segment.start(self.number, &operation);
            (self.number, self.whole.start(&operation, self.number).unwrap(), action)
        }

        fn outcome(&mut self, action: &Action<i64>, fault: u64) -> Outcome {
            let is_lost = self.random.below(8) == 0;
            let done = match *action {
                Action::Read(_) if fault > 0 && self.random.below(fault) == 0 => {
                    let place = self.random.below(self.written.len() as u64) as usize;
                    Action::Read(self.written[place])
                }
                Action::Read(_) => Action::Read(self.value),
                Action::Cas { expected, .. } if expected != self.value => return Outcome::Failed,
                Action::Write(new) | Action::Cas { new, .. } => {
                    if is_lost && matches!(action, Action::Write(_)) && self.random.below(2) == 0 {
                        self.late.push(new);
                    } else {
                        self.value = new;
                    }
                    self.written.push(new);
                    *action
                }
                other => other,
            };
            let end = self.tick();
            if is_lost { Outcome::Unknown } else { Outcome::Done { action: done.map(Value::from), end } }
        }
    }

    /// What is found while it happens is what is found in the whole history.
    #[test]
    fn pieces_say_what_the_whole_says() {
        let (mut yes, mut no, mut kept) = (0, 0, 0);
        for seed in 0..3_000 {
            let options = Run::options(seed);
            let mut run = Run::new(seed);
            let violated = run.violated(&options, [0, 3, 6, 12][seed as usize % 4]);
            kept += run.segment.kept();
            let whole = check(&run.whole.finish(), &options);
            let expected = whole.atomic().verdict;
            match expected {
                Verdict::Holds => yes += 1,
                Verdict::Violated => no += 1,
                Verdict::Undecided if whole.atomic().unanswered == Some(Unanswered::NothingCompleted) => continue,
                other => panic!("{seed}: {other:?}"),
            }
            assert_eq!(violated, expected == Verdict::Violated, "{seed}: {:?}", whole.atomic());
        }
        assert!(yes > 1_000 && no > 300 && kept < 3_000 * 15, "{yes} {no} {kept}");
    }

    /// Nothing stays behind, however long a test runs, but writes of which nobody knows.
    #[test]
    fn memory_does_not_grow() {
        let mut segment = Segment::new(Some(Value::Integer(0)));
        let options = Options::default();
        for number in 1..20_000u32 {
            let action = Action::Write(Value::from(i64::from(number)));
            let start = i64::from(number) * 2;
            let operation = Operation { process: 0, key: None, action: action.clone(), start, end: None };
            segment.start(number, &operation);
            segment.end(number, Outcome::Done { action, end: start + 1 });
            assert_eq!(segment.advance(&options), None);
            assert!(segment.kept() <= CUT);
        }
    }
}
