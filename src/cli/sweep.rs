//! `quorate sweep`.

use super::args::{GeneralArgs, ReportArgs, heading};
use super::batch::Batch;
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::family_name;
use super::files::Files;
use super::{Status, Terminal, answers, progress};
use crate::analysis::Options;
use crate::availability::SamplingOptions;
use crate::families::FamilyInfo;
use crate::model::{Fraction, Node, Probability, System, Zone, ZoneId};
use crate::report::{self, Arrangement, Format, series};
use crate::spec;
use clap::Args;
use std::ops::RangeInclusive;

/// Follow a family over its parameters, as a table for plots of how it scales
#[derive(Debug, Args)]
#[command(after_long_help = SWEEP_HELP, next_help_heading = heading::PARAMETERS)]
pub(super) struct SweepArgs {
    /// The family, as in `quorate families`
    #[arg(value_name = "FAMILY", help_heading = None::<&str>, value_parser = super::family_name::FamilyName, hide_possible_values = true)]
    family: String,
    /// Numbers of nodes, for families that have an n
    #[arg(long, value_name = "RANGE", value_parser = range)]
    n: Option<Range>,
    /// Nodes of a read quorum, for thresholds
    #[arg(long, value_name = "RANGE", value_parser = range)]
    read: Option<Range>,
    /// Nodes of a write quorum, for thresholds
    #[arg(long, value_name = "RANGE", value_parser = range)]
    write: Option<Range>,
    /// Lines of a grid, rows of a triangle or a CWlog
    #[arg(long, value_name = "RANGE", value_parser = range)]
    rows: Option<Range>,
    /// Elements of a line of a grid [default: as many as lines]
    #[arg(long, value_name = "RANGE", value_parser = range)]
    cols: Option<Range>,
    /// Which quorums of a grid
    #[arg(long, value_name = "NAME", add = super::candidates::variants())]
    variant: Option<String>,
    /// Columns of a B-grid
    #[arg(long, value_name = "RANGE", value_parser = range)]
    width: Option<Range>,
    /// Bands of a B-grid
    #[arg(long, value_name = "RANGE", value_parser = range)]
    bands: Option<Range>,
    /// Rows of a band of a B-grid
    #[arg(long, value_name = "RANGE", value_parser = range)]
    band_rows: Option<Range>,
    /// Edges from the root of a tree to a leaf
    #[arg(long, value_name = "RANGE", value_parser = range)]
    height: Option<Range>,
    /// Children of an inner node of a tree
    #[arg(long, value_name = "RANGE", value_parser = range)]
    degree: Option<Range>,
    /// Orders of a projective plane
    #[arg(long, value_name = "RANGE", value_parser = range)]
    order: Option<Range>,
    /// Sizes of a lattice: Paths, or the Y board
    #[arg(long, value_name = "RANGE", value_parser = range)]
    size: Option<Range>,
    /// Numbers of zones that the nodes are dealt into, one after the other: of three n1, n4, ... stand in zone1
    #[arg(long, value_name = "RANGE", value_parser = range)]
    zones: Option<Range>,
    /// Shares of reads to find the load for
    #[arg(long, value_name = "F[,F..]", value_delimiter = ',', default_value = "0.5", value_parser = super::args::fraction,
          help_heading = heading::QUESTION)]
    read_fraction: Vec<Fraction>,
    /// Failure probabilities of every node
    #[arg(long, value_name = "P[,P..]", value_delimiter = ',', default_value = "0.01", value_parser = super::args::probability,
          help_heading = heading::QUESTION)]
    failure_probability: Vec<Probability>,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = SamplingOptions::default().seed, value_parser = super::args::seed,
          allow_negative_numbers = true, help_heading = heading::QUESTION)]
    seed: u64,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    pub(super) division: ShardArgs,
    #[command(flatten)]
    general: GeneralArgs,
}

const SWEEP_HELP: &str = "\
Examples:
  quorate sweep majority --n 3..101:2
  quorate sweep grid --rows 2..10 --variant row-column
  quorate sweep b-grid --width 4..10 --bands 2..4 --band-rows 1..3 \\
      --format csv --output sweep.csv
  quorate sweep tree --height 1..12
  quorate sweep majority --n 3..15:2 --zones 3..5
  quorate sweep threshold --n 5 --read 1..5 --write 1..5 --read-fraction 0.1,0.9

A RANGE is a number, FIRST..LAST or FIRST..LAST:STEP, both ends included. All combinations are tried; those that are \
no system, such as a threshold above its nodes, are left out. CSV has one row for each member, read fraction and \
failure probability, and the columns family, system, nodes, smallest_read, smallest_write, resilience, read_fraction, \
load, exact, capacity, node_failure_probability, failure_probability, method, zones, zone_resilience, durability_nodes, \
durability_zones, smallest_overlap. With --zones every member stands in as many zones, those with fewer nodes than zones left out.

Exit status:
  0  done; that a member's reads miss its writes is no failure here
  2  could not run: usage, parameters of no system, or a file
  3  Ctrl-C ended it; what was done by then is written";

/// Members of a sweep.
const MEMBERS_MAX: usize = 10_000;

/// Numbers from a first to a last one, in steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    ends: RangeInclusive<u64>,
    step: usize,
}

/// Why a range is refused.
#[derive(Debug, thiserror::Error)]
#[error("a range is a number, FIRST..LAST or FIRST..LAST:STEP, as in 3..101:2, from 1 to a million")]
struct NoRange;

fn range(text: &str) -> Result<Range, NoRange> {
    let number = |text: &str| text.trim().parse().ok().filter(|value| (1..=1_000_000).contains(value)).ok_or(NoRange);
    let (ends, step) = text.split_once(':').map_or((text, Ok(1)), |(ends, step)| (ends, number(step)));
    let (first, last) = ends.split_once("..").unwrap_or((ends, ends));
    let (first, last) = (number(first)?, number(last.trim_start_matches('='))?);
    if first > last {
        return Err(NoRange);
    }
    Ok(Range { ends: first..=last, step: step? as usize })
}

impl Range {
    fn values(&self) -> impl Iterator<Item = u64> + '_ {
        self.ends.clone().step_by(self.step)
    }
}

/// Analyses every member, and writes a table.
pub(super) fn run(args: &SweepArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let family = family_name::family(&args.family)?;
    let systems = args.members(family)?;
    let output = Files::new(args.report.force).report(args.report.output.as_deref())?;
    let options = Options {
        read_fractions: args.read_fraction.clone(),
        failure_probabilities: args.failure_probability.clone(),
        sampling: SamplingOptions { seed: args.seed, ..SamplingOptions::default() },
        ..Options::default()
    };
    let bar = progress::bar(!args.general.is_quiet() && terminal.is_watched());
    let pool = answers::pool(args.general.threads)?;
    let Batch { done: analysed, interruption } =
        match answers::divided((&pool, &bar), systems, &options, &args.division)? {
            Gathered::All(batch) => batch,
            Gathered::Part(text) => return output.write(&text).map(|()| Status::Done),
        };
    bar.finish_and_clear();
    let view = terminal.view(&output);
    let text = match args.report.format() {
        Format::Csv => series::sweep(analysed.iter().map(|member| (family.name, member))),
        format => report::comparison(&analysed, &Arrangement::default(), format, view)?,
    };
    output.write(&answers::report(text, interruption.as_ref(), args.report.format(), view))?;
    Ok(answers::interrupted(interruption.as_ref(), terminal))
}

impl SweepArgs {
    fn ranges(&self) -> [(&'static str, Option<&Range>); 12] {
        [
            ("n", self.n.as_ref()),
            ("read", self.read.as_ref()),
            ("write", self.write.as_ref()),
            ("rows", self.rows.as_ref()),
            ("cols", self.cols.as_ref()),
            ("width", self.width.as_ref()),
            ("bands", self.bands.as_ref()),
            ("band_rows", self.band_rows.as_ref()),
            ("height", self.height.as_ref()),
            ("degree", self.degree.as_ref()),
            ("order", self.order.as_ref()),
            ("size", self.size.as_ref()),
        ]
    }

    /// All members, by the definition that each would have in a file.
    fn members(&self, family: &FamilyInfo) -> Result<Vec<(String, System)>, Failure> {
        let ranges = self.ranges();
        let has = |key: &str| family.parameters.iter().any(|parameter| parameter.key == key);
        if let Some((key, _)) = ranges.iter().find(|(key, range)| range.is_some() && !has(key)) {
            return Err(Failure::NoParameter { family: family.name, key });
        }
        let optional = |key: &str| key == "degree" || (key == "cols" && self.rows.is_some());
        let missing = ranges.iter().find(|(key, range)| range.is_none() && has(key) && !optional(key));
        if let Some((key, _)) = missing {
            let example = family.example.lines().find_map(|line| line.strip_prefix(*key)?.strip_prefix(" = "));
            return Err(Failure::NoRange { family: family.name, key, example: example.unwrap_or("3") });
        }
        let mut combinations: Vec<Vec<(&str, u64)>> = vec![Vec::new()];
        for (key, range) in ranges {
            let Some(range) = range else { continue };
            let extended = combinations.iter().flat_map(|start| {
                range.values().map(move |value| start.iter().copied().chain([(key, value)]).collect())
            });
            combinations = extended.take(MEMBERS_MAX + 1).collect();
        }
        if combinations.len() > MEMBERS_MAX {
            return Err(Failure::TooManyMembers { limit: MEMBERS_MAX });
        }
        let mut members = Vec::new();
        let mut refused = None;
        for values in combinations {
            let (name, text) = self.definition(family, &values);
            match spec::read(&name, text.as_bytes()) {
                Ok(system) => members.extend(self.placed(name, system)),
                Err(diagnostics) => refused = Some(Failure::Definition { file: name, diagnostics }),
            }
        }
        if members.len() > MEMBERS_MAX {
            return Err(Failure::TooManyMembers { limit: MEMBERS_MAX });
        }
        match refused {
            Some(refused) if members.is_empty() => Err(refused),
            _ => Ok(members),
        }
    }

    /// The system in each number of zones, or as it is.
    fn placed(&self, name: String, system: System) -> Vec<(String, System)> {
        let Some(range) = &self.zones else { return vec![(name, system)] };
        let fits = |zones: &u64| *zones <= system.nodes().len() as u64;
        let counts: Vec<usize> = range.values().take_while(fits).map(|zones| zones as usize).collect();
        let place = |count: usize| {
            let name = format!("{name} zones={count}");
            Some((name.clone(), dealt(system.clone(), count)?.named(name, None)))
        };
        counts.into_iter().filter_map(place).collect()
    }

    /// The name of a member, and its definition.
    fn definition(&self, family: &FamilyInfo, values: &[(&str, u64)]) -> (String, String) {
        let mut values = values.to_vec();
        let rows = values.iter().find(|(key, _)| *key == "rows").map(|(_, rows)| *rows);
        // A grid is square unless something else is said.
        if let (Some(rows), None, "grid") = (rows, &self.cols, family.name) {
            values.push(("cols", rows));
        }
        let words: Vec<String> = values.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let name = format!("{} {}", family.name, words.join(" "));
        let lines: String = values.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        let variant = self.variant.as_ref().map_or_else(String::new, |variant| format!("variant = {variant:?}\n"));
        let text = format!("name = {name:?}\n[system]\nfamily = {:?}\n{lines}{variant}", family.name);
        (name, text)
    }
}

/// The system with its nodes dealt into so many zones, which never fail of themselves.
fn dealt(system: System, count: usize) -> Option<System> {
    let zones = (1..=count).map(|zone| Zone::new(format!("zone{zone}"), Probability::ZERO)).collect();
    let place = |(at, node): (usize, &Node)| Node { zone: Some(ZoneId::new(at % count)), ..node.clone() };
    let nodes = system.nodes().iter().enumerate().map(place).collect();
    let workload = system.workload().clone();
    // Nodes and zones are as many as they were, and each zone is there.
    system.with(nodes, zones, workload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let values = |text: &str| range(text).map(|range| range.values().collect::<Vec<_>>()).ok();
        assert_eq!(values("5"), Some(vec![5]));
        assert_eq!(values("3..5"), Some(vec![3, 4, 5]));
        assert_eq!(values("3..=8:2"), Some(vec![3, 5, 7]));
        for text in ["", "5..3", "0..3", "1..9:0", "a", "1..", "1..1e3"] {
            assert_eq!(values(text), None, "{text}");
        }
    }

    /// Nodes go round: of five in three zones two, two and one.
    #[test]
    fn nodes_are_dealt_into_zones() {
        let system = crate::families::Family::Majority { n: 5 }.system().unwrap();
        let placed = dealt(system, 3).unwrap();
        let zones: Vec<usize> = placed.nodes().iter().map(|node| node.zone.map_or(9, ZoneId::index)).collect();
        assert_eq!(zones, [0, 1, 2, 0, 1]);
        assert_eq!(
            placed.zones().iter().map(|zone| zone.name.as_str()).collect::<Vec<_>>(),
            ["zone1", "zone2", "zone3"]
        );
    }
}
