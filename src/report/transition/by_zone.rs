//! What each zone's loss leaves before, during and after a change.

use rustc_hash::FxHashMap;

use super::changed::Changed;
use crate::operations::ZoneLoss;
use crate::report::Analysed;
use crate::transition::Stage;

/// What is left of the old, the joint and the new system without each zone, where it has such a zone.
pub(super) fn by_zone(change: &Changed) -> Vec<(&str, [Option<&ZoneLoss>; 3])> {
    let in_stage = |analysed: &Analysed| -> FxHashMap<String, usize> {
        let losses = analysed.analysis.operations.zone_losses.iter().enumerate();
        losses.map(|(at, loss)| (analysed.system.zones()[loss.zone.index()].name.clone(), at)).collect()
    };
    let places = Stage::ALL.map(|stage| in_stage(change.of(stage)));
    let joint = change.of(Stage::Joint);
    let losses = joint.analysis.operations.zone_losses.iter();
    losses
        .map(|loss| {
            let zone = joint.system.zones()[loss.zone.index()].name.as_str();
            let of = |stage: Stage| {
                let at = places[stage as usize].get(zone)?;
                change.of(stage).analysis.operations.zone_losses.get(*at)
            };
            (zone, Stage::ALL.map(of))
        })
        .collect()
}
