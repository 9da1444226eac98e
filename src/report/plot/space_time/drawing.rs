//! The picture.

use super::labels::Labels;
use super::layout::Layout;
use crate::protocol::ProcessId;
use crate::report::number;
use crate::report::plot::canvas::{Anchor, Color, Picture, Point};
use crate::report::plot::draw::text_width;
use crate::report::plot::frame::{Words, caption_height, head_height, page, shortened};
use crate::report::plot::theme::{LABEL, Look, SMALL, dashes};
use crate::sim::{Flight, Happened, SpaceTime};

/// Sizes of words at arrows.
const WORDS: f64 = 10.5;

/// Space of the names of lanes, and of a line of the legend.
const HEAD: f64 = 30.0;
const ENTRY: f64 = 18.0;

/// Messages up to which arrows say what is in them, and not their names alone.
const DETAILED_MAX: usize = 60;

/// Space between two marks of time.
const TIMES_APART: f64 = 46.0;

/// Space between two steps.
const STEPS_APART: f64 = 13.0;

/// The length of the head of an arrow, and of a cross.
const TIP: f64 = 7.0;
const CROSS: f64 = 4.0;

/// How far a message goes that is lost, and one that is still on its way.
const LOST: f64 = 0.82;
const UNDER_WAY: f64 = 0.3;

/// How far down a message goes that is lost where it is sent.
const FALL: f64 = 20.0;

/// The picture of a run in space and time.
///
/// # Examples
/// ```
/// use quorate::report::plot::{Look, space_time};
/// use quorate::sim::SpaceTime;
/// let picture = space_time(&SpaceTime::default(), ("an empty run", "Nothing happened."), Look::default());
/// assert!(picture.svg().contains("an empty run"));
/// ```
pub fn space_time(run: &SpaceTime, (title, caption): (&str, &str), look: Look) -> Picture {
    let layout = Layout::of(run);
    let width = layout.width();
    let names = message_names(run);
    let legend = legend_lines(&names, width);
    let top = head_height(look, title, width) + ENTRY * legend.len() as f64 + HEAD;
    let height = top + layout.height + 2.0 * HEAD + caption_height(look, caption, width);
    let (picture, under_title, _) = page(look, (width, height), Words { title, caption });
    let mut drawing = Drawing { picture, look, layout, top, names, labels: Labels::default() };
    drawing.legend(under_title, &legend);
    drawing.time(run);
    drawing.lanes(run);
    run.moments.iter().for_each(|moment| drawing.mark(moment.process, moment.at_ns, &moment.what));
    run.messages.iter().for_each(|flight| drawing.arrow(flight));
    drawing.words_at_lanes(run);
    let is_detailed = run.messages.len() <= DETAILED_MAX;
    run.messages.iter().for_each(|flight| drawing.label(flight, is_detailed));
    drawing.picture
}

/// What messages are called, in the order in which they come.
fn message_names(run: &SpaceTime) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for flight in &run.messages {
        if !names.contains(&flight.name) {
            names.push(flight.name);
        }
    }
    names
}

/// The entries of the legend, line by line.
fn legend_lines(names: &[&'static str], width: f64) -> Vec<Vec<&'static str>> {
    let mut lines: Vec<Vec<&'static str>> = Vec::new();
    let mut used = width;
    for name in names {
        let needed = text_width(name, SMALL) + 44.0;
        if used + needed > width - 40.0 {
            lines.push(Vec::new());
            used = 20.0;
        }
        used += needed;
        if let Some(line) = lines.last_mut() {
            line.push(name);
        }
    }
    lines
}

struct Drawing {
    picture: Picture,
    look: Look,
    layout: Layout,
    /// Where the first row stands.
    top: f64,
    names: Vec<&'static str>,
    labels: Labels,
}

impl Drawing {
    fn at(&self, process: ProcessId, at_ns: u64) -> Point {
        (self.layout.x(process), self.top + self.layout.y(at_ns))
    }

    fn color(&self, name: &str) -> Color {
        self.look.color(self.names.iter().position(|known| *known == name).unwrap_or(0))
    }

    fn legend(&mut self, under_title: f64, lines: &[Vec<&'static str>]) {
        for (row, line) in lines.iter().enumerate() {
            let y = under_title + ENTRY * row as f64;
            let mut x = 20.0;
            for name in line {
                let (color, index) = (self.color(name), self.names.iter().position(|known| known == name).unwrap_or(0));
                self.picture.dashed(&[(x, y), (x + 16.0, y)], 1.6, color, dashes(index));
                self.tip((x, y), (x + 18.0, y), color);
                self.picture.text((x + 23.0, y), name, (SMALL, self.look.ink()), (Anchor::Start, Anchor::Middle));
                x += text_width(name, SMALL) + 44.0;
            }
        }
    }

    /// Instants, or what was done at them, at the left.
    fn time(&mut self, run: &SpaceTime) {
        let right = self.layout.lanes.first().map_or(90.0, |lane| self.layout.x(*lane)) - 14.0;
        let mut last = f64::NEG_INFINITY;
        if run.steps.is_empty() {
            let rows: Vec<(u64, f64)> = self.layout.rows().collect();
            for (at, y) in rows {
                let y = self.top + y;
                if y - last < TIMES_APART {
                    continue;
                }
                last = y;
                let text = format!("{} ms", number::significant(number::ms(at), 4));
                self.picture.line(&[(right + 4.0, y), (right + 9.0, y)], 1.0, self.look.muted());
                self.picture.text((right, y), &text, (SMALL, self.look.muted()), (Anchor::End, Anchor::Middle));
            }
            return;
        }
        for (at, step) in &run.steps {
            let y = (self.top + self.layout.y(*at)).max(last + STEPS_APART);
            last = y;
            let text = shortened(step, SMALL, right - 14.0);
            self.picture.text((10.0, y), &text, (SMALL, self.look.muted()), (Anchor::Start, Anchor::Middle));
            self.picture.line(&[(right + 4.0, y), (self.layout.width() - 20.0, y)], 0.5, self.look.grid());
        }
    }

    /// Lanes with their names; dashed where a process is down.
    fn lanes(&mut self, run: &SpaceTime) {
        let look = self.look;
        let bottom = self.top + self.layout.height + 14.0;
        for lane in self.layout.lanes.clone() {
            let x = self.layout.x(lane);
            let name = run.names.get(lane.index()).map_or("?", String::as_str);
            let name = shortened(name, LABEL, self.layout.apart - 8.0);
            self.picture.text(
                (x, self.top - HEAD / 2.0 - 4.0),
                &name,
                (LABEL, look.ink()),
                (Anchor::Middle, Anchor::Middle),
            );
            let (mut from, mut is_up) = (self.top - 6.0, true);
            let changes = run.moments.iter().filter(|moment| moment.process == lane);
            for moment in changes {
                let y = self.top + self.layout.y(moment.at_ns);
                match moment.what {
                    Happened::Crash if is_up => self.picture.line(&[(x, from), (x, y)], 1.2, look.muted()),
                    Happened::Restart if !is_up => {
                        self.picture.dashed(&[(x, from), (x, y)], 1.0, look.muted().faint(0.6), &[3.0, 4.0]);
                    }
                    _ => continue,
                }
                (from, is_up) = (y, !is_up);
            }
            if is_up {
                self.picture.line(&[(x, from), (x, bottom)], 1.2, look.muted());
            } else {
                self.picture.dashed(&[(x, from), (x, bottom)], 1.0, look.muted().faint(0.6), &[3.0, 4.0]);
            }
        }
    }

    fn cross(&mut self, (x, y): Point, arm: f64, color: Color) {
        self.picture.line(&[(x - arm, y - arm), (x + arm, y + arm)], 1.8, color);
        self.picture.line(&[(x - arm, y + arm), (x + arm, y - arm)], 1.8, color);
    }

    fn mark(&mut self, process: ProcessId, at_ns: u64, what: &Happened) {
        let (look, place) = (self.look, self.at(process, at_ns));
        match what {
            Happened::Crash => self.cross(place, CROSS + 2.0, look.color(1)),
            Happened::Restart => self.picture.disc(place, 4.5, look.color(2)),
            Happened::Timer => self.picture.disc(place, 2.2, look.muted()),
            Happened::Leads(_) => self.picture.disc(place, 5.0, look.color(0)),
            Happened::Decides(_) => self.picture.disc(place, 3.4, look.ink()),
            Happened::Calls(_) | Happened::Returns(_) => self.picture.disc(place, 3.0, look.color(3)),
            Happened::Breaks(_) => self.picture.disc(place, 6.0, look.color(1)),
        }
    }

    /// What happened at lanes, in words beside them: all that happened in one row together.
    fn words_at_lanes(&mut self, run: &SpaceTime) {
        let mut rows: std::collections::BTreeMap<(ProcessId, u64), (Vec<String>, bool)> =
            std::collections::BTreeMap::new();
        for moment in &run.moments {
            let Some(words) = words(&moment.what) else { continue };
            let row = rows.entry((moment.process, moment.at_ns)).or_default();
            // What is broken comes first, and is not cut off.
            let place = if matches!(moment.what, Happened::Breaks(_)) { 0 } else { row.0.len() };
            row.0.insert(place, words);
            row.1 |= matches!(moment.what, Happened::Breaks(_) | Happened::Crash);
        }
        for ((process, at_ns), (words, is_bad)) in rows {
            let look = self.look;
            let room = self.layout.apart + if is_bad { 30.0 } else { -16.0 };
            let text = shortened(&words.join(", "), WORDS, room);
            let (x, y) = self.at(process, at_ns);
            let half = text_width(&text, WORDS) / 2.0;
            let places: Vec<Point> = [0.0, 9.0, -9.0, 17.0].map(|down| (x + 9.0 + half, y + down)).into();
            let color = if is_bad { look.color(1) } else { look.ink() };
            if !self.labels.put(&mut self.picture, &places, (&text, WORDS), (look, color)) {
                self.labels.keep_clear((x, y), (CROSS, CROSS));
            }
        }
    }

    /// From where to where an arrow goes, and whether it ends in a cross.
    fn ends(&self, flight: &Flight) -> (Point, Point, bool) {
        let from = self.at(flight.from, flight.sent_ns);
        let to_x = self.layout.x(flight.to);
        let along = |share: f64, y: f64| (from.0 + share * (to_x - from.0), from.1 + share * (y - from.1));
        match flight.ends_ns {
            Some(at) if flight.has_arrived => (from, self.at(flight.to, at), false),
            Some(at) => (from, along(LOST, (self.top + self.layout.y(at)).max(from.1 + FALL)), true),
            None => (from, along(UNDER_WAY, from.1 + FALL / UNDER_WAY / 2.0), false),
        }
    }

    fn arrow(&mut self, flight: &Flight) {
        let (from, to, is_lost) = self.ends(flight);
        let index = self.names.iter().position(|name| *name == flight.name).unwrap_or(0);
        let color = self.color(flight.name);
        let color = if is_lost || flight.ends_ns.is_none() { color.faint(0.75) } else { color };
        self.picture.dashed(&[from, to], 1.3, color, dashes(index));
        match (is_lost, flight.ends_ns) {
            (true, _) => self.cross(to, CROSS, color),
            (false, Some(_)) => self.tip(from, to, color),
            (false, None) => self.picture.disc(to, 1.6, color),
        }
    }

    /// The head of an arrow.
    fn tip(&mut self, from: Point, to: Point, color: Color) {
        let turn = (to.1 - from.1).atan2(to.0 - from.0);
        let side = |by: f64| (to.0 - TIP * (turn + by).cos(), to.1 - TIP * (turn + by).sin());
        self.picture.area(&[to, side(0.38), side(-0.38)], color);
    }

    /// What a message says, on its arrow, where that covers no other words: colours say the rest.
    fn label(&mut self, flight: &Flight, is_detailed: bool) {
        let (from, to, _) = self.ends(flight);
        if (to.0 - from.0).abs() < 1.0 {
            return;
        }
        let text = if is_detailed && !flight.details.is_empty() {
            format!("{} {}", flight.name, flight.details)
        } else {
            flight.name.to_owned()
        };
        let text = shortened(&text, WORDS, (self.layout.apart - 18.0).max(40.0));
        let on_arrow = |x: f64| (x, from.1 + (x - from.0) / (to.0 - from.0) * (to.1 - from.1) - 6.5);
        let is_inside = |x: &f64| (*x - from.0) * (*x - to.0) <= 0.0;
        let mut places: Vec<Point> =
            self.layout.gaps(from.0, self.layout.x(flight.to)).into_iter().filter(is_inside).map(on_arrow).collect();
        let lower: Vec<Point> = places.iter().map(|(x, y)| (*x, y + 13.0)).collect();
        places.extend(lower);
        let (look, color) = (self.look, self.color(flight.name));
        self.labels.put(&mut self.picture, &places, (&text, WORDS), (look, color));
    }
}

/// What happened, in words; timers go without.
fn words(what: &Happened) -> Option<String> {
    Some(match what {
        Happened::Timer => return None,
        Happened::Crash => "crashes".to_owned(),
        Happened::Restart => "starts again".to_owned(),
        Happened::Leads(term) => format!("leads in {term}"),
        Happened::Decides(what) => format!("decides {what}"),
        Happened::Calls(operation) => format!("asks: {operation}"),
        Happened::Returns(outcome) => outcome.to_string(),
        Happened::Breaks(invariant) => format!("breaks {invariant}"),
    })
}
