//! Words in a picture that cover no other words.

use crate::report::plot::canvas::{Anchor, Picture, Point};
use crate::report::plot::draw::text_width;
use crate::report::plot::theme::Look;

/// Space between two words.
const BESIDE: f64 = 3.0;

/// Where words stand already.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// The middle of each, and half of its size.
    taken: Vec<(Point, Point)>,
}

impl Labels {
    /// Whether words around a place would cover others.
    fn covers(&self, (x, y): Point, (wide, high): Point) -> bool {
        // What was put down last is nearest.
        self.taken.iter().rev().any(|((other_x, other_y), (other_wide, other_high))| {
            (x - other_x).abs() < wide + other_wide + BESIDE && (y - other_y).abs() < high + other_high
        })
    }

    /// Puts words at the first of these places where they cover no others; whether there was one.
    pub(super) fn put(
        &mut self,
        picture: &mut Picture,
        places: &[Point],
        (text, size): (&str, f64),
        (look, color): (Look, crate::report::plot::canvas::Color),
    ) -> bool {
        let half = (text_width(text, size) / 2.0, size / 2.0);
        let Some(place) = places.iter().find(|place| !self.covers(**place, half)) else { return false };
        self.taken.push((*place, half));
        let corner = (place.0 - half.0 - 1.0, place.1 - half.1);
        picture.rectangle(corner, (2.0 * half.0 + 2.0, 2.0 * half.1), look.background().faint(0.85));
        picture.text(*place, text, (size, color), (Anchor::Middle, Anchor::Middle));
        true
    }

    /// Puts words down wherever they stand: later ones keep clear of them.
    pub(super) fn keep_clear(&mut self, place: Point, half: Point) {
        self.taken.push((place, half));
    }
}
