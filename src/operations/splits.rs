//! Which side of each cut of the zones in two reads and writes?

use super::places::{place_of_nodes, places};
use crate::budget::{Budget, Meter, Resource};
use crate::model::{Kind, NodeId, NodeSet, Pair, System, ZoneId};

/// Zones up to which all cuts are listed.
pub const SPLIT_ZONES_MAX: usize = 12;

/// Who can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Side {
    /// The part without the first zone.
    Side,
    /// The part with the first zone.
    Rest,
    /// Both at once, which is a split brain for writes.
    Both,
    /// Neither.
    Neither,
}

impl Side {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            Side::Side => "side",
            Side::Rest => "rest",
            Side::Both => "both",
            Side::Neither => "neither",
        }
    }
}

/// A cut of the zones in two.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Split {
    /// The part without the first zone, in the order of the definition.
    pub side: Vec<ZoneId>,
    /// Who can read and who can write.
    pub who: Pair<Side>,
}

/// All cuts, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Splits {
    /// Each once; none of a single zone.
    All(Vec<Split>),
    /// Some node stands in no zone, so that nobody knows on which side it is.
    NodeOutside {
        /// The first of them.
        node: NodeId,
    },
    /// More than [`SPLIT_ZONES_MAX`].
    TooMany {
        /// How many.
        zones: usize,
    },
    /// The budget ended first.
    Open,
}

/// Every way to cut the zones of the lowest level in two, and who can read and write.
///
/// # Complexity
/// O(2^z) evaluations of the formulas, of z zones.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::operations::{Side, Splits, splits};
/// let text = "name = 'x'\nzone = [{ name = 'a', nodes = ['n1', 'n2'] }, { name = 'b', nodes = ['n3'] }]\n\
///     [system]\nfamily = 'majority'\nn = 3\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let Splits::All(all) = splits(&system, Budget::default()) else { panic!("two zones") };
/// assert_eq!((all.len(), all[0].who.reads), (1, Side::Rest));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn splits(system: &System, budget: Budget) -> Splits {
    let places = places(system);
    let place_of = place_of_nodes(system, &places);
    if let Some(node) = place_of.iter().position(Option::is_none) {
        return Splits::NodeOutside { node: NodeId::new(node) };
    }
    if places.len() > SPLIT_ZONES_MAX {
        return Splits::TooMany { zones: places.len() };
    }
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps);
    let edges = system.formula(Kind::Read).edge_count() + system.formula(Kind::Write).edge_count();
    let mut all = Vec::new();
    for cut in 1..1usize << places.len().saturating_sub(1) {
        if meter.charge(2 * edges as u64).is_err() {
            return Splits::Open;
        }
        let is_side = |place: &usize| *place > 0 && cut >> (place - 1) & 1 == 1;
        let (side, rest): (Vec<usize>, Vec<usize>) =
            (0..place_of.len()).partition(|node| place_of[*node].as_ref().is_some_and(is_side));
        let set = |nodes: Vec<usize>| nodes.into_iter().map(NodeId::new).collect::<NodeSet>();
        let (side, rest) = (set(side), set(rest));
        let who = |kind: Kind| match (system.formula(kind).holds(&side), system.formula(kind).holds(&rest)) {
            (true, true) => Side::Both,
            (true, false) => Side::Side,
            (false, true) => Side::Rest,
            (false, false) => Side::Neither,
        };
        let zones = (0..places.len()).filter(is_side).map(|place| places[place]).collect();
        all.push(Split { side: zones, who: Pair { reads: who(Kind::Read), writes: who(Kind::Write) } });
    }
    Splits::All(all)
}
