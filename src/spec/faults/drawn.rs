//! `[drawn]`: faults that the seed draws.

use super::names::Names;
use super::required_ns;
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{Kind, System, Weight};
use crate::sim::{DRAWN_MAX, Drawn, Wave};
use crate::spec::problem::Problems;
use crate::spec::table::Table;
use crate::structure::resilience::resilience;

/// The waves of faults.
pub(super) const WAVES: [&str; 5] = ["crashes", "client_crashes", "partitions", "slow", "torn_writes"];

/// What a wave of faults looks like.
const EXAMPLE: &str = "crashes = { every_ms = 100, for_ms = 30 }";

pub(super) fn read(table: &Table<'_>, names: &Names<'_>, problems: &mut Problems) -> Drawn {
    let keys: Vec<&'static str> = ["until_ms"].into_iter().chain(WAVES).collect();
    table.refuse_unknown(&keys, |_| None, problems);
    let until_ns = required_ns(table, "until_ms", problems).unwrap_or(0);
    let mut wave = |key: &str, own: &'static [&'static str]| -> Option<(Wave, f64)> {
        let table = table.get(key)?.table("a wave of faults", problems)?;
        let known: Vec<&'static str> = ["every_ms", "for_ms"].into_iter().chain(own.iter().copied()).collect();
        table.refuse_unknown(&known, |_| Some(format!("for example `{EXAMPLE}`")), problems);
        let (every_ns, for_ns) = (required_ns(&table, "every_ms", problems)?, required_ns(&table, "for_ms", problems)?);
        let at_most = match table.get("at_most") {
            Some(value) => value.size(problems).map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
            None => some(resilient(names.system()), known.contains(&"at_most"), &table, problems),
        };
        let disk = table.get("disk").map_or(Some(true), |value| value.truth(problems));
        let factor = table.get("factor").and_then(|value| value.quantity(Weight::new, problems));
        if every_ns < until_ns / DRAWN_MAX + 1 {
            let value = table.require("every_ms", EXAMPLE, problems)?;
            let message = format!("more than {DRAWN_MAX} faults until `until_ms`");
            problems.push(value.problem(message).label("too often"));
            return None;
        }
        Some((Wave { every_ns, for_ns, at_most: at_most?, disk: disk? }, factor.map_or(10.0, Weight::get)))
    };
    let drawn = Drawn {
        until_ns,
        crashes: wave("crashes", &["at_most", "disk"]).map(|(wave, _)| wave),
        client_crashes: wave("client_crashes", &["at_most"]).map(|(wave, _)| wave),
        partitions: wave("partitions", &[]).map(|(wave, _)| Wave { at_most: 1, ..wave }),
        slow: wave("slow", &["at_most", "factor"]),
        torn_writes: wave("torn_writes", &["at_most"]).map(|(wave, _)| wave),
    };
    if WAVES.iter().all(|key| table.get(key).is_none()) {
        problems.push(table.missing("wave of faults", EXAMPLE));
    }
    drawn
}

/// How many may be affected at once where nothing is said: as many as the system survives, which must be at least one.
fn some(resilience: usize, is_limited: bool, table: &Table<'_>, problems: &mut Problems) -> Option<usize> {
    if resilience == 0 && is_limited {
        let problem =
            table.missing("`at_most`, and the system survives no failure: nothing would be drawn", "at_most = 1");
        problems.push(problem);
        return None;
    }
    Some(resilience)
}

/// How many nodes may be down at once so that a read and a write quorum are left.
fn resilient(system: &System) -> usize {
    let compiled = Compiled::new(system, Budget::default());
    let of = |kind| resilience(&compiled, kind).value().unwrap_or(0);
    of(Kind::Read).min(of(Kind::Write))
}
