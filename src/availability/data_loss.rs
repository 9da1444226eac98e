//! How soon are all copies of some acknowledged write gone at once?

use super::SamplingOptions;
use super::repair::{Losses, MissingTimes, has_times, repair};
use crate::circuit::Compiled;
use crate::model::{Kind, Node, Pair, Repair, Zone};

/// When a write is lost that was acknowledged: all nodes of some write quorum have failed at the same time, before any of their copies was
/// made again; `None` when neither nodes nor zones have times, and where there is no write quorum.
///
/// A node is without its copy from a failure, its own or that of its zone, until it is repaired; with `replace_hours` its copy is made again
/// only after these, as after a loss for good.
///
/// # Method
/// The nodes that have failed contain a write quorum exactly when those that live do not satisfy the dual of the writes: so this is the loss
/// of a system whose quorums are that dual, and is found as any other ([`repair`]).
///
/// # Errors
/// [`MissingTimes`] when some nodes or zones have times and another one fails without.
///
/// # Examples
/// ```
/// use quorate::availability::{SamplingOptions, data_loss};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// let text = b"name = 'two'\n[system]\nfamily = 'rawo'\nn = 2\n[nodes]\nmttf_hours = 1000\nmttr_hours = 10\n";
/// let system = quorate::spec::read("two.toml", text)?;
/// let losses = data_loss(&Compiled::new(&system, Budget::default()), &SamplingOptions::default())?.expect("times");
/// // A write is on one node: the first failure of either loses it.
/// let hours = losses.first_loss.hours.and_then(|hours| hours.to_f64());
/// assert!((hours.unwrap() / 500.0 - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn data_loss(compiled: &Compiled<'_>, options: &SamplingOptions) -> Result<Option<Losses>, MissingTimes> {
    let system = compiled.system();
    if !has_times(system) || !system.has_quorum(Kind::Write) {
        return Ok(None);
    }
    let node = |node: &Node| {
        let repair = node.repair.map(replaced);
        Node { failure: repair.map_or(node.failure, Repair::failure_probability), repair, ..node.clone() }
    };
    let zone = |zone: &Zone| {
        let repair = zone.repair.map(replaced);
        let failure = repair.and_then(Repair::failure_probability).unwrap_or(zone.failure);
        Zone { failure, repair, ..zone.clone() }
    };
    let (nodes, zones) = (system.nodes().iter().map(node).collect(), system.zones().iter().map(zone).collect());
    let dual = match &system.about().ring {
        // A ring's write is lost with a write quorum of any one range.
        Some(ring) => ring.writes_kept().expect("as many gates as the writes have"),
        None => compiled.dual(Kind::Write).clone(),
    };
    let safe = system.clone().with_formulas(Pair { reads: dual.clone(), writes: dual });
    let safe = safe.and_then(|safe| safe.with(nodes, zones, system.workload().clone()));
    let safe = safe.expect("the nodes and zones of a system");
    Ok(repair(&Compiled::new(&safe, *compiled.budget()), options)?.map(|answer| answer.system))
}

/// The times of its copy.
fn replaced(repair: Repair) -> Repair {
    Repair { mttr_hours: repair.replace_hours.unwrap_or(repair.mttr_hours), ..repair }
}
