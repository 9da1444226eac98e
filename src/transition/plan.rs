//! In which order of single steps, each of them direct, does one system become the other?

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::crossing::Needs;
use super::standing::Standing;
use super::step::Stage;
use super::united::{TransitionError, United};
use super::votes::{Ballots, Meeting};
use crate::analysis::Options;
use crate::budget::{Exhausted, Meter, Resource};
use crate::model::{FormulaBuilder, Lying, NodeId, Pair, System};
use crate::operations::{Demands, Protocol};

/// A shortest way.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The systems after each step, the last one the new system.
    pub steps: Vec<Planned>,
    /// Whether no way of such steps is shorter, and of those none survives more all the way; otherwise the budget ended first.
    pub is_best: bool,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The node whose votes change, from how many to how many; none where only quotas do.
    pub change: Option<(NodeId, u64, u64)>,
    /// The system afterwards, over the nodes with votes of the old and the new system.
    pub system: System,
    /// Votes that a read and a write need afterwards.
    pub quotas: [u64; 2],
    /// Failures of nodes that are always survived then.
    pub resilience: usize,
    /// Losses of zones that are; absent without zones.
    pub zone_resilience: Option<usize>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPlan {
    /// What stands between the old and the new system is known of systems of votes only.
    NotVotes(Stage),
    /// One of both systems does not hold by itself.
    Unsafe(Stage),
    /// What is demanded is known for nodes with one vote each only.
    OneVoteOnly,
    /// What this protocol needs is not known of votes.
    Protocol(Protocol),
    /// So much of opaque lies is not known of votes.
    Opaque,
    /// The budget ended before any way was found.
    Open(Exhausted),
    /// There is none: these are all systems that can be reached, and a step that is left from one of them.
    None {
        /// Systems that were reached.
        reached: usize,
    },
}

/// How quotas may be between the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// More than half of the votes, as at both ends.
    Majority,
    /// The same for reads and writes, as at both ends.
    Alike,
    /// Any.
    Free,
}

/// A shortest sequence of single steps from one system to the other, of which each is direct; of the shortest ones one that survives the most
/// losses of zones all the way, and of those one that survives the most failures of nodes.
///
/// A single step adds a node with its votes, removes a node, or changes the votes of a node by one; quotas may change with it or alone. Where
/// both ends are majorities of votes, so is all between them; where reads and writes need the same, they do so all the way.
///
/// # Errors
/// [`TransitionError`]; [`NoPlan`] where there is none.
///
/// # Complexity
/// A search by breadth over the votes between old and new ones, of nodes that are alike each arrangement once, within the search steps of the
/// budget; beyond them one step after the other is taken that survives the most.
///
/// # Examples
/// ```
/// use quorate::analysis::Options;
/// use quorate::families::Family;
/// use quorate::transition::plan;
/// let [three, five] = [3, 5].map(|n| Family::Majority { n }.system());
/// let plan = plan(&three?, &five?, &Options::default())?.expect("a way");
/// assert_eq!((plan.steps.len(), plan.is_best), (2, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan(old: &System, new: &System, options: &Options) -> Result<Result<Plan, NoPlan>, TransitionError> {
    let united = United::of(old, new)?;
    let needs = Needs::of(&united.joint, options.demands, &options.protocols);
    Ok(search(&united, &needs, options))
}

fn search(united: &United, needs: &Needs, options: &Options) -> Result<Plan, NoPlan> {
    let nodes = united.joint.nodes().len();
    let [old, new] = [(&united.old, Stage::Old), (&united.new, Stage::New)]
        .map(|(quorums, stage)| Ballots::of(quorums, nodes).ok_or(NoPlan::NotVotes(stage)));
    let (old, new) = (old?, new?);
    let conditions = Conditions::of(needs, [&old, &new])?;
    let rule = match () {
        () if old.is_majority() && new.is_majority() && conditions.shared == 1 => Rule::Majority,
        () if [&old, &new].iter().all(|end| end.quotas[0] == end.quotas[1]) => Rule::Alike,
        () => Rule::Free,
    };
    let mut meter = Meter::new(Resource::SearchSteps, options.budget.search_steps);
    for (end, stage) in [(&old, Stage::Old), (&new, Stage::New)] {
        if !conditions.hold_alone(end, &mut meter).map_err(NoPlan::Open)? {
            return Err(NoPlan::Unsafe(stage));
        }
    }
    let standing = Standing::of(&united.joint);
    let ways = Ways { old: &old, new: &new, conditions, rule, standing: &standing, demands: options.demands };
    let (way, is_best) = match ways.shortest(&mut meter) {
        Ok(Ok(way)) => (way, true),
        Ok(Err(reached)) => return Err(NoPlan::None { reached }),
        Err(exhausted) => (
            ways.step_by_step(&mut Meter::new(Resource::SearchSteps, options.budget.search_steps))
                .ok_or(NoPlan::Open(exhausted))?,
            false,
        ),
    };
    let steps = way.windows(2).map(|pair| planned(&united.joint, &standing, pair)).collect();
    Ok(Plan { steps, is_best })
}

/// What two systems one after the other must do.
#[derive(Debug, Clone, Copy)]
struct Conditions {
    /// Nodes in common; more than one of nodes with one vote each only.
    shared: u64,
    reads_meet: bool,
    writes_meet: bool,
}

impl Conditions {
    fn of(needs: &Needs, ends: [&Ballots; 2]) -> Result<Conditions, NoPlan> {
        if needs.any(&[Protocol::FastPaxos]) {
            return Err(NoPlan::Protocol(Protocol::FastPaxos));
        }
        let shared = match needs.liars() {
            Some((_, Lying::Opaque)) => return Err(NoPlan::Opaque),
            Some((liars, kind)) => needs.overlap().max(kind.shared(liars)),
            None => needs.overlap(),
        };
        if shared > 1 && ends.iter().any(|end| end.votes.iter().any(|votes| *votes > 1)) {
            return Err(NoPlan::OneVoteOnly);
        }
        Ok(Conditions {
            shared: shared as u64,
            reads_meet: needs.any(&[Protocol::Raft, Protocol::BenOr]),
            writes_meet: needs.any(&[Protocol::Pbft, Protocol::BenOr]),
        })
    }

    /// The least quotas of reads and writes after a step.
    fn least(self, meeting: &Meeting, [read, write]: [u64; 2]) -> [u64; 2] {
        let of = |quota: u64| meeting.quota(quota, self.shared);
        let reads = of(write).max(if self.reads_meet { of(read) } else { 1 });
        let writes = of(read).max(if self.writes_meet { of(write) } else { 1 });
        [reads, writes]
    }

    /// Whether a system does by itself what is asked for.
    fn hold_alone(self, ballots: &Ballots, meter: &mut Meter) -> Result<bool, Exhausted> {
        let least = self.least(&Meeting::of(&ballots.votes, None, meter)?, ballots.quotas);
        Ok(least.iter().zip(ballots.quotas).all(|(least, quota)| *least <= quota))
    }
}

/// The ways from one end to the other.
struct Ways<'a> {
    old: &'a Ballots,
    new: &'a Ballots,
    conditions: Conditions,
    rule: Rule,
    standing: &'a Standing,
    /// What is demanded of each system about zones.
    demands: Demands,
}

impl Ways<'_> {
    /// The systems one step after this one.
    fn next(&self, from: &Ballots, meter: &mut Meter) -> Result<Vec<Ballots>, Exhausted> {
        let mut found = BTreeSet::new();
        for change in std::iter::once(None).chain(self.changes(from).into_iter().map(Some)) {
            if change.is_none() && self.rule == Rule::Majority {
                continue;
            }
            let meeting = Meeting::of(&from.votes, change, meter)?;
            let mut votes = from.votes.clone();
            if let Some((voter, after)) = change {
                votes[voter] = after;
            }
            let least = self.conditions.least(&meeting, from.quotas);
            for quotas in self.quotas(&votes, least, meter)? {
                found.insert(Ballots { votes: votes.clone(), quotas });
            }
        }
        found.remove(from);
        Ok(found.into_iter().collect())
    }

    /// Whose votes may change, and to what: towards the new ones, a node at once or by one vote.
    fn changes(&self, from: &Ballots) -> Vec<(usize, u64)> {
        let mut changes = Vec::new();
        for (voter, votes) in from.votes.iter().copied().enumerate() {
            let goal = self.new.votes[voter];
            let by_one = if votes < goal { votes + 1 } else { votes.saturating_sub(1) };
            if votes == goal {
                continue;
            }
            changes.push((voter, by_one));
            if (votes == 0 || goal == 0) && by_one != goal {
                changes.push((voter, goal));
            }
        }
        changes
    }

    /// The quotas that a system may have with these votes, of which none is below the least.
    fn quotas(&self, votes: &[u64], least: [u64; 2], meter: &mut Meter) -> Result<Vec<[u64; 2]>, Exhausted> {
        let total: u64 = votes.iter().sum();
        let fits = |quotas: &[u64; 2]| quotas[0] >= least[0] && quotas[1] >= least[1];
        let is_new = votes == self.new.votes;
        let own = Meeting::of(votes, None, meter)?;
        let mut found: Vec<[u64; 2]> = match self.rule {
            Rule::Majority => vec![[total / 2 + 1; 2]],
            Rule::Alike => {
                meter.charge(total)?;
                (1..=total).map(|quota| [quota; 2]).collect()
            }
            Rule::Free => {
                meter.charge(total.saturating_mul(total))?;
                (1..=total).flat_map(|read| (1..=total).map(move |write| [read, write])).collect()
            }
        };
        found.retain(|quotas| {
            let alone = self.conditions.least(&own, *quotas);
            let ballots = Ballots { votes: votes.to_vec(), quotas: *quotas };
            total > 0 && fits(quotas) && quotas[0] >= alone[0] && quotas[1] >= alone[1] && self.is_placed(&ballots)
        });
        if is_new && fits(&self.new.quotas) && !found.contains(&self.new.quotas) {
            found.push(self.new.quotas);
        }
        Ok(found)
    }

    /// Whether a system on the way keeps what is demanded about zones.
    fn is_placed(&self, ballots: &Ballots) -> bool {
        let resilient = |zones: usize| self.standing.zones(ballots).unwrap_or(0) >= zones;
        let durable = |zones: usize| self.standing.durable_zones(ballots) >= zones;
        self.demands.min_zone_resilience.is_none_or(resilient) && self.demands.min_durability_zones.is_none_or(durable)
    }

    /// A shortest way, and of these one that survives the most; or how many systems can be reached when there is none.
    fn shortest(&self, meter: &mut Meter) -> Result<Result<Vec<Ballots>, usize>, Exhausted> {
        let (start, goal) = (self.ordered(self.old), self.ordered(self.new));
        let mut known: FxHashMap<Ballots, usize> = FxHashMap::default();
        let mut states = vec![start.clone()];
        let mut before: Vec<Vec<usize>> = vec![Vec::new()];
        known.insert(start, 0);
        let (mut layer, mut depth) = (0..1, vec![0usize]);
        while !known.contains_key(&goal) {
            if layer.is_empty() {
                return Ok(Err(states.len()));
            }
            for at in layer.clone() {
                let next = self.next(&states[at].clone(), meter)?;
                meter.charge(next.len() as u64 * (1 + self.old.votes.len() as u64 / 8))?;
                let next: BTreeSet<Ballots> = next.iter().map(|state| self.ordered(state)).collect();
                for state in next {
                    let to = *known.entry(state.clone()).or_insert_with(|| {
                        states.push(state);
                        before.push(Vec::new());
                        depth.push(depth[at] + 1);
                        states.len() - 1
                    });
                    if depth[to] == depth[at] + 1 {
                        before[to].push(at);
                    }
                }
            }
            layer = layer.end..states.len();
        }
        let goal = known[&goal];
        let way = self.best(&states, &before, goal).into_iter().map(|at| states[at].clone()).collect::<Vec<_>>();
        self.of_real_nodes(&way, meter).map(Ok)
    }

    /// The same way with nodes that are alike told apart: one of them changes at a time.
    fn of_real_nodes(&self, way: &[Ballots], meter: &mut Meter) -> Result<Vec<Ballots>, Exhausted> {
        let mut real = vec![self.old.clone()];
        for state in &way[1..] {
            let last = real.last().unwrap_or(self.old).clone();
            let next = self.next(&last, meter)?;
            let alike = |one: &&Ballots| self.ordered(one) == *state;
            real.push(next.iter().find(alike).expect("a step that nodes alike can make, too").clone());
        }
        Ok(real)
    }

    /// One of all arrangements of nodes that are alike.
    fn ordered(&self, ballots: &Ballots) -> Ballots {
        self.standing.ordered(ballots, self.old, self.new)
    }

    /// Of the shortest ways to a state the one whose worst system survives the most zones, then the most nodes.
    fn best(&self, states: &[Ballots], before: &[Vec<usize>], goal: usize) -> Vec<usize> {
        let zones: Vec<usize> = states.iter().map(|state| self.standing.zones(state).unwrap_or(0)).collect();
        let nodes: Vec<usize> = states.iter().map(|state| self.standing.nodes(state)).collect();
        let all = vec![true; states.len()];
        let most_zones = bottleneck(&zones, before, &all);
        let kept: Vec<bool> = zones.iter().map(|own| *own >= most_zones[goal].unwrap_or(0)).collect();
        let most_nodes = bottleneck(&nodes, before, &kept);
        let mut way = vec![goal];
        let mut at = goal;
        let enough = most_nodes[goal].unwrap_or(0);
        while let Some(earlier) =
            before[at].iter().copied().find(|one| most_nodes[*one].is_some_and(|most| most >= enough))
        {
            way.push(earlier);
            at = earlier;
        }
        way.reverse();
        way
    }

    /// One step after the other that survives the most, where the whole search is too long.
    fn step_by_step(&self, meter: &mut Meter) -> Option<Vec<Ballots>> {
        let mut way = vec![self.old.clone()];
        let far = |state: &Ballots| -> u64 {
            state.votes.iter().zip(&self.new.votes).map(|(own, goal)| own.abs_diff(*goal)).sum()
        };
        while way.last() != Some(self.new) {
            let last = way.last()?;
            let next = self.next(last, meter).ok()?;
            let better = |state: &&Ballots| far(state) < far(last) || *state == self.new;
            let rank = |state: &&Ballots| {
                (self.standing.zones(state), self.standing.nodes(state), std::cmp::Reverse(far(state)))
            };
            let best = next.iter().filter(better).max_by_key(rank)?.clone();
            way.push(best);
        }
        Some(way)
    }
}

/// For each state the most of the least values on a way to it, over those that are kept.
fn bottleneck(values: &[usize], before: &[Vec<usize>], kept: &[bool]) -> Vec<Option<usize>> {
    let mut most: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for at in 0..values.len() {
        let way =
            if before[at].is_empty() { Some(usize::MAX) } else { before[at].iter().filter_map(|one| most[*one]).max() };
        most.push(way.filter(|_| kept[at]).map(|least| least.min(values[at])));
    }
    most
}

/// One step, as it is told.
fn planned(joint: &System, standing: &Standing, pair: &[Ballots]) -> Planned {
    let (from, to) = (&pair[0], &pair[1]);
    let changed = (0..to.votes.len()).find(|voter| from.votes[*voter] != to.votes[*voter]);
    Planned {
        change: changed.map(|voter| (NodeId::new(voter), from.votes[voter], to.votes[voter])),
        system: system(joint, to),
        quotas: to.quotas,
        resilience: standing.nodes(to),
        zone_resilience: standing.zones(to),
    }
}

/// The system of some votes, without the nodes that have none.
fn system(joint: &System, ballots: &Ballots) -> System {
    let formula = |quota: u64| {
        let mut builder = FormulaBuilder::new();
        let voters = ballots.votes.iter().enumerate().filter(|(_, votes)| **votes > 0);
        let leaves: Vec<_> = voters.map(|(voter, votes)| (builder.leaf(NodeId::new(voter)), *votes)).collect();
        let root = builder.weighted(quota, &leaves).expect("a quota of these votes");
        builder.finish(root)
    };
    let formulas = Pair { reads: formula(ballots.quotas[0]), writes: formula(ballots.quotas[1]) };
    joint.clone().with_formulas(formulas).expect("the nodes of the joint system")
}
