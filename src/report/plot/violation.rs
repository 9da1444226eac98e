//! The operations around a violation on a time axis, one lane for each process.

use super::axis::round_marks;
use super::canvas::{Anchor, Color, Picture, Point};
use super::draw::text_width;
use super::frame::{Words, caption_height, page, shortened};
use super::theme::{LABEL, Look, SMALL};
use crate::history::Value;
use crate::report::timeline::{Scene, Shown};
use crate::report::{TimeUnit, names};

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
const AXIS: f64 = 74.0;

/// Space of an entry of the legend, of its swatch, and of the head of an arrow.
const ENTRY: f64 = 200.0;
const SWATCH: f64 = 18.0;
const HEAD: f64 = 8.0;

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
/// use quorate::report::TimeUnit;
/// let scene = Scene { title: "stale read".into(), operations: Vec::new(), arrows: Vec::new(), unit: TimeUnit::Unknown };
/// assert!(violation(&scene, Look::default()).svg().contains("stale read"));
/// ```
pub fn violation(scene: &Scene, look: Look) -> Picture {
    let mut processes: Vec<Value> = scene.operations.iter().map(|shown| shown.process.clone()).collect();
    processes.sort_unstable();
    processes.dedup();
    let instants = || scene.operations.iter().flat_map(|shown| [Some(shown.start), shown.end]).flatten();
    let (from, to) = (instants().min().unwrap_or(0), instants().max().unwrap_or(0));
    let caption = "Heavy: the operations that break the rule by themselves; faint: others around them. A bar runs from the start \
                   of an operation to its end; one without a right end never returned.";
    let lanes = LANE * processes.len() as f64;
    let height = TOP + lanes + AXIS + caption_height(look, caption, WIDTH);
    let (picture, ..) = page(look, (WIDTH, height), Words { title: &scene.title, caption });
    let mut drawing = Drawing { picture, look, processes, from, to, labels: Vec::new() };
    drawing.frame(scene.unit);
    scene.operations.iter().for_each(|shown| drawing.operation(shown));
    let (witness, around): (Vec<&Shown>, Vec<&Shown>) = scene.operations.iter().partition(|shown| shown.is_witness);
    witness.into_iter().chain(around).for_each(|shown| drawing.label(shown));
    for (before, after) in &scene.arrows {
        drawing.arrow(&scene.operations[*before], &scene.operations[*after]);
    }
    drawing.legend(!scene.arrows.is_empty());
    drawing.picture
}

struct Drawing {
    picture: Picture,
    look: Look,
    processes: Vec<Value>,
    from: i64,
    to: i64,
    /// From where to where labels stand, and at which height.
    labels: Vec<(f64, f64, f64)>,
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
    fn frame(&mut self, unit: TimeUnit) {
        let (look, right) = (self.look, WIDTH - RIGHT);
        let y = self.bottom();
        let (ticks, label) = self.ticks(unit);
        for (x, text) in ticks {
            self.picture.line(&[(x, TOP), (x, y)], 1.0, look.grid());
            self.picture.line(&[(x, y), (x, y + 5.0)], 1.0, look.muted());
            self.picture.text((x, y + 8.0), &text, (SMALL, look.ink()), (Anchor::Middle, Anchor::Start));
        }
        for process in self.processes.clone() {
            let y = self.y(&process);
            self.picture.line(&[(LEFT, y), (right, y)], 1.0, look.grid());
            let name = shortened(&format!("process {}", names::value(&process)), LABEL, LEFT - 26.0);
            self.picture.text((LEFT - 10.0, y), &name, (LABEL, look.ink()), (Anchor::End, Anchor::Middle));
        }
        self.picture.line(&[(LEFT, y), (right, y)], 1.0, look.muted());
        let middle = (f64::midpoint(LEFT, right), y + 24.0);
        self.picture.text(middle, &label, (SMALL, look.ink()), (Anchor::Middle, Anchor::Start));
    }

    /// Where the lanes end and the axis is.
    fn bottom(&self) -> f64 {
        TOP + LANE * self.processes.len() as f64 + 8.0
    }

    /// Where the axis has marks, with what they say, and what they count.
    fn ticks(&self, unit: TimeUnit) -> (Vec<(f64, String)>, String) {
        let span = i128::from(self.to) - i128::from(self.from);
        // Instants far from zero differ in their last digits only.
        let is_far = i128::from(self.from).abs() > 50 * span.max(1);
        let base = if is_far { i128::from(self.from) } else { 0 };
        let units: &[(f64, &str)] = match unit {
            TimeUnit::Nanoseconds => {
                &[(1e9, "seconds"), (1e6, "milliseconds"), (1e3, "microseconds"), (1.0, "nanoseconds")]
            }
            TimeUnit::Events => &[(1.0, "event")],
            TimeUnit::Unknown => &[(1.0, "time, in the unit of the history")],
        };
        let last = units[units.len() - 1];
        let (factor, name) = units.iter().copied().find(|(factor, _)| span as f64 >= 5.0 * factor).unwrap_or(last);
        let label = match is_far {
            true if unit == TimeUnit::Nanoseconds => format!("{name} since {base} ns"),
            true => format!("{name}, since {base}"),
            false => name.to_owned(),
        };
        let place = |value: f64| {
            let share = (value * factor + (base - i128::from(self.from)) as f64) / (span as f64).max(1.0);
            LEFT + share * (WIDTH - LEFT - RIGHT)
        };
        let whole = |instant: i64| (i128::from(instant) - base) as f64 / factor;
        let least = if factor == 1.0 { 1.0 } else { 0.0 };
        let marks = round_marks(whole(self.from), whole(self.to), least);
        (marks.into_iter().map(|(value, text)| (place(value), text)).collect(), label)
    }

    /// That an operation must come before another one.
    fn arrow(&mut self, before: &Shown, after: &Shown) {
        let color = self.look.color(1);
        let Some(end) = before.end else { return };
        let from = (self.x(end), self.y(&before.process));
        let to = (self.x(after.start), self.y(&after.process));
        // Within a lane it is bent, so that it does not run along its bars.
        let bend = if before.process == after.process { -BAR * 1.6 } else { 0.0 };
        let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1) + bend);
        self.picture.line(&[from, middle, to], 1.6, color);
        self.head(middle, to, color);
    }

    /// The head of an arrow from a place to another one.
    fn head(&mut self, from: Point, to: Point, color: Color) {
        let turn = (to.1 - from.1).atan2(to.0 - from.0);
        let side = |by: f64| (to.0 - HEAD * (turn + by).cos(), to.1 - HEAD * (turn + by).sin());
        self.picture.area(&[to, side(0.4), side(-0.4)], color);
    }

    /// What colours and arrows mean.
    fn legend(&mut self, has_arrows: bool) {
        let look = self.look;
        let y = self.bottom() + 52.0;
        let entries = [(0, "read"), (2, "write or compare-and-set"), (1, "of the violation")];
        let mut x = LEFT;
        for (index, text) in entries {
            let color = look.color(index);
            self.picture.rectangle((x, y - 5.0), (SWATCH, 10.0), color.faint(if index == 1 { 0.35 } else { 0.15 }));
            let corners = [(x, y - 5.0), (x + SWATCH, y - 5.0), (x + SWATCH, y + 5.0), (x, y + 5.0), (x, y - 5.0)];
            self.picture.line(&corners, if index == 1 { 2.2 } else { 1.0 }, color);
            self.entry((x, y), text);
            x += ENTRY;
        }
        if has_arrows {
            let color = look.color(1);
            self.picture.line(&[(x, y), (x + SWATCH, y)], 1.6, color);
            self.head((x, y), (x + SWATCH, y), color);
            self.entry((x, y), "must come before");
        }
    }

    fn entry(&mut self, (x, y): Point, text: &str) {
        let at = (x + SWATCH + 6.0, y);
        self.picture.text(at, text, (SMALL, self.look.ink()), (Anchor::Start, Anchor::Middle));
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
    }

    /// What an operation did, above its bar, where that covers no other label.
    fn label(&mut self, shown: &Shown) {
        let label = shortened(&format!("{} {}", shown.name, shown.value), SMALL, LABEL_WIDTH);
        let (y, width) = (self.y(&shown.process) - BAR - 3.0, text_width(&label, SMALL));
        // Near the right edge a label ends with its bar, so that none is cut.
        let left = self.x(shown.start).min(WIDTH - 8.0 - width);
        let covers =
            |(x, other, to): &(f64, f64, f64)| (*other - y).abs() < SMALL && left < to + 4.0 && *x < left + width + 4.0;
        if !self.labels.iter().any(covers) {
            self.labels.push((left, y, left + width));
            self.picture.text((left, y), &label, (SMALL, self.look.ink()), (Anchor::Start, Anchor::End));
        }
    }
}
