//! What a report says when somebody asked the program to end.

use super::names::plain;
use super::page::Block;
use super::{Format, View, html, json, markdown, text};

/// Names that a sentence lists.
const LISTED_MAX: usize = 10;

/// What is missing because somebody asked the program to end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interruption {
    /// What nothing is known about.
    pub missing: Vec<String>,
    /// What ended early: something about it may be missing.
    pub partial: Vec<String>,
}

impl Interruption {
    /// Whether anything is missing at all.
    pub fn is_some(&self) -> bool {
        !self.missing.is_empty() || !self.partial.is_empty()
    }

    /// What is missing, in a sentence or two.
    ///
    /// # Examples
    /// ```
    /// use quorate::report::Interruption;
    /// let interruption = Interruption { missing: vec!["a".into(), "b".into()], partial: vec!["c".into()] };
    /// assert_eq!(interruption.sentence(), "Interrupted. Missing: a, b. Ended early: c.");
    /// ```
    pub fn sentence(&self) -> String {
        let part = |what: &str, names: &[String]| match listed(names) {
            names if names.is_empty() => String::new(),
            names => format!(" {what}: {names}."),
        };
        format!("Interrupted.{}{}", part("Missing", &self.missing), part("Ended early", &self.partial))
    }

    /// A report that also says so; a table has no place for it, and stays as it is.
    ///
    /// JSON gains the keys `interrupted`, `missing` and `partial`.
    pub fn add_to(&self, report: String, format: Format, view: View) -> String {
        let block = [Block::Paragraph(self.sentence())];
        match format {
            Format::Csv => report,
            Format::Text if report.trim().is_empty() => text::render(&block, view),
            Format::Text => format!("{report}\n{}", text::render(&block, view)),
            Format::Markdown => format!("{report}\n{}", markdown::render(&block)),
            Format::Html => html::before_the_end(&report, &block),
            Format::Json => with_keys(
                &report,
                &[
                    ("interrupted", serde_json::Value::from(true)),
                    ("missing", self.missing.clone().into()),
                    ("partial", self.partial.clone().into()),
                ],
            ),
        }
    }
}

/// A JSON document with these keys at its end.
fn with_keys(document: &str, entries: &[(&str, serde_json::Value)]) -> String {
    let open = document.trim_end().strip_suffix('}').unwrap_or(document).trim_end();
    let entries = entries.iter().map(|(key, value)| format!(",\n  \"{key}\": {value}"));
    json::escaped(format!("{open}{}\n}}\n", entries.collect::<String>()))
}

/// Names one after the other, of many the first ones.
fn listed(names: &[String]) -> String {
    let shown = if names.len() > LISTED_MAX { LISTED_MAX - 1 } else { names.len() };
    let mut text: Vec<_> = names[..shown].iter().map(|name| plain(name).into_owned()).collect();
    if shown < names.len() {
        let last = text.pop().unwrap_or_default();
        text.push(format!("{last} and {} more", names.len() - shown));
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::{analyses, fixture};
    use super::*;

    #[test]
    fn every_report_says_so_and_stays_what_it_is() {
        let interruption = Interruption { missing: vec!["a\u{9b}".into()], partial: vec!["b".into()] };
        let said = "Interrupted. Missing: a\\u{9b}. Ended early: b.";
        for systems in [vec![fixture::grid()], Vec::new()] {
            for format in Format::ALL {
                let report = analyses(&systems, format, View::default());
                let longer = interruption.add_to(report.clone(), format, View::default());
                match format {
                    Format::Csv => assert_eq!(longer, report),
                    Format::Json => {
                        let mut json: serde_json::Value = serde_json::from_str(&longer).unwrap();
                        assert_eq!(json["interrupted"], true);
                        assert_eq!(json["missing"][0], "a\u{9b}");
                        assert!(!longer.contains('\u{9b}'));
                        assert_eq!(json["partial"][0], "b");
                        for key in ["interrupted", "missing", "partial"] {
                            json.as_object_mut().unwrap().remove(key);
                        }
                        assert_eq!(json, serde_json::from_str::<serde_json::Value>(&report).unwrap());
                    }
                    Format::Html => assert!(longer.contains(said) && longer.trim_end().ends_with("</html>")),
                    Format::Text | Format::Markdown => {
                        assert!(
                            longer.starts_with(report.trim_end())
                                && longer.replace('\n', " ").contains("Ended early: b."),
                            "{longer}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn of_many_names_the_first_are_listed() {
        let names: Vec<String> = (1..=30).map(|number| format!("s{number}")).collect();
        let interruption = Interruption { missing: names, partial: Vec::new() };
        assert!(interruption.sentence().ends_with("s8, s9 and 21 more."), "{}", interruption.sentence());
    }
}
