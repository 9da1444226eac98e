//! One page with everything about some systems, and pictures.

use super::html::{blocks, escaped, whole};
use super::plot::{Look, Material, Plot, picture};
use super::{Analysed, Arrangement, NoColumn, View, compare, sections};

/// What a page is about, beside the answers.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The heading.
    pub title: &'a str,
    /// The text of each definition, in the order of the systems; empty where it is not known.
    pub definitions: &'a [String],
    /// What the answers depend on: seed, confidence, limits.
    pub method: &'a str,
}

/// The page: comparison, pictures, then for each system its answers and its definition.
///
/// Tables can be sorted by a click where scripts run, and are complete where they do not. Dark where the reader's screen is,
/// white on paper.
///
/// # Errors
/// [`NoColumn`] when there is no column to sort by.
pub fn html(material: Material<'_>, arrangement: &Arrangement, document: Document<'_>) -> Result<String, NoColumn> {
    let without = material.systems.iter().find_map(|analysed| super::listing::without(&analysed.system));
    let title = escaped(&without.map_or_else(|| document.title.to_owned(), |it| format!("{}, {it}", document.title)));
    let mut body =
        format!("<header><h1>{title}</h1>\n<p>{}</p>\n{}</header>\n", escaped(document.method), contents(material));
    body.push_str("<main>\n<section id=\"comparison\">\n<h2>Comparison</h2>\n");
    body.push_str(&blocks(&compare::page(material.systems, arrangement, compare::HTML_BEST)?));
    body.push_str("</section>\n<section id=\"pictures\">\n<h2>Pictures</h2>\n");
    for plot in Plot::ALL {
        if let Some(drawn) = picture(plot, material, Look::default()) {
            body.push_str(&format!("<figure id=\"plot-{}\">\n{}</figure>\n", plot.name(), drawn.svg()));
        }
    }
    body.push_str("</section>\n");
    for (index, analysed) in material.systems.iter().enumerate() {
        body.push_str(&format!("<section id=\"system-{index}\">\n"));
        body.push_str(&blocks(&sections::page(analysed, View { strategy: true, ..View::default() })));
        if let Some(text) = document.definitions.get(index).filter(|text| !text.is_empty()) {
            let text = escaped(text.trim_end());
            body.push_str(&format!("<details><summary>Definition</summary>\n<pre>{text}</pre>\n</details>\n"));
        }
        body.push_str("</section>\n");
    }
    body.push_str("</main>\n");
    Ok(whole(&title, &body))
}

pub(super) fn contents(material: Material<'_>) -> String {
    let entry = |(index, analysed): (usize, &Analysed)| {
        let name = escaped(&super::names::plain(&analysed.system.about().name));
        format!("<a href=\"#system-{index}\">{name}</a>")
    };
    let systems = material.systems.iter().enumerate().map(entry).collect::<Vec<_>>().join(" ");
    format!("<nav><a href=\"#comparison\">Comparison</a> <a href=\"#pictures\">Pictures</a> {systems}</nav>\n")
}
