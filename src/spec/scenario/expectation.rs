//! What a scenario expects.

use super::step::{Reading, printed};
use super::vocabulary::PARTS;
use super::words::{Word, Words};
use crate::checker::Model;
use crate::protocol::{Invariant, ProcessId};
use crate::replay::Expectation;
use crate::spec::problem::Problem;
use crate::spec::wording::{quoted, suggestion};

/// What is said of a replica beside its part.
const OF_REPLICA: [&str; 7] = ["term", "view", "ballot", "committed", "log", "up", "down"];

/// What is said of a client.
const OF_CLIENT: [&str; 7] = ["idle", "waiting", "written", "swapped", "read", "found", "gave"];

impl Reading<'_> {
    /// What has to be so.
    pub(super) fn expectation(&self, words: &mut Words<'_>) -> Result<Expectation, Problem> {
        let first = words.needs("what is expected", "expect a leader")?;
        match first.text {
            "nothing" => {
                let what = words.needs("what is not so", "expect nothing broken")?;
                if what.text != "broken" {
                    return Err(
                        what.problem("nothing is broken, or something is", "for example `expect nothing broken`")
                    );
                }
                words.ends("expect nothing broken").map(|()| Expectation::Broken(None))
            }
            "broken" => broken(words).map(|invariant| Expectation::Broken(Some(invariant))),
            "leaders" => {
                let rest = words.rest();
                let none = rest.is_empty() || (rest.len() == 1 && rest[0].text == "none");
                let mut leaders = if none { Vec::new() } else { self.names.processes(&rest)? };
                leaders.sort_unstable();
                Ok(Expectation::Leaders(leaders))
            }
            "decided" => self.decided(words),
            "message" => self.arrow(words).map(|arrow| Expectation::Message(arrow, true)),
            "no" => {
                let what = words.needs("what there is not", "expect no message append a -> b")?;
                if what.text != "message" {
                    return Err(
                        what.problem("only messages can be missing", "for example `expect no message append a -> b`")
                    );
                }
                self.arrow(words).map(|arrow| Expectation::Message(arrow, false))
            }
            "history" => history(words),
            _ => {
                let process = self.names.process(&first)?;
                if first.text.starts_with('@') { client(process, words) } else { replica(process, words) }
            }
        }
    }

    fn decided(&self, words: &mut Words<'_>) -> Result<Expectation, Problem> {
        const EXAMPLE: &str = "expect decided 2 5";
        let place = words.needs("a place", EXAMPLE)?;
        let index = place.number("a place of the log")?;
        if index == 0 {
            return Err(place.problem("places are numbered from 1", format!("for example `{EXAMPLE}`")));
        }
        let what = words.needs("what is decided there", EXAMPLE)?;
        words.ends(EXAMPLE)?;
        let what = if what.text == "nothing" { None } else { Some(printed(&what, what.text)?) };
        Ok(Expectation::Decided(index, what))
    }
}

fn broken(words: &mut Words<'_>) -> Result<Invariant, Problem> {
    let span = words.rest_span();
    let name = words.rest().iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
    let found = Invariant::ALL.into_iter().find(|invariant| invariant.name() == name);
    found.ok_or_else(|| {
        let help = suggestion(&name, "the invariants are", Invariant::ALL.iter().map(|invariant| invariant.name()));
        Problem::new(span, format!("unknown invariant {}", quoted(&name))).help(help)
    })
}

fn history(words: &mut Words<'_>) -> Result<Expectation, Problem> {
    const EXAMPLE: &str = "expect history not atomic";
    let is_expected = !words.takes("not");
    let word = words.needs("a model", EXAMPLE)?;
    words.ends(EXAMPLE)?;
    let models = [Model::Atomic, Model::Regular, Model::Safe];
    let found = models.into_iter().find(|model| model.name() == word.text);
    let model = found.ok_or_else(|| {
        let help = suggestion(word.text, "the models are", models.iter().map(|model| model.name()));
        word.problem(format!("unknown model {}", quoted(word.text)), help)
    })?;
    Ok(Expectation::History(model, is_expected))
}

fn replica(process: ProcessId, words: &mut Words<'_>) -> Result<Expectation, Problem> {
    const EXAMPLE: &str = "expect a leader";
    let word = words.needs("what it is", EXAMPLE)?;
    let expectation = match word.text {
        "term" | "view" | "ballot" => {
            Expectation::Term(process, words.needs("a number", "expect a term 2")?.number("a term")?)
        }
        "committed" => {
            Expectation::Committed(process, words.needs("a place", "expect a committed 2")?.number("a place")?)
        }
        "up" => Expectation::Up(process, true),
        "down" => Expectation::Up(process, false),
        "log" => Expectation::Log(process, log(&words.rest())?),
        part if PARTS.contains(&part) => Expectation::Part(process, part.to_owned()),
        _ => {
            let known: Vec<&str> = OF_REPLICA.iter().chain(&PARTS).copied().collect();
            let help = suggestion(word.text, "of a replica one expects", known.iter().copied());
            return Err(word.problem(format!("nothing is known of {}", quoted(word.text)), help));
        }
    };
    words.ends(EXAMPLE)?;
    Ok(expectation)
}

/// Terms of entries, with what they do or without; `empty`: none.
fn log(words: &[Word<'_>]) -> Result<Vec<(u64, Option<String>)>, Problem> {
    if matches!(words, [word] if word.text == "empty") {
        return Ok(Vec::new());
    }
    let entry = |word: &Word<'_>| {
        let (of, what) = match word.text.split_once(':') {
            Some((of, what)) => (of, Some(printed(word, what)?)),
            None => (word.text, None),
        };
        let term = if of == "*" {
            u64::MAX
        } else {
            Word { text: of, span: word.span.clone() }.number("the term of an entry")?
        };
        Ok((term, what))
    };
    words.iter().map(entry).collect()
}

fn client(process: ProcessId, words: &mut Words<'_>) -> Result<Expectation, Problem> {
    const EXAMPLE: &str = "expect @client-1 read 5";
    let word = words.needs("what it was answered", EXAMPLE)?;
    let answer = match word.text {
        "idle" | "waiting" | "written" | "swapped" => word.text.to_owned(),
        "read" | "found" => format!("{} {}", word.text, words.needs("a value", EXAMPLE)?.number("a value")?),
        "gave" => {
            words.takes("up");
            "gave up".to_owned()
        }
        _ => {
            let help = suggestion(word.text, "of a client one expects", OF_CLIENT.iter().copied());
            return Err(word.problem(format!("{} is no answer", quoted(word.text)), help));
        }
    };
    words.ends(EXAMPLE)?;
    Ok(Expectation::Answer(process, answer))
}
