//! What the architecture claims is absent, is absent.
//!
//! Comments and tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::support::files::path;
use crate::support::sources::{Imports, Source, code, files, sources, without_comment};

/// A module names only modules to its left.
const LAYERS: &[&str] = &[
    "budget",
    "model",
    "picker",
    "families",
    "number",
    "circuit",
    "structure",
    "strategy",
    "availability",
    "operations",
    "search",
    "analysis",
    "transition",
    "history",
    "checker",
    "protocol",
    "consensus",
    "sim",
    "verify",
    "net",
    "flp",
    "replication",
    "replay",
    "spec",
    "report",
    "explorer",
    "cli",
];

/// Modules that name fewer than all to their left: `strategy` and `availability` stand side by side.
const ONLY: &[(&str, &[&str])] = &[
    ("picker", &["model"]),
    ("number", &[]),
    ("structure", &["budget", "model", "number", "circuit"]),
    ("strategy", &["budget", "model", "number", "circuit", "structure"]),
    ("availability", &["budget", "model", "number", "circuit", "structure"]),
    ("operations", &["budget", "model", "number", "circuit", "structure", "availability"]),
    ("protocol", &["model", "picker"]),
    ("consensus", &["model", "protocol"]),
];

/// The largest share of the code that one room may have, in percent.
const SHARE_MAX: usize = 16;

/// Lines of a file.
const LINES_MAX: usize = 450;

#[track_caller]
fn nothing(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

fn layers_named(line: &str) -> impl Iterator<Item = &str> {
    let after = |(at, prefix): (usize, &str)| {
        line[at + prefix.len()..].split(|c: char| !c.is_alphanumeric() && c != '_').next()
    };
    line.match_indices("crate::").filter_map(after).filter(|word| LAYERS.contains(word))
}

#[test]
fn every_module_has_a_layer() {
    let known = |layer: &str| LAYERS.contains(&layer) || ["lib", "main"].contains(&layer);
    let unknown: Vec<String> =
        sources().iter().filter(|source| !known(source.layer())).map(|source| source.path.clone()).collect();
    nothing("modules without a layer", &unknown);
}

#[test]
fn modules_name_only_the_layers_before_them() {
    let rank = |layer: &str| LAYERS.iter().position(|known| *known == layer);
    let mut found = Vec::new();
    for source in sources() {
        let Some(own) = rank(source.layer()) else { continue };
        for (number, line) in source.code.iter().enumerate() {
            if layers_named(line).any(|named| rank(named) > Some(own)) {
                found.push(format!("src/{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    nothing("a module names one that comes after it", &found);
}

#[test]
fn some_modules_name_only_a_few() {
    let mut found = Vec::new();
    for source in sources() {
        let Some((own, allowed)) = ONLY.iter().find(|(own, _)| *own == source.layer()) else { continue };
        for (number, line) in source.code.iter().enumerate() {
            if layers_named(line).any(|named| named != *own && !allowed.contains(&named)) {
                found.push(format!("src/{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    nothing("a module names one that it does not stand on", &found);
    assert!(ONLY.iter().all(|(own, _)| path("src").join(own).is_dir()), "a room has moved: this test must follow it");
}

#[test]
fn no_room_is_the_house() {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for source in sources() {
        *lines.entry(source.layer().to_owned()).or_default() += source.code.len();
    }
    let all: usize = lines.values().sum();
    let share = |(layer, lines): (&String, &usize)| {
        (lines * 100 > all * SHARE_MAX).then(|| format!("{layer}: {lines} of {all} lines"))
    };
    nothing("rooms that should be two", &lines.iter().filter_map(share).collect::<Vec<_>>());
}

/// Files that name each other can only be read together; a parent that defines what its children use, and calls them, is
/// such a circle too.
#[test]
fn no_files_import_each_other() {
    let found = Imports::of(&sources()).circles();
    nothing("files that import each other", &found.into_iter().map(|circle| circle.ties).collect::<Vec<_>>());
}

#[test]
fn a_circle_is_seen() {
    let source = |path: &str, text: &str| Source { path: path.into(), code: code(text) };
    let circles = |sources: &[Source]| Imports::of(sources).circles();
    let parent = source("a/mod.rs", "mod b;\npub mod c;\npub use b::{self, B, deep::{D as E}};\npub struct A;");
    let straight = [source("a/b.rs", "use super::c::C;"), source("a/c.rs", "pub struct C;\nuse crate::z::Z;")];
    let [b, c] = straight;
    assert!(circles(&[parent, b, c, source("z.rs", "pub struct Z;")]).is_empty());

    let handed_on = |child: &str| {
        circles(&[
            source("a/mod.rs", "mod b;\nmod c;\npub use b::B;\npub use c::C;"),
            source("a/b.rs", "use super::{C, Unknown};\npub struct B;"),
            source("a/c.rs", child),
        ])
    };
    assert_eq!(handed_on("pub struct C; // super::B").len(), 0);
    assert_eq!(handed_on("pub struct C(super::B);").len(), 1, "through the parent, without an import");
    assert_eq!(handed_on("use super::b;\npub struct C(b::B);").len(), 1, "by the module's name");
    assert_eq!(handed_on("pub struct C;\n#[cfg(test)]\nmod tests { use super::super::B; }").len(), 0);

    let calls = "mod b;\npub struct A;\nfn f() { b::g() }";
    let family = circles(&[source("a/mod.rs", calls), source("a/b.rs", "use super::A;\npub fn g() {}")]);
    assert!(family[0].ties.contains("a -> a::b: g") && family[0].ties.contains("a::b -> a: A"));
}

/// The table of files in the architecture, room by room.
#[test]
fn the_architecture_names_every_file_of_the_large_rooms() {
    let text = std::fs::read_to_string(path("src/ARCHITECTURE.md")).expect("the architecture");
    let after = text.split("\n## The files of the large rooms\n").nth(1).expect("the section");
    let section = after.split("\n## ").next().expect("text");
    let mut room = String::new();
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut rooms: BTreeSet<String> = BTreeSet::new();
    for row in section.lines().filter(|line| line.starts_with("| `") || line.starts_with("| |")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        if !cells[1].is_empty() {
            room = cells[1].trim_matches('`').to_owned();
            rooms.insert(room.clone());
        }
        for word in cells[3].split(',').map(|word| word.trim().trim_matches('`')) {
            assert!(named.insert(format!("{room}/{word}")), "{room}/{word} stands there twice");
        }
    }
    let entry = |source: &Source| {
        let mut parts = source.path.split('/');
        let (room, file) = (parts.next()?, parts.next()?.trim_end_matches(".rs"));
        (rooms.contains(room) && file != "mod").then(|| format!("{room}/{file}"))
    };
    let there: BTreeSet<String> = sources().iter().filter_map(entry).collect();
    nothing("files that the architecture does not name", &there.difference(&named).cloned().collect::<Vec<_>>());
    nothing("files that are not there", &named.difference(&there).cloned().collect::<Vec<_>>());
}

/// `use crate::{a, b}` would hide names from the test above.
#[test]
fn no_import_groups_modules() {
    let found: Vec<String> = sources().iter().flat_map(|source| source.with(&["crate::{"])).collect();
    nothing("imports that group modules", &found);
}

#[test]
fn only_the_command_line_touches_the_world() {
    // Processes that talk to each other need these; the streams are those of the processes that they start, and what is printed is
    // denied by the compiler.
    const NET_TOO: &[&str] =
        &["std::fs", "std::env", "std::process", "Instant::now", "SystemTime", "stdin(", "stdout(", "stderr("];
    const WORLD: &[&str] = &[
        "std::fs",
        "std::env",
        "std::process",
        "stdout(",
        "stderr(",
        "stdin(",
        "println!",
        "eprintln!",
        "print!(",
        "Instant::now",
        "SystemTime",
        "anstream::",
        "indicatif",
    ];
    let inside = |source: &&Source| !["cli", "main"].contains(&source.layer());
    let forbidden = |source: &Source| -> Vec<&str> {
        let may = |word: &&str| source.layer() == "net" && NET_TOO.contains(word);
        WORLD.iter().copied().filter(|word| !may(word)).collect()
    };
    let found: Vec<String> = sources()
        .iter()
        .filter(inside)
        .flat_map(|source| source.with(&forbidden(source)).collect::<Vec<_>>())
        .collect();
    nothing("files, the terminal, clocks and the environment belong to the command line", &found);
}

/// What a driver hands in and nothing else: a protocol has no time, chance, network or threads of its own.
#[test]
fn protocols_know_nothing_but_their_inputs() {
    const OUTSIDE: &[&str] =
        &["std::time", "std::net", "std::thread", "std::sync::", "rand", "rayon", "Instant", "Cell<", "Mutex"];
    let inside = |source: &&Source| ["protocol", "consensus"].contains(&source.layer());
    let named =
        |source: &Source| source.with(OUTSIDE).filter(|line| !line.contains("std::sync::Arc")).collect::<Vec<_>>();
    let found: Vec<String> = sources().iter().filter(inside).flat_map(named).collect();
    nothing("protocols that know more than their inputs", &found);
}

#[test]
fn one_room_knows_the_solver() {
    let solver = "strategy/solver";
    let others = |source: &&Source| !source.path.starts_with(solver);
    let found: Vec<String> = sources()
        .iter()
        .filter(others)
        .flat_map(|source| source.with(&["good_lp", "microlp"]).collect::<Vec<_>>())
        .collect();
    nothing("only one room names the solver", &found);
    assert!(path("src").join(solver).exists(), "{solver} has moved: this test must follow it");
}

/// The compiler denies it everywhere else, unless somebody allows it there too.
#[test]
fn one_file_is_unsafe() {
    let vector = "circuit/lanes/simd.rs";
    let others = |source: &&Source| source.path != vector;
    let found: Vec<String> = sources()
        .iter()
        .filter(others)
        .flat_map(|source| {
            source
                .with(&[
                    "unsafe {",
                    "unsafe fn",
                    "unsafe impl",
                    "unsafe_code",
                    "target_feature",
                    "core::arch",
                    "std::arch",
                ])
                .collect::<Vec<_>>()
        })
        .collect();
    nothing("only one file is unsafe", &found);
    assert!(path("src").join(vector).exists(), "{vector} has moved: this test must follow it");
}

#[test]
fn one_file_knows_the_drawing_library() {
    let drawing = "report/plot/draw.rs";
    let others = |source: &&Source| source.path != drawing;
    let found: Vec<String> = sources()
        .iter()
        .filter(others)
        .flat_map(|source| source.with(&["plotters", "dejavu::", "png::"]).collect::<Vec<_>>())
        .collect();
    nothing("only one file names the drawing library, the font and the pixels", &found);
    assert!(path("src").join(drawing).exists(), "{drawing} has moved: this test must follow it");
}

#[test]
fn nothing_is_left_to_do() {
    const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "FIXME", "dbg!("];
    let mut found: Vec<String> =
        sources().iter().flat_map(|source| source.with(UNFINISHED).collect::<Vec<_>>()).collect();
    for file in files(&path("src")) {
        let text = std::fs::read_to_string(&file).expect("a source file");
        if text.contains("FIXME") {
            found.push(file.display().to_string());
        }
    }
    nothing("unfinished code", &found);
}

/// Their order differs from run to run; `BTreeMap`, or an `FxHashMap` that nothing iterates over, does not.
#[test]
fn no_collection_has_a_random_order() {
    const RANDOM: &[&str] =
        &[" HashMap", "<HashMap", "::HashMap", " HashSet", "<HashSet", "::HashSet", "{HashMap", "{HashSet"];
    let found: Vec<String> = sources().iter().flat_map(|source| source.with(RANDOM).collect::<Vec<_>>()).collect();
    nothing("collections of random order", &found);
}

#[test]
fn files_stay_short() {
    let folders = ["src", "tests", "benches"];
    let length = |file: PathBuf| {
        let lines = std::fs::read_to_string(&file).expect("a source file").lines().count();
        (lines > LINES_MAX).then(|| format!("{}: {lines} lines", file.display()))
    };
    let long: Vec<String> = folders.iter().flat_map(|folder| files(&path(folder))).filter_map(length).collect();
    nothing("files that should be two", &long);
}

#[test]
fn tests_are_left_out() {
    let text =
        "a\n#[cfg(test)]\nmod fixture;\nb // c\n#[cfg(test)]\nfn d() {\n    e\n}\nf\n#[cfg(test)]\nmod tests {\n}\ng";
    assert_eq!(code(text), ["a", "b ", "f"]);
}

#[test]
fn comments_are_told_from_code() {
    assert_eq!(without_comment("let a = 1; // crate::cli"), "let a = 1; ");
    assert_eq!(without_comment("/// [`crate::cli`]"), "");
    assert_eq!(without_comment("let a = \"http://x\";"), "let a = \"http://x\";");
    assert_eq!(layers_named("use crate::spec::read; crate::model").collect::<Vec<_>>(), ["spec", "model"]);
}
