//! The part that all charts share: title, caption, axes and grid.

use super::axis::Axis;
use super::canvas::{Anchor, Picture, Point};
use super::draw::text_width;
use super::theme::{LABEL, Look, SMALL, TITLE};

/// Where the data of a chart goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
}

/// What a chart says in words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    /// How the numbers were obtained.
    pub(super) caption: &'a str,
}

const MARGIN: f64 = 16.0;
const CAPTION_LINE: f64 = SMALL * 1.4;
const TICK: f64 = 5.0;

/// A picture with its title and caption; gives the places below the one and above the other.
pub(super) fn page(look: Look, size: (f64, f64), words: Words<'_>) -> (Picture, f64, f64) {
    let mut picture = Picture::new(size, look.background(), words.title);
    picture.text((MARGIN, MARGIN), words.title, (TITLE, look.ink()), (Anchor::Start, Anchor::Start));
    let lines = wrapped(words.caption, size.0 - 2.0 * MARGIN);
    let first = size.1 - MARGIN - CAPTION_LINE * (lines.len() as f64 - 1.0);
    for (index, line) in lines.iter().enumerate() {
        let at = (MARGIN, first + CAPTION_LINE * index as f64);
        picture.text(at, line, (SMALL, look.muted()), (Anchor::Start, Anchor::End));
    }
    (picture, MARGIN + TITLE + 16.0, first - SMALL - 12.0)
}

/// How high the caption of a page of that width is.
pub(super) fn caption_height(caption: &str, width: f64) -> f64 {
    MARGIN + CAPTION_LINE * wrapped(caption, width - 2.0 * MARGIN).len() as f64 + 12.0
}

/// A chart without data; `beside` is left free at the right of it.
pub(super) fn chart(look: Look, words: Words<'_>, x: Axis, y: Axis, beside: f64) -> (Picture, Frame) {
    let (mut picture, top, end) = page(look, look.size, words);
    let widest = y
        .ticks()
        .iter()
        .filter_map(|tick| tick.text.as_deref())
        .map(|text| text_width(text, SMALL))
        .fold(0.0, f64::max);
    let left = MARGIN + LABEL * 1.6 + widest + TICK + 4.0;
    let bottom = end - SMALL - LABEL - 18.0;
    let frame = Frame { left, top, right: look.size.0 - MARGIN - beside, bottom, x, y };
    frame.draw(&mut picture, look);
    (picture, frame)
}

impl Frame {
    /// The place of a pair of numbers, inside the frame or not.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        let (right, up) = (self.x.place(x), self.y.place(y));
        (self.left + right * (self.right - self.left), self.bottom - up * (self.bottom - self.top))
    }

    fn draw(&self, picture: &mut Picture, look: Look) {
        for tick in self.x.ticks() {
            let x = self.left + tick.place * (self.right - self.left);
            let weight = if tick.text.is_some() { 1.0 } else { 0.5 };
            picture.line(&[(x, self.top), (x, self.bottom)], weight, look.grid());
            if let Some(text) = &tick.text {
                picture.line(&[(x, self.bottom), (x, self.bottom + TICK)], 1.0, look.muted());
                picture.text((x, self.bottom + TICK + 4.0), text, (SMALL, look.ink()), (Anchor::Middle, Anchor::Start));
            }
        }
        for tick in self.y.ticks() {
            let y = self.bottom - tick.place * (self.bottom - self.top);
            let weight = if tick.text.is_some() { 1.0 } else { 0.5 };
            picture.line(&[(self.left, y), (self.right, y)], weight, look.grid());
            if let Some(text) = &tick.text {
                picture.line(&[(self.left - TICK, y), (self.left, y)], 1.0, look.muted());
                picture.text((self.left - TICK - 4.0, y), text, (SMALL, look.ink()), (Anchor::End, Anchor::Middle));
            }
        }
        picture.line(&[(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)], 1.0, look.muted());
        let under = (f64::midpoint(self.left, self.right), self.bottom + TICK + SMALL + 12.0);
        picture.text(under, &self.x.label, (LABEL, look.ink()), (Anchor::Middle, Anchor::Start));
        let beside = (MARGIN + LABEL * 0.5, f64::midpoint(self.top, self.bottom));
        picture.upwards(beside, &self.y.label, LABEL, look.ink());
    }

    /// The parts of a line that lie inside the frame: nothing is drawn along its edge.
    pub(super) fn clipped(&self, points: &[Point]) -> Vec<Vec<Point>> {
        let mut parts: Vec<Vec<Point>> = Vec::new();
        for ends in points.windows(2) {
            let Some((from, to)) = self.inside(ends[0], ends[1]) else { continue };
            match parts.last_mut() {
                Some(part) if part.last() == Some(&from) => part.push(to),
                _ => parts.push(vec![from, to]),
            }
        }
        parts
    }

    /// The part of a straight line between the top and the bottom.
    fn inside(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        let (mut start, mut end) = (0.0f64, 1.0f64);
        let rise = to.1 - from.1;
        for (edge, sign) in [(self.top, -1.0), (self.bottom, 1.0)] {
            // Inside is sign * y <= sign * edge.
            let (excess, slope) = (sign * (from.1 - edge), sign * rise);
            if slope == 0.0 && excess > 1e-9 {
                return None;
            }
            if slope > 0.0 {
                end = end.min(-excess / slope);
            } else if slope < 0.0 {
                start = start.max(-excess / slope);
            }
        }
        let point = |share: f64| match share {
            0.0 => from,
            1.0 => to,
            share => (from.0 + share * (to.0 - from.0), from.1 + share * rise),
        };
        (start < end).then(|| (point(start), point(end)))
    }
}

/// A text in lines that are not wider.
pub(super) fn wrapped(text: &str, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || text_width(&longer, SMALL) <= width {
            *line = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A text that is not wider, with dots where it was cut.
pub(super) fn shortened(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut letters: Vec<char> = text.chars().collect();
    while letters.len() > 1 {
        letters.pop();
        let shorter = format!("{}…", letters.iter().collect::<String>());
        if text_width(&shorter, size) <= width {
            return shorter;
        }
    }
    "…".into()
}

/// Places as near as possible to those wanted, at least `gap` apart and between `low` and `high` where they fit.
pub(super) fn apart(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    // Blocks of labels that touch: the mean of what they want, and how many they are.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for index in &order {
        let mut block = (wanted[*index], 1);
        while let Some(last) = blocks.last() {
            let reach = gap * (last.1 + block.1) as f64 / 2.0;
            if block.0 - last.0 >= reach {
                break;
            }
            let (mean, count) = blocks.pop().expect("it was the last");
            let total = (count + block.1) as f64;
            // Each member's own wish, as if the block began there.
            let merged = (mean * count as f64 + block.0 * block.1 as f64) / total;
            block = (merged, count + block.1);
        }
        let half = gap * (block.1 as f64 - 1.0) / 2.0;
        block.0 = block.0.clamp(low + half, (high - half).max(low + half));
        blocks.push(block);
    }
    let mut places = vec![0.0; wanted.len()];
    let mut next = order.iter();
    let mut floor = f64::NEG_INFINITY;
    for (center, count) in blocks {
        let start = (center - gap * (count as f64 - 1.0) / 2.0).max(floor);
        for step in 0..count {
            if let Some(index) = next.next() {
                places[*index] = start + gap * step as f64;
                floor = places[*index] + gap;
            }
        }
    }
    // What was pushed over the end pushes the others back.
    let mut ceiling = high;
    for index in order.iter().rev() {
        places[*index] = places[*index].min(ceiling);
        ceiling = places[*index] - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance() {
        assert_eq!(apart(&[10.0, 50.0], 12.0, 0.0, 100.0), [10.0, 50.0]);
        assert_eq!(apart(&[50.0, 50.0], 12.0, 0.0, 100.0), [44.0, 56.0]);
        assert_eq!(apart(&[99.0, 99.0, 1.0], 12.0, 0.0, 100.0), [88.0, 100.0, 1.0]);
        let many = apart(&[5.0, 4.0, 3.0, 96.0, 97.0], 12.0, 0.0, 100.0);
        let mut sorted = many.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 12.0 - 1e-9), "{many:?}");
        assert!(sorted[0] >= 0.0 && sorted[4] <= 100.0, "{many:?}");
    }

    #[test]
    fn lines_end_at_the_frame() {
        let axis = |low, high| Axis { label: String::new(), low, high, log: false };
        let frame = Frame { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0, x: axis(0.0, 1.0), y: axis(0.0, 1.0) };
        let parts = frame.clipped(&[(0.0, 5.0), (5.0, 15.0), (10.0, 5.0)]);
        assert_eq!(parts, [[(0.0, 5.0), (2.5, 10.0)], [(7.5, 10.0), (10.0, 5.0)]]);
        assert!(frame.clipped(&[(0.0, 11.0), (5.0, 11.0)]).is_empty());
    }
}
