//! Edge out: answers become text, JSON, CSV, Markdown or pictures. Returns strings and bytes; opens no file, prints nothing.
//!
//! Text and Markdown are two renderings of one page of blocks, so they cannot disagree; JSON and CSV are written for
//! programs, with full digits, and keep their keys and columns.

mod ages;
mod analysed;
mod campaign;
mod checks;
mod client_tables;
mod columns;
mod compare;
mod consensus_tables;
mod csv;
mod definition;
#[cfg(all(feature = "plots", feature = "simulator"))]
mod diagram;
mod digits;
#[cfg(feature = "plots")]
mod document;
mod explain;
mod families;
mod finite;
mod flp;

#[doc(hidden)]
pub use self::csv::read as read_csv_field;
#[doc(hidden)]
pub use ages::Ages;
#[doc(hidden)]
pub use analysed::Analysed;
#[cfg(all(feature = "net", unix))]
#[doc(hidden)]
pub use bench::{Benched, benched};
#[doc(hidden)]
pub use campaign::{Campaigned, campaign};
pub(crate) use checks::check_answers;
#[doc(hidden)]
pub use checks::{Checked, Refused, RefusedLine, check_tables, checks, checks_and_refusals};
#[doc(hidden)]
pub use compare::{Arrangement, ColumnName, Crossing, NoColumn, Topic, comparison, crossovers};
#[doc(hidden)]
pub use definition::definition;
#[cfg(all(feature = "plots", feature = "simulator"))]
#[doc(hidden)]
pub use diagram::{DiagramFormat, diagram};
#[doc(hidden)]
pub use explain::{explained, explanations, suggested, word_list};
#[doc(hidden)]
pub use families::families;
use finite::{finite, positive};
#[doc(hidden)]
pub use flp::impossibility;
pub use format::Format;
#[doc(hidden)]
pub use glossary::{Word, glossary};
#[doc(hidden)]
pub use goal::no_strategy;
#[doc(hidden)]
pub use interruption::Interruption;
pub(crate) use names::{file as file_name, value as value_name};
#[doc(hidden)]
pub use notes::{note, notes};
#[doc(hidden)]
pub use progress::progress;
#[doc(hidden)]
pub use replication::{Replicated, replication, replication_table};
#[doc(hidden)]
pub use scenario::{Scenario, scenario};
#[doc(hidden)]
pub use schedule::schedule;
#[doc(hidden)]
pub use search::{Searched, description, searched, verdict};
#[doc(hidden)]
pub use shrunk::ShrunkTo;
#[doc(hidden)]
pub use simulation::{Simulated, simulation};
#[doc(hidden)]
pub use starter::starter;
#[doc(hidden)]
pub use time_unit::TimeUnit;
#[doc(hidden)]
pub use timeline::{Scene, Shown};
#[doc(hidden)]
pub use transition::{Changed, Planning, changes, worst_change};
#[doc(hidden)]
pub use verification::{Verified, verifications};
#[doc(hidden)]
pub use view::View;

#[cfg(all(feature = "net", unix))]
mod bench;
#[cfg(test)]
mod fixture;
mod format;
mod glossary;
mod goal;
#[doc(hidden)]
pub mod html;
mod interruption;
mod json;
mod listing;
mod markdown;
mod names;
mod notes;
mod number;
mod page;
#[cfg(feature = "plots")]
pub mod plot;
mod progress;
mod repair_table;
mod replication;
mod ring_tables;
mod scenario;
mod schedule;
mod search;
mod sections;
pub mod series;
mod shrunk;
mod simulation;
mod starter;
mod summary;
pub mod tables;
mod text;
mod time_unit;
mod timeline;
mod transition;
mod verification;
mod view;
mod watched;

/// The report on systems, in the order given.
///
/// # Examples
/// ```
/// use quorate::report::{Format, View, analyses};
/// let nothing = analyses(&[], Format::Json, View::default());
/// assert!(nothing.contains("\"schema\": \"quorate/analysis/1\""));
/// ```
pub fn analyses(systems: &[Analysed], format: Format, view: View) -> String {
    let page = || systems.iter().flat_map(|analysed| sections::page(analysed, view)).collect::<Vec<_>>();
    match format {
        Format::Text => text::render(&page(), view),
        Format::Json => json::analyses(systems, view),
        Format::Csv if systems.iter().any(|analysed| analysed.analysis.reliability.polynomial.is_some()) => {
            series::polynomial(systems)
        }
        Format::Csv => tables::overview(systems),
        Format::Markdown => markdown::render(&page()),
        Format::Html => html::page(&page()),
    }
}
