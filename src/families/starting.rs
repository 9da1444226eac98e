//! Parameters to begin a definition with, where some are given.

use super::FamilyInfo;

/// Two ways to say the same: the one key, or the other two.
const ALTERNATIVES: [(&str, [&str; 2]); 4] = [
    ("quota", ["read_votes", "write_votes"]),
    ("quorum", ["read", "write"]),
    ("q", ["read", "write"]),
    ("quorums", ["reads", "writes"]),
];

/// A value for each parameter that a definition of the family needs: the given ones, and others that go with them.
///
/// Values are TOML. Those that are not given are those of the example, or, where that would not fit, the smallest with
/// which reads still meet writes. A given value that is none of the family's is left out.
///
/// # Examples
/// ```
/// use quorate::families::{ALBUM, starting_values};
/// let threshold = ALBUM.iter().find(|family| family.name == "threshold").unwrap();
/// let values = starting_values(threshold, &[("n".into(), "7".into()), ("read".into(), "2".into())]);
/// assert_eq!(values, [("n", "7".into()), ("read", "2".into()), ("write", "6".into())]);
/// ```
pub fn starting_values(info: &FamilyInfo, given: &[(String, String)]) -> Vec<(&'static str, String)> {
    let mut values = Values { of: Vec::new() };
    let example = info.example.lines().filter_map(|line| line.split_once(" = "));
    let is_given = |key: &str| given.iter().any(|(known, _)| known == key);
    let given_instead = |key: &str| {
        ALTERNATIVES.iter().any(|(one, two)| {
            let two_given = two.iter().any(|other| is_given(other));
            (*one == key && two_given)
                || (two.contains(&key) && (is_given(one) || (info.name == "custom" && two_given)))
        })
    };
    for parameter in info.parameters {
        let shown = example.clone().find(|(key, _)| *key == parameter.key).map(|(_, value)| value.to_owned());
        let own = given.iter().find(|(key, _)| key == parameter.key).map(|(_, value)| value.clone());
        let value = own.or(shown.filter(|_| !given_instead(parameter.key)));
        values.of.extend(value.map(|value| (parameter.key, value)));
    }
    fit(info.name, &mut values, is_given);
    let order = |key: &str| info.parameters.iter().position(|parameter| parameter.key == key);
    values.of.sort_by_key(|(key, _)| order(key));
    values.of
}

struct Values {
    of: Vec<(&'static str, String)>,
}

impl Values {
    fn set(&mut self, key: &'static str, value: String) {
        match self.of.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.of.push((key, value)),
        }
    }

    /// The numbers of a value, of a list or alone.
    fn numbers(&self, key: &str) -> Option<Vec<u64>> {
        let value = &self.of.iter().find(|(known, _)| *known == key)?.1;
        let inside = value.trim().trim_start_matches('[').trim_end_matches(']');
        inside.split(',').map(|number| number.trim().parse().ok()).collect()
    }
}

/// The keys of what is shared out, and of the shares that a read and a write need; and the one key for both, if there is one.
struct Keys {
    of: &'static str,
    both: Option<&'static str>,
    read: &'static str,
    write: &'static str,
}

/// Changes values that were not given, so that they go with those that were.
fn fit(family: &str, values: &mut Values, is_given: impl Fn(&str) -> bool) {
    match family {
        "threshold" => {
            let members = values.numbers("n");
            meet(values, members, &Keys { of: "n", both: None, read: "read", write: "write" }, is_given);
        }
        "weighted" => {
            let total = |votes: Vec<u64>| vec![votes.iter().fold(0, |sum: u64, votes| sum.saturating_add(*votes))];
            let votes = values.numbers("votes").map(total);
            let keys = Keys { of: "votes", both: Some("quota"), read: "read_votes", write: "write_votes" };
            meet(values, votes, &keys, is_given);
        }
        "hierarchical" => {
            let members = values.numbers("branching");
            let keys = Keys { of: "branching", both: Some("quorum"), read: "read", write: "write" };
            meet(values, members, &keys, is_given);
        }
        "grid" if is_given("rows") && !is_given("cols") => {
            // What is no number is refused where it stands.
            if let Some(rows) = values.numbers("rows") {
                values.set("cols", one_or_list(&rows, false));
            }
        }
        "singleton" if is_given("n") && !is_given("node") => values.of.retain(|(key, _)| *key != "node"),
        _ => {}
    }
}

/// More than half of the members, in one key or two; or, where one of the two is given, as many as meet it.
fn meet(values: &mut Values, members: Option<Vec<u64>>, keys: &Keys, is_given: impl Fn(&str) -> bool) {
    let Keys { of, both, read, write } = *keys;
    let is_list = of == "branching";
    let Some(members) = members else { return };
    let other = match (is_given(read), is_given(write)) {
        (true, false) => Some((read, write)),
        (false, true) => Some((write, read)),
        _ => None,
    };
    if let Some((given, other)) = other {
        let Some(given) = values.numbers(given).filter(|given| given.len() == members.len()) else { return };
        let meeting =
            members.iter().zip(given).map(|(members, given)| members.saturating_add(1).saturating_sub(given).max(1));
        values.set(other, one_or_list(&meeting.collect::<Vec<_>>(), is_list));
    } else if is_given(of) && !is_given(read) && !both.is_some_and(&is_given) {
        let half = one_or_list(&members.iter().map(|members| members / 2 + 1).collect::<Vec<_>>(), is_list);
        match both {
            Some(both) => values.set(both, half),
            None => {
                values.set(read, half.clone());
                values.set(write, half);
            }
        }
    }
}

fn one_or_list(numbers: &[u64], is_list: bool) -> String {
    let all = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if is_list { format!("[{all}]") } else { all }
}

#[cfg(test)]
mod tests {
    use super::super::ALBUM;
    use super::*;

    #[track_caller]
    fn check(family: &str, given: &[(&str, &str)], expected: &str) {
        let info = ALBUM.iter().find(|info| info.name == family).expect("a family");
        let given: Vec<_> = given.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let values: Vec<String> =
            starting_values(info, &given).iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(values.join(" "), expected);
    }

    #[test]
    fn without_any_those_of_the_example() {
        check("threshold", &[], "n=3 read=2 write=2");
        check("singleton", &[], "n=3 node=\"n2\"");
    }

    #[test]
    fn what_is_not_given_goes_with_what_is() {
        check("threshold", &[("n", "6")], "n=6 read=4 write=4");
        check("threshold", &[("n", "6"), ("write", "6")], "n=6 read=1 write=6");
        check("threshold", &[("read", "1")], "n=3 read=1 write=3");
        check("weighted", &[("votes", "[1, 1, 5]")], "votes=[1, 1, 5] quota=4");
        check("weighted", &[("write_votes", "7")], "votes=[3, 1, 1, 1, 1] read_votes=1 write_votes=7");
        check("hierarchical", &[("branching", "[5, 4]")], "branching=[5, 4] quorum=[3, 3]");
        check("hierarchical", &[("read", "[1, 3]")], "branching=[3, 3] read=[1, 3] write=[3, 1]");
        check("grid", &[("rows", "5")], "rows=5 cols=5 variant=\"lines-below\"");
        check("singleton", &[("n", "1")], "n=1");
        check("custom", &[("writes", "'a'")], "writes='a'");
        check("custom", &[("quorums", "'a'")], "quorums='a'");
    }

    #[test]
    fn both_that_are_given_stay() {
        check("threshold", &[("n", "3"), ("read", "1"), ("write", "1")], "n=3 read=1 write=1");
        check("weighted", &[("votes", "[1, 1]"), ("quota", "1")], "votes=[1, 1] quota=1");
        check("threshold", &[("n", "x")], "n=x read=2 write=2");
    }
}
