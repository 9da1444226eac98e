//! How many whole zones can be lost.

use super::super::Analysed;
use super::super::number::{MISSING, gave_up, whole};
use super::super::page::{Block, Cell, Table};
use super::kinds;
use crate::report::names::{self, counted};
use crate::structure::zone_loss::{ZoneResilience, ZoneSurvival};

/// Zones that are named before a list is cut short.
const NAMES_MAX: usize = 12;

/// A table for every level of nesting; nothing without zones.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let levels = &analysed.analysis.reliability.zones;
    if levels.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading("Zones".into())];
    let named = |level: &ZoneResilience| match (levels.len(), level.level) {
        (1, _) => String::new(),
        (_, 1) => "outermost".into(),
        (_, depth) => format!("level {depth}"),
    };
    let mut rows = Vec::new();
    for level in levels {
        for (kind, word) in kinds(&analysed.system) {
            let mut row = survival(analysed, level, level.survival.of(kind));
            row.insert(0, Cell::new(word));
            row.insert(0, Cell::aside(named(level)));
            rows.push(row);
        }
    }
    let header = vec!["", "", "survive the loss of any", "how", "can be stopped by the loss of"];
    blocks.push(Block::Table(Table { header, header_shown: true, numeric: Vec::new(), rows }));
    blocks
}

fn survival(analysed: &Analysed, level: &ZoneResilience, survival: &ZoneSurvival) -> Vec<Cell> {
    let ZoneSurvival::Some(resilience) = survival else {
        let all = format!("all {}", counted(level.zones.len(), "zone"));
        return vec![Cell::new(all), Cell::aside("exact"), Cell::new(MISSING)];
    };
    let zones = analysed.system.zones();
    let stopped = resilience.transversal.as_ref().map_or_else(
        || MISSING.to_owned(),
        |set| {
            let named = set.iter().map(|position| &zones[level.zones[position.index()].index()].name);
            let mut names: Vec<String> = named.take(NAMES_MAX).map(|name| names::name(name).into_owned()).collect();
            if set.len() > NAMES_MAX {
                names.push(format!("… {} more", set.len() - NAMES_MAX));
            }
            format!("{{{}}}", names.join(", "))
        },
    );
    let (survived, how) = match (resilience.value(), resilience.exhausted) {
        (Some(zones), _) => (counted(zones, "zone"), "exact".to_owned()),
        (None, None) => {
            return vec![Cell::new(MISSING), Cell::aside("exact"), Cell::new("nothing: there is none left")];
        }
        (None, exhausted) => {
            let least = whole(resilience.lower_bound.saturating_sub(1));
            (format!("{least} zones or more"), exhausted.map_or_else(String::new, gave_up))
        }
    };
    vec![Cell::new(survived), Cell::aside(how), Cell::new(stopped)]
}
