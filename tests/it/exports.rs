//! What `export` and `compare --plots` write: whole, current, and the same every time.

use std::path::Path;

use assert_cmd::assert::OutputAssertExt;
use tempfile::TempDir;

use crate::support::files;

/// Runs the program in the root of the repository.
fn run(arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(files::path("")).args(arguments).assert()
}

/// The files of a folder with their content, by name.
fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: std::path::PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap())
    };
    let mut found: Vec<_> = entries.map(named).collect();
    found.sort();
    found
}

/// After a change of the numbers or of a definition: `cargo run -- export quorum-defs --out notebooks-data --force`.
#[test]
fn the_exports_of_the_shipped_definitions_are_current() {
    let folder = TempDir::new().unwrap();
    // Some shipped definition has reads that miss its writes.
    run(&["export", "quorum-defs", "--out", &folder.path().display().to_string()]).code(1);
    let exported = content(folder.path());
    let names: Vec<_> = exported.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "byzantine.csv",
        "client_fronts.csv",
        "client_strategies.csv",
        "clients.csv",
        "copysets.csv",
        "curves.csv",
        "demands.csv",
        "failure_probability.csv",
        "federated.csv",
        "importance.csv",
        "leaders.csv",
        "node_load.csv",
        "optimum.csv",
        "ranges.csv",
        "repair.csv",
        "splits.csv",
        "strategy.csv",
        "sweep.csv",
        "systems.csv",
        "zone_losses.csv",
    ];
    assert_eq!(names, expected);
    for (name, bytes) in &exported {
        let kept = std::fs::read(files::path("notebooks-data").join(name)).unwrap();
        assert!(
            kept == *bytes,
            "notebooks-data/{name} is not current: cargo run -- export quorum-defs --out notebooks-data --force"
        );
    }
}

#[test]
fn every_row_of_every_table_has_all_columns() {
    for (name, bytes) in content(&files::path("notebooks-data")) {
        if !name.ends_with(".csv") {
            continue;
        }
        let mut reader = csv::ReaderBuilder::new().from_reader(&bytes[..]);
        let columns = reader.headers().unwrap().clone();
        assert!(columns.iter().all(|column| !column.is_empty()), "{name}: {columns:?}");
        let distinct: std::collections::BTreeSet<&str> = columns.iter().collect();
        assert_eq!(distinct.len(), columns.len(), "{name}: a header stands once: {columns:?}");
        // The reader refuses rows of another length.
        let rows = reader.records().collect::<Result<Vec<_>, _>>().unwrap_or_else(|error| panic!("{name}: {error}"));
        // Of shipped definitions nobody demands what protocols need, nor has a goal for each client; rings are in a folder of their own.
        let of_others = ["demands.csv", "client_strategies.csv", "client_fronts.csv", "ranges.csv", "copysets.csv"];
        let is_asked_for = of_others.contains(&name.as_str());
        assert!(!rows.is_empty() || is_asked_for, "{name} has no rows");
        let is_number = |text: &str| text.is_empty() || text.parse::<f64>().is_ok_and(f64::is_finite);
        for (at, column) in columns.iter().enumerate() {
            if ["load", "value", "probability", "capacity", "network", "lower", "upper", "nodes"].contains(&column) {
                assert!(rows.iter().all(|row| is_number(&row[at])), "{name}: {column}");
            }
        }
    }
}

#[test]
fn the_same_command_gives_the_same_bytes() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    for (folder, threads) in folders.iter().zip(["1", "2"]) {
        let (plots, csv) = (folder.path().join("plots"), folder.path().join("csv"));
        let (plots, csv) = (format!("--plots={}", plots.display()), format!("--csv={}", csv.display()));
        let [grid, majority, regions] =
            ["quorum-defs/grid-3x3.toml", "quorum-defs/majority-5.toml", "quorum-defs/three-regions.toml"];
        run(&["compare", grid, majority, regions, &plots, &csv, "--threads", threads]).code(0);
    }
    for part in ["plots", "csv"] {
        let [first, second] = [&folders[0], &folders[1]].map(|folder| content(&folder.path().join(part)));
        assert!(!first.is_empty() && first == second, "{part} differ");
    }
    let plots = content(&folders[0].path().join("plots"));
    let names = quorate::report::plot::Plot::ALL.map(quorate::report::plot::Plot::name);
    for name in names {
        let of = |end: &str| plots.iter().find(|(file, _)| *file == format!("{name}.{end}")).map(|(_, bytes)| bytes);
        assert!(of("png").is_some_and(|png| png.starts_with(b"\x89PNG")), "{name}.png");
        let svg = String::from_utf8(of("svg").expect("an SVG").clone()).unwrap();
        assert!(
            svg.starts_with("<svg xmlns") && svg.contains("<text ") && svg.trim_end().ends_with("</svg>"),
            "{name}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
    }
}

#[test]
fn only_the_pictures_that_were_asked_for_are_drawn() {
    let folder = TempDir::new().unwrap();
    let plots = format!("--plots={}", folder.path().display());
    let arguments = ["compare", "quorum-defs/grid-3x3.toml", &plots, "--pictures", "trade-off", "--dark"];
    run(&arguments).code(0);
    let names: Vec<_> = content(folder.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["trade-off-dark.png", "trade-off-dark.svg"]);
}
