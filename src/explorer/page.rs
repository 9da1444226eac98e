//! The page around the histories.

use super::explored::Explored;
use crate::model::plain;
use crate::report::html::{escaped, framed};
use crate::report::{Checked, Interruption, Refused, check_answers, file_name};

/// What the page looks like.
const STYLE: &str = include_str!("assets/explorer.css");

/// What stands on the page until its script fills it.
const BODY: &str = include_str!("assets/explorer.html");

/// What the page does, in the order in which it is read.
const SCRIPT: &str = concat!(
    "'use strict';\n(() => {\n",
    include_str!("assets/data.js"),
    include_str!("assets/search.js"),
    include_str!("assets/drawing.js"),
    include_str!("assets/panels.js"),
    include_str!("assets/explorer.js"),
    "})();\n"
);

/// The page about all histories, each as its answers and its operations; with what was refused, and what is missing
/// because somebody asked for the end.
pub fn page(histories: &[(&Checked, &Explored)], refused: &[Refused], interruption: Option<&Interruption>) -> String {
    let title = match histories {
        [(checked, _)] => escaped(&file_name(checked.file())),
        _ => format!("{} histories", histories.len()),
    };
    let mut body = format!("<header><h1>{title}</h1></header>\n{BODY}<main>\n");
    for refused in refused {
        let problem = refused.problems.first().map_or("it is no history", |problem| &problem.message);
        let (file, problem) = (escaped(&file_name(&refused.file)), escaped(&plain(problem)));
        body.push_str(&format!("<p class=\"bad\">Not read: {file}: {problem}</p>\n"));
    }
    if let Some(interruption) = interruption {
        body.push_str(&format!("<p class=\"bad\">{}</p>\n", escaped(&interruption.sentence())));
    }
    for (checked, _) in histories {
        body.push_str(&format!("<section class=\"answers\">\n{}</section>\n", check_answers(checked)));
    }
    body.push_str("</main>\n");
    for (_, explored) in histories {
        body.push_str(&format!("<script type=\"application/json\" class=\"history\">{}</script>\n", explored.data));
    }
    framed(&title, &body, (STYLE, SCRIPT))
}
