//! Plain Monte Carlo: how many nodes are drawn and judged in a second, against the ways that it must beat and meet.
//!
//! The rival is a loop as one writes it first: a `Vec<bool>`, one uniform number for each node, one gate after the other.
//! The bound is the cost of the random bits alone. One thread throughout.

use std::hint::black_box;
use std::time::{Duration, Instant};

use quorate::availability::{Digits, Draws, Failures, Method, SamplingOptions, failure_probability};
use quorate::budget::Budget;
use quorate::circuit::{Compiled, InstructionSet, Kernel, LANES, Wide, dispatch};
use quorate::families::{Family, GridVariant, custom::from_sets};
use quorate::model::{About, Formula, FormulaBuilder, Gate, GateId, Node, NodeId, Pair, Probability, System};
use rand_chacha::rand_core::{Rng, SeedableRng};

const P: f64 = 0.1;
/// Each way is repeated for this long.
const TIME: Duration = Duration::from_millis(700);
/// Rows that must be this many times faster than the naive loop, and this share of the bound.
const GOALS: (f64, f64) = (15.0, 0.6);

fn main() {
    // The bound and the rival use one thread too.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    println!("node-samples a second on one thread, p = {P}; goals: {} x naive, {} x bits", GOALS.0, GOALS.1);
    println!("{:<22} {:>10} {:>10} {:>10} {:>8} {:>8}", "", "naive", "bits", "sampled", "x naive", "of bits");
    for (name, nodes, formula) in systems() {
        let system = symmetric(nodes, &formula);
        let naive = rate(nodes, |seed| naive(&formula, nodes, seed, 20_000));
        let bits = rate(nodes, |seed| dispatch(InstructionSet::Best, Bits { nodes, seed, words: 500 }));
        let sampled = pool.install(|| rate(nodes, |seed| sampled(&system, seed, 2_000_000 / nodes as u64 * 100)));
        println!(
            "{name:<22} {naive:>10.2e} {bits:>10.2e} {sampled:>10.2e} {:>8.1} {:>8.2}",
            sampled / naive,
            sampled / bits
        );
    }
}

/// Node-samples a second of something that runs with a seed and returns how many trials it made, and their failures.
fn rate(nodes: usize, mut run: impl FnMut(u64) -> (u64, u64)) -> f64 {
    let start = Instant::now();
    let (mut trials, mut failures, mut seed) = (0, 0, 0);
    while start.elapsed() < TIME {
        let (more, failed) = black_box(run(seed));
        (trials, failures, seed) = (trials + more, failures + failed, seed + 1);
    }
    black_box(failures);
    (trials * nodes as u64) as f64 / start.elapsed().as_secs_f64()
}

/// The public answer, sampling forced.
fn sampled(system: &System, seed: u64, trials: u64) -> (u64, u64) {
    let options =
        SamplingOptions { method: Method::MonteCarlo, trials: Some(trials), seed, ..SamplingOptions::default() };
    let failures = Failures::uniform(system, Probability::new(P).expect("p"));
    let (answer, _) = failure_probability(&Compiled::new(system, Budget::default()), &failures, &options);
    (trials, answer.interval.map_or(0, |interval| u64::from(interval.upper > 0.0)))
}

/// The random bits alone.
struct Bits {
    nodes: usize,
    seed: u64,
    words: u64,
}

impl Kernel for Bits {
    type Output = (u64, u64);

    #[inline(always)]
    fn run<V: Wide>(self) -> (u64, u64) {
        let mut draws = Draws::<V>::new(self.seed, 0);
        let p = Digits::from(Probability::new(P).expect("p"));
        let mut any = V::splat(0);
        for _ in 0..self.words {
            for _ in 0..self.nodes {
                any = any ^ draws.bernoulli(p);
            }
        }
        (self.words * LANES as u64, any.to_words()[0])
    }
}

fn naive(formula: &Formula, nodes: usize, seed: u64, trials: u64) -> (u64, u64) {
    let mut random = Xoshiro::new(seed);
    let mut live = vec![false; nodes];
    let mut value = vec![false; formula.gate_count()];
    let mut failures = 0;
    for _ in 0..trials {
        live.iter_mut().for_each(|live| *live = random.unit() >= P);
        for (id, gate) in formula.gates() {
            value[id.index()] = match gate {
                Gate::Leaf(node) => live[node.index()],
                Gate::Threshold { k: 1, children } => children.iter().any(|child| value[child.index()]),
                Gate::Threshold { k, children } if k == children.len() => {
                    children.iter().all(|child| value[child.index()])
                }
                Gate::Threshold { k, children } => children.iter().filter(|child| value[child.index()]).count() >= k,
                Gate::Weighted { .. } => unreachable!("no votes here"),
            };
        }
        failures += u64::from(!value[formula.root().index()]);
    }
    (trials, failures)
}

/// xoshiro256++, one number at a time.
struct Xoshiro([u64; 4]);

impl Xoshiro {
    fn new(seed: u64) -> Self {
        let mut source = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        Xoshiro(std::array::from_fn(|_| source.next_u64()))
    }

    fn unit(&mut self) -> f64 {
        let [s0, s1, s2, s3] = self.0;
        let result = s0.wrapping_add(s3).rotate_left(23).wrapping_add(s0);
        let (s2, s3) = (s2 ^ s0, s3 ^ s1);
        self.0 = [s0 ^ s3, s1 ^ s2, s2 ^ (s1 << 17), s3.rotate_left(45)];
        (result >> 11) as f64 * 2f64.powi(-53)
    }
}

fn systems() -> Vec<(&'static str, usize, Formula)> {
    let reads = |family: Family| family.formulas().expect("the parameters are valid").reads;
    vec![
        ("majority 101", 101, reads(Family::Majority { n: 101 })),
        ("row-column 10x10", 100, reads(Family::Grid { rows: 10, cols: 10, variant: GridVariant::RowColumn })),
        ("HQS 81", 81, hierarchy(&[(2, 3); 4])),
        ("three levels 1010", 1010, hierarchy(&[(6, 10), (51, 101)])),
        ("list 60x100", 60, random_list(60, 100, 8)),
    ]
}

/// Nested thresholds, each (chosen, children), from the root down.
fn hierarchy(levels: &[(u64, usize)]) -> Formula {
    fn level(builder: &mut FormulaBuilder, levels: &[(u64, usize)], next: &mut usize) -> GateId {
        let Some(((chosen, children), below)) = levels.split_first() else {
            *next += 1;
            return builder.leaf(NodeId::new(*next - 1));
        };
        let members: Vec<GateId> = (0..*children).map(|_| level(builder, below, next)).collect();
        builder.threshold(*chosen, &members).expect("a threshold within its members")
    }
    let mut builder = FormulaBuilder::new();
    let root = level(&mut builder, levels, &mut 0);
    builder.finish(root)
}

fn random_list(nodes: usize, quorums: usize, size: usize) -> Formula {
    let mut random = Xoshiro::new(1);
    let mut below = |limit: usize| (random.unit() * limit as f64) as usize;
    let quorum = |below: &mut dyn FnMut(usize) -> usize| {
        let mut members: Vec<usize> = (0..nodes).collect();
        (0..size).map(|_| NodeId::new(members.swap_remove(below(members.len())))).collect()
    };
    let sets: Vec<_> = (0..quorums).map(|_| quorum(&mut below)).collect();
    from_sets(&sets).expect("the list has quorums")
}

fn symmetric(nodes: usize, formula: &Formula) -> System {
    let about = About { name: "sampled".into(), family: "custom".into(), symmetric: true, ..About::default() };
    let nodes = (1..=nodes).map(|number| Node::new(format!("n{number}"))).collect();
    System::new(about, nodes, Pair { reads: formula.clone(), writes: formula.clone() }).expect("the nodes exist")
}
