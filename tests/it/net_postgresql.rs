//! A real PostgreSQL with a standby, where it is installed: the primary keeps its promise, a standby that follows it later does not.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::replicas::{quorate, signal};

/// Nobody, whom PostgreSQL may run as; it refuses root.
const NOBODY: u32 = 65_534;

/// The folder of its programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    folders.filter(|folder| folder.join("initdb").is_file()).max()
}

/// A program of PostgreSQL, as somebody who is not root.
fn program(folder: &Path, name: &str) -> Command {
    let path = folder.join(name);
    let mut command = if nix::unistd::getuid().is_root() {
        let mut command = Command::new("setpriv");
        let id = NOBODY.to_string();
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A server, which is ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        signal(self.0.id(), Signal::SIGQUIT);
        let _ = self.0.wait();
    }
}

fn serve(programs: &Path, data: &Path, port: u16) -> Server {
    let folder = data.parent().unwrap();
    let mut server = program(programs, "postgres");
    server.arg("-D").arg(data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-k"]).arg(folder);
    Server(server.spawn().unwrap())
}

/// Runs a program until it does what it should; a server takes a while until it listens.
fn until_done(mut command: impl FnMut() -> Command) {
    let begun = Instant::now();
    while !command().status().unwrap().success() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not come up");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn recorded(endpoints: &str, consistency: &str) -> (Option<i32>, Value) {
    let arguments =
        ["record", "postgresql", "--endpoints", endpoints, "--consistency", consistency, "--seconds", "1.5"];
    let output = quorate().args(arguments).args(["--clients", "4", "--format", "json"]).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_primary_is_atomic_and_an_asynchronous_standby_is_not() {
    let Some(programs) = programs() else {
        eprintln!("not tried: PostgreSQL is not installed");
        return;
    };
    let folder = TempDir::new().unwrap();
    if nix::unistd::getuid().is_root() {
        std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let [first, second] = [(), ()].map(|()| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
    let (data, standby) = (folder.path().join("primary"), folder.path().join("standby"));
    let mut initdb = program(&programs, "initdb");
    assert!(initdb.arg("-D").arg(&data).args(["-U", "postgres", "--auth=trust"]).status().unwrap().success());
    let _primary = serve(&programs, &data, first);
    until_done(|| {
        let _ = std::fs::remove_dir_all(&standby);
        let mut copy = program(&programs, "pg_basebackup");
        copy.arg("-D").arg(&standby).args(["-R", "-X", "stream", "-c", "fast", "-U", "postgres"]);
        copy.args(["-h", "127.0.0.1", "-p", &first.to_string()]);
        copy
    });
    let _standby = serve(&programs, &standby, second);
    until_done(|| {
        let mut ready = program(&programs, "pg_isready");
        ready.args(["-h", "127.0.0.1", "-p", &second.to_string()]);
        ready
    });
    let endpoints = format!("127.0.0.1:{first},127.0.0.1:{second}");
    let (status, document) = recorded(&endpoints, "primary");
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from("holds")), "{document}");
    assert!(document["operations"].as_u64().unwrap() > 50, "{document}");
    // The control: it acknowledges before its standby has what was written.
    let (status, document) = recorded(&endpoints, "replica");
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(1), &Value::from("violated")), "{document}");
}
