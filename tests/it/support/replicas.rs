//! Replicas in processes of their own, on loopback; none is left when a test ends, however it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A program of the test.
pub(crate) fn quorate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.stdin(Stdio::null());
    command
}

/// A definition, the addresses of its nodes n1, n2, .., and the processes that run.
pub(crate) struct Cluster {
    pub(crate) expressions: Vec<String>,
    pub(crate) flags: Vec<String>,
    pub(crate) serve_flags: Vec<String>,
    addresses: Vec<SocketAddr>,
    children: Vec<Option<Child>>,
    pub(crate) folder: TempDir,
}

impl Cluster {
    /// So many nodes, of which nobody serves yet.
    pub(crate) fn new(reads: &str, writes: Option<&str>, nodes: usize) -> Cluster {
        let mut expressions = vec!["-e".into(), reads.into()];
        expressions.extend(writes.into_iter().flat_map(|writes| ["--writes".into(), writes.into()]));
        let addresses = (0..nodes).map(|_| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()).collect();
        let children = (0..nodes).map(|_| None).collect();
        let (flags, serve_flags, folder) = (Vec::new(), Vec::new(), TempDir::new().unwrap());
        Cluster { expressions, flags, serve_flags, addresses, children, folder }
    }

    /// Three replicas and a majority, all of which serve.
    pub(crate) fn majority() -> Cluster {
        let mut cluster = Cluster::new("majority(n1, n2, n3)", None, 3);
        (0..3).for_each(|node| cluster.serve(node, &[]));
        cluster
    }

    pub(crate) fn address(&self, node: usize) -> SocketAddr {
        self.addresses[node]
    }

    pub(crate) fn peers(&self) -> String {
        let peer = |(node, address): (usize, &SocketAddr)| format!("n{}={address}", node + 1);
        self.addresses.iter().enumerate().map(peer).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn data(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("n{}", node + 1))
    }

    /// The command that runs a node, on a listener that it inherits.
    pub(crate) fn command(&self, node: usize, flags: &[&str]) -> Command {
        // The port is that of before; the system gives it to nobody else as long as this is quick.
        let listener = (0..200).find_map(|_| {
            let listener = TcpListener::bind(self.addresses[node]).ok();
            if listener.is_none() {
                std::thread::sleep(Duration::from_millis(10));
            }
            listener
        });
        let mut command = quorate();
        command
            .arg("serve")
            .args(&self.expressions)
            .args(&self.flags)
            .args(&self.serve_flags)
            .args(["--node", &format!("n{}", node + 1), "--listen", "inherited", "--peers", &self.peers()])
            .args(["--parent", &std::process::id().to_string()])
            .args(flags)
            .stdin(OwnedFd::from(listener.expect("the port is free again")))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if !flags.contains(&"--memory") {
            command.arg("--data").arg(self.data(node));
        }
        command
    }

    /// Starts a node, and waits until it serves.
    pub(crate) fn serve(&mut self, node: usize, flags: &[&str]) {
        let mut child = self.command(node, flags).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            let mut error = String::new();
            child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("n{}: {error}", node + 1);
        }
        assert_eq!(line, format!("listening on {}\n", self.addresses[node]));
        // Nobody reads the log, and nobody should wait for that.
        let mut log = child.stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        self.children[node] = Some(child);
    }

    pub(crate) fn id(&self, node: usize) -> u32 {
        self.children[node].as_ref().unwrap().id()
    }

    /// Ends a node without asking.
    pub(crate) fn kill(&mut self, node: usize) {
        let mut child = self.children[node].take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks a node to end, and waits for it.
    pub(crate) fn end(&mut self, node: usize) -> Option<i32> {
        let mut child = self.children[node].take().expect("it runs");
        signal(child.id(), nix::sys::signal::Signal::SIGTERM);
        child.wait().unwrap().code()
    }

    /// Does an operation of a client.
    pub(crate) fn client(&self, arguments: &[&str]) -> Output {
        let mut command = quorate();
        command.arg("client").args(&self.expressions).args(&self.flags).args(["--peers", &self.peers()]);
        command.args(arguments).output().unwrap()
    }

    /// Reads a key.
    #[track_caller]
    pub(crate) fn get(&self, key: &str) -> String {
        let output = self.client(&["get", key]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned()
    }

    /// Writes a key.
    #[track_caller]
    pub(crate) fn put(&self, key: &str, value: &str) {
        let output = self.client(&["put", key, value]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.children.iter_mut().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(process: u32, signal: nix::sys::signal::Signal) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(process as i32), signal).unwrap();
}

/// What is answered over HTTP.
pub(crate) fn http(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
