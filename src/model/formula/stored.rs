//! A formula that is read back: what somebody wrote, or forged, is checked before anything walks over it.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::{EDGES_MAX, Formula, GateId, Stored};

/// A formula as it was written.
#[derive(Deserialize)]
struct StoredFormula {
    gates: Vec<Stored>,
    edges: Vec<GateId>,
    votes: Vec<u64>,
}

/// Why what was written is no formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum NotAFormula {
    #[error("a formula of more than {EDGES_MAX} gates or edges")]
    TooLarge,
    #[error("gate number {0} of a formula has no children, or some that do not stand before it")]
    Children(usize),
    #[error("gate number {0} of a formula asks for nothing, or for more than its children have")]
    Quota(usize),
}

impl StoredFormula {
    /// Checks the gate at `index`.
    fn check(&self, index: usize, gate: Stored) -> Result<(), NotAFormula> {
        let children = |start: u32, end: u32| {
            let children = self.edges.get(start as usize..end as usize).unwrap_or_default();
            let are_before = !children.is_empty() && children.iter().all(|child| child.index() < index);
            if are_before { Ok(children.len()) } else { Err(NotAFormula::Children(index)) }
        };
        let is_asked = match gate {
            Stored::Leaf(_) => true,
            Stored::Threshold { k, start, end } => (1..=children(start, end)?).contains(&(k as usize)),
            Stored::Weighted { quota, start, end, votes } => {
                let (first, count) = (votes as usize, children(start, end)?);
                let votes = self.votes.get(first..first.saturating_add(count)).unwrap_or_default();
                let all = votes.iter().try_fold(0u64, |sum, votes| sum.checked_add(*votes));
                all.is_some_and(|all| (1..=all).contains(&quota))
            }
        };
        if is_asked { Ok(()) } else { Err(NotAFormula::Quota(index)) }
    }
}

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Formula, D::Error> {
        let stored = StoredFormula::deserialize(reader)?;
        if stored.gates.len().max(stored.edges.len()) > EDGES_MAX {
            return Err(D::Error::custom(NotAFormula::TooLarge));
        }
        let mut gates = stored.gates.iter().enumerate();
        gates.try_for_each(|(index, gate)| stored.check(index, *gate)).map_err(D::Error::custom)?;
        Ok(Formula { gates: stored.gates, edges: stored.edges, votes: stored.votes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::System;

    fn read(text: &str) -> Result<Formula, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_back() {
        for family in [Family::Majority { n: 5 }, Family::Wheel { n: 4 }] {
            let system = family.system().unwrap();
            let text = serde_json::to_string(&system).unwrap();
            assert_eq!(serde_json::from_str::<System>(&text).unwrap(), system);
        }
        assert!(read(&serde_json::to_string(&Formula::never()).unwrap()).unwrap().is_never());
    }

    #[test]
    fn what_is_forged_is_refused() {
        let leaves = r#"{"Leaf":0},{"Leaf":1}"#;
        let with = |gate: &str, edges: &str, votes: &str| {
            read(&format!(r#"{{"gates":[{leaves},{gate}],"edges":{edges},"votes":{votes}}}"#))
        };
        let threshold = |k: u32, end: u32| format!(r#"{{"Threshold":{{"k":{k},"start":0,"end":{end}}}}}"#);
        let weighted =
            |quota: u64, votes: u32| format!(r#"{{"Weighted":{{"quota":{quota},"start":0,"end":2,"votes":{votes}}}}}"#);
        assert!(with(&threshold(2, 2), "[0,1]", "[]").is_ok());
        assert!(with(&weighted(3, 0), "[0,1]", "[1,2]").is_ok());
        for (gate, edges, votes, why) in [
            (threshold(2, 3), "[0,1]", "[]", "children"),
            (threshold(1, 0), "[0,1]", "[]", "children"),
            (threshold(2, 2), "[0,2]", "[]", "children"),
            (threshold(0, 2), "[0,1]", "[]", "asks for"),
            (threshold(3, 2), "[0,1]", "[]", "asks for"),
            (weighted(4, 0), "[0,1]", "[1,2]", "asks for"),
            (weighted(0, 0), "[0,1]", "[1,2]", "asks for"),
            (weighted(1, 1), "[0,1]", "[1,2]", "asks for"),
            (weighted(1, 0), "[0,1]", "[18446744073709551615,2]", "asks for"),
        ] {
            let error = with(&gate, edges, votes).unwrap_err();
            assert!(error.contains(why), "{gate}: {error}");
        }
        assert!(read(r#"{"gates":[{"Leaf":4294967295}],"edges":[],"votes":[]}"#).unwrap_err().contains("4294967295"));
    }
}
