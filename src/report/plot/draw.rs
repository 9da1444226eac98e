//! The only file that knows the drawing library: marks become SVG or PNG.
//!
//! The library rounds to whole pixels, so everything is drawn larger: SVG in tenths of a unit under a `viewBox`, PNG
//! three times as wide and high, then averaged. The font is part of the program, so pictures are the same on every
//! machine; in SVG text stays text, and the font is a wish.

use std::sync::Once;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    FontFamily, FontStyle, FontTransform, IntoFont, RGBAColor, ShapeStyle, TextStyle, register_font,
};

use super::canvas::{Anchor, Color, Mark, Picture, Point};

/// What SVG asks for, and the name under which the program's own font is registered.
const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

/// Steps of SVG coordinates in a unit.
const SVG_STEPS: f64 = 10.0;

/// Pixels that are averaged into one, in each direction.
const SAMPLES: usize = 3;

/// Units of an inch: those of CSS.
const UNITS_AN_INCH: f64 = 96.0;

/// Pixels of a picture in one direction.
const PIXELS_MAX: f64 = 8_192.0;

impl Picture {
    /// The picture as SVG, whose text is text.
    pub fn svg(&self) -> String {
        let mut svg = String::new();
        let size = (pixels(self.size.0, SVG_STEPS), pixels(self.size.1, SVG_STEPS));
        {
            let mut backend = SVGBackend::with_string(&mut svg, size);
            self.draw(&mut backend, SVG_STEPS, size);
        }
        // The first line is the element itself; it gets its size in units, and words for those who cannot see.
        let body = svg.split_once('\n').map_or("", |(_, body)| body);
        let (width, height) = self.size;
        let [title, caption] =
            [&self.title, &self.caption.0].map(|text| text.replace('&', "&amp;").replace('<', "&lt;"));
        // Words that stand in the picture are not said twice.
        let described = if self.caption.1 { String::new() } else { format!("<desc>{caption}</desc>\n") };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {} {}\">\n<title>{title}</title>\n{described}{body}",
            size.0, size.1
        )
    }

    /// The picture as PNG with that many pixels an inch, which the file says.
    pub fn png(&self, dpi: u32) -> Vec<u8> {
        let largest = self.size.0.max(self.size.1);
        let scale = (f64::from(dpi) / UNITS_AN_INCH).min(PIXELS_MAX / largest);
        let (width, height) = (pixels(self.size.0, scale), pixels(self.size.1, scale));
        let fine = (width * SAMPLES as u32, height * SAMPLES as u32);
        let mut buffer = vec![0; fine.0 as usize * fine.1 as usize * 3];
        {
            let mut backend = BitMapBackend::with_buffer(&mut buffer, fine);
            self.draw(&mut backend, scale * SAMPLES as f64, fine);
        }
        encoded(&averaged(&buffer, width as usize, height as usize), width, height, dpi)
    }

    /// Draws on so many pixels, which may be a part of one more than the picture is large: no row of them stays empty.
    fn draw<B: DrawingBackend>(&self, backend: &mut B, scale: f64, pixels: (u32, u32)) {
        register();
        let corner = (pixels.0 as i32, pixels.1 as i32);
        // Drawing into memory does not fail, except for text without a font, and that is registered.
        let _ = backend.draw_rect((0, 0), corner, &style(self.background, 0.0), true);
        for mark in &self.marks {
            draw_mark(backend, mark, scale);
        }
        let _ = backend.present();
    }
}

/// How wide a text is.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    // Measured large, since the library rounds.
    const LARGE: f64 = 200.0;
    register();
    let measured = font(LARGE).box_size(text).map_or(0, |(width, _)| width);
    f64::from(measured) * size / LARGE
}

/// The font that is part of the program.
pub(super) fn own_font() -> &'static [u8] {
    dejavu::sans::regular()
}

fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // It fails only for a file that is no font.
        let _ = register_font(FONT, FontStyle::Normal, own_font());
    });
}

fn font(size: f64) -> plotters::style::FontDesc<'static> {
    (FontFamily::Name(FONT), size).into_font()
}

fn draw_mark<B: DrawingBackend>(backend: &mut B, mark: &Mark, scale: f64) {
    let place = |point: &Point| ((point.0 * scale).round() as i32, (point.1 * scale).round() as i32);
    let drawn = match mark {
        Mark::Line { points, width, color } => {
            backend.draw_path(points.iter().map(place), &style(*color, (width * scale).max(1.0)))
        }
        Mark::Disc { center, radius, color } => {
            backend.draw_circle(place(center), pixels(*radius, scale), &style(*color, 0.0), true)
        }
        Mark::Area { points, color } => backend.fill_polygon(points.iter().map(place), &style(*color, 0.0)),
        Mark::Text { at, text, size, color, anchor, upwards } => {
            let horizontal = match anchor.0 {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let vertical = match anchor.1 {
                Anchor::Start => VPos::Top,
                Anchor::Middle => VPos::Center,
                Anchor::End => VPos::Bottom,
            };
            let paint = rgba(*color);
            // What the library calls the middle is that of small letters with their descenders.
            let lower = if anchor.1 == Anchor::Middle { size * 0.1 } else { 0.0 };
            let at = if *upwards { (at.0 + lower, at.1) } else { (at.0, at.1 + lower) };
            let turn = if *upwards { FontTransform::Rotate270 } else { FontTransform::None };
            let text_style =
                TextStyle::from(font(size * scale).transform(turn)).color(&paint).pos(Pos::new(horizontal, vertical));
            backend.draw_text(text, &text_style, place(&at))
        }
    };
    // As above: memory does not fail.
    let _ = drawn;
}

fn rgba(color: Color) -> RGBAColor {
    let (red, green, blue) = color.rgb;
    RGBAColor(red, green, blue, color.alpha)
}

fn style(color: Color, width: f64) -> ShapeStyle {
    ShapeStyle { color: rgba(color), filled: true, stroke_width: width.round() as u32 }
}

fn pixels(units: f64, scale: f64) -> u32 {
    (units * scale).round().max(1.0) as u32
}

/// Every pixel the mean of those it was drawn with.
fn averaged(fine: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(width * height * 3);
    let row = width * SAMPLES * 3;
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let first = y * SAMPLES * row + x * SAMPLES * 3 + channel;
                let line = |dy: usize| (0..SAMPLES).map(move |dx| usize::from(fine[first + dy * row + dx * 3]));
                let sum: usize = (0..SAMPLES).flat_map(line).sum();
                pixels.push((sum / (SAMPLES * SAMPLES)) as u8);
            }
        }
    }
    pixels
}

fn encoded(pixels: &[u8], width: u32, height: u32, dpi: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let metre = (f64::from(dpi) / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: metre, yppu: metre, unit: png::Unit::Meter }));
    let mut writer = encoder.write_header().expect("writing to memory does not fail");
    writer.write_image_data(pixels).expect("writing to memory does not fail");
    writer.finish().expect("writing to memory does not fail");
    bytes
}
