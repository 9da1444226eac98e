//! Drawing quorums from strategies of growing length: nanoseconds for each, whatever their number.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use quorate::model::{Choice, Kind, NodeId, NodeSet, Pair};
use quorate::picker::Picker;

/// A strategy of `quorums` triples of 64 nodes with unequal probabilities.
fn picker(quorums: usize) -> Picker {
    let weight = |index: usize| 1.0 + (index % 7) as f64;
    let total: f64 = (0..quorums).map(weight).sum();
    let choice = |index: usize| {
        let quorum: NodeSet =
            [index, index / 64 + 21, index / 7 + 42].map(|node| NodeId::new(node % 64)).into_iter().collect();
        Choice { quorum, probability: weight(index) / total }
    };
    let names = (0..64).map(|index| format!("n{index}")).collect();
    let strategy = Pair { reads: (0..quorums).map(choice).collect(), writes: Vec::new() };
    Picker::new(names, strategy).expect("the strategy is one")
}

/// Random words that cost next to nothing, so that the draw is what is measured.
fn next(word: &mut u64) -> u64 {
    *word = word.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x6a09_e667_f3bc_c909);
    *word ^ (*word >> 29)
}

fn draws(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw one quorum");
    for quorums in [2, 20, 200, 20_000] {
        let picker = picker(quorums);
        group.bench_with_input(BenchmarkId::from_parameter(quorums), &picker, |bencher, picker| {
            let mut word = 1;
            bencher.iter(|| black_box(picker.draw_index(Kind::Read, next(&mut word))));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("a node fails and recovers");
    for quorums in [20, 200, 20_000] {
        let mut picker = picker(quorums);
        group.bench_function(BenchmarkId::from_parameter(quorums), |bencher| {
            bencher.iter(|| {
                picker.fail(NodeId::new(5));
                picker.recover(NodeId::new(5));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, draws);
criterion_main!(benches);
