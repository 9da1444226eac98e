//! A picture as a list of marks, in units of 1/96 inch.

/// A colour of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Color {
    pub(super) rgb: (u8, u8, u8),
    /// 1 covers, 0 cannot be seen.
    pub(super) alpha: f64,
}

impl Color {
    /// From `0xRRGGBB`.
    pub(super) const fn hex(value: u32) -> Color {
        Color { rgb: ((value >> 16) as u8, (value >> 8) as u8, value as u8), alpha: 1.0 }
    }

    pub(super) fn faint(self, alpha: f64) -> Color {
        Color { alpha, ..self }
    }
}

/// A place; y grows downwards.
pub(super) type Point = (f64, f64);

/// Where a text stands relative to its point, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One thing that is drawn; later ones cover earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Line { points: Vec<Point>, width: f64, color: Color },
    Area { points: Vec<Point>, color: Color },
    Disc { center: Point, radius: f64, color: Color },
    Text { at: Point, text: String, size: f64, color: Color, anchor: (Anchor, Anchor), upwards: bool },
}

impl Mark {
    /// The same elsewhere, and so many times as large.
    fn moved(self, place: &impl Fn(Point) -> Point, factor: f64) -> Mark {
        let all = |points: Vec<Point>| points.into_iter().map(place).collect();
        match self {
            Mark::Line { points, width, color } => Mark::Line { points: all(points), width: width * factor, color },
            Mark::Area { points, color } => Mark::Area { points: all(points), color },
            Mark::Disc { center, radius, color } => {
                Mark::Disc { center: place(center), radius: radius * factor, color }
            }
            Mark::Text { at, text, size, color, anchor, upwards } => {
                Mark::Text { at: place(at), text, size: size * factor, color, anchor, upwards }
            }
        }
    }
}

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// Scalable, and text is text.
    Svg,
    /// Pixels.
    Png,
    /// Scalable, for papers; text is drawn as lines and curves, so that no font is needed.
    Pdf,
}

impl PictureFormat {
    /// The picture as the content of a file; pixels are so many an inch.
    pub fn file(self, picture: &Picture, dpi: u32) -> Vec<u8> {
        match self {
            PictureFormat::Svg => picture.svg().into_bytes(),
            PictureFormat::Png => picture.png(dpi),
            PictureFormat::Pdf => picture.pdf(),
        }
    }
}

/// A picture that is not yet a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Width and height in units of 1/96 inch.
    pub(super) size: (f64, f64),
    pub(super) background: Color,
    /// What it shows, for those who cannot see it.
    pub(super) title: String,
    /// How the numbers were obtained, and whether the picture says so itself.
    pub(super) caption: (String, bool),
    pub(super) marks: Vec<Mark>,
}

impl Picture {
    pub(super) fn new(size: (f64, f64), background: Color, title: &str) -> Picture {
        let title = crate::report::names::plain(title).into_owned();
        Picture { size, background, title, caption: (String::new(), true), marks: Vec::new() }
    }

    /// The caption, where it found no room in the picture.
    pub fn caption_left_out(&self) -> Option<&str> {
        let (caption, is_shown) = &self.caption;
        (!is_shown).then_some(caption.as_str())
    }

    /// The same picture, so many times as large.
    pub(super) fn scaled(self, factor: f64) -> Picture {
        if factor == 1.0 {
            return self;
        }
        let larger = |(x, y): Point| (x * factor, y * factor);
        let marks = self.marks.into_iter().map(|mark| mark.moved(&larger, factor)).collect();
        Picture { size: larger(self.size), marks, ..self }
    }

    pub(super) fn line(&mut self, points: &[Point], width: f64, color: Color) {
        self.marks.push(Mark::Line { points: points.to_vec(), width, color });
    }

    /// A line of dashes and gaps of these lengths.
    pub(super) fn dashed(&mut self, points: &[Point], width: f64, color: Color, dashes: &[f64]) {
        if dashes.is_empty() {
            return self.line(points, width, color);
        }
        let (mut part, mut left, mut drawn) = (0, dashes[0], points.first().copied().into_iter().collect::<Vec<_>>());
        for ends in points.windows(2) {
            let (mut from, to) = (ends[0], ends[1]);
            loop {
                let length = (to.0 - from.0).hypot(to.1 - from.1);
                if length <= left {
                    left -= length;
                    if part % 2 == 0 {
                        drawn.push(to);
                    }
                    break;
                }
                let share = left / length;
                from = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
                if part % 2 == 0 {
                    drawn.push(from);
                    self.line(&std::mem::take(&mut drawn), width, color);
                } else {
                    drawn = vec![from];
                }
                part = (part + 1) % dashes.len();
                left = dashes[part];
            }
        }
        if drawn.len() > 1 {
            self.line(&drawn, width, color);
        }
    }

    /// This picture with another one below it.
    pub(super) fn above(mut self, below: Picture) -> Picture {
        let down = self.size.1;
        let lower = |(x, y): Point| (x, y + down);
        self.marks.extend(below.marks.into_iter().map(|mark| mark.moved(&lower, 1.0)));
        self.size = (self.size.0.max(below.size.0), down + below.size.1);
        self
    }

    pub(super) fn area(&mut self, points: &[Point], color: Color) {
        self.marks.push(Mark::Area { points: points.to_vec(), color });
    }

    pub(super) fn disc(&mut self, center: Point, radius: f64, color: Color) {
        self.marks.push(Mark::Disc { center, radius, color });
    }

    pub(super) fn rectangle(&mut self, corner: Point, size: Point, color: Color) {
        let (x, y) = corner;
        self.area(&[(x, y), (x + size.0, y), (x + size.0, y + size.1), (x, y + size.1)], color);
    }

    pub(super) fn text(&mut self, at: Point, text: &str, (size, color): (f64, Color), anchor: (Anchor, Anchor)) {
        let text = crate::report::names::plain(text).into_owned();
        self.marks.push(Mark::Text { at, text, size, color, anchor, upwards: false });
    }

    /// A text that is read from below, centred at its point.
    pub(super) fn upwards(&mut self, at: Point, text: &str, size: f64, color: Color) {
        let anchor = (Anchor::Middle, Anchor::Middle);
        self.marks.push(Mark::Text { at, text: text.to_owned(), size, color, anchor, upwards: true });
    }
}

/// The corners of a regular polygon; many of them make a circle.
pub(super) fn polygon(center: Point, radius: f64, corners: usize, turn: f64) -> Vec<Point> {
    let corner = |index: usize| {
        let angle = turn + std::f64::consts::TAU * index as f64 / corners as f64;
        (center.0 + radius * angle.sin(), center.1 - radius * angle.cos())
    };
    (0..corners).map(corner).collect()
}

/// Corners that are enough for a small circle.
pub(super) const ROUND: usize = 32;
