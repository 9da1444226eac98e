//! Load against failure probability, with what no system dominates.

use super::super::Analysed;
use super::super::compare::{Place, load_against_failure};
use super::axis::Axis;
use super::canvas::{Anchor, Picture, Point};
use super::draw::text_width;
use super::frame::{Frame, Words, chart, shortened};
use super::theme::{LABEL, Look, SMALL, marker};

/// One system.
struct Spot {
    name: String,
    place: Place,
    resilience: Option<usize>,
    meets: bool,
}

/// Systems whose names all find room.
const NAMED_MAX: usize = 16;

/// A failure probability is so many times above the lower end of the axis, and below the upper one.
const MARGIN: f64 = 1.6;

/// Room of a name.
const NAME_WIDTH: f64 = 150.0;

/// The resilience from which on all have one marker.
const HARDY: usize = 6;

/// A rectangle that a label takes: left, top, right, bottom.
type Box4 = [f64; 4];

/// The picture, unless no system has both numbers: those of the comparison's table, and its notion of domination.
pub(super) fn picture(systems: &[Analysed], look: Look) -> Option<Picture> {
    let (p, places) = load_against_failure(systems)?;
    let p = if p.parse::<f64>().is_ok() { p } else { "their own".to_owned() };
    super::by_unit(systems, |unit, positions, which| {
        let spot = |at: &usize| {
            let (analysed, place) = (&systems[*at], places[*at]?);
            Some(Spot {
                name: super::name(analysed),
                place,
                resilience: analysed.analysis.total_resilience(),
                meets: analysed.analysis.intersections.read_write.verdict.known() == Some(true),
            })
        };
        let spots: Vec<Spot> = positions.iter().filter_map(spot).collect();
        let which = which.map_or_else(String::new, |which| format!(", {which}"));
        let title = format!("What load and availability cost each other, nodes failing with p = {p}{which}");
        let caption = caption(systems, &spots, !which.is_empty())?;
        let words = Words { title: &title, caption: &caption };
        (!spots.is_empty()).then(|| draw(&spots, words, super::load_label(unit), look))
    })
}

fn caption(systems: &[Analysed], spots: &[Spot], is_mixed: bool) -> Option<String> {
    let read = crate::report::names::workload(&systems.first()?.analysis.optimum.first()?.workload);
    let answers = systems.iter().flat_map(|analysed| &analysed.analysis.failure_probability);
    let how = if answers.into_iter().any(|answer| answer.interval.is_some()) { "exact or sampled" } else { "exact" };
    Some(format!(
        "Load: optimum of a linear program at {read}, as in the table. Failure probability: that reads or writes are \
         impossible, {how}. Line: the systems that no other dominates in these two (at least as good in both, better in \
         one); hollow: some read misses some write.{}{}",
        if is_mixed { " The other systems have another unit, and a picture of their own." } else { "" },
        if spots.len() > NAMED_MAX { " Names that find no room are left out." } else { "" }
    ))
}

fn draw(spots: &[Spot], words: Words<'_>, label: &str, look: Look) -> Picture {
    let loads = || spots.iter().map(|spot| spot.place.load);
    let spread = loads().fold(0.0, f64::max) / loads().fold(f64::INFINITY, f64::min);
    let mut x = if spread > super::SPREAD_MAX {
        Axis::logarithmic(&format!("{label} (log scale)"), loads(), 0.0)
    } else {
        Axis::even(label, loads())
    };
    // Labels at the right edge need room inside the frame.
    x.high *= 1.04;
    // No point on the edge, where half of its marker and its name would be lost.
    let around = spots.iter().map(|spot| spot.place.failure).flat_map(|p| [p / MARGIN, (p * MARGIN).min(1.0)]);
    let y = Axis::logarithmic("failure probability (log scale)", around, 1e-30);
    let (mut picture, frame) = chart(look, words, x, y, 118.0);
    let line = front(&mut picture, &frame, spots, look);
    points(&mut picture, &frame, spots, (&line, look));
    legend(&mut picture, &frame, spots, look);
    picture
}

/// The steps along the systems that no other one dominates in both; where their values are only bounded, those that a step
/// cannot reach stay beside it.
fn front(picture: &mut Picture, frame: &Frame, spots: &[Spot], look: Look) -> Vec<Point> {
    let mut order: Vec<Place> = spots.iter().map(|spot| spot.place).filter(|place| place.is_on_front).collect();
    order.sort_by(|a, b| a.load.total_cmp(&b.load).then(a.failure.total_cmp(&b.failure)));
    let mut line: Vec<Point> = Vec::new();
    let mut best = f64::INFINITY;
    for Place { load, failure, .. } in order {
        if failure >= best {
            continue;
        }
        let place = frame.at(load, failure);
        let corner = line.last().map_or(frame.top, |last| last.1);
        line.extend([(place.0, corner), place]);
        best = failure;
    }
    if let Some(last) = line.last().copied() {
        line.push((frame.right, last.1));
        picture.dashed(&line, 1.5, look.muted(), &[5.0, 4.0]);
    }
    line
}

fn points(picture: &mut Picture, frame: &Frame, spots: &[Spot], (line, look): (&[Point], Look)) {
    let places: Vec<Point> = spots.iter().map(|spot| frame.at(spot.place.load, spot.place.failure)).collect();
    let mut taken: Vec<Box4> = places.iter().map(|place| around(*place, 6.0)).collect();
    taken.extend(line.windows(2).map(|ends| {
        let (from, to) = (around(ends[0], 1.0), around(ends[1], 1.0));
        [from[0].min(to[0]), from[1].min(to[1]), from[2].max(to[2]), from[3].max(to[3])]
    }));
    for (spot, place) in spots.iter().zip(&places) {
        let style = style(spot.resilience);
        marker(picture, *place, style, 5.0, look.color(style));
        if !spot.meets {
            marker(picture, *place, style, 2.6, look.background());
        }
    }
    let on_line = |group: &Vec<usize>| group.iter().any(|index| line.contains(&places[*index]));
    // The names on the line come first: they are the ones that one looks for.
    let (first, then): (Vec<_>, Vec<_>) = groups(spots, &places).into_iter().partition(on_line);
    for group in first.iter().chain(&then) {
        let place = places[group[0]];
        let names: Vec<&str> = group.iter().map(|index| spots[*index].name.as_str()).collect();
        let text = if names.len() > 2 { format!("{} (+{} same)", names[0], names.len() - 1) } else { names.join(", ") };
        let text = shortened(&text, SMALL, NAME_WIDTH);
        let Some(spot) = free_place(place, text_width(&text, SMALL), &taken, frame) else { continue };
        let (left, middle) = (spot[0] + 2.0, f64::midpoint(spot[1], spot[3]));
        let near = (place.0.clamp(spot[0], spot[2]), place.1.clamp(spot[1] + 2.0, spot[3] - 2.0));
        if (near.0 - place.0).hypot(near.1 - place.1) > 11.0 {
            picture.line(&[place, near], 0.7, look.muted());
        }
        picture.text((left, middle), &text, (SMALL, look.ink()), (Anchor::Start, Anchor::Middle));
        taken.push(spot);
    }
}

/// Systems that stand at the same place share a label.
fn groups(spots: &[Spot], places: &[Point]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in 0..spots.len() {
        let near = |other: &usize| {
            (places[*other].0 - places[index].0).abs() < 0.5 && (places[*other].1 - places[index].1).abs() < 0.5
        };
        match groups.iter_mut().find(|group| near(&group[0])) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

/// The marker that stands for a resilience.
fn style(resilience: Option<usize>) -> usize {
    resilience.map_or(7, |failures| failures.min(HARDY))
}

fn around(place: Point, radius: f64) -> Box4 {
    [place.0 - radius, place.1 - radius, place.0 + radius, place.1 + radius]
}

/// The nearest place for a label of that width that covers nothing, if there is one.
fn free_place(place: Point, width: f64, taken: &[Box4], frame: &Frame) -> Option<Box4> {
    let height = SMALL * 1.25;
    let candidate = |distance: f64, angle: f64| {
        let (dx, dy) = (angle.cos(), angle.sin());
        let center_x = place.0 + dx * distance + dx * (width / 2.0 + 2.0);
        let center_y = place.1 - dy * distance - dy * height / 2.0;
        [center_x - width / 2.0 - 2.0, center_y - height / 2.0, center_x + width / 2.0 + 2.0, center_y + height / 2.0]
    };
    let free = |spot: &Box4| {
        let apart =
            |other: &Box4| spot[2] <= other[0] || other[2] <= spot[0] || spot[3] <= other[1] || other[3] <= spot[1];
        let inside =
            spot[0] > frame.left && spot[2] < frame.right + 8.0 && spot[1] > frame.top - 8.0 && spot[3] < frame.bottom;
        inside && taken.iter().all(apart)
    };
    let turn = |index: u32| {
        // Right, then alternately further up and down, to the left last.
        let step = f64::from(index.div_ceil(2)) * std::f64::consts::PI / 8.0;
        if index.is_multiple_of(2) { step } else { -step }
    };
    let distances = [8.0, 14.0, 22.0, 32.0, 44.0, 58.0, 75.0, 95.0];
    let all = distances.iter().flat_map(|distance| (0..16).map(move |index| candidate(*distance, turn(index))));
    all.into_iter().find(free)
}

/// What the markers mean, beside the data.
fn legend(picture: &mut Picture, frame: &Frame, spots: &[Spot], look: Look) {
    let most = spots.iter().filter_map(|spot| spot.resilience).max();
    let mut known: Vec<Option<usize>> =
        spots.iter().map(|spot| spot.resilience.map(|failures| failures.min(HARDY))).collect();
    known.sort_unstable();
    known.dedup();
    let (x, mut y) = (frame.right + 20.0, frame.top + 8.0);
    picture.text((x - 6.0, y), "resilience", (LABEL, look.ink()), (Anchor::Start, Anchor::Middle));
    for resilience in known {
        y += LABEL * 1.6;
        let style = style(resilience);
        marker(picture, (x, y), style, 5.0, look.color(style));
        let text = match resilience {
            None => "unknown".to_owned(),
            Some(HARDY) if most > Some(HARDY) => format!("{HARDY} or more"),
            Some(failures) => failures.to_string(),
        };
        picture.text((x + 12.0, y), &text, (LABEL, look.ink()), (Anchor::Start, Anchor::Middle));
    }
}
