//! What is larger than the limits allow: refused at once, with the place, the limit and its value.

use std::process::Command;

use assert_cmd::assert::OutputAssertExt;
use tempfile::TempDir;

/// The message about a definition that is refused.
fn refused(definition: &str) -> String {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("extreme.toml"), definition).unwrap();
    let mut quorate = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let assert = quorate.current_dir(folder.path()).args(["analyze", "extreme.toml"]).assert().code(2);
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// One step beyond the largest parameters of every family.
#[test]
fn every_family_names_its_limit() {
    let nodes = "the limit is 1,000,000";
    let ten = ["10"; 7].join(", ");
    for (lines, place, limit) in [
        ("\"majority\"\nn = 1000001", "4:5", nodes),
        ("\"threshold\"\nn = 1000001\nread = 1\nwrite = 1000001", "4:5", nodes),
        ("\"rowa\"\nn = 1000001", "4:5", nodes),
        ("\"rawo\"\nn = 1000001", "4:5", nodes),
        ("\"singleton\"\nn = 1000001", "4:5", nodes),
        ("\"grid\"\nrows = 1001\ncols = 1000", "4:8", nodes),
        ("\"b-grid\"\nwidth = 100\nbands = 100\nband_rows = 101", "4:9", nodes),
        ("\"tree\"\nheight = 19", "4:10", nodes),
        (&format!("\"hierarchical\"\nbranching = [{ten}]\nquorum = [{ten}]"), "4:13", nodes),
        ("\"wall\"\nwidths = [500000, 500001]", "4:10", nodes),
        ("\"triangle\"\nrows = 1414", "4:8", nodes),
        ("\"cwlog\"\nrows = 70000", "4:8", nodes),
        ("\"wheel\"\nn = 1000001", "4:5", nodes),
        ("\"fpp\"\norder = 137", "4:9", "at most 131"),
        ("\"paths\"\nsize = 31", "4:8", "at most 30"),
        ("\"y\"\nsize = 151", "4:8", "at most 150"),
    ] {
        let said = refused(&format!("name = \"extreme\"\n[system]\nfamily = {lines}\n"));
        assert!(said.contains(&format!("extreme.toml:{place}")) && said.contains(limit), "{lines}: {said}");
    }
}

/// A million nodes or sets by name are more than a file may have.
#[test]
fn a_file_that_is_too_large_names_its_limit() {
    let nodes: String = (1..=1_000_000).map(|node| format!("[[node]]\nname = \"n{node}\"\n")).collect();
    let sets: String = (1..=1_000_000).map(|set| format!("[\"a{set}\"],")).collect();
    for (system, more) in [
        ("family = \"majority\"\nn = 1000000".to_owned(), nodes),
        (format!("family = \"custom\"\nreads = [{sets}]"), String::new()),
    ] {
        let said = refused(&format!("name = \"extreme\"\n[system]\n{system}\n{more}"));
        assert!(
            said.contains("extreme.toml") && said.contains("larger than 8,388,608 bytes, the limit of a definition"),
            "{said}"
        );
    }
}
