//! The parameters of the families: the keys of `[system]` become a [`Family`].

use super::NodeNames;
use super::nodes::{Members, unknown_node};
use super::problem::{Problem, Problems};
use super::quorums::Quorums;
use super::table::{Table, Value};
use super::wording::{name_problem, quoted, suggestion};
use crate::families::{Family, FamilyError, FamilyInfo, GridVariant};
use crate::model::{NODES_MAX, Pair};
use rustc_hash::FxHashMap;

/// Reads the parameters of one family.
#[derive(Debug)]
pub(super) struct Parameters<'a, 'b> {
    table: &'b Table<'a>,
    info: &'static FamilyInfo,
    problems: &'b mut Problems,
}

impl<'a, 'b> Parameters<'a, 'b> {
    pub(super) fn new(table: &'b Table<'a>, info: &'static FamilyInfo, problems: &'b mut Problems) -> Self {
        Parameters { table, info, problems }
    }

    /// The quorums of the family, or `None` after at least one problem.
    pub(super) fn quorums(mut self) -> Option<Quorums> {
        let mut family = self.family()?;
        let count = family.node_count();
        if count > NODES_MAX as u64 {
            self.refuse(&FamilyError::TooManyNodes { nodes: count });
            return None;
        }
        let names = self.names(count as usize);
        if let (Family::Singleton { node, .. }, Some(names)) = (&mut family, &names) {
            *node = self.deciding_node(names)?;
        }
        match family.formulas() {
            Ok(formulas) => Some(Quorums {
                family: self.info.name,
                members: Members { names: names?, open: false },
                symmetric: formulas.reads == formulas.writes,
                majority: matches!(family, Family::Majority { .. }),
                formulas,
                listed: Pair::default(),
                shape: family.shape(),
                quorum_sets: Vec::new(),
            }),
            Err(error) => {
                self.refuse(&error);
                None
            }
        }
    }

    fn family(&mut self) -> Option<Family> {
        Some(match self.info.name {
            "majority" => Family::Majority { n: self.size("n")? },
            "threshold" => {
                let (n, read, write) = (self.size("n"), self.size("read"), self.size("write"));
                let (n, read, write) = (n?, read?, write?);
                self.at_most(n, &[("read", read), ("write", write)])?;
                Family::Threshold { n, read, write }
            }
            "weighted" => self.weighted()?,
            "rowa" => Family::Rowa { n: self.size("n")? },
            "rawo" => Family::Rawo { n: self.size("n")? },
            "singleton" => Family::Singleton { n: self.size("n")?, node: 0 },
            "grid" => {
                let (rows, cols, variant) = (self.size("rows"), self.size("cols"), self.variant());
                Family::Grid { rows: rows?, cols: cols?, variant: variant? }
            }
            "b-grid" => {
                let (width, bands, band_rows) = (self.size("width"), self.size("bands"), self.size("band_rows"));
                Family::BGrid { width: width?, bands: bands?, band_rows: band_rows? }
            }
            "tree" => {
                let (height, degree) = (self.height(), self.optional_size("degree", 2));
                Family::Tree { height: height?, degree: degree? }
            }
            "hierarchical" => self.hierarchical()?,
            "wall" => Family::Wall { widths: self.sizes("widths")? },
            "triangle" => Family::Triangle { rows: self.size("rows")? },
            "cwlog" => Family::Cwlog { rows: self.size("rows")? },
            "wheel" => Family::Wheel { n: self.size("n")? },
            "fpp" => Family::Fpp { order: self.size("order")? },
            "paths" => Family::Paths { size: self.size("size")? },
            "y" => Family::Y { size: self.size("size")? },
            "dissemination" | "masking" | "opaque" | "m-grid" | "masking-grid" => self.liars()?,
            "and-or" => Family::AndOr { height: self.height()? },
            "nucleus" => Family::Nucleus { r: self.size("r")? },
            "probabilistic" => self.probabilistic()?,
            // A test reads the example of every family, so that this cannot be reached.
            other => {
                let message = format!("the family {} cannot be defined in a file", quoted(other));
                self.problems.push(Problem::new(self.table.span.clone(), message));
                return None;
            }
        })
    }

    /// The value of a parameter that must be there.
    fn required(&mut self, key: &str) -> Option<Value<'a>> {
        let value = self.table.get(key);
        if value.is_none() {
            let example = self.info.example.lines().find(|line| line.split(" = ").next() == Some(key));
            let meaning = self.info.parameters.iter().find(|parameter| parameter.key == key);
            let help = match example {
                Some(example) => format!("for example `{example}`"),
                None => format!("`{key}` is: {}", meaning.map_or("a parameter", |parameter| parameter.meaning)),
            };
            let message = format!("[system] has no `{key}`, which {} needs", quoted(self.info.name));
            let problem = Problem::new(self.table.span.clone(), message);
            self.problems.push(problem.label(format!("`{key}` is missing here")).help(help));
        }
        value
    }

    /// A number of nodes, lines, votes: one or more.
    fn size(&mut self, key: &str) -> Option<u64> {
        self.required(key)?.size(self.problems)
    }

    /// The same, with a default.
    fn optional_size(&mut self, key: &str, default: u64) -> Option<u64> {
        self.table.get(key).map_or(Some(default), |value| value.size(self.problems))
    }

    /// The height of a tree, which may be zero.
    fn height(&mut self) -> Option<u64> {
        self.required("height")?.whole(self.problems)
    }

    /// Families of which some nodes may lie.
    fn liars(&mut self) -> Option<Family> {
        let size = self.size(if self.info.name.ends_with("grid") { "side" } else { "n" });
        let liars = self.required("b").and_then(|value| value.whole(self.problems));
        let (size, b) = (size?, liars?);
        Some(match self.info.name {
            "dissemination" => Family::Dissemination { n: size, b },
            "masking" => Family::Masking { n: size, b },
            "opaque" => Family::Opaque { n: size, b },
            "m-grid" => Family::MGrid { side: size, b },
            _ => Family::MaskingGrid { side: size, b },
        })
    }

    fn probabilistic(&mut self) -> Option<Family> {
        self.table.refuse_together("q", "read", self.problems);
        self.table.refuse_together("q", "write", self.problems);
        let n = self.size("n");
        let has = |key: &str| self.table.get(key).is_some();
        let (read, write) = if has("read") || has("write") {
            let (read, write) = (self.size("read"), self.size("write"));
            (read?, write?)
        } else {
            let q = self.size("q")?;
            (q, q)
        };
        let (n, keys) = (n?, if has("q") { ["q", "q"] } else { ["read", "write"] });
        let parameters = [(keys[0], read), (keys[1], write)];
        self.at_most(n, if has("q") { &parameters[..1] } else { &parameters })?;
        Some(Family::Probabilistic { n, read, write })
    }

    /// One size or more.
    fn sizes(&mut self, key: &str) -> Option<Vec<u64>> {
        let value = self.required(key)?;
        let list = value.list("a list of whole numbers", self.problems)?;
        if list.len() == 0 {
            let problem = value.problem(format!("`{key}` is empty")).label("must have a number");
            self.problems.push(problem);
            return None;
        }
        let sizes: Vec<Option<u64>> = list.map(|size| size.size(self.problems)).collect();
        sizes.into_iter().collect()
    }

    fn hierarchical(&mut self) -> Option<Family> {
        self.table.refuse_together("quorum", "read", self.problems);
        self.table.refuse_together("quorum", "write", self.problems);
        let branching = self.sizes("branching");
        let has = |key: &str| self.table.get(key).is_some();
        if ["quorum", "read", "write"].iter().all(|key| !has(key)) {
            let majority: Vec<u64> = branching.as_ref()?.iter().map(|members| members / 2 + 1).collect();
            return Some(Family::Hierarchical { branching: branching?, read: majority.clone(), write: majority });
        }
        if !has("read") && !has("write") {
            let needed = self.members("quorum", branching.as_deref())?;
            return Some(Family::Hierarchical { branching: branching?, read: needed.clone(), write: needed });
        }
        let (read, write) = (self.members("read", branching.as_deref()), self.members("write", branching.as_deref()));
        Some(Family::Hierarchical { branching: branching?, read: read?, write: write? })
    }

    /// How many members of a group are needed on each level.
    fn members(&mut self, key: &'static str, branching: Option<&[u64]>) -> Option<Vec<u64>> {
        let needed = self.sizes(key)?;
        let Some(branching) = branching else { return Some(needed) };
        let value = self.table.get(key)?;
        if needed.len() != branching.len() {
            self.refuse(&FamilyError::Levels { parameter: key, levels: needed.len(), expected: branching.len() });
            return None;
        }
        let elements = value.list("a list of whole numbers", self.problems)?;
        let before = self.problems.count();
        for (element, (k, members)) in elements.zip(needed.iter().zip(branching)) {
            if k > members {
                let error = FamilyError::Above { parameter: key, value: *k, limit: *members };
                self.problems.push(element.problem(error.to_string()).label(format!("must be at most {members}")));
            }
        }
        (self.problems.count() == before).then_some(needed)
    }

    /// Refuses parameters above the limit, all of them.
    fn at_most(&mut self, limit: u64, parameters: &[(&'static str, u64)]) -> Option<()> {
        let above = parameters.iter().copied().filter(|(_, value)| *value > limit);
        let above = above.map(|(parameter, value)| FamilyError::Above { parameter, value, limit });
        let refused = above.map(|error| self.refuse(&error)).count();
        (refused == 0).then_some(())
    }

    fn variant(&mut self) -> Option<GridVariant> {
        let Some(value) = self.table.get("variant") else {
            return Some(GridVariant::default());
        };
        let name = value.text(self.problems)?;
        let variant = GridVariant::ALL.into_iter().find(|variant| variant.name() == name);
        if variant.is_none() {
            let help = suggestion(name, "the variants are", GridVariant::ALL.map(GridVariant::name).into_iter());
            let problem = value.problem(format!("unknown variant {}", quoted(name))).label("no such grid");
            self.problems.push(problem.help(help));
        }
        variant
    }

    fn weighted(&mut self) -> Option<Family> {
        self.table.refuse_together("quota", "read_votes", self.problems);
        self.table.refuse_together("quota", "write_votes", self.problems);
        let votes = self.votes();
        let either = |key: &str| self.table.get(key).is_some();
        if !either("quota") && !either("read_votes") && !either("write_votes") {
            let message = "[system] has neither `quota`, nor `read_votes` and `write_votes`, which `weighted` needs";
            let problem = Problem::new(self.table.span.clone(), message).label("`quota` is missing here");
            self.problems.push(problem.help("for example `quota = 4`".to_string()));
            return None;
        }
        // When the sum overflows, the family says so.
        let total = |votes: &[u64]| votes.iter().fold(0u64, |sum, votes| sum.saturating_add(*votes));
        if either("quota") {
            let (quota, votes) = (self.size("quota")?, votes?);
            self.at_most(total(&votes), &[("quota", quota)])?;
            return Some(Family::Weighted { votes, read_votes: quota, write_votes: quota });
        }
        let (read_votes, write_votes) = (self.size("read_votes"), self.size("write_votes"));
        let (votes, read_votes, write_votes) = (votes?, read_votes?, write_votes?);
        self.at_most(total(&votes), &[("read_votes", read_votes), ("write_votes", write_votes)])?;
        Some(Family::Weighted { votes, read_votes, write_votes })
    }

    fn votes(&mut self) -> Option<Vec<u64>> {
        let value = self.required("votes")?;
        let list = value.list("a list of whole numbers", self.problems)?;
        let votes: Vec<Option<u64>> = list.map(|vote| vote.whole(self.problems)).collect();
        let votes: Vec<u64> = votes.into_iter().collect::<Option<_>>()?;
        if votes.iter().all(|votes| *votes == 0) {
            let problem = value.problem("`votes` in which nobody has a vote").label("add a vote");
            self.problems.push(problem.help("for example `votes = [2, 1, 1]`".to_string()));
            return None;
        }
        Some(votes)
    }

    /// The names that `names` gives, or n1, n2, ...
    pub(super) fn names(&mut self, count: usize) -> Option<NodeNames> {
        let mut names = NodeNames::new();
        let Some(value) = self.table.get("names") else {
            (1..=count).try_for_each(|number| names.intern(&format!("n{number}")).map(drop))?;
            return Some(names);
        };
        let given = value.list("a list of names", self.problems)?;
        let before = self.problems.count();
        if given.len() != count {
            let message = format!("{} names for {count} nodes", given.len());
            self.problems.push(value.problem(message).label(format!("must be {count}")));
        }
        let mut places: FxHashMap<&str, usize> = FxHashMap::default();
        for element in given {
            let Some(name) = element.text(self.problems) else {
                continue;
            };
            if let Some(problem) = name_problem(name, &element.span()) {
                self.problems.push(problem);
            } else if let Some(first) = places.get(name) {
                let problem =
                    element.problem(format!("two nodes are called {}", quoted(name))).label("not the first one");
                self.problems.push(problem.first(*first));
            } else {
                places.insert(name, element.span().start);
                names.intern(name);
            }
        }
        (self.problems.count() == before).then_some(names)
    }

    /// The number of the node that `node` names; the first by default.
    fn deciding_node(&mut self, names: &NodeNames) -> Option<u64> {
        let Some(value) = self.table.get("node") else {
            return Some(0);
        };
        let name = value.text(self.problems)?;
        match names.get(name) {
            Some(node) => Some(node.index() as u64),
            None => {
                self.problems.push(unknown_node(name, value.span(), names));
                None
            }
        }
    }

    /// What the family refuses, at the parameter that it names or at the first one that is there.
    fn refuse(&mut self, error: &FamilyError) {
        let (key, label) = match error {
            FamilyError::Zero { parameter } => (Some(*parameter), "zero is too small".into()),
            FamilyError::Above { parameter, limit, .. } => (Some(*parameter), format!("must be at most {limit}")),
            FamilyError::Below { parameter, least, .. } => (Some(*parameter), format!("must be at least {least}")),
            FamilyError::Levels { parameter, expected, .. } => (Some(*parameter), format!("must have {expected}")),
            FamilyError::NoPlane { .. } => (Some("order"), "must be 2, 3, 4, 5, 7, 8, 9, 11, 13, 16, ...".into()),
            FamilyError::TooManyNodes { .. } => (None, "too many".into()),
            _ => (None, String::new()),
        };
        let named = key.and_then(|key| self.table.get(key));
        let first = || self.info.parameters.iter().find_map(|parameter| self.table.get(parameter.key));
        let span = named.or_else(first).map_or(self.table.span.clone(), |value| value.span());
        self.problems.push(Problem::new(span, error.to_string()).label(label));
    }
}
