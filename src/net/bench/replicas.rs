//! A process for each node, of which none is left however this one ends.
//!
//! The system is asked to end each with this process (`PR_SET_PDEATHSIG`), each is in a process group of its own so that Ctrl-C goes
//! to this one alone, and each is killed when the handle on it is dropped. A replica gets its port as an open socket, its
//! standard input, so that nobody can take it in between; after a restart it has another one, which its proxy knows.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::proxy::Proxies;
use crate::net::setup::{NetError, io};

/// How long a replica may take to serve, and to end.
const START_TIME: Duration = Duration::from_secs(20);
const END_TIME: Duration = Duration::from_secs(5);

/// What all replicas have in common.
#[derive(Debug, Clone)]
pub struct ClusterPlan {
    /// The program, and its arguments up to those that differ from node to node.
    pub program: PathBuf,
    /// The arguments that all have.
    pub arguments: Vec<String>,
    /// The names of the nodes.
    pub names: Vec<String>,
    /// Whether they keep everything in memory.
    pub memory: bool,
    /// Whether one that lost its disk comes back as if nothing had happened: what must be found out.
    pub forgets: bool,
}

/// The processes of a cluster.
#[derive(Debug)]
pub struct Replicas {
    plan: ClusterPlan,
    children: Vec<Option<Child>>,
    addresses: Vec<Option<SocketAddr>>,
    folder: TempDir,
}

/// How a replica comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    First,
    WithDisk,
    WithoutDisk,
}

impl Replicas {
    /// Starts all of them, each behind its proxy.
    ///
    /// # Errors
    /// [`NetError`] when one does not serve in time.
    pub async fn start(plan: ClusterPlan, proxies: &Proxies) -> Result<Replicas, NetError> {
        let nodes = plan.names.len();
        let folder = tempfile::Builder::new().prefix("quorate-bench-").tempdir().map_err(io("cannot make a folder"))?;
        let (children, addresses) = ((0..nodes).map(|_| None).collect(), vec![None; nodes]);
        let mut replicas = Replicas { plan, children, addresses, folder };
        // All at once, since they want to meet each other.
        let mut begun = Vec::new();
        for node in 0..nodes {
            begun.push(replicas.spawn(node, Start::First, proxies)?);
        }
        for (node, out) in begun.into_iter().enumerate() {
            replicas.serves(node, out).await?;
        }
        Ok(replicas)
    }

    /// Where each replica listens itself.
    pub fn addresses(&self) -> &[Option<SocketAddr>] {
        &self.addresses
    }

    /// Whether a process runs.
    pub fn is_up(&self, node: usize) -> bool {
        self.children[node].is_some()
    }

    fn data(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("data-{node}"))
    }

    fn log(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("log-{node}"))
    }

    fn spawn(
        &mut self,
        node: usize,
        start: Start,
        proxies: &Proxies,
    ) -> Result<BufReader<tokio::process::ChildStdout>, NetError> {
        let name = self.plan.names[node].clone();
        let cannot = |what: &str| io(format!("cannot start {name}: {what}"));
        let listener = TcpListener::bind("127.0.0.1:0").map_err(cannot("no port"))?;
        let address = listener.local_addr().map_err(cannot("no port"))?;
        let peer = |(peer, name): (usize, &String)| format!("{name}={}", proxies.address(peer));
        let peers: Vec<String> = self.plan.names.iter().enumerate().map(peer).collect();
        let log = File::options().create(true).append(true).open(self.log(node)).map_err(cannot("no log"))?;
        let mut command = std::process::Command::new(&self.plan.program);
        command.arg("serve").args(&self.plan.arguments).args(["--node", &name, "--listen", "inherited"]);
        command.args(["--peers", &peers.join(","), "--parent", &std::process::id().to_string()]);
        if self.plan.memory {
            command.arg("--memory");
        } else {
            command.arg("--data").arg(self.data(node));
        }
        match start {
            Start::First => {}
            Start::WithDisk if !self.plan.memory => {}
            _ if self.plan.forgets => drop(command.arg("--forgets")),
            Start::WithDisk | Start::WithoutDisk => drop(command.arg("--rejoin")),
        }
        command.stdin(OwnedFd::from(listener)).stdout(Stdio::piped()).stderr(log);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = Command::from(command).kill_on_drop(true).spawn().map_err(cannot("no process"))?;
        let out = child.stdout.take().ok_or_else(|| std::io::Error::other("no output")).map_err(cannot("no output"))?;
        self.children[node] = Some(child);
        self.addresses[node] = Some(address);
        proxies.put(node, Some(address));
        Ok(BufReader::new(out))
    }

    async fn serves(&mut self, node: usize, mut out: BufReader<tokio::process::ChildStdout>) -> Result<(), NetError> {
        let mut line = String::new();
        // Whatever went wrong stands in the log.
        let _ = timeout(START_TIME, out.read_line(&mut line)).await;
        if line.starts_with("listening on ") {
            return Ok(());
        }
        let log = std::fs::read_to_string(self.log(node)).unwrap_or_default();
        let last = log.lines().last().unwrap_or("it said nothing").to_owned();
        let reason = std::io::Error::other(last);
        Err(NetError::Io { what: format!("{} does not serve", self.plan.names[node]), reason })
    }

    /// Ends a process without asking.
    pub async fn crash(&mut self, node: usize, proxies: &Proxies) {
        proxies.put(node, None);
        self.addresses[node] = None;
        if let Some(mut child) = self.children[node].take() {
            // It may have ended by itself.
            let _ = child.kill().await;
        }
    }

    /// Starts a process again, with its disk or without; it has served, or tries to, when this returns.
    ///
    /// # Errors
    /// [`NetError`] when there is no process. One that cannot rejoin yet is none.
    pub fn restart(&mut self, node: usize, has_disk: bool, proxies: &Proxies) -> Result<(), NetError> {
        if self.is_up(node) {
            return Ok(());
        }
        if !has_disk {
            // There may have been none.
            let _ = std::fs::remove_dir_all(self.data(node));
        }
        let start = if has_disk { Start::WithDisk } else { Start::WithoutDisk };
        let out = self.spawn(node, start, proxies)?;
        // Nobody waits for it; but a pipe that is closed is no place to print into.
        tokio::spawn(async move {
            let mut lines = out.lines();
            while let Ok(Some(_)) = lines.next_line().await {}
        });
        Ok(())
    }

    /// Puts a process to sleep, or wakes it up.
    pub fn pause(&self, node: usize, sleeps: bool) {
        let id = self.children[node].as_ref().and_then(Child::id).and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id {
            // It may have ended by itself.
            let _ = kill(Pid::from_raw(id), if sleeps { Signal::SIGSTOP } else { Signal::SIGCONT });
        }
    }

    /// Those that have ended by themselves, and what they said last.
    pub fn ended(&mut self) -> Vec<(usize, String)> {
        let mut ended = Vec::new();
        for node in 0..self.children.len() {
            let Some(child) = &mut self.children[node] else { continue };
            if matches!(child.try_wait(), Ok(None)) {
                continue;
            }
            self.children[node] = None;
            ended.push((node, last_line(&self.log(node))));
        }
        ended
    }

    /// Asks all to end, and waits for them.
    pub async fn end(mut self) {
        for node in 0..self.children.len() {
            self.pause(node, false);
            if let Some(id) = self.children[node].as_ref().and_then(Child::id).and_then(|id| i32::try_from(id).ok()) {
                let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
            }
        }
        for child in self.children.iter_mut().flatten() {
            if timeout(END_TIME, child.wait()).await.is_err() {
                let _ = child.kill().await;
            }
        }
    }
}

fn last_line(path: &Path) -> String {
    let log = std::fs::read_to_string(path).unwrap_or_default();
    log.lines().last().unwrap_or("it said nothing").to_owned()
}
