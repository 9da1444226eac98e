//! What exports and pictures need beyond the answers: curves, and families by size.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::args::{GeneralArgs, QuestionArgs};
use super::batch::Batch;
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::interrupt::{self, Work};
use super::pictures::{Drawable, Wanted};
use super::progress::{self, Thing};
use super::{answers, pictures};
use crate::analysis::curves::{Curves, curves};
use crate::analysis::{Analysis, Options, analyze};
use crate::circuit::Compiled;
use crate::families::{Family, scalings};
use crate::model::{Fraction, Kind, Pair, Probability, System, plain};
use crate::report::plot::{Growth, Material};
use crate::report::{Analysed, series, tables};
use crate::structure::minimal_quorums::minimal_quorums;

/// Nodes of the largest member of a family in a picture.
const NODES_MAX: u64 = 101;

const CURVES: &str = "curves.csv";
const SWEEP: &str = "sweep.csv";

/// What the tables of [`Further`] are.
pub(super) const FURTHER: &str = "curves.csv and sweep.csv";

/// Failure probability of the nodes of the families in a picture.
const FAILURE_PROBABILITY: f64 = 0.1;

/// Minimal quorums of each kind that are listed for the set diagrams.
pub(super) const LISTED: usize = 64;

/// What tables and pictures show beside the answers.
#[derive(Debug, Default)]
pub(super) struct Further {
    /// The curves of the systems, in their order.
    curves: Vec<Curves>,
    families: Vec<Growth>,
}

impl Further {
    /// Finds everything for these systems, unless somebody asks for the end.
    pub(super) fn about(
        systems: &[Analysed],
        options: &Options,
        pool: &ThreadPool,
        bar: &ProgressBar,
    ) -> Option<Further> {
        interrupt::begin(Work::Budgeted);
        let curves = Further::curves(systems, options, pool, bar);
        let families = families(pool, options, bar);
        interrupt::is_over();
        // A part of a curve would look like all of it.
        (!interrupt::asked()).then_some(Further { curves, families })
    }

    /// Finds what these pictures show, and nothing else.
    pub(super) fn shown<N: Drawable>(
        wanted: &Wanted<N>,
        (systems, options): (&[Analysed], &Options),
        pool: &ThreadPool,
        bar: &ProgressBar,
    ) -> Option<Further> {
        interrupt::begin(Work::Budgeted);
        let curves = wanted.any(pictures::shows_curves).then(|| Further::curves(systems, options, pool, bar));
        let families = wanted.any(pictures::shows_families).then(|| families(pool, options, bar));
        interrupt::is_over();
        let further = Further { curves: curves.unwrap_or_default(), families: families.unwrap_or_default() };
        (!interrupt::asked()).then_some(further)
    }

    fn curves(systems: &[Analysed], options: &Options, pool: &ThreadPool, bar: &ProgressBar) -> Vec<Curves> {
        progress::stage(bar, "curves", systems.len() as u64);
        let along = |analysed: &Analysed| {
            if interrupt::asked() {
                return None;
            }
            let _thing = Thing::begin(bar, plain(&analysed.system.about().name));
            Some(curves(&analysed.system, options))
        };
        pool.install(|| systems.par_iter().filter_map(along).collect())
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
    (general, division, bar): (&GeneralArgs, &ShardArgs, &ProgressBar),
) -> Result<(Gathered<Batch<Analysed>>, Options, ThreadPool), Failure> {
    let systems = answers::without(systems, &question.failed)?;
    pictures::unique(systems.iter().map(|(file, system)| (system.about().name.as_str(), file.as_str())))?;
    let options = question.options().common_to(&systems.iter().map(|(_, system)| system).collect::<Vec<_>>());
    let options = Options { quorums: listed, ..options };
    let pool = answers::pool(general.threads)?;
    let analysed = answers::divided((&pool, bar), systems, &options, division)?;
    Ok((analysed, options, pool))
}

/// The same answers with the minimal quorums that the set diagrams show.
pub(super) fn listed(analysed: &[Analysed], options: &Options, pool: &ThreadPool) -> Vec<Analysed> {
    let listed = |analysed: &Analysed| {
        let compiled = Compiled::new(&analysed.system, options.budget);
        let resilience = &analysed.analysis.resilience;
        let of = |kind: Kind| minimal_quorums(&compiled, kind, resilience.of(kind), Some(LISTED));
        let minimal = Pair { reads: of(Kind::Read), writes: of(Kind::Write) };
        Analysed { analysis: Analysis { minimal, ..analysed.analysis.clone() }, ..analysed.clone() }
    };
    pool.install(|| analysed.par_iter().map(listed).collect())
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
        if interrupt::asked() {
            return None;
        }
        // Sizes of the list above are possible.
        let system = family.system().ok()?.named(member_name(family), None);
        Some(Analysed { file: String::new(), analysis: analyze(&system, &options), system })
    };
    let scalings = scalings(NODES_MAX);
    progress::stage(bar, "families", scalings.len() as u64);
    let grown = |scaling: crate::families::Scaling| {
        let thing = Thing::begin(bar, scaling.name);
        let (begun, all) = (AtomicUsize::new(0), scaling.members.len());
        let one = |family: &Family| {
            thing.share(begun.fetch_add(1, Ordering::Relaxed) as f64 / all as f64);
            member(family)
        };
        let members = scaling.members.par_iter().filter_map(one).collect();
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

/// The names of the files of [`csv_files`].
pub(super) fn csv_names() -> Vec<String> {
    tables::TABLES.iter().map(|table| table.file).chain([CURVES, SWEEP]).map(str::to_owned).collect()
}

/// The CSV tables with the names of their files; without the further ones if there was no time for them.
pub(super) fn csv_files(systems: &[Analysed], further: Option<&Further>) -> Vec<(String, Vec<u8>)> {
    let tables = tables::TABLES.iter().map(|table| (table.file, (table.csv)(systems)));
    let named = |(name, text): (&str, String)| (name.to_owned(), text.into_bytes());
    let Some(further) = further else { return tables.map(named).collect() };
    let material = further.with(systems);
    let members = material.families.iter();
    let members = members.flat_map(|family| family.members.iter().map(move |member| (family.name.as_str(), member)));
    let more = [(CURVES, series::curves(material.systems, material.curves)), (SWEEP, series::sweep(members))];
    tables.chain(more).map(named).collect()
}
