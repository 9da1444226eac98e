//! What was wrong, for a program that called this one in its own process.

use super::error::Failure;

/// Something that was wrong with the arguments, a file or a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file that it is in.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The column in characters, counted from 1.
    pub column: Option<usize>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// What this failure says, place by place.
pub(super) fn mistakes(failure: &Failure) -> Vec<Mistake> {
    let plain = |file: Option<&String>, line: Option<u64>, message: String| Mistake {
        file: file.cloned(),
        line: line.and_then(|line| usize::try_from(line).ok()),
        column: None,
        message,
        help: None,
    };
    match failure {
        Failure::Definition { file, diagnostics } => {
            let one = |diagnostic: &crate::spec::Diagnostic| Mistake {
                file: Some(file.clone()),
                line: Some(diagnostic.line()),
                column: Some(diagnostic.column()),
                message: diagnostic.message.clone(),
                help: diagnostic.help.clone(),
            };
            diagnostics.iter().map(one).collect()
        }
        Failure::History { file, problems } => {
            problems.iter().map(|problem| plain(Some(file), Some(problem.line), problem.reason.to_string())).collect()
        }
        Failure::NoHistory { file, .. } => vec![plain(Some(file), None, failure.to_string())],
        _ => vec![plain(None, None, failure.to_string())],
    }
}
