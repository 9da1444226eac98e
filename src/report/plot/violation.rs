//! The operations around a violation on a time axis, one lane for each process.

use super::canvas::{Anchor, Color, Picture, Point};
use super::draw::text_width;
use super::frame::{Words, caption_height, page, shortened};
use super::theme::{LABEL, Look, SMALL};
use crate::history::Value;
use crate::report::names;
use crate::report::timeline::{Scene, Shown};

/// The width of the picture.
const WIDTH: f64 = 960.0;

/// The height of a lane, and half of that of a bar in it.
const LANE: f64 = 56.0;
const BAR: f64 = 11.0;

/// Space beside the axis.
const LEFT: f64 = 110.0;
const RIGHT: f64 = 40.0;

/// Space above the lanes and below them.
const TOP: f64 = 52.0;
const AXIS: f64 = 44.0;

/// The narrowest bar: an operation that ended when it started can be seen.
const BAR_MIN: f64 = 3.0;

/// Room of a label; longer ones would cover their neighbours.
const LABEL_WIDTH: f64 = 170.0;

/// The picture of a violation: operations that break the rule stand out in colour and by heavy lines.
///
/// # Examples
/// ```
/// use quorate::report::plot::{Look, violation};
/// use quorate::report::Scene;
/// let scene = Scene { title: "stale read".into(), operations: Vec::new() };
/// assert!(violation(&scene, Look::default()).svg().contains("stale read"));
/// ```
pub fn violation(scene: &Scene, look: Look) -> Picture {
    let mut processes: Vec<Value> = scene.operations.iter().map(|shown| shown.process.clone()).collect();
    processes.sort_unstable();
    processes.dedup();
    let instants = || scene.operations.iter().flat_map(|shown| [Some(shown.start), shown.end]).flatten();
    let (from, to) = (instants().min().unwrap_or(0), instants().max().unwrap_or(0));
    let caption = "Heavy: the operations that break the rule by themselves; faint: others around them. A bar runs from the start \
                   of an operation to its end; one without a right end never returned. Times are those of the history.";
    let lanes = LANE * processes.len() as f64;
    let height = TOP + lanes + AXIS + caption_height(caption, WIDTH);
    let (picture, ..) = page(look, (WIDTH, height), Words { title: &scene.title, caption });
    let mut drawing = Drawing { picture, look, processes, from, to };
    drawing.frame();
    scene.operations.iter().for_each(|shown| drawing.operation(shown));
    drawing.picture
}

struct Drawing {
    picture: Picture,
    look: Look,
    processes: Vec<Value>,
    from: i64,
    to: i64,
}

impl Drawing {
    /// Where an instant stands.
    fn x(&self, at: i64) -> f64 {
        // As wide numbers: the whole range of instants is wider than an i64.
        let part = |to: i64| (i128::from(to) - i128::from(self.from)) as f64;
        LEFT + part(at) / part(self.to).max(1.0) * (WIDTH - LEFT - RIGHT)
    }

    /// Where the middle of the lane of a process stands.
    fn y(&self, process: &Value) -> f64 {
        let lane = self.processes.partition_point(|other| other < process);
        TOP + LANE * (lane as f64 + 0.5)
    }

    /// Lanes and the axis.
    fn frame(&mut self) {
        let (look, right) = (self.look, WIDTH - RIGHT);
        for process in self.processes.clone() {
            let y = self.y(&process);
            self.picture.line(&[(LEFT, y), (right, y)], 1.0, look.grid());
            let name = shortened(&format!("process {}", names::value(&process)), LABEL, LEFT - 26.0);
            self.picture.text((LEFT - 10.0, y), &name, (LABEL, look.ink()), (Anchor::End, Anchor::Middle));
        }
        let y = TOP + LANE * self.processes.len() as f64 + 8.0;
        self.picture.line(&[(LEFT, y), (right, y)], 1.0, look.muted());
        let mut mark = |x: f64, text: &str, anchor: Anchor| {
            self.picture.text((x, y + 8.0), text, (SMALL, look.ink()), (anchor, Anchor::Start));
        };
        mark(LEFT, &self.from.to_string(), Anchor::Start);
        if self.to > self.from {
            mark(right, &self.to.to_string(), Anchor::End);
        }
        mark(f64::midpoint(LEFT, right), "time", Anchor::Middle);
    }

    /// A bar from start to end; one that never returned is open at the right.
    fn operation(&mut self, shown: &Shown) {
        let look = self.look;
        let color: Color = match (shown.is_witness, shown.name) {
            (true, _) => look.color(1),
            (false, "read") => look.color(0),
            (false, _) => look.color(2),
        };
        let y = self.y(&shown.process);
        let from = self.x(shown.start);
        let to = shown.end.map_or(WIDTH - RIGHT / 2.0, |end| self.x(end)).max(from + BAR_MIN);
        let fill = color.faint(if shown.is_witness { 0.35 } else { 0.15 });
        self.picture.rectangle((from, y - BAR), (to - from, 2.0 * BAR), fill);
        let mut outline: Vec<Point> = vec![(to, y - BAR), (from, y - BAR), (from, y + BAR), (to, y + BAR)];
        if shown.end.is_some() {
            // Past the first corner, so that it is as sharp as the others.
            outline.extend([outline[0], outline[1]]);
        }
        self.picture.line(&outline, if shown.is_witness { 2.2 } else { 1.0 }, color);
        let label = shortened(&format!("{} {}", shown.name, shown.value), SMALL, LABEL_WIDTH);
        // Near the right edge a label ends with its bar, so that none is cut.
        let left = from.min(WIDTH - 8.0 - text_width(&label, SMALL));
        self.picture.text((left, y - BAR - 3.0), &label, (SMALL, look.ink()), (Anchor::Start, Anchor::End));
    }
}
