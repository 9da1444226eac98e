//! The checker against the testers of Stateright (linearizability, sequential consistency) on small histories, and alone on large
//! ones; with what one history costs against another in the same run where nobody else has the question: a violated one against a
//! clean one, a weaker model against atomicity, memory against the operations.
//!
//! `QUORATE_BENCH_LARGE=1` adds a million and ten million operations.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use quorate::checker::{Model, Options, check};
use quorate::history::{Action, Builder, History, Operation, Value, read, write};
use stateright::semantics::register::{Register, RegisterOp, RegisterRet};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialConsistencyTester};

/// SplitMix64, so that every run measures the same histories.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

/// An operation as it took effect, and when it was known.
#[derive(Clone, Copy)]
struct Done {
    process: i64,
    write: Option<i64>,
    read: i64,
    start: i64,
    end: i64,
}

/// A closed loop of `concurrency` clients on an atomic register, half of the operations being writes of unique
/// values; `is_stale` makes the last read return a value that was overwritten long before.
fn closed_loop(operations: usize, concurrency: usize, is_stale: bool) -> Vec<Done> {
    let mut random = Random(7);
    // The next event of every client: when, and whether its operation takes effect or ends.
    let mut clients: Vec<(i64, Option<Done>)> = (0..concurrency).map(|client| (client as i64, None)).collect();
    let mut events: std::collections::BinaryHeap<std::cmp::Reverse<(i64, usize, u8)>> =
        clients.iter().enumerate().map(|(client, (at, _))| std::cmp::Reverse((*at, client, 0))).collect();
    let (mut value, mut next, mut done) = (0, 0, Vec::with_capacity(operations));
    while let Some(std::cmp::Reverse((at, client, phase))) = events.pop() {
        let slot = &mut clients[client];
        let wait = 1 + (random.next() % 1000) as i64;
        match phase {
            0 => {
                let is_write = random.next().is_multiple_of(2);
                next += i64::from(is_write);
                let write = is_write.then_some(next);
                slot.1 = Some(Done { process: client as i64, write, read: 0, start: at, end: 0 });
            }
            1 => {
                if let Some(done) = &mut slot.1 {
                    value = done.write.unwrap_or(value);
                    done.read = value;
                }
            }
            _ => {
                if let Some(finished) = slot.1.take() {
                    done.push(Done { end: at, ..finished });
                }
                if done.len() + concurrency > operations {
                    continue;
                }
            }
        }
        events.push(std::cmp::Reverse((at + wait, client, (phase + 1) % 3)));
    }
    if is_stale && let Some(read) = done.iter_mut().rev().find(|done| done.write.is_none()) {
        read.read = 1;
    }
    done
}

fn history(done: &[Done]) -> History {
    let mut builder = Builder::new();
    let mut sorted = done.to_vec();
    sorted.sort_by_key(|done| done.start);
    for done in &sorted {
        let operation = match done.write {
            Some(value) => Operation::write(done.process, Value::from(value), done.start, Some(done.end)),
            None => Operation::read(done.process, Value::from(done.read), done.start, Some(done.end)),
        };
        builder.push(&operation).expect("clients do one thing at a time");
    }
    builder.finish()
}

fn stateright(done: &[Done], mut tester: impl ConsistencyTester<i64, Register<i64>>) -> bool {
    let mut events: Vec<(i64, bool, usize)> =
        done.iter().enumerate().flat_map(|(i, done)| [(done.start, false, i), (done.end, true, i)]).collect();
    events.sort_unstable();
    for (_, is_end, i) in events {
        let Done { process, write, read, .. } = done[i];
        let outcome = match (is_end, write) {
            (false, Some(value)) => tester.on_invoke(process, RegisterOp::Write(value)).map(drop),
            (false, None) => tester.on_invoke(process, RegisterOp::Read).map(drop),
            (true, Some(_)) => tester.on_return(process, RegisterRet::WriteOk).map(drop),
            (true, None) => tester.on_return(process, RegisterRet::ReadOk(read)).map(drop),
        };
        outcome.expect("the history is well formed");
    }
    tester.is_consistent()
}

fn peer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("peer, concurrency 5");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    for operations in [50, 100, 200, 400] {
        let done = closed_loop(operations, 5, false);
        let ours = history(&done);
        let theirs = || stateright(black_box(&done), LinearizabilityTester::new(Register(0)));
        assert!(theirs() && check(&ours, &Options::default()).atomic().holds());
        group.bench_function(BenchmarkId::new("stateright", operations), |b| b.iter(theirs));
        group.bench_function(BenchmarkId::new("quorate", operations), |b| {
            b.iter(|| check(black_box(&ours), &Options::default()).atomic().holds());
        });
    }
}

fn alone(criterion: &mut Criterion) {
    let is_large = std::env::var_os("QUORATE_BENCH_LARGE").is_some();
    let sizes: &[usize] = if is_large { &[10_000, 100_000, 1_000_000, 10_000_000] } else { &[10_000, 100_000] };
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    for &operations in sizes {
        for concurrency in [5, 20, 100, 500] {
            for (name, is_stale) in [("linearizable", false), ("one stale read", true)] {
                let history = history(&closed_loop(operations, concurrency, is_stale));
                group.throughput(Throughput::Elements(history.len() as u64));
                let id = BenchmarkId::new(format!("{name}, concurrency {concurrency}"), operations);
                group.bench_function(id, |b| {
                    b.iter(|| assert_eq!(check(black_box(&history), &Options::default()).atomic().holds(), !is_stale));
                });
            }
        }
    }
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    let history = history(&closed_loop(100_000, 20, false));
    for (name, text) in [("json lines", write::json_lines(&history)), ("edn", write::edn(&history))] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| b.iter(|| read(black_box(text.as_bytes()), None).map(|history| history.len())));
    }
}

fn asking(model: Model) -> Options {
    Options { models: vec![model], ..Options::default() }
}

/// Models that leave real time out, against Stateright where it has the question and is through in seconds.
fn weaker_models(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("weaker models, concurrency 5");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    let sequential = asking(Model::Sequential);
    for operations in [10, 20, 40] {
        let done = closed_loop(operations, 5, false);
        let ours = history(&done);
        let theirs = || stateright(black_box(&done), SequentialConsistencyTester::new(Register(0)));
        assert!(theirs() && check(&ours, &sequential).model(Model::Sequential).holds());
        group.bench_function(BenchmarkId::new("sequential, stateright", operations), |b| b.iter(theirs));
        group.bench_function(BenchmarkId::new("sequential", operations), |b| {
            b.iter(|| check(black_box(&ours), &sequential).model(Model::Sequential).holds());
        });
    }
    let large = history(&closed_loop(100_000, 20, false));
    group.throughput(Throughput::Elements(large.len() as u64));
    // Atomicity is the bound: it is decided in each of these runs, too.
    let is_timed = |model: &Model| *model == Model::Atomic || model.leaves_time_out();
    for model in Model::ALL.into_iter().filter(is_timed) {
        let options = asking(model);
        group.bench_function(BenchmarkId::new(model.name(), large.len()), |b| {
            b.iter(|| assert!(check(black_box(&large), &options).model(model).holds()));
        });
    }
}

/// Reads, writes and compare-and-sets on five values by ten clients.
fn on_five_values(operations: usize) -> History {
    let mut random = Random(11);
    let mut builder = Builder::new();
    let mut clients: Vec<std::cmp::Reverse<(i64, i64)>> =
        (0..10).map(|client| std::cmp::Reverse((client, client))).collect();
    clients.reverse();
    let mut next: std::collections::BinaryHeap<_> = clients.into_iter().collect();
    let (mut value, mut effect) = (0, 0);
    for _ in 0..operations {
        let Some(std::cmp::Reverse((at, client))) = next.pop() else { break };
        // Effects are in the order of the starts, each at an instant of its own.
        effect = at.max(effect + 1);
        let end = effect + (random.next() % 40) as i64;
        let new = (random.next() % 5) as i64;
        let action = match random.next() % 3 {
            0 => Action::Read(Value::from(value)),
            1 => Action::Write(Value::from(new)),
            _ => Action::Cas { expected: Value::from(value), new: Value::from(new) },
        };
        if !matches!(action, Action::Read(_)) {
            value = new;
        }
        builder
            .push(&Operation { process: client, key: None, action, start: at, end: Some(end) })
            .expect("one thing at a time");
        next.push(std::cmp::Reverse((end + 1 + (random.next() % 40) as i64, client)));
    }
    builder.finish()
}

/// Repeated values: the search from operation to operation, the one from moment to moment, and what they need.
fn searches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("search");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    let hard = std::fs::read("tests/golden/histories-as-they-come/two-thousand.jsonl")
        .expect("a history with unknown outcomes");
    let hard = read(&hard[..], None).expect("a history");
    let begun = Instant::now();
    let verdict = check(&hard, &Options::default()).atomic().verdict;
    println!("two-thousand.jsonl: {} in {:?} (bound: 1 s)", verdict.name(), begun.elapsed());
    group.bench_function("two-thousand.jsonl", |b| {
        b.iter(|| check(black_box(&hard), &Options::default()).atomic().verdict)
    });
    let large = std::env::var_os("QUORATE_BENCH_LARGE").is_some();
    for operations in if large { vec![10_000, 100_000, 1_000_000] } else { vec![10_000, 100_000] } {
        let history = on_five_values(operations);
        let (before, begun) = (kibibytes("VmRSS"), Instant::now());
        // Linux forgets the peak on request.
        let is_known = std::fs::write("/proc/self/clear_refs", "5").is_ok();
        assert!(check(&history, &Options::default()).atomic().holds());
        let took = begun.elapsed();
        let bytes = kibibytes("VmHWM")
            .zip(before)
            .filter(|_| is_known)
            .map(|(peak, before)| peak.saturating_sub(before) * 1024 / operations as u64);
        let bytes = bytes.map_or("unknown".to_owned(), |bytes| bytes.to_string());
        println!("five values, {operations} operations: {took:?}, {bytes} bytes an operation (bound: 100)");
        group.throughput(Throughput::Elements(operations as u64));
        group.bench_function(BenchmarkId::new("five values, 10 clients", operations), |b| {
            b.iter(|| assert!(check(black_box(&history), &Options::default()).atomic().holds()));
        });
    }
}

/// A line of what Linux knows of this process, in KiB.
fn kibibytes(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.split_whitespace().next()?.parse().ok())
}

/// What a violated history costs against a clean one, reading included: at most three times.
fn violated(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("violated against clean, with reading");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    let texts = [false, true].map(|is_stale| write::json_lines(&history(&closed_loop(100_000, 10, is_stale))));
    let decide =
        |text: &str| read(text.as_bytes(), None).map(|history| check(&history, &Options::default()).atomic().holds());
    let fastest = texts.each_ref().map(|text| {
        let once = || {
            let begun = Instant::now();
            decide(black_box(text)).expect("a history");
            begun.elapsed()
        };
        (0..7).map(|_| once()).min().unwrap_or_default()
    });
    println!(
        "violated / clean: {:.2} (bound: 3), {:?} against {:?}",
        fastest[1].as_secs_f64() / fastest[0].as_secs_f64(),
        fastest[1],
        fastest[0]
    );
    for (name, text) in ["clean", "violated"].iter().zip(&texts) {
        group.bench_function(*name, |b| b.iter(|| decide(black_box(text))));
    }
}

criterion_group!(benches, peer, alone, reading, weaker_models, searches, violated);
criterion_main!(benches);
