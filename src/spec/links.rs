//! `[[link]]` and `links = "FILE"`: how far it is between zones and nodes.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::beside::{Beside, Foreign};
use super::elsewhere;
use super::keys::LINK_KEYS;
use super::places::Places;
use super::problem::{Problem, Problems};
use super::table::{Table, Value};
use super::wording::quoted;
use crate::model::{LatencyMs, Link, Place, ordered};

/// The links, and where each stands in the definition: those of a file stand where it is named.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) all: Vec<Link>,
    pub(super) spans: Vec<Range<usize>>,
}

const BETWEEN: &str = "between = [\"eu\", \"us\"]";

/// All links; what is wrong with the file that is named goes into a list of its own.
pub(super) fn read(
    root: &Table<'_>,
    places: &Places<'_>,
    beside: Beside<'_>,
    problems: &mut Problems,
) -> (Links, Option<Foreign>) {
    let mut links = Links::default();
    let mut known: FxHashMap<[Place; 2], Range<usize>> = FxHashMap::default();
    for table in root.get("link").map(|value| value.tables("[[link]]", problems)).unwrap_or_default() {
        table.refuse_unknown(LINK_KEYS, |key| elsewhere(key, "[[link]]"), problems);
        let between = table.require("between", BETWEEN, problems);
        let round_trip_ms = table.require("round_trip_ms", "round_trip_ms = 80", problems);
        let round_trip_ms = round_trip_ms.and_then(|value| Some((value.quantity(LatencyMs::new, problems)?, value)));
        let Some((between, span)) = between.and_then(|value| Some((pair(&value, places, problems)?, value.span())))
        else {
            continue;
        };
        let Some((round_trip_ms, value)) = round_trip_ms else { continue };
        if let [Place::Node(one), Place::Node(other)] = between
            && one == other
            && round_trip_ms.get() > 0.0
        {
            let problem = value.problem(format!("a round trip from {} to itself", places.shown(between[0])));
            problems.push(problem.label("a node is 0 ms from itself").help("leave this link out".to_owned()));
            continue;
        }
        if let Some(first) = known.insert(ordered(between), span.clone()) {
            let [a, b] = between.map(|place| places.shown(place));
            let problem = Problem::new(span, format!("a second link between {a} and {b}"));
            let problem = problem.label("links go both ways").first(first.start);
            problems.push(problem.help("keep one of the two".to_owned()));
            continue;
        }
        links.all.push(Link { between, round_trip_ms });
        links.spans.push(span);
    }
    let foreign = root.get("links").and_then(|value| of_file(&value, places, beside, (&known, &mut links), problems));
    (links, foreign)
}

/// The links of the file that is named; what is wrong with it.
fn of_file(
    value: &Value<'_>,
    places: &Places<'_>,
    beside: Beside<'_>,
    (known, links): (&FxHashMap<[Place; 2], Range<usize>>, &mut Links),
    problems: &mut Problems,
) -> Option<Foreign> {
    let name = value.text(problems)?;
    let file = match beside(name) {
        Ok(file) => file,
        Err(reason) => {
            let problem = value.problem(format!("{} cannot be read: {reason}", quoted(name)));
            let help = "the path of a CSV file, relative to this definition, with a row and a column for each place";
            problems.push(problem.label("a matrix of round trips").help(help.to_owned()));
            return None;
        }
    };
    let mut found = Problems::default();
    for link in matrix(&file.bytes, places, known, &mut found) {
        links.all.push(link);
        links.spans.push(value.span());
    }
    (found.count() > 0).then_some(Foreign { file, problems: found })
}

#[cfg(feature = "formats")]
use super::link_matrix::read as matrix;

/// Without the reader of such files.
#[cfg(not(feature = "formats"))]
fn matrix(_: &[u8], _: &Places<'_>, _: &FxHashMap<[Place; 2], Range<usize>>, problems: &mut Problems) -> Vec<Link> {
    problems.push(Problem::new(0..0, "this library was built without the feature `formats`, which reads a matrix"));
    Vec::new()
}

/// The two places of a link.
fn pair(value: &Value<'_>, places: &Places<'_>, problems: &mut Problems) -> Option<[Place; 2]> {
    let names: Vec<Value<'_>> = value.list("a list of two names", problems)?.collect();
    let count = names.len();
    let mut place = |value: &Value<'_>| {
        let name = value.text(problems)?;
        places.either(name, value.span()).map_err(|problem| problems.push(problem)).ok()
    };
    let found: Vec<Option<Place>> = names.iter().map(&mut place).collect();
    if count != 2 {
        let problem = value.problem(format!("`between` has {count} names")).label("a link has two ends");
        problems.push(problem.help(format!("for example `{BETWEEN}`; the same zone twice is what is within it")));
        return None;
    }
    Some([found[0]?, found[1]?])
}
