//! One step of a scenario.

use super::names::Names;
use super::vocabulary::Vocabulary;
use super::words::{Word, Words};
use crate::protocol::{Key, Operation};
use crate::replay::{Action, Arrow, Pick};
use crate::spec::problem::Problem;
use crate::spec::wording::{quoted, suggestion};

/// The words with which steps begin.
const VERBS: [&str; 16] = [
    "deliver",
    "drop",
    "duplicate",
    "settle",
    "tick",
    "campaign",
    "heartbeat",
    "retry",
    "crash",
    "restart",
    "partition",
    "heal",
    "disk",
    "propose",
    "show",
    "expect",
];

/// How often a timer may go off in one step.
const TICKS_MAX: u64 = 1_000;

/// What steps are read with.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) vocabulary: &'a Vocabulary,
}

impl Reading<'_> {
    /// What a step does.
    pub(super) fn step(&self, verb: &Word<'_>, mut words: Words<'_>) -> Result<Action, Problem> {
        match verb.text {
            "deliver" => Ok(Action::Deliver(self.arrow(&mut words)?)),
            "drop" => Ok(Action::Drop(self.arrow(&mut words)?)),
            "duplicate" => Ok(Action::Duplicate(self.arrow(&mut words)?)),
            "settle" => Ok(Action::Settle(self.some(&words.rest())?)),
            "tick" => self.tick(&mut words, None, "tick a"),
            "campaign" => self.tick(&mut words, Some(0), "campaign a"),
            "retry" => self.tick(&mut words, Some(0), "retry @client-1"),
            "heartbeat" => self.tick(&mut words, Some(1), "heartbeat a"),
            "crash" => Ok(Action::Crash(self.those(&mut words, "crash a b")?)),
            "restart" => self.restart(&mut words),
            "partition" => self.partition(&mut words),
            "heal" => words.ends("heal").map(|()| Action::Heal),
            "disk" => self.disk(&mut words),
            "propose" => self.propose(&mut words),
            "show" => {
                if words.takes("messages") {
                    return words.ends("show messages").map(|()| Action::Show(None));
                }
                Ok(Action::Show(Some(self.those(&mut words, "show a b")?)))
            }
            "expect" => self.expectation(&mut words).map(Action::Expect),
            _ => {
                let help = suggestion(verb.text, "a step begins with", VERBS.iter().copied());
                Err(verb.problem(format!("unknown step {}", quoted(verb.text)), help))
            }
        }
    }

    /// `[first|last|all] [NAME] [FROM -> TO]`
    pub(super) fn arrow(&self, words: &mut Words<'_>) -> Result<Arrow, Problem> {
        const EXAMPLE: &str = "deliver append a -> b";
        let pick = match () {
            () if words.takes("first") => Pick::First,
            () if words.takes("last") => Pick::Last,
            () => {
                words.takes("all");
                Pick::All
            }
        };
        let has_arrow = words.has("->");
        let mut before = Vec::new();
        while let Some(word) = words.peek().filter(|word| word.text != "->").cloned() {
            words.next();
            before.push(word);
        }
        let is_name = |word: &Word<'_>| {
            let is_process = self.names.is_known(word.text.split(',').next().unwrap_or_default());
            let is_message = self.vocabulary.messages.contains(&word.text);
            !has_arrow || !is_process || (is_message && before.len() > 1)
        };
        let name = before.first().filter(|word| is_name(word)).cloned();
        if let Some(name) = &name {
            if !self.vocabulary.has_message(name.text) {
                let known = self.vocabulary.all_messages();
                let help = suggestion(name.text, "its messages are", known.iter().copied());
                let what = if has_arrow { "neither a message nor a process" } else { "no message of this protocol" };
                return Err(name.problem(format!("{} is {what}", quoted(name.text)), help));
            }
            before.remove(0);
        }
        if !has_arrow {
            return match before.first() {
                Some(word) => {
                    Err(word
                        .problem(format!("{} is no message", quoted(word.text)), format!("for example `{EXAMPLE}`")))
                }
                None => Ok(Arrow { pick, name: name.map(|word| word.text.to_owned()), from: None, to: None }),
            };
        }
        words.takes("->");
        let to = words.rest();
        if before.is_empty() && to.is_empty() {
            return Err(Problem::new(words.rest_span(), "an arrow from nobody to nobody")
                .help(format!("for example `{EXAMPLE}`")));
        }
        Ok(Arrow { pick, name: name.map(|word| word.text.to_owned()), from: self.some(&before)?, to: self.some(&to)? })
    }

    /// Processes; none where `@all` or nothing stands.
    fn some(&self, words: &[Word<'_>]) -> Result<Option<Vec<crate::protocol::ProcessId>>, Problem> {
        match words {
            [] => Ok(None),
            [word] if word.text == "@all" => Ok(None),
            _ => self.names.processes(words).map(Some),
        }
    }

    /// Processes, at least one.
    fn those(&self, words: &mut Words<'_>, example: &str) -> Result<Vec<crate::protocol::ProcessId>, Problem> {
        let first = words.clone().needs("a process", example)?;
        let found = self.names.processes(&words.rest())?;
        if found.is_empty() {
            Err(first.problem("no process is named", format!("for example `{example}`")))
        } else {
            Ok(found)
        }
    }

    fn tick(&self, words: &mut Words<'_>, timer: Option<u16>, example: &str) -> Result<Action, Problem> {
        let process = self.names.process(&words.needs("a process", example)?)?;
        let times = match words.next() {
            None => 1,
            Some(word) => {
                let times = word.number("how often a timer goes off")?;
                if !(1..=TICKS_MAX).contains(&times) {
                    return Err(word.problem("this often is too often or never", format!("from 1 to {TICKS_MAX}")));
                }
                times as u32
            }
        };
        words.ends(example)?;
        Ok(Action::Tick { process, timer, times })
    }

    fn restart(&self, words: &mut Words<'_>) -> Result<Action, Problem> {
        const EXAMPLE: &str = "restart a without disk";
        let mut named = Vec::new();
        while let Some(word) = words.peek().filter(|word| word.text != "without").cloned() {
            words.next();
            named.push(word);
        }
        let has_disk = !words.takes("without");
        if !has_disk {
            let word = words.needs("what is lost", EXAMPLE)?;
            if word.text != "disk" {
                return Err(word.problem("only a disk can be lost", format!("for example `{EXAMPLE}`")));
            }
        }
        words.ends(EXAMPLE)?;
        let processes = self.names.processes(&named)?;
        if processes.is_empty() {
            return Err(
                Problem::new(words.rest_span(), "no process is named").help("for example `restart a`".to_owned())
            );
        }
        Ok(Action::Restart { processes, has_disk })
    }

    fn partition(&self, words: &mut Words<'_>) -> Result<Action, Problem> {
        let all = words.rest();
        let mut groups = Vec::new();
        for part in all.split(|word| word.text == "|") {
            let group = self.names.processes(part)?;
            if group.is_empty() {
                let span = all.first().map_or_else(|| words.rest_span(), |word| word.span.clone());
                return Err(
                    Problem::new(span, "a part without a process").help("for example `partition a,b | c`".to_owned())
                );
            }
            groups.push(group);
        }
        let flat: Vec<_> = groups.iter().flatten().collect();
        let twice = flat.iter().enumerate().any(|(at, process)| flat[..at].contains(process));
        if groups.len() < 2 || twice {
            let span = all.first().map_or_else(|| words.rest_span(), |word| word.span.clone());
            let what = if twice { "a process stands in two parts" } else { "a partition has two parts or more" };
            return Err(Problem::new(span, what).help("for example `partition a,b | c`".to_owned()));
        }
        Ok(Action::Partition(groups))
    }

    /// `disk a term 3 log 1 1:5 3`
    fn disk(&self, words: &mut Words<'_>) -> Result<Action, Problem> {
        const EXAMPLE: &str = "disk a term 3 log 1 1:5 3";
        let process = self.names.node(&words.needs("a node", EXAMPLE)?)?;
        let key = words.needs("its term", EXAMPLE)?;
        if key.text != "term" {
            return Err(key.problem(
                format!("a term is expected, and not {}", quoted(key.text)),
                format!("for example `{EXAMPLE}`"),
            ));
        }
        let term = words.needs("the term", EXAMPLE)?.number("a term")?;
        let mut entries = Vec::new();
        if words.takes("log") {
            for word in words.rest() {
                let (of, what) = word.text.split_once(':').unwrap_or((word.text, "-"));
                let number = Word { text: of, span: word.span.start..word.span.start + of.len() };
                let entry_term = number.number("the term of an entry")?;
                if entry_term > term {
                    return Err(word.problem(
                        format!("an entry of term {entry_term}, and the replica is in {term} only"),
                        "terms never go back",
                    ));
                }
                entries.push((entry_term, content(&word, what)?));
            }
        }
        words.ends(EXAMPLE)?;
        Ok(Action::Disk { process, term, entries })
    }

    /// `propose write 5 [of k2] [at a] [by @client-1]`
    fn propose(&self, words: &mut Words<'_>) -> Result<Action, Problem> {
        const EXAMPLE: &str = "propose write 5 at a by @client-1";
        let verb = words.needs("an operation", EXAMPLE)?;
        let mut numbers = Vec::new();
        let wanted = match verb.text {
            "read" => 0,
            "write" => 1,
            "cas" => 2,
            _ => {
                let help = suggestion(verb.text, "the operations are", ["read", "write", "cas"].into_iter());
                return Err(verb.problem(format!("unknown operation {}", quoted(verb.text)), help));
            }
        };
        for _ in 0..wanted {
            numbers.push(words.needs("a value", EXAMPLE)?.number("a value")?);
        }
        let (mut key, mut at, mut by) = (Key(0), None, None);
        while let Some(word) = words.next() {
            match word.text {
                "of" => key = self::key(&words.needs("a key", "propose read of k2")?)?,
                "at" => at = Some(self.names.node(&words.needs("a node", EXAMPLE)?)?),
                "by" => by = Some(self.names.client(&words.needs("a client", EXAMPLE)?)?),
                _ => {
                    return Err(word.problem(
                        format!("unexpected {}", quoted(word.text)),
                        "`of KEY`, `at NODE` and `by CLIENT` follow an operation",
                    ));
                }
            }
        }
        let operation = match numbers[..] {
            [value] => Operation::Write { key, value },
            [expected, value] => Operation::Cas { key, expected, value },
            _ => Operation::Read { key },
        };
        Ok(Action::Propose { operation, at, by })
    }
}

/// A key, as `k2`.
fn key(word: &Word<'_>) -> Result<Key, Problem> {
    let number = word.text.strip_prefix('k').and_then(|digits| digits.parse().ok());
    number.map(Key).ok_or_else(|| word.problem(format!("{} is no key", quoted(word.text)), "keys are `k0`, `k1`, ..."))
}

/// What an entry does, in few letters: `5`, `r`, `3>4`, `k2=5` or `-`.
fn content(word: &Word<'_>, text: &str) -> Result<Option<Operation>, Problem> {
    let not = || {
        word.problem(
            format!("{} is no command", quoted(text)),
            "`5` writes 5, `r` reads, `3>4` replaces 3 by 4, `-` does nothing; `k2=5` is about the key k2",
        )
    };
    let (key, what) = match text.split_once('=') {
        None => (Key(0), text),
        Some((key, what)) => {
            let number = key.strip_prefix('k').and_then(|digits| digits.parse().ok());
            (Key(number.ok_or_else(not)?), what)
        }
    };
    let value = |text: &str| text.parse::<u64>().map_err(|_| not());
    match what {
        "-" if key == Key(0) => Ok(None),
        "r" => Ok(Some(Operation::Read { key })),
        _ => match what.split_once('>') {
            Some((expected, new)) => Ok(Some(Operation::Cas { key, expected: value(expected)?, value: value(new)? })),
            None => Ok(Some(Operation::Write { key, value: value(what)? })),
        },
    }
}

/// What an entry does, as it is printed.
pub(super) fn printed(word: &Word<'_>, text: &str) -> Result<String, Problem> {
    Ok(content(word, text)?.map_or_else(|| "-".to_owned(), |operation| operation.to_string()))
}
