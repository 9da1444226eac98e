//! Work on many things at once, of which a request to end leaves what is done.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::interrupt::{self, Work};
use crate::report::Interruption;

/// How long work that was asked to end may take for it; then it is left alone.
const PATIENCE: Duration = Duration::from_secs(3);

/// Between two looks for a request.
const LOOK: Duration = Duration::from_millis(20);

/// What came of many things.
#[derive(Debug)]
pub(super) struct Batch<T> {
    /// Of those that ended, in their order.
    pub(super) done: Vec<T>,
    /// What is missing, if somebody asked for the end.
    pub(super) interruption: Option<Interruption>,
}

/// Works on all these, each under its name, on the threads of a pool.
///
/// After a request to end nothing more is begun, and what goes on has a moment for it.
pub(super) fn each<I: Send + 'static, T: Send + 'static>(
    pool: &ThreadPool,
    items: Vec<(String, I)>,
    work: impl Fn(I) -> T + Send + Sync + 'static,
) -> Batch<T> {
    interrupt::begin(Work::Budgeted);
    let work = Arc::new(work);
    let (ended, endings) = mpsc::channel();
    let mut names = Vec::with_capacity(items.len());
    for (index, (name, item)) in items.into_iter().enumerate() {
        names.push(name);
        let (work, ended) = (Arc::clone(&work), ended.clone());
        pool.spawn(move || {
            if !interrupt::asked() {
                let outcome = catch_unwind(AssertUnwindSafe(|| work(item)));
                // Nobody may be waiting any more.
                let _ = ended.send((index, outcome, interrupt::asked()));
            }
        });
    }
    drop(ended);
    let mut done: Vec<Option<T>> = names.iter().map(|_| None).collect();
    let mut partial = Vec::new();
    let mut ends_by = None;
    loop {
        match endings.recv_timeout(LOOK) {
            Ok((index, outcome, is_early)) => {
                done[index] = Some(outcome.unwrap_or_else(|panic| resume_unwind(panic)));
                partial.extend(is_early.then_some(index));
            }
            // All have ended, or will not begin.
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if interrupt::asked() && Instant::now() >= *ends_by.get_or_insert_with(|| Instant::now() + PATIENCE) {
            break;
        }
    }
    interrupt::is_over();
    partial.sort_unstable();
    let named = |index: usize| names[index].clone();
    let missing = (0..names.len()).filter(|index| done[*index].is_none()).map(named).collect();
    let interruption = Interruption { missing, partial: partial.into_iter().map(named).collect() };
    Batch { done: done.into_iter().flatten().collect(), interruption: Some(interruption).filter(Interruption::is_some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_stands_in_its_order() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let items = (0..100u64).map(|number| (number.to_string(), number)).collect();
        let Batch { done, interruption } = each(&pool, items, |number| number * number);
        assert_eq!(done, (0..100u64).map(|number| number * number).collect::<Vec<_>>());
        assert_eq!(interruption, None);
    }

    #[test]
    #[should_panic(expected = "seven")]
    fn a_panic_is_passed_on() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let items = (0..10).map(|number| (String::new(), number)).collect();
        each(&pool, items, |number| assert!(number != 7, "seven"));
    }
}
