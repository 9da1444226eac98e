//! Any store, through a program that speaks JSON lines on its standard streams.
//!
//! One object a line goes in, `{"id": 7, "op": "write", "key": "x", "value": 3}`, `op` being `read` or `write`, and one comes out for
//! each, in any order: `{"id": 7, "ok": true}` (with the `value` that was read), `{"id": 7, "ok": false}` for what is certainly not done,
//! `{"id": 7, "unknown": true}` for the rest. What is not answered in time, or not as it should be, is unknown.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::history::Value;
use crate::net::bench::{Did, Store, Task};

/// How long a driver may take to end when there is nothing left to do.
const END_TIME: Duration = Duration::from_secs(5);

/// A driver that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// It does not start.
    #[error("cannot start {program:?}: {reason}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        reason: std::io::Error,
    },
}

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    answers: BTreeMap<u64, oneshot::Sender<Did>>,
    /// Why no operation is handed over any more.
    gone: Option<String>,
    /// The first line that was no answer.
    nonsense: Option<String>,
}

/// A driver that runs.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    lines: UnboundedSender<String>,
    waiting: Rc<RefCell<Waiting>>,
    tasks: JoinSet<()>,
}

/// A client of the store behind a driver.
#[derive(Debug, Clone)]
pub struct DriverClient {
    lines: UnboundedSender<String>,
    waiting: Rc<RefCell<Waiting>>,
    deadline: Duration,
}

#[derive(Deserialize)]
struct Answer<'a> {
    id: u64,
    ok: Option<bool>,
    unknown: Option<bool>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

impl Driver {
    /// Starts a driver; call it within a local set of tokio.
    ///
    /// # Errors
    /// [`DriverError`] when there is no such program.
    pub fn start(program: &str, arguments: &[String]) -> Result<Driver, DriverError> {
        let mut command = std::process::Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let cannot = |reason| DriverError::Start { program: program.to_owned(), reason };
        let mut child = Command::from(command).kill_on_drop(true).spawn().map_err(cannot)?;
        let no_pipe = || std::io::Error::other("no pipe");
        let mut input = child.stdin.take().ok_or_else(no_pipe).map_err(cannot)?;
        let out = child.stdout.take().ok_or_else(no_pipe).map_err(cannot)?;
        let (lines, mut asked): (UnboundedSender<String>, UnboundedReceiver<String>) = unbounded_channel();
        let waiting = Rc::new(RefCell::new(Waiting::default()));
        let mut tasks = JoinSet::new();
        tasks.spawn_local(async move {
            while let Some(line) = asked.recv().await {
                if input.write_all(line.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
        tasks.spawn_local(listen(out, Rc::clone(&waiting)));
        Ok(Driver { child, lines, waiting, tasks })
    }

    /// A client; all clients of a driver work at the same time.
    pub fn client(&self, deadline: Duration) -> DriverClient {
        DriverClient { lines: self.lines.clone(), waiting: Rc::clone(&self.waiting), deadline }
    }

    /// Ends it; says what was wrong with it.
    pub async fn end(mut self) -> Option<String> {
        let (gone, nonsense) = {
            let waiting = self.waiting.borrow();
            (waiting.gone.clone(), waiting.nonsense.clone())
        };
        drop(self.lines);
        let nonsense = nonsense.map(|line| format!("the driver said what is no answer: {line}"));
        // The end of its input is the sign to end.
        let writer = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(END_TIME, async { tokio::join!(self.child.wait(), writer).0 }).await.is_err() {
            if let Some(id) = self.child.id().and_then(|id| i32::try_from(id).ok()) {
                // With whatever it has started.
                let _ = nix::sys::signal::killpg(nix::unistd::Pid::from_raw(id), nix::sys::signal::Signal::SIGKILL);
            }
            let _ = self.child.kill().await;
        }
        gone.or(nonsense)
    }
}

async fn listen(out: ChildStdout, waiting: Rc<RefCell<Waiting>>) {
    let mut lines = BufReader::new(out).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(answer) = serde_json::from_str::<Answer<'_>>(&line) else {
            waiting.borrow_mut().nonsense.get_or_insert_with(|| line.chars().take(200).collect());
            continue;
        };
        let answers = waiting.borrow_mut().answers.remove(&answer.id);
        let Some(answers) = answers else {
            waiting.borrow_mut().nonsense.get_or_insert_with(|| format!("an answer to nothing: {line}"));
            continue;
        };
        // Whoever gave up does not hear it.
        let _ = answers.send(did(&answer));
    }
    let mut waiting = waiting.borrow_mut();
    waiting.gone = Some("the driver has ended".into());
    waiting.answers.clear();
}

fn did(answer: &Answer<'_>) -> Did {
    match (answer.ok, answer.unknown) {
        (Some(true), None | Some(false)) => match answer.value {
            Some(raw) => Did::Read(Value::parse(raw.get())),
            None => Did::Written,
        },
        (Some(false), None | Some(false)) => Did::CertainlyNot("the driver says that it is not done".into()),
        (None, Some(true)) => Did::Unknown("the driver does not know".into()),
        _ => Did::Unknown("the driver says neither that it is done nor that it is not".into()),
    }
}

impl Store for DriverClient {
    async fn operate(&mut self, task: &Task) -> Did {
        let (sender, answer) = oneshot::channel();
        let line = {
            let mut waiting = self.waiting.borrow_mut();
            if let Some(gone) = &waiting.gone {
                return Did::CertainlyNot(gone.clone());
            }
            waiting.next += 1;
            let id = waiting.next;
            waiting.answers.insert(id, sender);
            match task {
                Task::Read { key } => json!({ "id": id, "op": "read", "key": key }),
                Task::Write { key, value } => json!({ "id": id, "op": "write", "key": key, "value": value }),
            }
        };
        if self.lines.send(format!("{line}\n")).is_err() {
            return Did::CertainlyNot("the driver has ended".into());
        }
        let did = match timeout(self.deadline, answer).await {
            Ok(Ok(did)) => did,
            Ok(Err(_)) => Did::Unknown("the driver has ended".into()),
            Err(_) => Did::Unknown("no answer in time".into()),
        };
        match (task, did) {
            (Task::Read { .. }, Did::Written) => Did::Unknown("the driver has read nothing".into()),
            // Whatever it adds to the answer to a write says nothing.
            (Task::Write { .. }, Did::Read(_)) => Did::Written,
            (_, did) => did,
        }
    }
}
