//! How a test suite checks its own store: record what threads do, ask at the end.
//!
//! The store here keeps a cache per thread that it forgets to invalidate, so the check finds stale reads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use quorate::checker::{Options, check};
use quorate::history::Recorder;

/// A register, and a copy of it that is only refreshed by every third read.
#[derive(Default)]
struct Store {
    value: AtomicI64,
    copy: Mutex<(i64, u32)>,
}

impl Store {
    fn write(&self, value: i64) {
        self.value.store(value, Ordering::SeqCst);
    }

    fn read(&self) -> i64 {
        let mut copy = self.copy.lock().expect("no reader panics");
        copy.1 += 1;
        if copy.1.is_multiple_of(3) {
            copy.0 = self.value.load(Ordering::SeqCst);
        }
        copy.0
    }

    fn read_through(&self) -> i64 {
        self.value.load(Ordering::SeqCst)
    }
}

/// Runs writers and readers at once, and returns what they saw.
fn record(read: impl Fn(&Store) -> i64 + Sync) -> quorate::history::History {
    let store = Store::default();
    let recorder = Recorder::new();
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let (store, recorder, read) = (&store, &recorder, &read);
            threads.spawn(move || {
                let mut client = recorder.client();
                for round in 1..=50 {
                    // Unique values keep the check fast, and its witnesses short.
                    let value = 100 * round + thread;
                    client.write(value, || store.write(value));
                    client.read(|| read(store));
                }
            });
        }
    });
    recorder.finish()
}

fn main() {
    let correct = check(&record(Store::read_through), &Options::default());
    assert!(correct.atomic().holds());

    let stale = check(&record(Store::read), &Options::default());
    let witness = stale.atomic().witness.as_ref().expect("the copy is stale");
    println!("{}: {}", witness.rule, witness.explanation);
    println!("stale reads: {:?}", stale.staleness.stale_reads.as_ref().map(Vec::len));
}
