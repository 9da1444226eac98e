//! How a call works: on threads of its own, without the interpreter, until it ends or somebody asks for the end.
//!
//! The thread that called waits, and lets Python hear signals meanwhile. A request to end is one of the whole process: budgets run out
//! everywhere. A call of another thread that ended early for it begins again, since nobody asked for its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::ThreadPool;

/// Between two looks for a signal.
const LOOK: Duration = Duration::from_millis(20);

/// How long a call that was asked to end is waited for; then its answer is left alone.
const PATIENCE: Duration = Duration::from_millis(40);

/// How long a new call waits for those that were asked to end; then it begins beside them.
const RELIEF: Duration = Duration::from_secs(3);

/// Requests to end so far.
static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// Calls that go on though nobody waits for them.
static LEFT: Mutex<Left> = Mutex::new(Left { since: 0, count: 0 });

#[derive(Debug)]
struct Left {
    /// How often those that go on were given up.
    since: u64,
    count: usize,
}

fn left() -> MutexGuard<'static, Left> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The threads of a process: a child that was forked has none of its parent's.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

fn built() -> PyResult<ThreadPool> {
    let built = rayon::ThreadPoolBuilder::new().thread_name(|number| format!("quorate-{number}")).build();
    built.map_err(|reason| PyRuntimeError::new_err(reason.to_string()))
}

fn pool() -> PyResult<Arc<ThreadPool>> {
    let process = std::process::id();
    let mut known = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, pool)) = known.as_ref().filter(|(of, _)| *of == process) {
        return Ok(Arc::clone(pool));
    }
    // That of the parent has no threads here: it must not be waited for.
    std::mem::forget(known.take());
    let pool = Arc::new(built()?);
    *known = Some((process, Arc::clone(&pool)));
    Ok(pool)
}

/// The outcome of this work.
///
/// # Errors
/// What a signal raises, as `KeyboardInterrupt`; `RuntimeError` where the work panicked, which would be a mistake of quorate.
pub(crate) fn call<T: Send + 'static>(py: Python<'_>, work: impl Fn() -> T + Send + Sync + 'static) -> PyResult<T> {
    relieved(py)?;
    let pool = pool()?;
    again(py, &pool, None, Arc::new(work))
}

/// As [`call`], on threads that no other call has, and given up also when `stop`, which is called now and then, raises something.
///
/// A thread that waits for others may take up any work of its pool meanwhile: a run, whose streams are those of its thread, must not
/// meet another one there.
pub(crate) fn call_until<T: Send + 'static>(
    py: Python<'_>,
    stop: Option<&Bound<'_, PyAny>>,
    work: impl Fn() -> T + Send + Sync + 'static,
) -> PyResult<T> {
    relieved(py)?;
    again(py, &built()?, stop, Arc::new(work))
}

fn again<T: Send + 'static>(
    py: Python<'_>,
    pool: &ThreadPool,
    stop: Option<&Bound<'_, PyAny>>,
    work: Arc<impl Fn() -> T + Send + Sync + 'static>,
) -> PyResult<T> {
    loop {
        let before = REQUESTS.load(Ordering::SeqCst);
        let outcome = waited(py, pool, stop, Arc::clone(&work))?;
        if REQUESTS.load(Ordering::SeqCst) == before {
            return outcome.map_err(PyRuntimeError::new_err);
        }
        // Somebody else was asked to end.
        relieved(py)?;
    }
}

/// Waits for calls that were asked to end; those that do not are given up, with the threads that they have.
fn relieved(py: Python<'_>) -> PyResult<()> {
    let began = Instant::now();
    while left().count > 0 {
        if began.elapsed() >= RELIEF {
            let mut left = left();
            (left.since, left.count) = (left.since + 1, 0);
            quorate::cli::go_on();
            std::mem::forget(POOL.lock().unwrap_or_else(PoisonError::into_inner).take());
            break;
        }
        py.detach(|| std::thread::sleep(LOOK / 4));
        py.check_signals()?;
    }
    Ok(())
}

/// One call fewer goes on though nobody waits for it; after the last one, work goes on as ever.
fn relieve(since: u64) {
    let mut left = left();
    if left.since == since {
        left.count -= 1;
        if left.count == 0 {
            quorate::cli::go_on();
        }
    }
}

/// A call that goes on and is waited for.
const ON: u64 = u64::MAX;

/// A call that has ended.
const ENDED: u64 = u64::MAX - 1;

fn waited<T: Send + 'static>(
    py: Python<'_>,
    pool: &ThreadPool,
    stop: Option<&Bound<'_, PyAny>>,
    work: Arc<impl Fn() -> T + Send + Sync + 'static>,
) -> PyResult<Result<T, String>> {
    let (ended, ending) = mpsc::channel();
    let ending = Mutex::new(ending);
    // Who is first says so, the work at its end or the caller who goes away; the second one cleans up.
    let over = Arc::new(AtomicU64::new(ON));
    let own = Arc::clone(&over);
    pool.spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| work()));
        // Nobody may be waiting any more.
        drop(ended.send(outcome.map_err(|panic| said(&*panic))));
        let before = own.swap(ENDED, Ordering::SeqCst);
        if before != ON {
            relieve(before);
        }
    });
    let heard =
        |patience: Duration| py.detach(|| ending.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(patience));
    loop {
        match heard(LOOK) {
            Ok(outcome) => return Ok(outcome),
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(Err("the threads of quorate are gone".into())),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        let asked = py.check_signals().and_then(|()| stop.map_or(Ok(()), |stop| stop.call0().map(drop)));
        if let Err(signal) = asked {
            let since = {
                let mut left = left();
                left.count += 1;
                left.since
            };
            REQUESTS.fetch_add(1, Ordering::SeqCst);
            quorate::cli::ask_to_end();
            drop(heard(PATIENCE));
            if over.swap(since, Ordering::SeqCst) == ENDED {
                relieve(since);
            }
            return Err(signal);
        }
    }
}

/// What a panic said.
fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    format!("a mistake in quorate, please report it: {}", text.unwrap_or("no reason was given"))
}
