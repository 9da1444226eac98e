//! What two quantities cost each other: one line for each system.

use super::super::Analysed;
use super::axis::Axis;
use super::canvas::Picture;
use super::frame::Words;
use super::lines::{LineChart, Series};
use super::theme::Look;
use crate::strategy::Front;
use crate::strategy::objective::Objective;

/// The first fronts of the systems, unless there is none.
pub fn fronts(systems: &[Analysed], look: Look) -> Option<Picture> {
    look.fitted(|look| natural(systems, look))
}

fn natural(systems: &[Analysed], look: Look) -> Option<Picture> {
    let drawn = |analysed: &Analysed| -> Option<(Series, Front)> {
        let front = analysed.analysis.fronts.first().filter(|front| !front.corners.is_empty())?;
        let points = front.corners.iter().map(|corner| (corner.x, corner.y)).collect::<Vec<_>>();
        let name = super::name(analysed);
        Some((Series { name, band: vec![None; points.len()], points }, front.clone()))
    };
    let (series, fronts): (Vec<Series>, Vec<Front>) = systems.iter().filter_map(drawn).unzip();
    let [x, y] = fronts.first()?.axes;
    let values = || series.iter().flat_map(|line| line.points.iter().copied());
    let workload = crate::report::names::workload(&fronts.first()?.workload);
    let title = format!("What {x} and {y} cost each other");
    let caption = format!(
        "Least {y} within each limit on {x}, at {workload}: every corner is the optimum of a linear program, and mixing the \
         strategies of neighbours reaches every point of a line."
    );
    let words = Words { title: &title, caption: &caption };
    let (across, up) =
        (Axis::even(label(x), values().map(|point| point.0)), Axis::even(label(y), values().map(|point| point.1)));
    Some(LineChart { words, x: across, y: up, series, reference: None, crossings: false }.draw(look))
}

fn label(objective: Objective) -> &'static str {
    match objective {
        Objective::Load => "load of the busiest node (seconds of it per operation)",
        Objective::Network => "nodes contacted per operation",
        Objective::Latency => "time until the answers contain a quorum (ms)",
    }
}
