//! Quorums as expressions of definitions.

/// A name as expressions have it.
pub(super) fn name(name: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_.-:".contains(letter);
    let is_keyword = ["choose", "majority", "weighted"].contains(&name);
    let is_number = name.chars().all(|letter| letter.is_ascii_digit());
    if !name.is_empty() && name.chars().all(is_plain) && !is_keyword && !is_number {
        return name.into();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Any `k` of these parts.
pub(super) fn choose(k: usize, parts: &[String]) -> String {
    match parts {
        [part] if k == 1 => part.clone(),
        _ if 2 * k > parts.len() && 2 * (k - 1) <= parts.len() => format!("majority({})", parts.join(", ")),
        _ => format!("choose({k}, {})", parts.join(", ")),
    }
}

/// More than half of these parts.
pub(super) fn majority(parts: &[String]) -> String {
    choose(parts.len() / 2 + 1, parts)
}

/// All of these parts.
pub(super) fn all(parts: &[String]) -> String {
    match parts {
        [part] => part.clone(),
        _ => format!("choose({}, {})", parts.len(), parts.join(", ")),
    }
}

/// Parts with votes that add up to the quota; those without votes are left out.
pub(super) fn weighted(quota: u64, parts: &[(String, u64)]) -> String {
    let voters: Vec<&(String, u64)> = parts.iter().filter(|(_, votes)| *votes > 0).collect();
    let names: Vec<String> = voters.iter().map(|(name, _)| name.clone()).collect();
    let first = voters.first().map_or(1, |(_, votes)| *votes);
    if voters.iter().all(|(_, votes)| *votes == first) {
        return choose(quota.div_ceil(first) as usize, &names);
    }
    let votes: Vec<String> = voters.iter().map(|(name, votes)| format!("{name}={votes}")).collect();
    format!("weighted({quota}, {})", votes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_that_are_equal_are_a_number_of_nodes() {
        let parts = |votes: &[u64]| votes.iter().map(|votes| (format!("n{votes}"), *votes)).collect::<Vec<_>>();
        assert_eq!(weighted(4, &parts(&[2, 2, 2])), "majority(n2, n2, n2)");
        assert_eq!(weighted(2, &parts(&[2, 1, 0])), "weighted(2, n2=2, n1=1)");
        assert_eq!(weighted(1, &parts(&[1, 0])), "n1");
        assert_eq!(choose(3, &["a".into(), "b".into(), "c".into(), "d".into()]), "majority(a, b, c, d)");
        assert_eq!(choose(2, &["a".into(), "b".into(), "c".into(), "d".into()]), "choose(2, a, b, c, d)");
    }

    #[test]
    fn names_are_quoted_where_they_must_be() {
        for (plain, expected) in
            [("server.1", "server.1"), ("a b", "\"a b\""), ("7", "\"7\""), ("a\"b\\", "\"a\\\"b\\\\\"")]
        {
            assert_eq!(name(plain), expected);
        }
    }
}
