//! Which pictures are drawn, how they look, and where they go: the same flags in every command that draws.

use super::Terminal;
use super::args::heading;
use super::error::Failure;
use super::files::Files;
use super::output::Output;
use super::output_folder::Folder;
use super::progress::{self, Thing};
use crate::report::Interruption;
use crate::report::plot::{Look, Material, Picture, PictureFormat, Plot, fronts, picture};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Pixels an inch of a PNG file, where no flag says otherwise.
pub(super) const DPI: u32 = 144;

/// The folder of pictures, where `--plots` names none.
pub(super) const FOLDER: &str = "plots";

/// Which pictures, where, and how they look.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::PICTURES)]
pub(super) struct PictureArgs<N: Drawable> {
    #[arg(long, value_name = "FILE.svg|png|pdf", help = N::PLOT_HELP)]
    plot: Option<PathBuf>,
    /// Draw all pictures into DIR, as SVG and PNG [default folder: plots]
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = FOLDER)]
    plots: Option<PathBuf>,
    /// Draw these pictures only, into the folder of --plots unless --plot names a file
    #[arg(long, value_enum, value_name = "NAME[,NAME..]", value_delimiter = ',')]
    pictures: Vec<N>,
    /// Draw light on dark
    #[arg(long)]
    dark: bool,
    /// Width and height of a chart, in units of 1/96 inch, or in millimetres as in 84x60mm; the width alone keeps the shape [default: 760x500]
    #[arg(long, value_name = "WIDTH[xHEIGHT][mm]", value_parser = size)]
    size: Option<Size>,
    /// Size of the labels of axes in points; other text follows [default: 9.75, less in small pictures]
    #[arg(long, value_name = "POINTS", value_parser = points)]
    font_size: Option<f64>,
    /// Draw no title
    #[arg(long)]
    no_title: bool,
    /// Draw no caption; it is said on standard error
    #[arg(long)]
    no_caption: bool,
    /// Pixels an inch of the PNG files [default: 144]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(24..=1200))]
    dpi: Option<u32>,
}

/// The name of a picture that a command can draw.
pub(super) trait Drawable: ValueEnum + Copy + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// What `--plot` does.
    const PLOT_HELP: &'static str;
    /// The name of its file.
    fn name(self) -> &'static str;
    /// Which of the pictures about answers it is; absent: the fronts.
    fn plot(self) -> Option<Plot>;
    /// What is drawn, unless there is nothing to show.
    fn draw(self, material: Material<'_>, look: Look) -> Option<Picture> {
        match self.plot() {
            Some(plot) => picture(plot, material, look),
            None => fronts(material.systems, look),
        }
    }
}

impl ValueEnum for Plot {
    fn value_variants<'a>() -> &'a [Self] {
        &Plot::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl Drawable for Plot {
    const PLOT_HELP: &'static str = "Draw one picture: that of --pictures, or the trade-off";

    fn name(self) -> &'static str {
        Plot::name(self)
    }

    fn plot(self) -> Option<Plot> {
        Some(self)
    }
}

/// A picture about answers, or the fronts of `--pareto`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PlotOrFront {
    Plot(Plot),
    Front,
}

impl ValueEnum for PlotOrFront {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [PlotOrFront; Plot::ALL.len() + 1] = {
            let mut all = [PlotOrFront::Front; Plot::ALL.len() + 1];
            let mut at = 0;
            while at < Plot::ALL.len() {
                all[at] = PlotOrFront::Plot(Plot::ALL[at]);
                at += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl Drawable for PlotOrFront {
    const PLOT_HELP: &'static str = "Draw one picture: that of --pictures, or else what --pareto finds";

    fn name(self) -> &'static str {
        self.plot().map_or("front", Plot::name)
    }

    fn plot(self) -> Option<Plot> {
        match self {
            PlotOrFront::Plot(plot) => Some(plot),
            PlotOrFront::Front => None,
        }
    }
}

/// A width and a height in units of 1/96 inch.
type Size = (f64, f64);

/// Why a size is refused.
#[derive(Debug, thiserror::Error)]
#[error(
    "a size is WIDTHxHEIGHT as in 760x500 or 84x60mm, or WIDTH alone, each from 200 to 4000 units of 1/96 inch (53 to 1058 mm)"
)]
struct NoSize;

fn size(text: &str) -> Result<Size, NoSize> {
    let (text, unit) = text.strip_suffix("mm").map_or((text, 1.0), |millimetres| (millimetres, 96.0 / 25.4));
    let number = |text: &str| {
        let value = text.parse::<f64>().ok()? * unit;
        (200.0..=4000.0).contains(&value).then_some(value)
    };
    let (natural_width, natural_height) = Look::default().size;
    match text.split_once('x') {
        Some((width, height)) => number(width).zip(number(height)).ok_or(NoSize),
        None => number(text).map(|width| (width, width * natural_height / natural_width)).ok_or(NoSize),
    }
}

/// Why a size of text is refused.
#[derive(Debug, thiserror::Error)]
#[error("text is from 4 to 40 points high")]
struct NoPoints;

fn points(text: &str) -> Result<f64, NoPoints> {
    text.parse().ok().filter(|points| (4.0..=40.0).contains(points)).ok_or(NoPoints)
}

/// What the ending of a picture's name asks for.
pub(super) fn plot_format(path: &Path) -> Result<PictureFormat, Failure> {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("svg") => Ok(PictureFormat::Svg),
        Some("png") => Ok(PictureFormat::Png),
        Some("pdf") => Ok(PictureFormat::Pdf),
        _ => Err(Failure::PlotFormat { path: path.to_path_buf() }),
    }
}

/// Pictures that are wanted, with the places where they will be put: known to be writable before the long run.
#[derive(Debug)]
pub(super) struct Wanted<N> {
    one: Option<One<N>>,
    all: Option<(Folder, Vec<N>)>,
    look: Look,
    dpi: u32,
}

/// One picture for one file.
#[derive(Debug)]
struct One<N> {
    path: PathBuf,
    output: Output,
    format: PictureFormat,
    name: N,
}

impl<N: Drawable> PictureArgs<N> {
    /// The pictures that were named.
    pub(super) fn named(&self) -> &[N] {
        &self.pictures
    }

    /// The flag of the folder, and whether it was given with one; absent: not given.
    pub(super) fn folder(&self) -> (&'static str, Option<bool>) {
        ("--plots", self.plots.as_ref().map(|folder| folder.as_os_str() != FOLDER))
    }

    /// What is wanted of the pictures that are possible; `telling` is drawn where one is asked for and none is named.
    ///
    /// # Errors
    /// [`Failure::Twice`], [`Failure::OnePicture`], [`Failure::WhichPicture`], [`Failure::PlotFormat`], and what cannot be
    /// written.
    pub(super) fn open(&self, possible: &[N], telling: Option<N>, files: &mut Files) -> Result<Wanted<N>, Failure> {
        super::common::refuse_twice("--pictures", &self.pictures, |name| name.name().to_owned())?;
        let one = self.plot.as_deref().map(|path| self.one(path, telling, files)).transpose()?;
        // To name pictures is to ask for them.
        let named = (one.is_none() && !self.pictures.is_empty()).then(|| PathBuf::from(FOLDER));
        let names = if self.pictures.is_empty() { possible } else { &self.pictures };
        let written: Vec<String> = names.iter().flat_map(|name| file_names(*name, self.dark)).collect();
        let folder = self.plots.clone().or(named);
        let folder = folder.map(|folder| files.folder("--plots", &folder, &written)).transpose()?;
        let all = folder.map(|folder| (folder, names.to_vec()));
        if let (None, None, Some(flag)) = (&one, &all, self.about_looks()) {
            return Err(Failure::NoPicture { flag });
        }
        let look = Look {
            dark: self.dark,
            size: self.size.unwrap_or(Look::default().size),
            title: !self.no_title,
            caption: !self.no_caption,
            font_points: self.font_size,
        };
        Ok(Wanted { one, all, look, dpi: self.dpi.unwrap_or(DPI) })
    }

    /// A flag that says how pictures look.
    fn about_looks(&self) -> Option<&'static str> {
        let given = [
            ("--dark", self.dark),
            ("--size", self.size.is_some()),
            ("--font-size", self.font_size.is_some()),
            ("--no-title", self.no_title),
            ("--no-caption", self.no_caption),
            ("--dpi", self.dpi.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }

    fn one(&self, path: &Path, telling: Option<N>, files: &mut Files) -> Result<One<N>, Failure> {
        let name = match self.pictures[..] {
            [] => telling.ok_or(Failure::WhichPicture)?,
            [name] => name,
            _ => return Err(Failure::OnePicture { names: self.pictures.len() }),
        };
        // As it was in the first version, and as one may well think.
        let is_name = path.to_str().is_some_and(|text| N::from_str(text, false).is_ok());
        let format = plot_format(path)
            .map_err(|failure| if is_name { Failure::PlotIsFile { path: path.into() } } else { failure })?;
        Ok(One { path: path.to_path_buf(), output: files.output("--plot", path)?, format, name })
    }
}

impl<N: Drawable> Wanted<N> {
    /// Whether any of these is drawn.
    pub(super) fn any(&self, test: impl Fn(Plot) -> bool) -> bool {
        let all = self.all.iter().flat_map(|(_, names)| names.iter().copied());
        self.one.iter().map(|one| one.name).chain(all).filter_map(Drawable::plot).any(test)
    }

    /// Whether anything is drawn.
    pub(super) fn is_some(&self) -> bool {
        self.one.is_some() || self.all.is_some()
    }

    /// Draws, and writes; what has nothing to show is left out, and said where it was the only one. What is missing because somebody
    /// asked for the end is written beside the pictures.
    pub(super) fn write(
        self,
        pool: &ThreadPool,
        material: Material<'_>,
        (terminal, bar): (&Terminal, &ProgressBar),
        interruption: Option<&Interruption>,
    ) -> Result<(), Failure> {
        let Wanted { one, all, look, dpi } = self;
        let count = all.as_ref().map_or(0, |(_, names)| names.len()) + usize::from(one.is_some());
        progress::stage(bar, "pictures", count as u64);
        if let Some(One { path, output, format, name }) = one {
            let thing = Thing::begin(bar, name.name());
            let drawn = pool.install(|| name.draw(material, look));
            drop(thing);
            match drawn {
                Some(drawn) => {
                    output.write_bytes(&format.file(&drawn, dpi))?;
                    let caption = drawn.caption_left_out().map(|caption| (name.name(), caption.to_owned()));
                    bar.suspend(|| say_captions(terminal, caption));
                }
                None => bar.suspend(|| {
                    terminal.note(&format!("{path:?} is not written: the picture {} has nothing to show", name.name()));
                }),
            }
        }
        let Some((folder, names)) = all else { return Ok(()) };
        let files = |name: &N| {
            let _thing = Thing::begin(bar, name.name());
            let drawn = name.draw(material, look)?;
            let [svg, png] = file_names(*name, look.dark);
            let caption = drawn.caption_left_out().map(|caption| (name.name(), caption.to_owned()));
            Some(([(svg, drawn.svg().into_bytes()), (png, drawn.png(dpi))], caption))
        };
        let drawn: Vec<_> = pool.install(|| names.par_iter().filter_map(files).collect());
        let (files, captions): (Vec<_>, Vec<_>) = drawn.into_iter().unzip();
        let files: Vec<_> = files.into_iter().flatten().collect();
        bar.suspend(|| say_captions(terminal, captions.into_iter().flatten()));
        folder.write_until(&files, interruption)
    }
}

/// Captions that found no room in their picture.
fn say_captions<'a>(terminal: &Terminal, captions: impl IntoIterator<Item = (&'a str, String)>) {
    for (name, caption) in captions {
        terminal.note(&format!("the caption of {name}, which is not in the picture: {caption}"));
    }
}

/// The names of the files of a picture: as SVG, and as PNG.
fn file_names(name: impl Drawable, is_dark: bool) -> [String; 2] {
    let dark = if is_dark { "-dark" } else { "" };
    ["svg", "png"].map(|ending| format!("{}{dark}.{ending}", name.name()))
}

/// Whether a picture shows families by size, for which these have to be built first.
pub(super) fn shows_families(plot: Plot) -> bool {
    matches!(plot, Plot::LoadByNodes | Plot::FailureByNodes)
}

/// Whether a picture shows curves.
pub(super) fn shows_curves(plot: Plot) -> bool {
    matches!(plot, Plot::FailureProbability | Plot::Load | Plot::Capacity)
}

/// Whether all these systems can be told apart in a picture.
///
/// # Errors
/// [`Failure::SameName`].
pub(super) fn unique<'a>(systems: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Failure> {
    let mut files = std::collections::BTreeMap::new();
    for (name, file) in systems {
        if let Some(first) = files.insert(name, file) {
            return Err(Failure::SameName { name: name.to_owned(), files: [first, file].map(str::to_owned) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_picture_says_what_it_is() {
        assert_eq!(plot_format(Path::new("a.SVG")).unwrap(), PictureFormat::Svg);
        assert_eq!(plot_format(Path::new("b/c.png")).unwrap(), PictureFormat::Png);
        assert!(plot_format(Path::new("a.gif")).is_err() && plot_format(Path::new("svg")).is_err());
    }

    #[test]
    fn there_is_a_front_beside_the_pictures_of_answers() {
        let names: Vec<_> = PlotOrFront::value_variants().iter().map(|name| name.name()).collect();
        assert_eq!(names.len(), Plot::ALL.len() + 1);
        assert_eq!(names.last(), Some(&"front"));
        assert!(Plot::ALL.iter().all(|plot| names.contains(&plot.name())));
    }
}
