//! The program, run on definitions of the tests.

use std::process::Command;

use serde_json::Value;

/// The report of a definition with the exit status, or what the program says where there is none; it stands in `case.toml`.
pub(crate) fn analyzed(definition: &str, arguments: &[&str]) -> Result<(Value, i32), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.toml");
    std::fs::write(&file, definition).unwrap();
    let mut quorate = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = quorate.arg("analyze").arg(&file).args(["--format", "json"]).args(arguments).output().unwrap();
    let json = serde_json::from_slice(&output.stdout);
    let json = json.map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok((json, output.status.code().unwrap()))
}
