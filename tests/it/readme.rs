//! The README shows what the program prints.

use assert_cmd::Command;

/// The text of the first fenced block after `marker`.
fn block_after<'a>(text: &'a str, marker: &str) -> &'a str {
    let rest = text.split_once(marker).unwrap_or_else(|| panic!("the README has no {marker:?}")).1;
    let fenced = rest.split_once("```text\n").expect("a text block follows").1;
    fenced.split_once("```").expect("the block ends").0
}

fn printed(arguments: &[&str]) -> String {
    let output =
        Command::cargo_bin("quorate").expect("the program is built").args(arguments).output().expect("it runs");
    String::from_utf8(output.stdout).expect("its output is text")
        + std::str::from_utf8(&output.stderr).expect("so are its errors")
}

#[test]
fn the_first_command_prints_what_the_readme_shows() {
    let readme = include_str!("../../README.md");
    let shown = block_after(readme, "<!-- output of: quorate analyze quorum-defs/grid-3x3.toml -->");
    assert_eq!(shown, printed(&["analyze", "quorum-defs/grid-3x3.toml"]));
}

#[test]
fn a_wrong_definition_is_refused_as_the_readme_shows() {
    let readme = include_str!("../../README.md");
    let shown = block_after(readme, "<!-- output of: quorate analyze two-rooms.toml, with 1.5 for 0.01 -->");
    let definition = readme.split_once("```toml\n").expect("a definition").1.split_once("```").expect("its end").0;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("two-rooms.toml");
    let right = Command::cargo_bin("quorate")
        .expect("the program is built")
        .arg("analyze")
        .arg("-")
        .write_stdin(definition)
        .output();
    assert_eq!(right.expect("it runs").status.code(), Some(0));
    std::fs::write(&file, definition.replace("failure_probability = 0.01 ", "failure_probability = 1.5 "))
        .expect("a file");
    let name = file.display().to_string();
    assert_eq!(shown, printed(&["analyze", &name]).replace(&name, "two-rooms.toml"));
}
