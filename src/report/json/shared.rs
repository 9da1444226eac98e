//! Parts of documents that several have.

use crate::model::{NodeSet, Pair, System};
use crate::number::Scaled;
use crate::report::finite;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A number below the range of an `f64`: mantissa times 10^exponent10.
#[derive(Serialize)]
pub(super) struct Decimal {
    pub(super) mantissa: f64,
    pub(super) exponent10: i64,
}

impl Decimal {
    /// The number, unless an `f64` holds it.
    pub(super) fn of(value: Option<Scaled>) -> Option<Self> {
        let (mantissa, exponent10) = value.filter(|value| value.to_f64().is_none())?.decimal();
        Some(Decimal { mantissa, exponent10 })
    }
}

/// The names of a set's members as a list.
pub(in super::super) struct Names<'a> {
    pub(in super::super) system: &'a System,
    pub(in super::super) set: &'a NodeSet,
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.system.names(self.set))
    }
}

/// Quorums that show why something does not hold, and nodes that bring it about.
#[derive(Serialize)]
pub(super) struct Witness<'a> {
    pub(super) quorums: Vec<Names<'a>>,
    pub(super) faulty: Names<'a>,
}

/// One number for each node, in node order.
pub(super) struct ByNode<'a> {
    pub(super) system: &'a System,
    pub(super) values: &'a [f64],
}

impl Serialize for ByNode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (node, value) in self.system.nodes().iter().zip(self.values) {
            // Zero has no sign.
            map.serialize_entry(&node.name, &finite(*value + 0.0))?;
        }
        map.end()
    }
}

/// What one more unit of capacity of each node is worth.
pub(super) struct Worth<'a> {
    pub(super) system: &'a System,
    pub(super) worth: Vec<Pair<f64>>,
}

#[derive(Serialize)]
pub(super) struct ByKind {
    pub(super) read: Option<f64>,
    pub(super) write: Option<f64>,
}

impl Serialize for Worth<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let each = self.worth.iter().map(|worth| ByKind { read: finite(worth.reads), write: finite(worth.writes) });
        serializer.collect_map(self.system.nodes().iter().map(|node| &node.name).zip(each))
    }
}
