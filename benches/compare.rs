//! Comparing many definitions at once, beside analysing them one after the other.
//!
//! The first should take no longer than the second divided by the processors, within a fifth. Processors that share a
//! machine give less than that, so the bound is measured too: bare threads that each analyse their part again and again.

use criterion::{Criterion, criterion_group, criterion_main};
use quorate::analysis::{Options, analyze};
use quorate::families::{Family, GridVariant};
use quorate::model::System;
use rayon::prelude::*;

/// Fifty systems of 21 to 90 nodes.
fn systems() -> Vec<System> {
    let majorities = (0..20).map(|index| Family::Majority { n: 21 + 2 * index });
    let grids = (0..15).map(|index| Family::Grid {
        rows: 5 + index / 5,
        cols: 5 + index % 5,
        variant: GridVariant::LinesBelow,
    });
    let b_grids = (0..15).map(|index| Family::BGrid { width: 4 + index / 3, bands: 3, band_rows: 2 + index % 3 });
    majorities.chain(grids).chain(b_grids).map(|family| family.system().expect("sizes are possible")).collect()
}

fn compare(criterion: &mut Criterion) {
    let (systems, options) = (systems(), Options::default());
    let mut group = criterion.benchmark_group(format!("fifty systems, {} threads", rayon::current_num_threads()));
    group.sample_size(10);
    group.bench_function("one by one", |bencher| {
        bencher.iter(|| systems.iter().map(|system| analyze(system, &options)).collect::<Vec<_>>());
    });
    group.bench_function("side by side", |bencher| {
        bencher.iter(|| systems.par_iter().map(|system| analyze(system, &options)).collect::<Vec<_>>());
    });
    // The same work for every thread, and nothing shared: what the processors give at best.
    let threads = rayon::current_num_threads();
    group.bench_function("one by one on every thread at once", |bencher| {
        bencher.iter(|| {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| systems.iter().map(|system| analyze(system, &options)).collect::<Vec<_>>());
                }
            });
        });
    });
    group.finish();
}

criterion_group!(benches, compare);
criterion_main!(benches);
