//! What the library costs those who want only the library.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::files;

/// The crates that are compiled for the library with these features, itself included.
fn crates(features: &str) -> BTreeSet<String> {
    let arguments = ["tree", "--locked", "--no-default-features", "--features", features];
    let shape = ["--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let asked = |offline: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(files::path("")).args(arguments).args(shape).args(offline).output().expect("cargo runs")
    };
    // What was built is at hand; only a cache that was cleared meanwhile has to be filled again.
    let output = Some(asked(&["--offline"])).filter(|output| output.status.success()).unwrap_or_else(|| asked(&[]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names of crates");
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn the_library_alone_is_fewer_than_fifty_other_crates() {
    let alone = crates("");
    assert!(alone.len() - 1 < 50, "{}: {alone:?}", alone.len() - 1);
    for name in
        ["clap", "plotters", "indicatif", "ctrlc", "signal-hook", "csv", "flate2", "hdrhistogram", "sha2", "clarabel"]
    {
        assert!(!alone.contains(name), "{name}");
    }
    for name in ["nalgebra", "good_lp", "rayon", "serde"] {
        assert!(alone.contains(name), "{name}");
    }
}

#[test]
fn each_feature_brings_what_it_says() {
    for (feature, name) in [
        ("interior", "clarabel"),
        ("formats", "flate2"),
        ("simulator", "hdrhistogram"),
        ("report", "annotate-snippets"),
        ("plots", "plotters"),
        ("cli", "clap"),
        ("net", "redb"),
    ] {
        assert!(crates(feature).contains(name), "{feature}: {name}");
    }
    assert!(!crates("report").contains("plotters"));
    assert!(!crates("plots").contains("clap"));
    // The first command of the README builds the program without the network.
    let first = crates("cli");
    ["tokio", "redb", "snow", "postcard", "nix"].iter().for_each(|name| assert!(!first.contains(*name), "{name}"));
}
