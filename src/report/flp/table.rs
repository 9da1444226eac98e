//! The schedule as one table, an event a row; `--schedule` reads it.

use crate::flp::Outcome;
use crate::report::columns::{Column, table};

pub(super) fn csv(outcome: &Outcome) -> String {
    let columns: [Column<(usize, &String)>; 4] = [
        Column { name: "step", value: |(at, _)| (at + 1).to_string() },
        Column { name: "process", value: |(_, event)| parts(event)[0].into() },
        Column { name: "from", value: |(_, event)| parts(event)[1].into() },
        Column { name: "message", value: |(_, event)| parts(event)[2].into() },
    ];
    table(&columns, outcome.schedule.iter().enumerate())
}

/// Who takes the step, who sent the message, and the message; of a step without one only the first, and that there is none.
fn parts(event: &str) -> [&str; 3] {
    let (process, received) = event.split_once(" <- ").unwrap_or((event, ""));
    let (from, message) = received.split_once(' ').unwrap_or(("", received));
    [process, from, message]
}
