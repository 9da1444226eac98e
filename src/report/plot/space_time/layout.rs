//! Where processes and instants stand.

use std::collections::BTreeMap;

use crate::protocol::ProcessId;
use crate::sim::SpaceTime;

/// Space between two lanes, where they are few and many.
const LANES_APART: [(usize, f64); 3] = [(6, 168.0), (9, 136.0), (usize::MAX, 104.0)];

/// Space at the left, for instants or for steps.
const LEFT: (f64, f64) = (96.0, 264.0);

/// Space at the right, for words beside the last lane.
const RIGHT: f64 = 150.0;

/// Space between two instants, and what is added where much time passes.
const ROW: f64 = 15.0;
const PAUSE: f64 = 20.0;

/// The narrowest picture: the title and the caption need some room.
const WIDTH_MIN: f64 = 560.0;

/// Where everything stands.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Processes that do anything, in their order.
    pub(super) lanes: Vec<ProcessId>,
    /// Space between two of them.
    pub(super) apart: f64,
    left: f64,
    rows: BTreeMap<u64, f64>,
    /// How high all rows are together.
    pub(super) height: f64,
}

impl Layout {
    pub(super) fn of(run: &SpaceTime) -> Self {
        let mut lanes: Vec<ProcessId> = run.messages.iter().flat_map(|flight| [flight.from, flight.to]).collect();
        lanes.extend(run.moments.iter().map(|moment| moment.process));
        lanes.sort_unstable();
        lanes.dedup();
        let apart = LANES_APART.iter().find(|(most, _)| lanes.len() <= *most).map_or(104.0, |(_, apart)| *apart);
        let left = if run.steps.is_empty() { LEFT.0 } else { LEFT.1 };
        let (rows, height) = rows(run);
        Layout { lanes, apart, left, rows, height }
    }

    /// How wide the picture is.
    pub(super) fn width(&self) -> f64 {
        let lanes = self.lanes.len().saturating_sub(1) as f64;
        (self.left + lanes * self.apart + RIGHT).max(WIDTH_MIN)
    }

    /// Where the lane of a process stands.
    pub(super) fn x(&self, process: ProcessId) -> f64 {
        self.left + self.lanes.partition_point(|lane| *lane < process) as f64 * self.apart
    }

    /// Where an instant stands, below the first row.
    pub(super) fn y(&self, at_ns: u64) -> f64 {
        self.rows.range(..=at_ns).next_back().map_or(0.0, |(_, y)| *y)
    }

    /// All instants, from the first to the last, and where they stand.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u64, f64)> + '_ {
        self.rows.iter().map(|(at, y)| (*at, *y))
    }

    /// The middle of each space between lanes that an arrow crosses, the last one first.
    pub(super) fn gaps(&self, from: f64, to: f64) -> Vec<f64> {
        let crossed = ((to - from).abs() / self.apart).round().max(1.0) as usize;
        let back = (from - to).signum() * self.apart;
        (0..crossed).map(|gap| to + back * (gap as f64 + 0.5)).collect()
    }
}

/// A row for each instant, so that nothing stands on top of something else however little time passes between them.
fn rows(run: &SpaceTime) -> (BTreeMap<u64, f64>, f64) {
    let mut instants: Vec<u64> =
        run.messages.iter().flat_map(|flight| [Some(flight.sent_ns), flight.ends_ns]).flatten().collect();
    instants.extend(run.moments.iter().map(|moment| moment.at_ns));
    instants.extend(run.steps.iter().map(|(at, _)| *at));
    instants.sort_unstable();
    instants.dedup();
    let mut pauses: Vec<u64> = instants.windows(2).map(|pair| pair[1] - pair[0]).collect();
    pauses.sort_unstable();
    let usual = pauses.get(pauses.len() / 2).copied().unwrap_or(1).max(1) as f64;
    let mut rows = BTreeMap::new();
    let (mut y, mut before) = (0.0, None);
    for at in instants {
        if let Some(before) = before {
            let pause = (at - before) as f64 / usual;
            y += ROW + PAUSE * ((pause - 1.0) / 6.0).clamp(0.0, 1.0);
        }
        rows.insert(at, y);
        before = Some(at);
    }
    (rows, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Happened, Moment};

    #[test]
    fn instants_stand_apart_and_in_order() {
        let moment = |process, at_ns| Moment { process: ProcessId(process), at_ns, what: Happened::Timer };
        let moments = vec![moment(4, 10), moment(2, 11), moment(4, 12), moment(4, 1_000_000)];
        let layout = Layout::of(&SpaceTime { moments, ..SpaceTime::default() });
        assert_eq!(layout.lanes, [ProcessId(2), ProcessId(4)]);
        let places: Vec<f64> = layout.rows().map(|(_, y)| y).collect();
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= ROW), "{places:?}");
        assert_eq!(places[3] - places[2], ROW + PAUSE, "much time is seen, and not as much room as it would take");
        assert_eq!((layout.y(11), layout.y(500)), (places[1], places[2]));
        assert!(layout.x(ProcessId(4)) > layout.x(ProcessId(2)));
    }

    #[test]
    fn an_arrow_is_labelled_near_its_head() {
        let layout = Layout { lanes: Vec::new(), apart: 100.0, left: 0.0, rows: BTreeMap::new(), height: 0.0 };
        assert_eq!(layout.gaps(0.0, 300.0), [250.0, 150.0, 50.0]);
        assert_eq!(layout.gaps(300.0, 100.0), [150.0, 250.0]);
    }
}
