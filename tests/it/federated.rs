//! Nodes that choose whom they trust: known values, and every answer against all sets of nodes of small random systems.

use std::collections::BTreeSet;

use quorate::analysis::{Options, analyze};
use quorate::model::{Formula, NodeId, NodeSet, System};
use quorate::structure::federated::{Federated, SetFamily};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;

use crate::support::draws::below;
use crate::support::files::{golden, rows, word};
use crate::support::program::analyzed;

type Names = BTreeSet<String>;

fn names(value: &Value) -> Names {
    rows(value).iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn sets(value: &Value) -> Vec<Names> {
    rows(value).iter().map(names).collect()
}

/// Whether a quorum set `[k, [name or inner set, ..]]` is satisfied.
fn satisfied(set: &Value, present: &Names) -> bool {
    let holds =
        |member: &&Value| member.as_str().map_or_else(|| satisfied(member, present), |name| present.contains(name));
    rows(&set[1]).iter().filter(holds).count() as u64 >= set[0].as_u64().unwrap()
}

/// Each member's set is satisfied by all of them and those who help.
fn goes_on(case: &Value, side: &Names, helpers: &Names) -> bool {
    let present: Names = side.union(helpers).cloned().collect();
    !side.is_empty()
        && side.iter().all(|name| case["quorum_sets"].get(name).is_some_and(|set| satisfied(set, &present)))
}

#[test]
fn known_systems() {
    for case in rows(&golden("federated.json")["cases"]) {
        let (json, status) = analyzed(word(case, "toml"), &["--quorums", "100"]).unwrap();
        let (found, expected) = (&json["systems"][0]["federated"], &case["expect"]);
        for family in ["quorums", "blocking", "splitting"] {
            for key in ["count", "smallest", "sets"] {
                assert_eq!(found[family][key], expected[family][key], "{} {family} {key}", case["id"]);
            }
            assert_eq!(found[family]["sets_complete"], true, "{}", case["id"]);
        }
        assert_eq!(found["top_tier"], expected["top_tier"], "{}", case["id"]);
        let meets = &found["intersection"];
        assert_eq!(meets["holds"], expected["intersection"], "{}", case["id"]);
        if meets["holds"] == false {
            let pair = sets(&meets["witness"]);
            assert!(pair[0].is_disjoint(&pair[1]) && pair.iter().all(|one| goes_on(case, one, &Names::new())));
        }
        let witness = &found["splitting"]["witness"];
        assert_eq!(witness.is_null(), expected["splitting"]["smallest"].is_null(), "{}", case["id"]);
        if !witness.is_null() {
            let (faulty, sides) = (names(&witness["faulty"]), sets(&witness["quorums"]));
            assert_eq!(faulty, sets(&found["splitting"]["sets"])[0]);
            assert!(sides[0].is_disjoint(&sides[1]), "{witness}");
            assert!(sides.iter().all(|side| side.is_disjoint(&faulty) && goes_on(case, side, &faulty)), "{witness}");
        }
        assert_eq!(i64::from(status), case["exit"].as_i64().unwrap(), "{}", case["id"]);
    }
}

#[test]
fn the_first_sets_are_the_smallest() {
    for case in rows(&golden("federated.json")["cases"]) {
        let (json, _) = analyzed(word(case, "toml"), &["--quorums", "2"]).unwrap();
        let (found, expected) = (&json["systems"][0]["federated"], &case["expect"]);
        for family in ["quorums", "blocking", "splitting"] {
            let all = rows(&expected[family]["sets"]);
            assert_eq!(rows(&found[family]["sets"]), &all[..all.len().min(2)], "{} {family}", case["id"]);
            assert_eq!(found[family]["sets_complete"], all.len() <= 2, "{} {family}", case["id"]);
            assert_eq!(found[family]["count"], expected[family]["count"], "{} {family}", case["id"]);
        }
    }
}

fn set_of(mask: u32) -> NodeSet {
    (0..32).filter(|node| mask >> node & 1 == 1).map(NodeId::new).collect()
}

fn mask_of(set: &NodeSet) -> u32 {
    set.iter().map(|node| 1 << node.index()).sum()
}

/// Everything by the definitions: for each set of present nodes, the nodes whose quorum set it satisfies.
struct BySets {
    nodes: usize,
    satisfied: Vec<u32>,
}

impl BySets {
    fn of(sets: &[Option<Formula>]) -> Self {
        let holds = |present: u32| {
            let present = set_of(present);
            let fits = |node: &usize| sets[*node].as_ref().is_some_and(|set| set.holds(&present));
            (0..sets.len()).filter(fits).map(|node| 1 << node).sum()
        };
        BySets { nodes: sets.len(), satisfied: (0..1 << sets.len()).map(holds).collect() }
    }

    fn goes_on(&self, side: u32, helpers: u32) -> bool {
        side != 0 && side & !self.satisfied[(side | helpers) as usize] == 0
    }

    fn all(&self) -> std::ops::Range<u32> {
        0..1 << self.nodes
    }

    /// The sets that have a property while no proper subset has it, by size and then in node order.
    fn minimal(&self, has: impl Fn(u32) -> bool) -> Vec<u32> {
        let with: Vec<u32> = self.all().filter(|set| has(*set)).collect();
        let is_minimal = |set: &u32| with.iter().all(|other| other == set || other & !set != 0);
        let mut minimal: Vec<u32> = with.iter().copied().filter(is_minimal).collect();
        minimal.sort_by_key(|set| (set.count_ones(), set.reverse_bits() ^ u32::MAX));
        minimal
    }

    fn splits(&self, faulty: u32) -> bool {
        let sides: Vec<u32> = self.all().filter(|side| side & faulty == 0 && self.goes_on(*side, faulty)).collect();
        sides.iter().any(|first| sides.iter().any(|second| first & second == 0))
    }

    fn check(&self, found: &Federated, text: &str) {
        let quorums = self.minimal(|set| self.goes_on(set, 0));
        let blocking = self.minimal(|set| quorums.iter().all(|quorum| quorum & set != 0));
        let splitting = self.minimal(|faulty| self.splits(faulty));
        for (family, expected) in
            [(&found.quorums, &quorums), (&found.blocking, &blocking), (&found.splitting, &splitting)]
        {
            check_family(family, expected, text);
        }
        let tier = quorums.iter().fold(0, |all, quorum| all | quorum);
        assert_eq!(found.top_tier.as_ref().map(mask_of), Some(tier), "{text}");
        let smallest = splitting.first().copied();
        assert_eq!(found.witness.as_ref().map(|witness| mask_of(&witness.faulty)), smallest, "{text}");
        if let Some(witness) = &found.witness {
            let (faulty, [first, second]) = (mask_of(&witness.faulty), witness.sides.each_ref().map(mask_of));
            assert!(first & second == 0 && (first | second) & faulty == 0, "{text}");
            assert!(self.goes_on(first, faulty) && self.goes_on(second, faulty), "{text}");
        }
    }
}

fn check_family(family: &SetFamily, expected: &[u32], text: &str) {
    assert_eq!(family.count, Some(expected.len().into()), "{text}");
    assert_eq!(family.smallest, expected.first().map(|set| set.count_ones() as usize), "{text}");
    let listed: Vec<u32> = family.sets.iter().flatten().map(mask_of).collect();
    assert_eq!(listed, expected, "{text}");
    assert_eq!(family.is_complete, Some(true), "{text}");
}

/// Nodes whose quorum sets are drawn: some of the nodes, sometimes a set inside, sometimes that of the node before, sometimes none.
fn drawn(random: &mut ChaCha8Rng) -> String {
    let nodes = 1 + below(random, 6);
    let mut text = String::from("name = 'drawn'\n[system]\nfamily = 'federated'\n");
    let mut last = None;
    for node in 0..nodes {
        text.push_str(&format!("[[node]]\nname = 'n{node}'\n"));
        let draw = |random: &mut ChaCha8Rng| -> Vec<String> {
            (0..nodes).filter(|_| below(random, 5) > 1).map(|node| format!("n{node}")).collect()
        };
        let set = match below(random, 8) {
            0 => None,
            1 | 2 if last.is_some() => last.clone(),
            _ => {
                let (mut members, inner) = (draw(random), draw(random));
                if below(random, 3) == 0 && !inner.is_empty() {
                    members.push(format!("choose({}, {})", 1 + below(random, inner.len()), inner.join(", ")));
                }
                let size = members.len();
                (size > 0).then(|| format!("choose({}, {})", 1 + below(random, size), members.join(", ")))
            }
        };
        text.extend(set.iter().map(|set| format!("quorum_set = '{set}'\n")));
        last = set.or(last);
    }
    text
}

#[test]
fn all_sets_of_nodes_of_small_systems() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let options = Options { quorums: Some(1000), ..Options::default() };
    let (mut without_quorum, mut unsplit, mut apart, mut by_lies) = (0, 0, 0, 0);
    for _ in 0..400 {
        let text = drawn(&mut random);
        let system: System =
            quorate::spec::read("drawn.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        let found = analyze(&system, &options).federated.expect("a federated system");
        BySets::of(&system.about().quorum_sets).check(&found, &text);
        without_quorum += usize::from(found.quorums.smallest.is_none());
        match found.splitting.smallest {
            None => unsplit += 1,
            Some(0) => apart += 1,
            Some(_) => by_lies += 1,
        }
    }
    assert!(
        without_quorum > 20 && unsplit > 20 && apart > 20 && by_lies > 20,
        "{without_quorum} {unsplit} {apart} {by_lies}"
    );
}

#[test]
fn failed_nodes_are_trusted_in_vain() {
    let text = "name = 'x'\n[system]\nfamily = 'federated'\n".to_owned()
        + &["a", "b", "c", "d"]
            .map(|name| format!("[[node]]\nname = '{name}'\nquorum_set = 'choose(3, a, b, c, d)'\n"))
            .concat();
    let (json, status) = analyzed(&text, &["--failed", "a"]).unwrap();
    let found = &json["systems"][0]["federated"];
    assert_eq!((found["quorums"]["sets"].to_string(), status), (r#"[["b","c","d"]]"#.into(), 0));
    assert_eq!((&found["blocking"]["count"], &found["splitting"]["count"]), (&Value::from("3"), &Value::from("0")));
    let (json, status) = analyzed(&text, &["--failed", "a,b"]).unwrap();
    let found = &json["systems"][0]["federated"];
    assert_eq!((&found["quorums"]["count"], status), (&Value::from("0"), 1));
    assert_eq!((&found["blocking"]["sets"].to_string()[..], &found["blocking"]["count"]), ("[[]]", &Value::from("1")));
}
