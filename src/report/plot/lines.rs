//! Charts of lines, each labelled where it ends.

use super::axis::Axis;
use super::canvas::{Anchor, Color, Picture, Point, ROUND, polygon};
use super::draw::text_width;
use super::frame::{Frame, Words, apart, chart, shortened};
use super::theme::{LABEL, Look, SMALL, dashes, marker};

/// A line with a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    /// Those whose y is no number are gaps.
    pub(super) points: Vec<Point>,
    /// Lower and upper ends of the intervals of estimates, one for each point or none at all; absent where it is exact.
    pub(super) band: Vec<Option<Point>>,
}

/// A chart before it is drawn.
#[derive(Debug)]
pub(super) struct LineChart<'a> {
    pub(super) words: Words<'a>,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) series: Vec<Series>,
    /// A line that is no data, such as a bound.
    pub(super) reference: Option<Series>,
    /// Whether to mark where the lowest lines cross.
    pub(super) crossings: bool,
}

/// Room that the longest label may take.
const LABEL_WIDTH_MAX: f64 = 210.0;

/// The share of the width that it may take.
const LABEL_SHARE_MAX: f64 = 0.3;

/// The smallest size of a label, and how far labels stand apart in it.
const LABEL_MIN: f64 = 7.0;
const SPACING: f64 = 1.25;

/// Height that title, axis and caption take from a chart.
const AROUND: f64 = 160.0;

/// Between the end of a line and its label.
const LEADER: f64 = 22.0;

/// How far a label may stand from the end of its line, up or down, and still be joined to it.
const LEADER_MAX: f64 = 40.0;

/// Radius of the ring around a crossing.
const RING: f64 = 6.0;

/// Markers on a line.
const MARKERS: usize = 6;

/// Lines of which all crossings are marked; of more only those of the lowest ones.
const CROSSED_MAX: usize = 5;

/// Two values of which one is larger by less than this share are drawn as one line.
const SAME: f64 = 1e-6;

impl LineChart<'_> {
    /// The picture, and the names of systems that share a line.
    pub(super) fn draw(self, look: Look) -> Picture {
        let groups = grouped(self.series);
        let look = roomy(look, groups.len() + usize::from(self.reference.is_some()));
        let size = label_size(groups.len(), look);
        let names = groups.iter().chain(&self.reference).map(|line| text_width(&line.name, size));
        let room = LABEL_WIDTH_MAX.min(look.size.0 * LABEL_SHARE_MAX);
        let beside = names.fold(0.0, f64::max).min(room) + LEADER + 22.0;
        let (mut picture, frame) = chart(look, self.words, self.x, self.y, beside);
        if let Some(reference) = &self.reference {
            for part in frame.clipped(&places(&frame, &reference.points)) {
                picture.dashed(&part, 1.4, look.muted(), &[6.0, 5.0]);
            }
        }
        for (index, line) in groups.iter().enumerate() {
            draw_line(&mut picture, &frame, line, (index, look.color(index)));
        }
        if self.crossings {
            mark_crossings(&mut picture, &frame, &groups, look);
        }
        label(&mut picture, &frame, &groups, self.reference.as_ref(), (size, look));
        picture
    }
}

/// Smaller where many labels must fit.
fn label_size(lines: usize, look: Look) -> f64 {
    let room = look.size.1 - AROUND;
    (room / (lines as f64 + 1.0) / SPACING).clamp(LABEL_MIN, LABEL - 0.5)
}

/// The same look, higher if the names beside the data need it.
fn roomy(look: Look, names: usize) -> Look {
    let least = AROUND + (names as f64 + 1.0) * LABEL_MIN * SPACING;
    Look { size: (look.size.0, look.size.1.max(least)), ..look }
}

/// Lines that nobody could tell apart become one.
fn grouped(series: Vec<Series>) -> Vec<Series> {
    let mut groups: Vec<(Series, usize)> = Vec::new();
    let close = |a: &Point, b: &Point| {
        a.0 == b.0 && ((a.1 - b.1).abs() <= SAME * a.1.abs().max(b.1.abs()) || (a.1.is_nan() && b.1.is_nan()))
    };
    for line in series {
        let equal = |known: &Series| {
            known.points.len() == line.points.len() && known.points.iter().zip(&line.points).all(|(a, b)| close(a, b))
        };
        match groups.iter_mut().find(|(known, _)| known.band.iter().all(Option::is_none) && equal(known)) {
            Some((_, more)) => *more += 1,
            None => groups.push((line, 0)),
        }
    }
    let named = |(line, more): (Series, usize)| match more {
        0 => line,
        more => Series { name: format!("{} (+{more} same)", line.name), ..line },
    };
    groups.into_iter().map(named).collect()
}

fn places(frame: &Frame, points: &[Point]) -> Vec<Point> {
    points.iter().map(|point| frame.at(point.0, point.1)).collect()
}

fn draw_line(picture: &mut Picture, frame: &Frame, line: &Series, (index, color): (usize, Color)) {
    shade(picture, frame, line, color);
    let all = places(frame, &line.points);
    for known in all.split(|place| place.1.is_nan()) {
        for part in frame.clipped(known) {
            picture.dashed(&part, 1.8, color, dashes(index));
        }
    }
    // Neighbours have their markers at different places.
    let step = (all.len() / MARKERS).max(1);
    let first = index * 2 % step;
    for place in all.iter().skip(first).step_by(step) {
        if (frame.top - 0.5..=frame.bottom + 0.5).contains(&place.1) {
            marker(picture, *place, index, 3.6, color);
        }
    }
}

/// The intervals of estimates: one area for each run of them.
fn shade(picture: &mut Picture, frame: &Frame, line: &Series, color: Color) {
    let place = |x: f64, y: f64| {
        let place = frame.at(x, y);
        (place.0, place.1.clamp(frame.top, frame.bottom))
    };
    let ends: Vec<(f64, Option<Point>)> =
        line.points.iter().map(|point| point.0).zip(line.band.iter().copied()).collect();
    for run in ends.split(|(_, ends)| ends.is_none()).filter(|run| run.len() > 1) {
        let known = || run.iter().filter_map(|(x, ends)| ends.map(|ends| (*x, ends)));
        let upper = known().map(|(x, ends)| place(x, ends.1));
        let lower = known().rev().map(|(x, ends)| place(x, ends.0));
        picture.area(&upper.chain(lower).collect::<Vec<_>>(), color.faint(0.2));
    }
}

/// Names at the right, each beside the end of its line.
fn label(picture: &mut Picture, frame: &Frame, lines: &[Series], extra: Option<&Series>, (size, look): (f64, Look)) {
    let end = |line: &Series| {
        let last = places(frame, &line.points).into_iter().rfind(|place| place.1.is_finite());
        last.unwrap_or((frame.right, frame.bottom))
    };
    let ends: Vec<Point> = lines.iter().chain(extra).map(end).collect();
    let wanted: Vec<f64> = ends.iter().map(|place| place.1.clamp(frame.top, frame.bottom)).collect();
    let places = apart(&wanted, size * SPACING, frame.top, frame.bottom);
    for (index, (line, y)) in lines.iter().chain(extra).zip(places).enumerate() {
        let is_reference = index >= lines.len();
        let color = if is_reference { look.muted() } else { look.color(index) };
        let from = (ends[index].0.min(frame.right) + 3.0, wanted[index]);
        let at = (frame.right + LEADER, y);
        // A label far from its line is found by its marker; many long leaders would hide each other.
        if (y - wanted[index]).abs() <= LEADER_MAX {
            picture.line(&[from, (at.0 - 9.0, y)], 0.7, color.faint(0.7));
        }
        if !is_reference {
            marker(picture, (at.0 - 3.0, y), index, size * 0.3, color);
        }
        let text = shortened(&line.name, size, LABEL_WIDTH_MAX.min(look.size.0 * LABEL_SHARE_MAX));
        picture.text((at.0 + 6.0, y), &text, (size, look.ink()), (Anchor::Start, Anchor::Middle));
    }
}

/// Rings where two lines cross: all of a few lines, of many only where the lowest line changes.
fn mark_crossings(picture: &mut Picture, frame: &Frame, lines: &[Series], look: Look) {
    let points = lines.iter().map(|line| line.points.len()).min().unwrap_or(0);
    let mut found: Vec<(Point, f64)> = Vec::new();
    for step in 1..points {
        for (index, one) in lines.iter().enumerate() {
            for other in &lines[index + 1..] {
                let Some(crossing) = crossing(one, other, step) else { continue };
                let below =
                    |line: &Series| line.points[step].1.max(line.points[step - 1].1) < crossing.1 * (1.0 - SAME);
                if lines.len() > CROSSED_MAX && lines.iter().any(below) {
                    continue;
                }
                found.push((frame.at(crossing.0, crossing.1), crossing.0));
            }
        }
    }
    let inside = |(place, _): &(Point, f64)| (frame.top..=frame.bottom).contains(&place.1);
    let found: Vec<(Point, f64)> = found.into_iter().filter(inside).collect();
    for (place, _) in &found {
        let mut ring = polygon(*place, RING, ROUND, 0.0);
        ring.push(ring[0]);
        picture.line(&ring, 1.3, look.ink());
    }
    let mut taken: Vec<[f64; 4]> =
        found.iter().map(|(at, _)| [at.0 - RING, at.1 - RING, at.0 + RING, at.1 + RING]).collect();
    for (place, x) in &found {
        let text = super::super::number::quantity((x * 1e3).round() / 1e3);
        taken.extend(ring_label(picture, *place, &text, &taken, look));
    }
}

/// Writes a number beside a ring where it covers no other ring and no other number; gives the rectangle it took.
fn ring_label(picture: &mut Picture, place: Point, text: &str, taken: &[[f64; 4]], look: Look) -> Option<[f64; 4]> {
    let (width, height) = (text_width(text, SMALL - 1.0), SMALL);
    let corner = |(right, down): (f64, f64)| {
        let x = if right > 0.0 { place.0 + RING + 1.0 } else { place.0 - RING - 1.0 - width };
        let y = if down > 0.0 { place.1 + RING - 1.0 } else { place.1 - RING + 1.0 - height };
        [x, y, x + width, y + height]
    };
    let free = |spot: &[f64; 4]| {
        taken
            .iter()
            .all(|other| spot[2] <= other[0] || other[2] <= spot[0] || spot[3] <= other[1] || other[3] <= spot[1])
    };
    let spot = [(-1.0, -1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, 1.0)].map(corner).into_iter().find(free)?;
    // Lines below would make it hard to read.
    picture.rectangle((spot[0] - 1.0, spot[1]), (width + 2.0, height), look.background().faint(0.75));
    let at = (spot[0], f64::midpoint(spot[1], spot[3]));
    picture.text(at, text, (SMALL - 1.0, look.ink()), (Anchor::Start, Anchor::Middle));
    Some(spot)
}

/// Whether it is known which of two lines is the lower one at a point: the intervals of estimates do not overlap.
fn settled(one: &Series, other: &Series, at: usize) -> bool {
    let ends = |line: &Series| {
        let exact = (line.points[at].1, line.points[at].1);
        line.band.get(at).copied().flatten().unwrap_or(exact)
    };
    let (a, b) = (ends(one), ends(other));
    let estimated = |line: &Series| line.band.get(at).is_some_and(Option::is_some);
    !(estimated(one) || estimated(other)) || a.1 < b.0 || b.1 < a.0
}

/// Where two lines cross between a point and the one before it, on logarithmic axes.
fn crossing(one: &Series, other: &Series, step: usize) -> Option<Point> {
    let gap = |at: usize| {
        let (a, b) = (one.points[at].1.ln(), other.points[at].1.ln());
        let noise = (a - b).abs() <= SAME;
        if noise { 0.0 } else { a - b }
    };
    let (before, after) = (gap(step - 1), gap(step));
    let known = settled(one, other, step - 1) && settled(one, other, step);
    if !(known && before * after < 0.0 && before.is_finite() && after.is_finite()) {
        return None;
    }
    let share = before / (before - after);
    let between = |a: f64, b: f64| (a.ln() + share * (b.ln() - a.ln())).exp();
    let (left, right) = (one.points[step - 1], one.points[step]);
    Some((between(left.0, right.0), between(left.1, right.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64], half: Option<f64>) -> Series {
        let points: Vec<Point> = values.iter().enumerate().map(|(x, y)| (x as f64 + 1.0, *y)).collect();
        let band = points.iter().map(|point| half.map(|half| (point.1 - half, point.1 + half))).collect();
        Series { name: "x".into(), points, band }
    }

    #[test]
    fn lines_cross_where_they_change_places() {
        let (falling, rising) = (series(&[0.4, 0.1], None), series(&[0.1, 0.4], None));
        let place = crossing(&falling, &rising, 1).unwrap();
        assert!((place.0 - 2f64.sqrt()).abs() < 1e-12 && (place.1 - 0.2).abs() < 1e-12, "{place:?}");
        assert_eq!(crossing(&falling, &series(&[0.4, 0.4], None), 1), None);
    }

    #[test]
    fn estimates_cross_only_beyond_their_intervals() {
        let rising = series(&[0.1, 0.4], None);
        assert!(crossing(&series(&[0.4, 0.1], Some(0.1)), &rising, 1).is_some());
        assert_eq!(crossing(&series(&[0.4, 0.1], Some(0.3)), &rising, 1), None);
    }

    #[test]
    fn all_names_stand_in_the_picture() {
        let line =
            |index: usize| Series { name: format!("line {index}"), ..series(&[0.1, 0.2 + index as f64 / 200.0], None) };
        let axis = |high| Axis { label: String::new(), low: 0.0, high, log: false };
        let chart = LineChart {
            words: Words { title: "many", caption: "lines" },
            x: axis(2.0),
            y: axis(1.0),
            series: (0..90).map(line).collect(),
            reference: None,
            crossings: false,
        };
        let svg = chart.draw(Look::default());
        let height = svg.size.1;
        let names = svg.marks.iter().filter_map(|mark| match mark {
            super::super::canvas::Mark::Text { at, text, .. } if text.starts_with("line ") => Some(at.1),
            _ => None,
        });
        let places: Vec<f64> = names.collect();
        assert_eq!(places.len(), 90);
        assert!(places.iter().all(|y| (0.0..height).contains(y)), "{height}: {places:?}");
    }

    #[test]
    fn gaps_are_the_same_gaps() {
        let gap = |name: &str| Series { name: name.into(), ..series(&[f64::NAN, 0.5], None) };
        let groups = grouped(vec![gap("a"), gap("b"), series(&[0.1, 0.5], None)]);
        assert_eq!(groups.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["a (+1 same)", "x"]);
    }
}
