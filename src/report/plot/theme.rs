//! The house style: colours, markers, sizes.

use super::canvas::{Color, Picture, Point, polygon};

/// How pictures look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Light on dark.
    pub dark: bool,
    /// Width and height of a chart in units of 1/96 inch; pictures of several panels are as high as they need.
    pub size: (f64, f64),
    /// Whether the title stands in the picture.
    pub title: bool,
    /// Whether the caption does, where it finds room.
    pub caption: bool,
    /// The size of the labels of axes in points; absent: as the size of the chart allows.
    pub font_points: Option<f64>,
}

impl Default for Look {
    fn default() -> Self {
        Look { dark: false, size: (760.0, 500.0), title: true, caption: true, font_points: None }
    }
}

/// The chart that is drawn as it is laid out; in smaller ones everything is smaller, down to `SCALE_MIN`.
const FULL_SIZE: (f64, f64) = (560.0, 370.0);

/// Ticks are 6 points high there, which is what journals ask for at least.
const SCALE_MIN: f64 = 0.72;

/// Units of a point.
const UNITS_A_POINT: f64 = 96.0 / 72.0;

/// Okabe and Ito's palette, without its yellow, which nobody sees on white.
///
/// # Source
/// Okabe and Ito, Color Universal Design, 2008.
const LIGHT: [u32; 7] = [0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x000000];

/// The same for a dark page: the blue is lifted, black is white.
const DARK: [u32; 7] = [0x4a9fdc, 0xe8743b, 0x1fbf92, 0xe08fc0, 0xf0b030, 0x7cc8f2, 0xffffff];

/// From little to much, even in grey: cividis, five of its colours.
///
/// # Source
/// Nuñez, Anderton and Renslow, Optimizing colormaps with consideration for color vision deficiency, PLoS ONE 2018.
const HEAT: [u32; 5] = [0xfee838, 0xb9a96d, 0x7c7b78, 0x3e4c6b, 0x00224e];

/// Sizes of text.
pub(super) const TITLE: f64 = 17.0;
pub(super) const LABEL: f64 = 13.0;
pub(super) const SMALL: f64 = 11.5;

impl Look {
    /// Draws on a page on which text has its natural size, and then makes the picture as large as it is to be.
    pub(super) fn fitted(self, draw: impl FnOnce(Look) -> Option<Picture>) -> Option<Picture> {
        let by_size = (self.size.0 / FULL_SIZE.0).min(self.size.1 / FULL_SIZE.1).clamp(SCALE_MIN, 1.0);
        let scale = self.font_points.map_or(by_size, |points| points * UNITS_A_POINT / LABEL);
        let size = (self.size.0 / scale, self.size.1 / scale);
        draw(Look { size, ..self }).map(|picture| picture.scaled(scale))
    }

    pub(super) fn background(self) -> Color {
        Color::hex(if self.dark { 0x15181c } else { 0xffffff })
    }

    pub(super) fn ink(self) -> Color {
        Color::hex(if self.dark { 0xe8eaed } else { 0x1b1e22 })
    }

    /// For what is read second.
    pub(super) fn muted(self) -> Color {
        Color::hex(if self.dark { 0x9aa3ad } else { 0x5b636c })
    }

    pub(super) fn grid(self) -> Color {
        Color::hex(if self.dark { 0x2b3138 } else { 0xe4e7ea })
    }

    /// The colour of a series.
    pub(super) fn color(self, index: usize) -> Color {
        let palette = if self.dark { DARK } else { LIGHT };
        Color::hex(palette[index % palette.len()])
    }

    /// The colour of a share of the largest value: what is busy stands out from the page.
    pub(super) fn heat(self, share: f64) -> Color {
        let share = if self.dark { 1.0 - share } else { share };
        let place = share.clamp(0.0, 1.0) * (HEAT.len() - 1) as f64;
        let below = (place.floor() as usize).min(HEAT.len() - 2);
        let (from, to) = (Color::hex(HEAT[below]).rgb, Color::hex(HEAT[below + 1]).rgb);
        let part = place - below as f64;
        let mix = |a: u8, b: u8| (f64::from(a) + part * (f64::from(b) - f64::from(a))).round() as u8;
        Color { rgb: (mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2)), alpha: 1.0 }
    }

    /// What can be read on a colour.
    pub(super) fn on(color: Color) -> Color {
        let (red, green, blue) = color.rgb;
        let light = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
        Color::hex(if light > 130.0 { 0x111111 } else { 0xffffff })
    }
}

/// Lengths of dashes and gaps: after seven solid lines come seven dashed ones, and so on.
pub(super) fn dashes(index: usize) -> &'static [f64] {
    match index / LIGHT.len() % 4 {
        0 => &[],
        1 => &[7.0, 4.0],
        2 => &[2.0, 3.0],
        _ => &[9.0, 3.0, 2.0, 3.0],
    }
}

/// Draws the marker of a series: its form differs from that of the six before and after it.
pub(super) fn marker(picture: &mut Picture, center: Point, index: usize, radius: f64, color: Color) {
    use std::f64::consts::PI;
    let (x, y) = center;
    let arm = |dx: f64, dy: f64| [(x - dx, y - dy), (x + dx, y + dy)];
    match index % 8 {
        0 => picture.disc(center, radius, color),
        1 => picture.area(&polygon(center, radius * 1.2, 4, PI / 4.0), color),
        2 => picture.area(&polygon(center, radius * 1.3, 3, 0.0), color),
        3 => picture.area(&polygon(center, radius * 1.25, 4, 0.0), color),
        4 => picture.area(&polygon(center, radius * 1.3, 3, PI), color),
        5 => {
            picture.line(&arm(radius, radius), radius * 0.55, color);
            picture.line(&arm(radius, -radius), radius * 0.55, color);
        }
        6 => {
            picture.line(&arm(radius * 1.2, 0.0), radius * 0.55, color);
            picture.line(&arm(0.0, radius * 1.2), radius * 0.55, color);
        }
        _ => picture.area(&polygon(center, radius * 1.15, 6, 0.0), color),
    }
}
