//! The operations around a violation on a time axis, one lane for each process.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{FONT, Format, Picture, PlotError, rendered};
use crate::report::scene::{Scene, Shown};

const WIDTH: u32 = 960;
const LANE: i32 = 56;
const TOP: i32 = 56;
const BOTTOM: i32 = 48;
const LEFT: i32 = 110;
const RIGHT: i32 = 40;
/// Half the height of a bar.
const BAR: i32 = 11;
/// Characters of a label; longer ones would cover their neighbours.
const LABEL_MAX: usize = 24;

const WITNESS: RGBColor = RGBColor(178, 34, 34);
const READ: RGBColor = RGBColor(70, 110, 160);
const WRITE: RGBColor = RGBColor(90, 130, 60);
const FAINT: RGBColor = RGBColor(215, 215, 215);

/// The picture of a violation: what is red breaks the rule by itself.
///
/// # Errors
/// [`PlotError`] when drawing fails.
pub fn scene(scene: &Scene, format: Format) -> Result<Vec<u8>, PlotError> {
    let mut processes: Vec<i64> = scene.operations.iter().map(|shown| shown.process).collect();
    processes.sort_unstable();
    processes.dedup();
    let instants = || scene.operations.iter().flat_map(|shown| [Some(shown.start), shown.end]).flatten();
    let from = instants().min().unwrap_or(0);
    let to = instants().max().unwrap_or(0);
    let height = TOP + BOTTOM + LANE * processes.len() as i32;
    let picture = Drawing { scene, processes, from, to };
    rendered(&picture, format, (WIDTH, height.unsigned_abs()))
}

struct Drawing<'a> {
    scene: &'a Scene,
    processes: Vec<i64>,
    from: i64,
    to: i64,
}

impl Picture for Drawing<'_> {
    fn draw<B: DrawingBackend>(&self, backend: B) -> Result<(), PlotError> {
        let area = backend.into_drawing_area();
        area.fill(&WHITE).map_err(PlotError::drawing)?;
        self.frame(&area)?;
        for shown in &self.scene.operations {
            self.operation(&area, shown)?;
        }
        area.present().map_err(PlotError::drawing)
    }
}

fn text<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    words: &str,
    at: (i32, i32),
    size: i32,
    anchor: HPos,
) -> Result<(), PlotError> {
    let style = TextStyle::from((FONT, size).into_font()).pos(Pos::new(anchor, VPos::Center)).color(&BLACK);
    area.draw(&Text::new(words, at, style)).map_err(PlotError::drawing)
}

impl Drawing<'_> {
    /// Where an instant stands.
    fn x(&self, at: i64) -> i32 {
        let share = (at - self.from) as f64 / (self.to - self.from).max(1) as f64;
        LEFT + (share * f64::from(WIDTH as i32 - LEFT - RIGHT)).round() as i32
    }

    /// Where the lane of a process stands.
    fn y(&self, process: i64) -> i32 {
        let lane = self.processes.partition_point(|other| *other < process);
        TOP + LANE * lane as i32 + LANE / 2
    }

    /// Title, lanes and the axis.
    fn frame<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<(), PlotError> {
        text(area, &format!("{} (red)", self.scene.title), (LEFT, TOP / 2), 18, HPos::Left)?;
        let right = WIDTH as i32 - RIGHT;
        for process in &self.processes {
            let y = self.y(*process);
            let lane = PathElement::new(vec![(LEFT, y), (right, y)], FAINT);
            area.draw(&lane).map_err(PlotError::drawing)?;
            text(area, &format!("process {process}"), (LEFT - 10, y), 13, HPos::Right)?;
        }
        let y = TOP + LANE * self.processes.len() as i32 + 8;
        area.draw(&PathElement::new(vec![(LEFT, y), (right, y)], BLACK)).map_err(PlotError::drawing)?;
        text(area, &self.from.to_string(), (LEFT, y + 16), 12, HPos::Left)?;
        if self.to > self.from {
            text(area, &self.to.to_string(), (right, y + 16), 12, HPos::Right)?;
        }
        text(area, "time", ((LEFT + right) / 2, y + 16), 12, HPos::Center)
    }

    /// A bar from start to end; one that never returned fades out at the right.
    fn operation<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>, shown: &Shown) -> Result<(), PlotError> {
        let color = match (shown.is_witness, shown.name) {
            (true, _) => WITNESS,
            (false, "read") => READ,
            (false, _) => WRITE,
        };
        let y = self.y(shown.process);
        let from = self.x(shown.start);
        let to = shown.end.map_or(WIDTH as i32 - RIGHT / 2, |end| self.x(end)).max(from + 3);
        let corners = [(from, y - BAR), (to, y + BAR)];
        let fill = color.mix(if shown.is_witness { 0.35 } else { 0.15 }).filled();
        area.draw(&Rectangle::new(corners, fill)).map_err(PlotError::drawing)?;
        let mut outline = vec![(to, y - BAR), (from, y - BAR), (from, y + BAR), (to, y + BAR)];
        if shown.end.is_some() {
            outline.push((to, y - BAR));
        }
        let line = color.stroke_width(if shown.is_witness { 2 } else { 1 });
        area.draw(&PathElement::new(outline, line)).map_err(PlotError::drawing)?;
        let label: String = format!("{} {}", shown.name, shown.value).chars().take(LABEL_MAX).collect();
        text(area, &label, (from, y - BAR - 8), 12, HPos::Left)
    }
}
