//! Words of the language of definitions.

/// A node's name in an expression: as it is where it cannot be mistaken for anything else, between quotes elsewhere.
pub(super) fn name(name: &str) -> String {
    const FUNCTIONS: [&str; 3] = ["choose", "majority", "weighted"];
    let mut characters = name.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let plain = starts && characters.all(|each| each.is_ascii_alphanumeric() || matches!(each, '_' | '.' | '-' | ':'));
    if plain && !FUNCTIONS.contains(&name) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A gate of votes.
pub(super) fn weighted<'a>(quota: u64, votes: impl Iterator<Item = (&'a str, u64)>) -> String {
    let voters: Vec<String> = votes.map(|(node, votes)| format!("{}={votes}", name(node))).collect();
    format!("weighted({quota}, {})", voters.join(", "))
}

/// Quorums one by one.
pub(super) fn sets<'a>(quorums: impl Iterator<Item = Vec<&'a str>>) -> String {
    let all = |quorum: Vec<&str>| quorum.into_iter().map(name).collect::<Vec<_>>().join("*");
    quorums.map(all).collect::<Vec<_>>().join(" + ")
}
