//! What exports and pictures need beyond the answers: curves, and families by size.

use std::collections::BTreeMap;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::answers;
use super::args::QuestionArgs;
use super::failure::Failure;
use crate::analysis::curves::{Curves, curves};
use crate::analysis::{Options, analyze};
use crate::families::{Family, scalings};
use crate::model::{Fraction, Probability, System, plain};
use crate::report::plot::{Growth, Look, Material, Plot, picture};
use crate::report::{Analysed, series, tables};

/// Nodes of the largest member of a family in a picture.
const NODES_MAX: u64 = 101;

/// Failure probability of the nodes of the families in a picture.
const FAILURE_PROBABILITY: f64 = 0.1;

/// Minimal quorums of each kind that are listed for the set diagrams.
pub(super) const LISTED: usize = 64;

/// How pictures look.
#[derive(Debug, Args)]
pub(super) struct LookArgs {
    /// Draw these pictures only
    #[arg(long, value_enum, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    pub(super) plot: Vec<Plot>,
    /// Draw light on dark
    #[arg(long)]
    dark: bool,
    /// Width and height of a chart, in units of 1/96 inch
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "760x500", value_parser = size)]
    size: (u16, u16),
    /// Pixels an inch of the PNG files
    #[arg(long, value_name = "N", default_value_t = 144, value_parser = clap::value_parser!(u32).range(24..=1200))]
    dpi: u32,
}

impl ValueEnum for Plot {
    fn value_variants<'a>() -> &'a [Self] {
        &Plot::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// Why a size is refused.
#[derive(Debug, thiserror::Error)]
#[error("a size is WIDTHxHEIGHT as in 760x500, each from 200 to 4000")]
struct NoSize;

fn size(text: &str) -> Result<(u16, u16), NoSize> {
    let number = |text: &str| text.parse().ok().filter(|value| (200..=4000).contains(value));
    let (width, height) = text.split_once('x').ok_or(NoSize)?;
    number(width).zip(number(height)).ok_or(NoSize)
}

/// What tables and pictures show beside the answers.
#[derive(Debug, Default)]
pub(super) struct Further {
    /// The curves of the systems, in their order.
    curves: Vec<Curves>,
    families: Vec<Growth>,
}

impl Further {
    /// Finds it for these systems.
    pub(super) fn about(systems: &[Analysed], options: &Options, pool: &ThreadPool, bar: &ProgressBar) -> Further {
        answers::stage(bar, "curves", systems.len());
        let along = |analysed: &Analysed| {
            bar.set_message(plain(&analysed.system.about().name).into_owned());
            let found = curves(&analysed.system, options);
            bar.inc(1);
            found
        };
        let curves = pool.install(|| systems.par_iter().map(along).collect());
        Further { curves, families: families(pool, options, bar) }
    }

    /// Everything together.
    pub(super) fn with<'a>(&'a self, systems: &'a [Analysed]) -> Material<'a> {
        Material { systems, curves: &self.curves, families: &self.families }
    }
}

/// The answers about these systems, all asked the same, with as many minimal quorums listed; what they were asked, and
/// where to go on.
pub(super) fn asked(
    question: &QuestionArgs,
    systems: Vec<(String, System)>,
    listed: Option<usize>,
    bar: &ProgressBar,
) -> Result<(Vec<Analysed>, Options, ThreadPool), Failure> {
    unique(&systems)?;
    let options = question.options().common_to(&systems.iter().map(|(_, system)| system).collect::<Vec<_>>());
    let options = Options { quorums: listed, ..options };
    let pool = answers::pool(question.threads)?;
    let analysed = answers::analyses(&pool, systems, &options, bar);
    Ok((analysed, options, pool))
}

/// Refuses two systems of one name: nobody could tell their rows apart.
fn unique(systems: &[(String, System)]) -> Result<(), Failure> {
    let mut files = BTreeMap::new();
    for (file, system) in systems {
        let name = &system.about().name;
        if let Some(first) = files.insert(name, file) {
            return Err(Failure::SameName { name: name.clone(), files: [first.clone(), file.clone()] });
        }
    }
    Ok(())
}

/// The families by size, at half reads and half writes.
fn families(pool: &ThreadPool, options: &Options, bar: &ProgressBar) -> Vec<Growth> {
    let options = Options {
        read_fractions: Fraction::new(0.5).into_iter().collect(),
        failure_probabilities: Probability::new(FAILURE_PROBABILITY).into_iter().collect(),
        quorums: None,
        ..options.clone()
    };
    let member = |family: &Family| {
        // Sizes of the list above are possible.
        let system = family.system().ok()?.named(member_name(family), None);
        Some(Analysed { file: String::new(), analysis: analyze(&system, &options), system })
    };
    let scalings = scalings(NODES_MAX);
    answers::stage(bar, "families", scalings.len());
    let grown = |scaling: crate::families::Scaling| {
        bar.set_message(scaling.name);
        let members = scaling.members.par_iter().filter_map(member).collect();
        bar.inc(1);
        Growth { name: scaling.name.to_owned(), members }
    };
    pool.install(|| scalings.into_iter().map(grown).collect())
}

fn member_name(family: &Family) -> String {
    match family {
        Family::Grid { rows, cols, variant } => format!("grid {rows}x{cols} {}", variant.name()),
        Family::BGrid { width, bands, band_rows } => format!("b-grid {width}x{bands}x{band_rows}"),
        other => format!("{} {}", other.name(), other.node_count()),
    }
}

/// The CSV tables with the names of their files.
pub(super) fn csv_files(material: Material<'_>) -> Vec<(String, Vec<u8>)> {
    let tables = tables::TABLES.iter().map(|table| (table.file, (table.csv)(material.systems)));
    let members = material.families.iter();
    let members = members.flat_map(|family| family.members.iter().map(move |member| (family.name.as_str(), member)));
    let more =
        [("curves.csv", series::curves(material.systems, material.curves)), ("sweep.csv", series::sweep(members))];
    tables.chain(more).map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
}

/// The pictures that were asked for, each as SVG and PNG; those with nothing to show are left out.
pub(super) fn pictures(pool: &ThreadPool, material: Material<'_>, args: &LookArgs) -> Vec<(String, Vec<u8>)> {
    let look = Look { dark: args.dark, size: (f64::from(args.size.0), f64::from(args.size.1)) };
    let wanted: Vec<Plot> =
        Plot::ALL.into_iter().filter(|plot| args.plot.is_empty() || args.plot.contains(plot)).collect();
    let files = |plot: &Plot| {
        let drawn = picture(*plot, material, look)?;
        let name = if args.dark { format!("{}-dark", plot.name()) } else { plot.name().to_owned() };
        Some([(format!("{name}.svg"), drawn.svg().into_bytes()), (format!("{name}.png"), drawn.png(args.dpi))])
    };
    pool.install(|| wanted.par_iter().filter_map(files).flatten_iter().collect())
}
