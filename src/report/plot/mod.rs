//! Pictures of a comparison, as SVG whose text is text or as PNG, the same on every machine.
//!
//! [`picture`] turns answers into a [`Picture`], a list of marks in units of 1/96 inch. One file below knows the drawing
//! library. The style: Okabe and Ito's colours with a marker for each series, so that pictures survive grey printers and
//! colour-blind eyes; every line is named where it ends; a caption says how the numbers were obtained.

mod ages;
mod axis;
mod canvas;
mod clients;
mod common;
mod draw;
mod frame;
mod front;
mod layout;
mod lines;
mod node_load;
mod outline;
mod panels;
mod pdf;
mod quorums;
mod space_time;
#[cfg(test)]
mod tests;
mod theme;
mod trade_off;
mod violation;

use super::Analysed;
use super::number::quantity;
#[doc(hidden)]
pub use super::plot::theme::Look;
use crate::analysis::curves::Curves;
use crate::availability::FailureProbability;
use crate::model::CapacityUnit;
use crate::number::Scaled;
#[doc(hidden)]
pub use ages::ages;
use axis::Axis;
#[doc(hidden)]
pub use canvas::{Picture, PictureFormat};
use common::{SPREAD_MAX, by_unit, load_label, name};
use frame::Words;
#[doc(hidden)]
pub use front::fronts;
use lines::{LineChart, Series};
#[doc(hidden)]
pub use space_time::space_time;
#[doc(hidden)]
pub use violation::violation;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Plot {
    /// Failure probability against that of the nodes.
    FailureProbability,
    /// Load against read fraction.
    Load,
    /// Capacity against read fraction.
    Capacity,
    /// Load of the families against their number of nodes.
    LoadByNodes,
    /// Failure probability of the families against their number of nodes.
    FailureByNodes,
    /// Load against failure probability and resilience.
    TradeOff,
    /// Load of each node in the shape of the system.
    NodeLoad,
    /// Minimal quorums of small systems.
    Quorums,
    /// Clients by the zones that serve them.
    Clients,
}

impl Plot {
    /// All of them.
    pub const ALL: [Plot; 9] = [
        Plot::FailureProbability,
        Plot::Load,
        Plot::Capacity,
        Plot::LoadByNodes,
        Plot::FailureByNodes,
        Plot::TradeOff,
        Plot::NodeLoad,
        Plot::Quorums,
        Plot::Clients,
    ];

    /// The word for it, and the name of its file.
    pub fn name(self) -> &'static str {
        match self {
            Plot::FailureProbability => "failure-probability",
            Plot::Load => "load",
            Plot::Capacity => "capacity",
            Plot::LoadByNodes => "load-by-nodes",
            Plot::FailureByNodes => "failure-by-nodes",
            Plot::TradeOff => "trade-off",
            Plot::NodeLoad => "node-load",
            Plot::Quorums => "quorums",
            Plot::Clients => "clients",
        }
    }
}

/// A family and its members by size, all asked one read fraction and one failure probability.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// The name of the family.
    pub name: String,
    /// Its members.
    pub members: Vec<Analysed>,
}

/// What pictures are made of.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The systems, with the lists of their minimal quorums where those are to be drawn.
    pub systems: &'a [Analysed],
    /// Their curves, in the same order.
    pub curves: &'a [Curves],
    /// Families by size.
    pub families: &'a [Growth],
}

/// The picture, unless there is nothing to show.
///
/// # Examples
/// ```
/// use quorate::analysis::{Options, analyze, curves::curves};
/// use quorate::families::Family;
/// use quorate::report::Analysed;
/// use quorate::report::plot::{Look, Material, Plot, picture};
/// let (system, options) = (Family::Majority { n: 5 }.system()?, Options::default());
/// let curves = [curves(&system, &options)];
/// let systems = [Analysed { file: "-".into(), analysis: analyze(&system, &options), system }];
/// let material = Material { systems: &systems, curves: &curves, families: &[] };
/// let picture = picture(Plot::Load, material, Look::default()).expect("there is a system to show");
/// assert!(picture.svg().contains("read fraction"));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn picture(plot: Plot, material: Material<'_>, look: Look) -> Option<Picture> {
    look.fitted(|look| natural(plot, material, look))
}

/// The picture with text of its natural size.
fn natural(plot: Plot, material: Material<'_>, look: Look) -> Option<Picture> {
    let Material { systems, curves, families } = material;
    match plot {
        Plot::FailureProbability => failure_probability(systems, curves, look),
        Plot::Load => by_read_fraction(systems, curves, look, false),
        Plot::Capacity => by_read_fraction(systems, curves, look, true),
        Plot::LoadByNodes => load_by_nodes(families, look),
        Plot::FailureByNodes => failure_by_nodes(families, look),
        Plot::TradeOff => trade_off::picture(systems, look),
        Plot::NodeLoad => node_load::picture(systems, look),
        Plot::Quorums => quorums::picture(systems, look),
        Plot::Clients => clients::picture(systems, look),
    }
}

/// Below this nothing is drawn: no machine lives long enough to see it.
const FAILURE_FLOOR: f64 = 1e-30;

fn number(value: Option<Scaled>) -> f64 {
    value.and_then(Scaled::to_f64).unwrap_or(f64::NAN)
}

fn failure_probability(systems: &[Analysed], curves: &[Curves], look: Look) -> Option<Picture> {
    let p =
        |answer: &FailureProbability| answer.node_failure_probability.map_or(f64::NAN, crate::model::Probability::get);
    let line = |(analysed, curves): (&Analysed, &Curves)| {
        // A point without a number stays, as a gap: the points of all lines stand at the same places.
        let points = curves.failure_probability.iter().map(|answer| (p(answer), number(answer.system))).collect();
        let ends = |answer: &FailureProbability| answer.interval.map(|interval| (interval.lower, interval.upper));
        Series { name: name(analysed), points, band: curves.failure_probability.iter().map(ends).collect() }
    };
    let known = |line: &Series| line.points.iter().filter(|point| point.1.is_finite()).count() > 1;
    let series: Vec<Series> = systems.iter().zip(curves).map(line).filter(known).collect();
    let sampled = series.iter().any(|line| line.band.iter().any(Option::is_some));
    let values = || series.iter().flat_map(|line| line.points.iter());
    let uppers = || series.iter().flat_map(|line| line.band.iter().flatten()).map(|ends| ends.1);
    values().next()?;
    let caption = format!(
        "Probability that reads or writes are impossible, zones failing as defined. {}, at {} probabilities. Rings: where \
         {} cross, with the node failure probability. Lines closer than 1e-6 are one.",
        if sampled { how_sampled(curves) } else { "Exact".into() },
        curves.first()?.failure_probability.len(),
        match (sampled, series.len() > 5) {
            (false, false) => "lines",
            (false, true) => "the lowest lines",
            (true, false) => "lines and their intervals",
            (true, true) => "the lowest lines and their intervals",
        }
    );
    let mut x = Axis::logarithmic("failure probability of a node (log scale)", values().map(|point| point.0), 0.0);
    x.high = 0.5;
    let y = Axis::logarithmic(
        "failure probability of the system (log scale)",
        values().map(|point| point.1).chain(uppers()),
        FAILURE_FLOOR,
    );
    let words = Words { title: "How often systems fail when nodes do", caption: &caption };
    Some(LineChart { words, x, y, series, reference: None, crossings: true }.draw(look))
}

/// What a caption says about estimates.
fn how_sampled(curves: &[Curves]) -> String {
    let intervals = curves.iter().flat_map(|curves| &curves.failure_probability).filter_map(|answer| answer.interval);
    let largest = intervals.max_by_key(|interval| interval.trials);
    let sampled = largest.and_then(|interval| Some((interval.confidence?, interval.trials?, interval.seed?)));
    sampled.map_or_else(String::new, |(confidence, trials, seed)| {
        format!(
            "Exact, or sampled where shaded ({} % intervals, up to {} trials, seed {seed})",
            quantity((confidence * 1e4).round() / 1e2),
            quantity(trials as f64),
        )
    })
}

fn by_read_fraction(systems: &[Analysed], curves: &[Curves], look: Look, capacity: bool) -> Option<Picture> {
    let line = |at: usize| {
        let point = |optimum: &crate::strategy::Optimum| {
            let value = if capacity { optimum.capacity() } else { optimum.load() };
            (optimum.workload.mean_read_fraction(), value)
        };
        Series {
            name: name(&systems[at]),
            points: curves.get(at).map_or_else(Vec::new, |curves| {
                curves.load.iter().filter_map(crate::strategy::StrategyAnswer::optimum).map(point).collect()
            }),
            band: Vec::new(),
        }
    };
    by_unit(systems, |unit, positions, which| {
        let series: Vec<Series> = positions.iter().copied().map(line).collect();
        let values = || series.iter().flat_map(|line| line.points.iter()).map(|point| point.1);
        let least = values().fold(f64::INFINITY, f64::min);
        let most = values().fold(0.0, f64::max);
        let log = most > SPREAD_MAX * least;
        let label = match (capacity, unit) {
            (true, CapacityUnit::OperationsPerSecond) => "capacity (operations per second)",
            (true, CapacityUnit::OneNode) => "capacity (times one node)",
            (false, unit) => load_label(unit),
        };
        let label = format!("{label}{}", if log { " (log scale)" } else { "" });
        let y = if log { Axis::logarithmic(&label, values(), 0.0) } else { Axis::even(&label, values()) };
        let x = Axis { label: "read fraction".into(), low: 0.0, high: 1.0, log: false };
        let caption = format!(
            "Optimum of a linear program, with its own strategy at each of 21 read fractions. Equal lines are one.{}",
            if which.is_some() { " The other systems have another unit, and a picture of their own." } else { "" }
        );
        let title = if capacity { "What systems can serve" } else { "How busy the busiest node is" };
        let title = which.map_or_else(|| title.to_owned(), |which| format!("{title}: {which}"));
        let words = Words { title: &title, caption: &caption };
        Some(LineChart { words, x, y, series, reference: None, crossings: false }.draw(look))
    })
}

fn growth(families: &[Growth], value: impl Fn(&Analysed) -> f64) -> Vec<Series> {
    let point = |member: &Analysed| (member.system.nodes().len() as f64, value(member));
    let line = |family: &Growth| Series {
        name: family.name.clone(),
        points: family.members.iter().map(point).filter(|point| point.1.is_finite()).collect(),
        band: Vec::new(),
    };
    families.iter().map(line).filter(|line| line.points.len() > 1).collect()
}

/// The axis of numbers of nodes.
fn nodes_axis(series: &[Series]) -> Axis {
    let values = || series.iter().flat_map(|line| line.points.iter()).map(|point| point.0);
    let mut axis = Axis::logarithmic("number of nodes n (log scale)", values(), 0.0);
    axis.high = values().fold(axis.low * 2.0, f64::max);
    axis
}

fn load_by_nodes(families: &[Growth], look: Look) -> Option<Picture> {
    let load = |member: &Analysed| node_load::best_of(member).map_or(f64::NAN, crate::strategy::Optimum::load);
    let series = growth(families, load);
    let x = nodes_axis(&series);
    let bound = (0..=40).map(|step| x.low * (x.high / x.low).powf(f64::from(step) / 40.0)).map(|n| (n, 1.0 / n.sqrt()));
    let bound = Series { name: "1/√n: no symmetric system below".into(), points: bound.collect(), band: Vec::new() };
    let first = families.first()?.members.first()?;
    let read = super::names::workload(&first.analysis.optimum.first()?.workload);
    let values = || series.iter().chain([&bound]).flat_map(|line| line.points.iter()).map(|point| point.1);
    let mut y = Axis::logarithmic("load of the busiest node (log scale)", values(), 0.0);
    y.low = values().fold(1.0, f64::min) * 0.9;
    let caption = format!(
        "Optimum of a linear program at {read}, nodes of capacity 1. Grids are square; B-grids of width d have bands of about \
         ln d rows. Bound: Naor and Wool 1998, for quorums that are the same for reads and writes."
    );
    let words = Words { title: "How load falls with the number of nodes", caption: &caption };
    Some(LineChart { words, x, y, series, reference: Some(bound), crossings: false }.draw(look))
}

fn failure_by_nodes(families: &[Growth], look: Look) -> Option<Picture> {
    let failure =
        |member: &Analysed| number(member.analysis.failure_probability.first().and_then(|answer| answer.system));
    let series = growth(families, failure);
    let x = nodes_axis(&series);
    let values = || series.iter().flat_map(|line| line.points.iter()).map(|point| point.1);
    let y = Axis::logarithmic("failure probability of the system (log scale)", values(), FAILURE_FLOOR);
    let p = families.first()?.members.first()?.analysis.failure_probability.first()?.node_failure_probability?;
    let title = format!("Which families get safer with more nodes, nodes failing with p = {}", p.get());
    let caption = "Probability that reads or writes are impossible, exact. Falling to zero is Condorcet's property: majorities \
                   and B-grids have it, grids do not. Grids are square; B-grids of width d have bands of about ln d rows.";
    let words = Words { title: &title, caption };
    Some(LineChart { words, x, y, series, reference: None, crossings: false }.draw(look))
}
