//! A run in space and time, as a picture or as a page around it.

use super::html::{escaped, whole};
use super::number;
use super::plot::{Look, space_time};
use crate::sim::{Flight, SpaceTime};

/// What a diagram is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiagramFormat {
    /// A picture.
    Svg,
    /// A page with the picture, and a table of its messages.
    Html,
}

/// The diagram of a run, with what is said below it.
pub fn diagram(run: &SpaceTime, (title, caption): (&str, &str), format: DiagramFormat) -> String {
    let caption = format!("{caption} {}", explanation(run));
    let picture = space_time(run, (title, caption.trim()), Look::default()).svg();
    match format {
        DiagramFormat::Svg => picture,
        DiagramFormat::Html => {
            let title = escaped(title);
            let body = format!(
                "<header><h1>{title}</h1></header>\n<main>\n<figure>\n{picture}</figure>\n<h2>Messages</h2>\n{}</main>\n",
                messages(run)
            );
            whole(&title, &body)
        }
    }
}

/// What the marks mean, and what is left out.
fn explanation(run: &SpaceTime) -> String {
    let mut text = "Time goes down; rows are instants, and not as far apart as they are in time. An arrow that ends in a cross is a \
                    message that was lost, one that ends in a dot was still on its way. Lanes are dashed while a process is down."
        .to_owned();
    if run.left_out > 0 {
        let (shown, all) = (run.messages.len(), run.messages.len() as u64 + run.left_out);
        text.push_str(&format!(" {} of {} messages are drawn.", number::whole(shown), number::whole(all)));
    }
    text
}

/// All messages as a table, which says what the picture has no room for.
fn messages(run: &SpaceTime) -> String {
    let name = |process: crate::protocol::ProcessId| {
        escaped(&super::names::plain(run.names.get(process.index()).map_or("?", String::as_str)))
    };
    let ms = |ns: u64| number::significant(number::ms(ns), 6);
    let row = |flight: &Flight| {
        let end = match (flight.ends_ns, flight.has_arrived) {
            (Some(at), true) => ms(at),
            (Some(_), false) => "lost".to_owned(),
            (None, _) => "on its way".to_owned(),
        };
        format!(
            "<tr><td>{}</td><td>{end}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            ms(flight.sent_ns),
            name(flight.from),
            name(flight.to),
            escaped(flight.name),
            escaped(&flight.details)
        )
    };
    let rows: String = run.messages.iter().map(row).collect();
    let head: String = ["sent, ms", "arrived, ms", "from", "to", "message", "what it says"]
        .map(|name| format!("<th>{name}</th>"))
        .concat();
    format!(
        "<div class=\"table\"><table class=\"sortable\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}
