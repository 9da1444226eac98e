//! Charts of lines, each labelled where it ends.

use super::axis::Axis;
use super::canvas::{Anchor, Color, Picture, Point, ROUND, polygon};
use super::draw::text_width;
use super::frame::{Frame, Words, apart, chart, shortened};
use super::look::{LABEL, Look, SMALL, dashes, marker};

/// A line with a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) points: Vec<Point>,
    /// Lower and upper ends of the intervals of estimates, at the same x as the points; empty for exact numbers.
    pub(super) band: Vec<Point>,
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

/// Between the end of a line and its label.
const LEADER: f64 = 22.0;

/// How far a label may stand from the end of its line, up or down, and still be joined to it.
const LEADER_MAX: f64 = 40.0;

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
        let size = label_size(groups.len(), look);
        let names = groups.iter().chain(&self.reference).map(|line| text_width(&line.name, size));
        let beside = names.fold(0.0, f64::max).min(LABEL_WIDTH_MAX) + LEADER + 22.0;
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
    let room = look.size.1 - 130.0;
    (room / (lines as f64 + 1.0) / 1.25).clamp(7.0, LABEL - 0.5)
}

/// Lines that nobody could tell apart become one.
fn grouped(series: Vec<Series>) -> Vec<Series> {
    let mut groups: Vec<(Series, usize)> = Vec::new();
    let close = |a: &Point, b: &Point| a.0 == b.0 && (a.1 - b.1).abs() <= SAME * a.1.abs().max(b.1.abs());
    for line in series {
        let equal = |known: &Series| {
            known.points.len() == line.points.len() && known.points.iter().zip(&line.points).all(|(a, b)| close(a, b))
        };
        match groups.iter_mut().find(|(known, _)| known.band.is_empty() && equal(known)) {
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
    if line.band.len() == line.points.len() {
        let x = || line.points.iter().map(|point| point.0);
        let clamped = |x: f64, y: f64| {
            let place = frame.at(x, y);
            (place.0, place.1.clamp(frame.top, frame.bottom))
        };
        let upper = x().zip(&line.band).map(|(x, ends)| clamped(x, ends.1));
        let lower = x().zip(&line.band).map(|(x, ends)| clamped(x, ends.0));
        let outline: Vec<Point> = upper.chain(lower.collect::<Vec<_>>().into_iter().rev()).collect();
        picture.area(&outline, color.faint(0.2));
    }
    let all = places(frame, &line.points);
    for part in frame.clipped(&all) {
        picture.dashed(&part, 1.8, color, dashes(index));
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

/// Names at the right, each beside the end of its line.
fn label(picture: &mut Picture, frame: &Frame, lines: &[Series], extra: Option<&Series>, (size, look): (f64, Look)) {
    let end = |line: &Series| {
        let last = places(frame, &line.points).into_iter().rfind(|place| place.1.is_finite());
        last.unwrap_or((frame.right, frame.bottom))
    };
    let ends: Vec<Point> = lines.iter().chain(extra).map(end).collect();
    let wanted: Vec<f64> = ends.iter().map(|place| place.1.clamp(frame.top, frame.bottom)).collect();
    let places = apart(&wanted, size * 1.25, frame.top, frame.bottom);
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
        let text = shortened(&line.name, size, LABEL_WIDTH_MAX);
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
    for (place, x) in found {
        if place.1 < frame.top || place.1 > frame.bottom {
            continue;
        }
        let mut ring = polygon(place, 6.0, ROUND, 0.0);
        ring.push(ring[0]);
        picture.line(&ring, 1.3, look.ink());
        let text = super::super::number::quantity((x * 1e3).round() / 1e3);
        picture.text((place.0 - 8.0, place.1 - 7.0), &text, (SMALL - 1.0, look.ink()), (Anchor::End, Anchor::End));
    }
}

/// Where two lines cross between a point and the one before it, on logarithmic axes.
fn crossing(one: &Series, other: &Series, step: usize) -> Option<Point> {
    let gap = |at: usize| {
        let (a, b) = (one.points[at].1.ln(), other.points[at].1.ln());
        let noise = (a - b).abs() <= SAME;
        if noise { 0.0 } else { a - b }
    };
    let (before, after) = (gap(step - 1), gap(step));
    if !(before * after < 0.0 && before.is_finite() && after.is_finite()) {
        return None;
    }
    let share = before / (before - after);
    let between = |a: f64, b: f64| (a.ln() + share * (b.ln() - a.ln())).exp();
    let (left, right) = (one.points[step - 1], one.points[step]);
    Some((between(left.0, right.0), between(left.1, right.1)))
}
