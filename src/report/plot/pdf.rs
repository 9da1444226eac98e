//! A picture as PDF: one page of its size, whose text is drawn as the outlines of the program's own font.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::canvas::{Anchor, Color, Mark, Picture, Point};
use super::draw::own_font;

/// Points of a unit.
const POINTS: f64 = 0.75;

/// The drawing library takes the height of a line for the size of a font.
pub(super) const LINE: f64 = 1.24;

/// From the point of a text to the line that its letters stand on, as shares of the size of the font: below its top, around its middle, and
/// above its bottom.
const TOP: f64 = 0.76;
const MIDDLE: f64 = 0.27;

/// A circle of radius 1 by four curves.
const ROUND: f64 = 0.552_284_75;

impl Picture {
    /// The picture as PDF, the same bytes on every run.
    pub fn pdf(&self) -> Vec<u8> {
        let mut content = Content::new(self.size.1);
        let (width, height) = self.size;
        content.area(&[(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)], self.background);
        self.marks.iter().for_each(|mark| content.mark(mark));
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content.text.as_bytes()).expect("memory takes it");
        let stream = encoder.finish().expect("memory takes it");
        let shades: String = content
            .shades
            .iter()
            .enumerate()
            .map(|(at, alpha)| format!("/A{at} << /ca {alpha:.3} /CA {alpha:.3} >> "))
            .collect();
        let (width, height) = (width * POINTS, height * POINTS);
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned().into_bytes(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned().into_bytes(),
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.2} {height:.2}] /Contents 4 0 R \
                 /Resources << /ExtGState << {shades}>> >> >>"
            )
            .into_bytes(),
            [
                format!("<< /Length {} /Filter /FlateDecode >>\nstream\n", stream.len()).as_bytes(),
                &stream,
                b"\nendstream",
            ]
            .concat(),
            format!("<< /Title {} /Subject {} >>", text_string(&self.title), text_string(&self.caption.0)).into_bytes(),
        ];
        file(&objects)
    }
}

/// The objects one after another, and where each begins.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", bytes.len());
        bytes.extend(format!("{} 0 obj\n", at + 1).into_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let start = bytes.len();
    let (size, info) = (objects.len() + 1, objects.len());
    let trailer = format!("trailer\n<< /Size {size} /Root 1 0 R /Info {info} 0 R >>\nstartxref\n{start}\n%%EOF\n");
    bytes.extend((table + &trailer).into_bytes());
    bytes
}

/// A text in hexadecimal UTF-16, in which nothing has to be escaped.
fn text_string(text: &str) -> String {
    let digits: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("<FEFF{digits}>")
}

/// What stands on the page.
struct Content {
    text: String,
    /// The degrees of covering that occur.
    shades: Vec<f64>,
    face: Face<'static>,
}

impl Content {
    fn new(height: f64) -> Self {
        let face = Face::parse(own_font(), 0).expect("the program's own font");
        // From units whose y grows downwards to points whose y grows upwards.
        let text = format!("{POINTS} 0 0 -{POINTS} 0 {:.2} cm 1 j 1 J\n", height * POINTS);
        Content { text, shades: Vec::new(), face }
    }

    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Line { points, width, color } => self.line(points, *width, *color),
            Mark::Area { points, color } => self.area(points, *color),
            Mark::Disc { center, radius, color } => self.disc(*center, *radius, *color),
            Mark::Text { at, text, size, color, anchor, upwards } => {
                self.write(text, (*at, size / LINE, *upwards), *anchor, *color);
            }
        }
    }

    /// The colour of what follows, for areas and lines alike.
    fn color(&mut self, color: Color) {
        let at = self.shades.iter().position(|known| (known - color.alpha).abs() < 1e-9).unwrap_or_else(|| {
            self.shades.push(color.alpha);
            self.shades.len() - 1
        });
        let (red, green, blue) = color.rgb;
        let [red, green, blue] = [red, green, blue].map(|part| f64::from(part) / 255.0);
        let _ = writeln!(self.text, "/A{at} gs {red:.3} {green:.3} {blue:.3} rg {red:.3} {green:.3} {blue:.3} RG");
    }

    fn path(&mut self, points: &[Point]) {
        for (index, (x, y)) in points.iter().enumerate() {
            let _ = writeln!(self.text, "{x:.2} {y:.2} {}", if index == 0 { 'm' } else { 'l' });
        }
    }

    fn line(&mut self, points: &[Point], width: f64, color: Color) {
        self.color(color);
        let _ = writeln!(self.text, "{width:.2} w");
        self.path(points);
        self.text.push_str("S\n");
    }

    fn area(&mut self, points: &[Point], color: Color) {
        self.color(color);
        self.path(points);
        self.text.push_str("h f\n");
    }

    fn disc(&mut self, (x, y): Point, radius: f64, color: Color) {
        self.color(color);
        let (r, c) = (radius, radius * ROUND);
        let _ = writeln!(self.text, "{:.2} {y:.2} m", x + r);
        for [a, b, end] in [
            [(r, c), (c, r), (0.0, r)],
            [(-c, r), (-r, c), (-r, 0.0)],
            [(-r, -c), (-c, -r), (0.0, -r)],
            [(c, -r), (r, -c), (r, 0.0)],
        ] {
            for (dx, dy) in [a, b, end] {
                let _ = write!(self.text, "{:.2} {:.2} ", x + dx, y + dy);
            }
            self.text.push_str("c\n");
        }
        self.text.push_str("f\n");
    }

    /// Letters one after another, each as its outline.
    fn write(&mut self, text: &str, (at, em, upwards): (Point, f64, bool), anchor: (Anchor, Anchor), color: Color) {
        self.color(color);
        let unit = em / f64::from(self.face.units_per_em());
        let glyphs: Vec<GlyphId> =
            text.chars().map(|letter| self.face.glyph_index(letter).unwrap_or(GlyphId(0))).collect();
        let advance = |face: &Face<'_>, glyph: GlyphId| f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * unit;
        let width: f64 = glyphs.iter().map(|glyph| advance(&self.face, *glyph)).sum();
        let left = match anchor.0 {
            Anchor::Start => 0.0,
            Anchor::Middle => -width / 2.0,
            Anchor::End => -width,
        };
        let down = match anchor.1 {
            Anchor::Start => TOP,
            Anchor::Middle => MIDDLE + 0.1,
            Anchor::End => -MIDDLE,
        } * em;
        let mut pen = left;
        for glyph in glyphs {
            let place = Place { at, pen, down, unit, upwards };
            let mut outline = Outline { place, text: String::new(), last: (0.0, 0.0) };
            self.face.outline_glyph(glyph, &mut outline);
            self.text.push_str(&outline.text);
            pen += advance(&self.face, glyph);
        }
        self.text.push_str("f\n");
    }
}

/// Where a letter stands.
struct Place {
    at: Point,
    pen: f64,
    down: f64,
    unit: f64,
    upwards: bool,
}

impl Place {
    fn of(&self, x: f32, y: f32) -> Point {
        let (x, y) = (self.pen + f64::from(x) * self.unit, self.down - f64::from(y) * self.unit);
        if self.upwards { (self.at.0 + y, self.at.1 - x) } else { (self.at.0 + x, self.at.1 + y) }
    }
}

/// The outline of one letter as a path.
struct Outline {
    place: Place,
    text: String,
    last: (f32, f32),
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (px, py) = self.place.of(x, y);
        let _ = writeln!(self.text, "{px:.2} {py:.2} m");
        self.last = (x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (px, py) = self.place.of(x, y);
        let _ = writeln!(self.text, "{px:.2} {py:.2} l");
        self.last = (x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        // A curve with one handle as one with two.
        let (x0, y0) = self.last;
        let third = |from: f32, to: f32| from + 2.0 / 3.0 * (to - from);
        self.curve_to(third(x0, x1), third(y0, y1), third(x, x1), third(y, y1), x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let [(ax, ay), (bx, by), (px, py)] = [(x1, y1), (x2, y2), (x, y)].map(|(x, y)| self.place.of(x, y));
        let _ = writeln!(self.text, "{ax:.2} {ay:.2} {bx:.2} {by:.2} {px:.2} {py:.2} c");
        self.last = (x, y);
    }

    fn close(&mut self) {
        self.text.push_str("h\n");
    }
}
