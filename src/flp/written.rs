//! Schedules as people write them: `p2 <- p1 report 1 0`, or `p2 <- nothing`.

use super::configuration::{Configuration, Event, Pending};
use super::protocol::Protocol;

/// What stands in the place of a message where there is none.
pub(super) const NOTHING: &str = "nothing";

/// The name of a process.
pub(crate) fn name(process: usize) -> String {
    format!("p{}", process + 1)
}

/// A schedule from a configuration, an event a line.
pub(crate) fn written<P: Protocol>(protocol: &P, from: &Configuration<P>, schedule: &[Event]) -> Vec<String> {
    let mut now = from.clone();
    let line = |event: &Event| {
        let received = event.message.and_then(|id| now.position(id)).map(|position| &now.buffer[position]);
        let line = match received {
            Some(pending) => format!("{} <- {} {}", name(event.process), name(pending.from), pending.message),
            None => format!("{} <- {NOTHING}", name(event.process)),
        };
        now.apply(protocol, *event);
        line
    };
    schedule.iter().map(line).collect()
}

/// The event that a line stands for; of equal messages the oldest.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read<P: Protocol>(now: &Configuration<P>, line: &str) -> Result<Event, String> {
    let processes = now.states.len();
    let process = |word: &str| {
        let number = word.strip_prefix('p').and_then(|digits| digits.parse::<usize>().ok());
        number
            .filter(|number| (1..=processes).contains(number))
            .map(|number| number - 1)
            .ok_or_else(|| format!("{word:?} is no process: there are p1 to p{processes}"))
    };
    let shape = "an event is written as in `p2 <- p1 report 1 0`, or `p2 <- nothing`";
    let (to, received) = line.split_once("<-").ok_or_else(|| shape.to_owned())?;
    let (to, received) = (process(to.trim())?, received.trim());
    if received == NOTHING {
        return Ok(Event { process: to, message: None });
    }
    let (from, message) = received.split_once(' ').ok_or_else(|| shape.to_owned())?;
    let (from, message) = (process(from)?, message.trim());
    let found = now
        .buffer
        .iter()
        .find(|pending| (pending.to, pending.from) == (to, from) && pending.message.to_string() == message);
    found.map(Pending::event).ok_or_else(|| {
        let waiting: Vec<String> = (now.buffer.iter().filter(|pending| pending.to == to).take(5))
            .map(|pending| format!("{} {}", name(pending.from), pending.message))
            .collect();
        let there = if waiting.is_empty() { NOTHING.to_owned() } else { waiting.join(", ") };
        format!("no such message is on its way to {}: there is {there}", name(to))
    })
}
