//! What `quorate families` says.

use super::columns::{Column, table};
use super::page::{Block, Cell, Table};
use super::{Format, View};
use crate::families::{FamilyInfo, Parameter};
use serde::Serialize;

/// The families: their parameters, what a quorum is, where it comes from, and an example.
///
/// # Examples
/// ```
/// use quorate::{families::ALBUM, report::{Format, View, families}};
/// assert!(families(ALBUM, Format::Text, View::default()).contains("family = \"majority\""));
/// ```
pub fn families(album: &[FamilyInfo], format: Format, view: View) -> String {
    let page = || album.iter().flat_map(blocks).collect::<Vec<_>>();
    format.write(view, page, || Document::of(album), || csv(album))
}

fn blocks(family: &FamilyInfo) -> Vec<Block> {
    let row = |parameter: &Parameter| vec![Cell::new(parameter.key), Cell::new(parameter.meaning)];
    vec![
        Block::Title(family.name.into()),
        Block::Paragraph(format!("Quorums: {}.", family.quorums)),
        Block::Paragraph(format!("Source: {}.", family.source)),
        Block::Heading("Parameters".into()),
        Block::Table(Table::facts(&["parameter", "meaning"], family.parameters.iter().map(row).collect())),
        Block::Heading("Example".into()),
        Block::Code(family.example.into()),
    ]
}

fn csv(album: &[FamilyInfo]) -> String {
    let columns: [Column<&FamilyInfo>; 5] = [
        Column { name: "family", value: |family| family.name.into() },
        Column { name: "parameters", value: |family| keys(family) },
        Column { name: "quorums", value: |family| family.quorums.into() },
        Column { name: "source", value: |family| family.source.into() },
        Column { name: "example", value: |family| family.example.into() },
    ];
    table(&columns, album)
}

/// The parameters' keys, joined by a space.
fn keys(family: &FamilyInfo) -> String {
    family.parameters.iter().map(|parameter| parameter.key).collect::<Vec<_>>().join(" ")
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    families: Vec<FamilyEntry>,
}

#[derive(Serialize)]
struct FamilyEntry {
    name: &'static str,
    parameters: Vec<ParameterEntry>,
    quorums: &'static str,
    source: &'static str,
    example: &'static str,
}

#[derive(Serialize)]
struct ParameterEntry {
    key: &'static str,
    meaning: &'static str,
}

impl Document {
    fn of(album: &[FamilyInfo]) -> Self {
        let parameter = |parameter: &Parameter| ParameterEntry { key: parameter.key, meaning: parameter.meaning };
        let family = |family: &FamilyInfo| FamilyEntry {
            name: family.name,
            parameters: family.parameters.iter().map(parameter).collect(),
            quorums: family.quorums,
            source: family.source,
            example: family.example,
        };
        Document { schema: "quorate/families/1", families: album.iter().map(family).collect() }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::families::ALBUM;

    #[test]
    fn one_family_as_text() {
        assert_eq!(
            families(&ALBUM[..1], Format::Text, View::default()).lines().take(2).collect::<Vec<_>>(),
            ["majority", "========"]
        );
        assert!(families(ALBUM, Format::Text, View::default()).lines().all(|line| line.width() <= 80));
    }

    #[test]
    fn every_family_is_in_every_format() {
        let json: serde_json::Value = serde_json::from_str(&families(ALBUM, Format::Json, View::default())).unwrap();
        assert_eq!(json["families"].as_array().map(Vec::len), Some(ALBUM.len()));
        let csv = families(ALBUM, Format::Csv, View::default());
        assert_eq!(csv::Reader::from_reader(csv.as_bytes()).records().count(), ALBUM.len());
        let markdown = families(ALBUM, Format::Markdown, View::default());
        assert_eq!(markdown.lines().filter(|line| line.starts_with("## ")).count(), ALBUM.len());
    }
}
