//! A schedule that is given back.

use serde_json::Value;

use super::which::Which;

/// What a file of a schedule says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given {
    /// Of which protocol; absent: it does not say.
    pub protocol: Option<Which>,
    /// From which inputs.
    pub inputs: Option<Vec<bool>>,
    /// The seed of its coins.
    pub seed: Option<u64>,
    /// The events, and the lines on which they stand; in JSON their places, from 1.
    pub events: Vec<(usize, String)>,
    /// Whether the file claims that something is decided.
    pub decided: Option<bool>,
}

/// A line that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text:?}: {reason}")]
pub struct Misread {
    /// From 1; the place of an event in JSON.
    pub line: usize,
    /// What stands there.
    pub text: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl Given {
    /// Reads what `quorate flp` prints: its JSON, its CSV, the list of events alone, or lines with events. Empty lines and what follows
    /// `#` are left out; `protocol: voting`, `inputs: 0 0 1` and `seed: 1` may stand before the events.
    ///
    /// # Errors
    /// The first line that is none of these.
    pub fn read(text: &str) -> Result<Given, Misread> {
        let given = match text.trim_start_matches('\u{feff}').trim_start().chars().next() {
            Some('{' | '[') => of_json(text)?,
            _ => of_lines(text)?,
        };
        match given.events.is_empty() {
            true => Err(misread(1, text.lines().next().unwrap_or_default(), "there is no event in it")),
            false => Ok(given),
        }
    }
}

fn misread(line: usize, text: &str, reason: impl Into<String>) -> Misread {
    let shown: String = text.chars().take(80).collect();
    Misread { line, text: shown, reason: reason.into() }
}

fn of_lines(text: &str) -> Result<Given, Misread> {
    let mut given = Given::default();
    for (at, whole) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = whole.split('#').next().unwrap_or_default().trim();
        let wrong = |reason: String| misread(at + 1, whole, reason);
        if line.is_empty() || line == "step,process,from,message" {
            continue;
        }
        match line.split_once(':') {
            Some((key, value)) if given.events.is_empty() && !line.contains("<-") => {
                given.set(key.trim(), value.trim()).map_err(wrong)?;
            }
            _ => given.events.push((at + 1, of_csv(line).unwrap_or_else(|| line.to_owned()))),
        }
    }
    Ok(given)
}

/// A row of the CSV as an event.
fn of_csv(line: &str) -> Option<String> {
    let fields: Vec<&str> = line.split(',').collect();
    match fields[..] {
        [step, process, from, message] if step.parse::<u64>().is_ok() => Some(if from.is_empty() {
            format!("{process} <- {message}")
        } else {
            format!("{process} <- {from} {message}")
        }),
        _ => None,
    }
}

impl Given {
    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "protocol" => {
                let names = Which::ALL.map(Which::name).join(", ");
                let known = Which::ALL.into_iter().find(|which| which.name() == value);
                self.protocol =
                    Some(known.ok_or_else(|| format!("no protocol is called {value:?}; there are {names}"))?);
            }
            "inputs" => {
                let bit = |word: &str| match word {
                    "0" => Ok(false),
                    "1" => Ok(true),
                    _ => Err(format!("{word:?} is no input: there are 0 and 1")),
                };
                self.inputs = Some(value.split_whitespace().map(bit).collect::<Result<_, _>>()?);
            }
            "seed" => self.seed = Some(value.parse().map_err(|_| format!("{value:?} is no seed"))?),
            _ => return Err(format!("{key:?} is not known here; there are protocol, inputs and seed")),
        }
        Ok(())
    }
}

fn of_json(text: &str) -> Result<Given, Misread> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
        misread(error.line(), line, error.to_string())
    })?;
    let mut given = Given::default();
    let events = if value.is_array() { &value } else { &value["schedule"] };
    let Some(events) = events.as_array() else {
        return Err(misread(1, "{", "there is no list `schedule` in it"));
    };
    for (at, event) in events.iter().enumerate() {
        let event = event.as_str().ok_or_else(|| misread(at + 1, &event.to_string(), "an event is a string"))?;
        given.events.push((at + 1, event.to_owned()));
    }
    let head = |reason: String| misread(1, "{", reason);
    if let Some(name) = value["protocol"].as_str() {
        given.set("protocol", name).map_err(head)?;
    }
    if let Some(inputs) = value["initial"]["inputs"].as_array() {
        let words: Vec<String> = inputs.iter().map(Value::to_string).collect();
        given.set("inputs", &words.join(" ")).map_err(head)?;
    }
    given.seed = value["seed"].as_u64();
    given.decided = value["decided"].as_bool();
    Ok(given)
}
