//! The part that all charts share: title, caption, axes and grid.

use super::axis::{Axis, Tick};
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

/// Height of a line of the title.
const TITLE_LINE: f64 = TITLE * 1.25;

/// Lines of a title, and of the label of an axis.
const TITLE_LINES: usize = 3;
const LABEL_LINES: usize = 2;

/// Space from an axis to its label, and of a line of it.
const LABEL_LINE: f64 = LABEL * 1.3;

/// A space at which no line ends.
const TOGETHER: char = '\u{a0}';

/// The share of the height that the data has at least where there is a caption.
const DATA_MIN: f64 = 0.42;

/// A picture with its title and caption; gives the places below the one and above the other.
pub(super) fn page(look: Look, size: (f64, f64), words: Words<'_>) -> (Picture, f64, f64) {
    let mut picture = Picture::new(size, look.background(), words.title);
    picture.caption = (words.caption.to_owned(), look.caption);
    for (index, line) in title_lines(look, words.title, size.0).iter().enumerate() {
        let at = (MARGIN, MARGIN + TITLE_LINE * index as f64);
        picture.text(at, line, (TITLE, look.ink()), (Anchor::Start, Anchor::Start));
    }
    let top = head_height(look, words.title, size.0);
    if !look.caption {
        return (picture, top, size.1 - MARGIN);
    }
    let lines = wrapped(words.caption, SMALL, size.0 - 2.0 * MARGIN);
    let first = size.1 - MARGIN - CAPTION_LINE * (lines.len() as f64 - 1.0);
    for (index, line) in lines.iter().enumerate() {
        let at = (MARGIN, first + CAPTION_LINE * index as f64);
        picture.text(at, line, (SMALL, look.muted()), (Anchor::Start, Anchor::End));
    }
    (picture, top, first - SMALL - 12.0)
}

fn title_lines(look: Look, title: &str, width: f64) -> Vec<String> {
    if look.title { in_lines(title, TITLE, width - 2.0 * MARGIN, TITLE_LINES) } else { Vec::new() }
}

/// How far down the title of a page of that width reaches.
pub(super) fn head_height(look: Look, title: &str, width: f64) -> f64 {
    match title_lines(look, title, width).len() {
        0 => MARGIN,
        lines => MARGIN + TITLE + TITLE_LINE * (lines as f64 - 1.0) + 16.0,
    }
}

/// How high the caption of a page of that width is.
pub(super) fn caption_height(look: Look, caption: &str, width: f64) -> f64 {
    if !look.caption {
        return MARGIN;
    }
    MARGIN + CAPTION_LINE * wrapped(caption, SMALL, width - 2.0 * MARGIN).len() as f64 + 12.0
}

/// A chart without data; `beside` is left free at the right of it. A caption that leaves too little for the data is left out.
pub(super) fn chart(look: Look, words: Words<'_>, x: Axis, y: Axis, beside: f64) -> (Picture, Frame) {
    let (mut picture, top, end) = page(look, look.size, words);
    let down = in_lines(&x.label, LABEL, look.size.0 - 2.0 * MARGIN, LABEL_LINES);
    let bottom = end - TICK - SMALL - 12.0 - LABEL_LINE * down.len() as f64;
    if look.caption && bottom - top < DATA_MIN * look.size.1 {
        return chart(Look { caption: false, ..look }, words, x, y, beside);
    }
    let across = in_lines(&y.label, LABEL, bottom + TICK + SMALL + LABEL - top, LABEL_LINES);
    let ticks = y.ticks();
    let shown = readable(&ticks, bottom - top, |_| SMALL * 1.1);
    let widest = ticks
        .iter()
        .zip(&shown)
        .filter_map(|(tick, shown)| tick.text.as_deref().filter(|_| *shown))
        .map(|text| text_width(text, SMALL))
        .fold(0.0, f64::max);
    let left = MARGIN + LABEL_LINE * across.len() as f64 + LABEL * 0.3 + widest + TICK + 4.0;
    let frame = Frame { left, top, right: look.size.0 - MARGIN - beside, bottom, x, y };
    frame.draw(&mut picture, look);
    frame.label(&mut picture, (&down, &across), look);
    (picture, frame)
}

/// Which of the texts of an axis of that length can stand beside each other: all, or else the major ones, or else every second of
/// those and so on.
fn readable(ticks: &[Tick], length: f64, extent: impl Fn(&str) -> f64) -> Vec<bool> {
    let texts: Vec<usize> = (0..ticks.len()).filter(|tick| ticks[*tick].text.is_some()).collect();
    let major: Vec<usize> = texts.iter().copied().filter(|tick| ticks[*tick].is_major).collect();
    let fits = |chosen: &[usize]| {
        chosen.windows(2).all(|pair| {
            let [one, other] = [&ticks[pair[0]], &ticks[pair[1]]];
            let extent = |tick: &Tick| tick.text.as_deref().map_or(0.0, &extent);
            (other.place - one.place).abs() * length >= f64::midpoint(extent(one), extent(other)) + 4.0
        })
    };
    let thinned = (1..=major.len().max(1)).map(|every| major.iter().rev().step_by(every).rev().copied().collect());
    let chosen = std::iter::once(texts.clone()).chain(thinned).find(|chosen: &Vec<usize>| fits(chosen));
    let chosen = chosen.unwrap_or_default();
    (0..ticks.len()).map(|tick| chosen.contains(&tick)).collect()
}

impl Frame {
    /// The place of a pair of numbers, inside the frame or not.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        let (right, up) = (self.x.place(x), self.y.place(y));
        (self.left + right * (self.right - self.left), self.bottom - up * (self.bottom - self.top))
    }

    fn draw(&self, picture: &mut Picture, look: Look) {
        let ticks = self.x.ticks();
        let shown = readable(&ticks, self.right - self.left, |text| text_width(text, SMALL));
        for (tick, shown) in ticks.iter().zip(shown) {
            let x = self.left + tick.place * (self.right - self.left);
            let weight = if tick.text.is_some() { 1.0 } else { 0.5 };
            picture.line(&[(x, self.top), (x, self.bottom)], weight, look.grid());
            if let Some(text) = tick.text.as_ref().filter(|_| shown) {
                picture.line(&[(x, self.bottom), (x, self.bottom + TICK)], 1.0, look.muted());
                picture.text((x, self.bottom + TICK + 4.0), text, (SMALL, look.ink()), (Anchor::Middle, Anchor::Start));
            }
        }
        let ticks = self.y.ticks();
        let shown = readable(&ticks, self.bottom - self.top, |_| SMALL * 1.1);
        for (tick, shown) in ticks.iter().zip(shown) {
            let y = self.bottom - tick.place * (self.bottom - self.top);
            let weight = if tick.text.is_some() { 1.0 } else { 0.5 };
            picture.line(&[(self.left, y), (self.right, y)], weight, look.grid());
            if let Some(text) = tick.text.as_ref().filter(|_| shown) {
                picture.line(&[(self.left - TICK, y), (self.left, y)], 1.0, look.muted());
                picture.text((self.left - TICK - 4.0, y), text, (SMALL, look.ink()), (Anchor::End, Anchor::Middle));
            }
        }
        picture.line(&[(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)], 1.0, look.muted());
    }

    /// The labels of the axes, in lines: in the middle of their axis, but inside the picture.
    fn label(&self, picture: &mut Picture, (down, across): (&[String], &[String]), look: Look) {
        let inside = |middle: f64, extent: f64, low: f64, high: f64| {
            middle.clamp(low + extent / 2.0, (high - extent / 2.0).max(low + extent / 2.0))
        };
        for (index, line) in down.iter().enumerate() {
            let middle = f64::midpoint(self.left, self.right);
            let x = inside(middle, text_width(line, LABEL), MARGIN, picture.size.0 - MARGIN);
            let y = self.bottom + TICK + SMALL + 12.0 + LABEL_LINE * index as f64;
            picture.text((x, y), line, (LABEL, look.ink()), (Anchor::Middle, Anchor::Start));
        }
        for (index, line) in across.iter().enumerate() {
            let middle = f64::midpoint(self.top, self.bottom);
            let y = inside(middle, text_width(line, LABEL), self.top, self.bottom + TICK + SMALL + LABEL);
            picture.upwards((MARGIN + LABEL * 0.5 + LABEL_LINE * index as f64, y), line, LABEL, look.ink());
        }
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
pub(super) fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || text_width(&longer, size) <= width {
            *line = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A text in so many lines at most, of which the last is cut where it has to be.
fn in_lines(text: &str, size: f64, width: f64, lines_max: usize) -> Vec<String> {
    // Words in brackets stay together: those of axes are short.
    let mut depth = 0;
    let kept: String = text
        .chars()
        .map(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            if letter == ' ' && depth > 0 { TOGETHER } else { letter }
        })
        .collect();
    let is_short = kept.split(' ').all(|word| text_width(word, size) <= width);
    let mut lines = wrapped(if is_short { &kept } else { text }, size, width);
    lines.iter_mut().for_each(|line| *line = line.replace(TOGETHER, " "));
    if lines.len() > lines_max {
        let rest = lines.split_off(lines_max - 1);
        lines.push(rest.join(" "));
    }
    lines.into_iter().map(|line| shortened(&line, size, width)).collect()
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
