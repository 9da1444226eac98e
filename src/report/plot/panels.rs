//! Pages of many small panels, one for each system.

use super::canvas::{Anchor, Picture, Point};
use super::draw::text_width;
use super::frame::{Words, caption_height, head_height, page, shortened};
use super::theme::{LABEL, Look, SMALL};

/// Space around and above a panel.
pub(super) const GAP: f64 = 22.0;
const HEAD: f64 = 24.0;

/// The narrowest panel, in which a name and its numbers find room.
const PANEL_MIN: f64 = 125.0;

/// A panel: a corner and a size.
pub(super) struct Panel {
    pub(super) corner: Point,
    pub(super) size: f64,
}

/// A page of as many panels, `columns` beside each other, with room for a legend of that height below.
pub(super) fn pages(
    look: Look,
    (count, columns): (usize, usize),
    words: Words<'_>,
    foot: f64,
) -> (Picture, Vec<Panel>) {
    let width = look.size.0;
    let room = (((width - GAP) / (PANEL_MIN + GAP)) as usize).clamp(1, columns);
    let columns = count.clamp(1, room);
    let size = ((width - GAP) / columns as f64 - GAP).min(240.0);
    let rows = count.div_ceil(columns);
    let top = head_height(look, words.title, width);
    let height = top + rows as f64 * (size + HEAD + GAP) + foot + caption_height(look, words.caption, width);
    let (picture, top, _) = page(look, (width, height), words);
    let panel = |index: usize| {
        let (column, row) = ((index % columns) as f64, (index / columns) as f64);
        Panel { corner: (GAP + column * (size + GAP), top + row * (size + HEAD + GAP) + HEAD), size }
    };
    (picture, (0..count).map(panel).collect())
}

/// The name of a system above its panel, and what is read second at the right.
pub(super) fn heading(picture: &mut Picture, panel: &Panel, name: &str, aside: &str, look: Look) {
    let at = (panel.corner.0, panel.corner.1 - 9.0);
    let room = panel.size - text_width(aside, SMALL) - 8.0;
    let size = (LABEL * room / text_width(name, LABEL)).clamp(10.0, LABEL);
    picture.text(at, &shortened(name, size, room), (size, look.ink()), (Anchor::Start, Anchor::End));
    picture.text((at.0 + panel.size, at.1), aside, (SMALL, look.muted()), (Anchor::End, Anchor::End));
}

/// The colours of shares, with what the first and the last one mean.
pub(super) fn heat_scale(picture: &mut Picture, (left, y): Point, [first, last]: [&str; 2], look: Look) {
    const STEPS: usize = 40;
    const WIDTH: f64 = 200.0;
    let step = WIDTH / STEPS as f64;
    for index in 0..STEPS {
        let share = index as f64 / (STEPS - 1) as f64;
        picture.rectangle((left + step * index as f64, y), (step + 0.3, 10.0), look.heat(share));
    }
    picture.text((left - 8.0, y + 5.0), first, (SMALL, look.ink()), (Anchor::End, Anchor::Middle));
    picture.text((left + WIDTH + 8.0, y + 5.0), last, (SMALL, look.ink()), (Anchor::Start, Anchor::Middle));
}
