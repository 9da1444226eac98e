//! Which client is served by which zone, and how far that is: clients by zones.

use super::super::Analysed;
use super::super::number::quantity;
use super::canvas::{Anchor, Picture, Point};
use super::draw::text_width;
use super::frame::{Words, caption_height, head_height, page, shortened};
use super::panels::heat_scale;
use super::theme::{LABEL, Look, SMALL};
use crate::model::{AnswerTimes, Kind, NodeId, NodeSet, Pair, ZoneId};
use crate::operations::places;
use crate::report::names;

/// Clients and zones of a panel.
const CLIENTS_MAX: usize = 60;
const ZONES_MAX: usize = 60;

/// Height of a row, and of what stands above the first one.
const ROW: f64 = 24.0;
const HEAD: f64 = 58.0;

/// Space around a panel, and between columns.
const GAP: f64 = 22.0;

/// Width of the names of clients, of their times, and the widest column.
const NAMES: f64 = 120.0;
const TIMES: f64 = 150.0;
const COLUMN_MAX: f64 = 110.0;

/// Height of the legend.
const FOOT: f64 = 40.0;

/// A client: its times, how often it waits for each zone, and how far that is.
struct Row {
    name: String,
    latency_ms: Pair<Option<f64>>,
    zones: Vec<(f64, Option<f64>)>,
}

struct Panel {
    name: String,
    how: &'static str,
    zones: Vec<String>,
    rows: Vec<Row>,
}

/// How often each client waits for each zone; systems without clients or zones are left out.
pub(super) fn picture(systems: &[Analysed], look: Look) -> Option<Picture> {
    let panels: Vec<Panel> = systems.iter().filter_map(panel).collect();
    if panels.is_empty() {
        return None;
    }
    let title = "Which zones serve which clients";
    let caption = "Colour: the share of a client's operations that wait for some node of the zone; number: the round trip to the nearest node \
                   there, in milliseconds. At the right: the mean times of reads and writes.";
    let width = look.size.0;
    let tall: f64 = panels.iter().map(|panel| HEAD + ROW * panel.rows.len() as f64 + GAP).sum();
    let height = head_height(look, title, width) + tall + FOOT + caption_height(look, caption, width);
    let (mut picture, top, _) = page(look, (width, height), Words { title, caption });
    let mut y = top;
    for panel in &panels {
        panel.draw(&mut picture, y, look);
        y += HEAD + ROW * panel.rows.len() as f64 + GAP;
    }
    heat_scale(&mut picture, (GAP + 50.0, y), ["never", "always"], look);
    Some(picture)
}

fn panel(analysed: &Analysed) -> Option<Panel> {
    let Analysed { system, analysis, .. } = analysed;
    let zones = places(system);
    let clients = &system.about().clients.each;
    let answers = &analysis.operations.clients.each;
    if answers.is_empty() || zones.is_empty() || answers.len() > CLIENTS_MAX || zones.len() > ZONES_MAX {
        return None;
    }
    let best = analysis.client_strategies.as_ref().and_then(|found| found.best.as_ref().ok());
    let times = AnswerTimes::of(system);
    let members = |zone: ZoneId| -> NodeSet {
        let is_in = |node: &NodeId| system.nodes()[node.index()].zones().any(|around| around == zone);
        (0..system.nodes().len()).map(NodeId::new).filter(is_in).collect()
    };
    let sets: Vec<NodeSet> = zones.iter().map(|zone| members(*zone)).collect();
    let row = |at: usize| {
        let far = clients[at].place.map(|place| times.from(place));
        let weights = Pair::by_kind(|kind| clients[at].weight_of(kind, system.workload()));
        let share = |kind: Kind, zone: &NodeSet| match (best, answers[at].quorum.of(kind)) {
            (Some(best), _) => {
                let meets = best.clients[at].strategy.of(kind).iter().filter(|choice| !choice.quorum.is_disjoint(zone));
                meets.map(|choice| choice.probability).sum()
            }
            (None, Some(quorum)) => f64::from(u8::from(!quorum.is_disjoint(zone))),
            (None, None) => 0.0,
        };
        let total = (weights.reads + weights.writes).max(f64::MIN_POSITIVE);
        let cell = |zone: &NodeSet| {
            let both = weights.reads * share(Kind::Read, zone) + weights.writes * share(Kind::Write, zone);
            let nearest =
                far.as_ref().map(|far| zone.iter().map(|node| far[node.index()]).fold(f64::INFINITY, f64::min));
            (both / total, nearest.filter(|ms| ms.is_finite()))
        };
        Row {
            name: names::name(&clients[at].name).into_owned(),
            latency_ms: best.map_or(answers[at].latency_ms, |best| best.clients[at].latency_ms),
            zones: sets.iter().map(cell).collect(),
        }
    };
    Some(Panel {
        name: super::name(analysed),
        how: if best.is_some() { "a strategy for each client" } else { "each client's fastest quorums" },
        zones: zones.iter().map(|zone| names::zone(system, *zone).into_owned()).collect(),
        rows: (0..answers.len()).map(row).collect(),
    })
}

impl Panel {
    fn draw(&self, picture: &mut Picture, top: f64, look: Look) {
        let right = look.size.0 - GAP;
        let room = right - GAP - NAMES - TIMES;
        let column = (room / self.zones.len() as f64).min(COLUMN_MAX);
        let first = GAP + NAMES;
        let head = top + 14.0;
        picture.text((GAP, head), &self.name, (LABEL, look.ink()), (Anchor::Start, Anchor::End));
        picture.text((right, head), self.how, (SMALL, look.muted()), (Anchor::End, Anchor::End));
        let under = top + HEAD - 8.0;
        for (at, zone) in self.zones.iter().enumerate() {
            let middle = first + column * (at as f64 + 0.5);
            let text = shortened(zone, SMALL, column - 2.0);
            picture.text((middle, under), &text, (SMALL, look.ink()), (Anchor::Middle, Anchor::End));
        }
        picture.text((right, under), "read / write, ms", (SMALL, look.muted()), (Anchor::End, Anchor::End));
        for (at, row) in self.rows.iter().enumerate() {
            let y = top + HEAD + ROW * at as f64;
            row.draw(picture, ((first, y), (column, right)), look);
        }
    }
}

impl Row {
    fn draw(&self, picture: &mut Picture, ((left, top), (column, right)): (Point, (f64, f64)), look: Look) {
        let middle = top + ROW / 2.0;
        let name = shortened(&self.name, SMALL, NAMES - 8.0);
        picture.text((left - 8.0, middle), &name, (SMALL, look.ink()), (Anchor::End, Anchor::Middle));
        for (at, (share, far)) in self.zones.iter().enumerate() {
            let color = look.heat(*share);
            let corner = (left + column * at as f64, top);
            picture.rectangle((corner.0 + 1.0, corner.1 + 1.0), (column - 2.0, ROW - 2.0), color);
            let text = far.map_or_else(|| "–".to_owned(), quantity);
            let size = SMALL.min(SMALL * (column - 4.0) / text_width(&text, SMALL));
            let at = (corner.0 + column / 2.0, middle);
            picture.text(at, &text, (size, Look::on(color)), (Anchor::Middle, Anchor::Middle));
        }
        let time = |time: Option<f64>| time.map_or_else(|| "–".to_owned(), quantity);
        let times = format!("{} / {}", time(self.latency_ms.reads), time(self.latency_ms.writes));
        picture.text((right, middle), &times, (SMALL, look.ink()), (Anchor::End, Anchor::Middle));
    }
}
