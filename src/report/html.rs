//! A page for a browser that needs nothing else: no network, no script to be read, pictures inside.

#[cfg(feature = "plots")]
pub use super::document::{Document, html};
use super::page::{Block, Table, Tone, Wide};
use sha2::{Digest, Sha256};

/// The blocks as a page of their own, titled as the first of them says.
pub(super) fn page(page: &[Block]) -> String {
    let title = page.iter().find_map(|block| match block {
        Block::Title(text) => Some(text.as_str()),
        _ => None,
    });
    whole(&escaped(title.unwrap_or("quorate")), &format!("<main>\n{}</main>\n", blocks(page)))
}

/// A page with more blocks at the end of what it says.
pub(super) fn before_the_end(page: &str, more: &[Block]) -> String {
    let at = page.rfind("</main>").unwrap_or(page.len());
    format!("{}{}{}", &page[..at], blocks(more), &page[at..])
}

/// A whole page from its title and body, both in HTML.
pub(super) fn whole(title: &str, body: &str) -> String {
    framed(title, body, ("", ""))
}

/// A whole page from its title and body, both in HTML, with more style and another script than tables need.
pub(crate) fn framed(title: &str, body: &str, (style, script): (&str, &str)) -> String {
    let style = format!("\n{STYLE}{style}");
    let script = format!("\n{}", if script.is_empty() { SCRIPT } else { script });
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{style}</style>\n</head>\n<body>\n{body}<script>{script}</script>\n</body>\n</html>\n",
        policy(&style, &script)
    )
}

/// What the page may do: nothing but show itself, in its own style and with its own script, which are known by their hashes.
fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text))
    };
    let (style, script) = (hash(style), hash(script));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )
}

pub(super) fn blocks(page: &[Block]) -> String {
    page.iter().map(block).collect()
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("<h2>{}</h2>\n", escaped(text)),
        Block::Heading(text) => format!("<h3>{}</h3>\n", escaped(text)),
        Block::Paragraph(text) => format!("<p>{}</p>\n", escaped(text)),
        Block::Summary(sentences) => format!("<p class=\"summary\">{}</p>\n", escaped(&sentences.join(" "))),
        Block::Bullets(sentences) => {
            let items: String = sentences.iter().map(|sentence| format!("<li>{}</li>\n", escaped(sentence))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Code(text) => format!("<pre>{}</pre>\n", escaped(text.trim_end())),
        Block::Table(table) => facts(table),
        Block::Wide(table) => wide(table),
    }
}

fn facts(table: &Table) -> String {
    let right = |column: usize| table.numeric.get(column) == Some(&true);
    let header: Vec<(String, bool)> =
        table.header.iter().enumerate().map(|(column, name)| ((*name).to_owned(), right(column))).collect();
    let head = if table.header_shown { head(&header) } else { String::new() };
    let row = |row: &Vec<super::page::Cell>| {
        let cells = row.iter().enumerate().map(|(column, cell)| data(&cell.text, cell.tone, right(column)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    format!(
        "<div class=\"table\"><table>\n{head}<tbody>\n{}</tbody>\n</table></div>\n",
        table.rows.iter().map(row).collect::<String>()
    )
}

fn wide(table: &Wide) -> String {
    let header: Vec<(String, bool)> =
        table.header.iter().enumerate().map(|(column, name)| (name.clone(), column > 0)).collect();
    let row = |row: &Vec<super::page::Cell>| {
        let cells = row.iter().enumerate().map(|(column, cell)| data(&cell.text, cell.tone, column > 0));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let rows: String = table.rows.iter().map(row).collect();
    format!(
        "<div class=\"table\"><table class=\"sortable\">\n{}<tbody>\n{rows}</tbody>\n</table></div>\n",
        head(&header)
    )
}

fn head(header: &[(String, bool)]) -> String {
    let cell = |(name, right): &(String, bool)| {
        // A long head may break where its number begins, so that the table stays narrow.
        let name = escaped(name).replace('@', "<wbr>@");
        format!("<th{}>{name}</th>", if *right { " class=\"right\"" } else { "" })
    };
    format!("<thead><tr>{}</tr></thead>\n", header.iter().map(cell).collect::<String>())
}

fn data(text: &str, tone: Tone, right: bool) -> String {
    let tone = match tone {
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Aside => "aside",
        Tone::Best => "best",
    };
    let classes = [if right { "right" } else { "" }, tone];
    let classes: Vec<&str> = classes.into_iter().filter(|class| !class.is_empty()).collect();
    let class = if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) };
    format!("<td{class}>{}</td>", escaped(text))
}

/// The text with everything that HTML would obey made harmless.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
    out
}

const STYLE: &str = include_str!("assets/page.css");

const SCRIPT: &str = include_str!("assets/page.js");

#[cfg(test)]
#[cfg(feature = "plots")]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::report::Arrangement;
    use crate::report::plot::Material;

    #[test]
    fn a_page_is_whole_and_obeys_no_name() {
        let mut grid = fixture::grid();
        grid.system = grid.system.named("<script>", None);
        let systems = [grid, fixture::symmetric()];
        let material = Material { systems: &systems, curves: &[], families: &[] };
        let definitions = ["name = \"<script>\"".to_owned(), String::new()];
        let document = Document { title: "a & b", definitions: &definitions, method: "Seed 1." };
        let page = html(material, &Arrangement::default(), document).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
        assert!(page.contains("<title>a &amp; b</title>") && page.contains("&lt;script&gt;"));
        assert_eq!(page.matches("<script>").count(), 1);
        for tag in ["table", "section", "figure", "ul", "details", "div", "svg"] {
            let (opened, closed) =
                (page.matches(&format!("<{tag}")).count(), page.matches(&format!("</{tag}>")).count());
            assert_eq!(opened, closed, "{tag}");
        }
        assert!(!page.contains("src=") && !page.contains("url("), "nothing is loaded from elsewhere");
    }

    #[test]
    fn a_page_does_only_what_its_policy_allows() {
        let systems = [fixture::grid()];
        let material = Material { systems: &systems, curves: &[], families: &[] };
        let definitions = ["name = 'x'".to_owned()];
        let document = Document { title: "x", definitions: &definitions, method: "Seed 1." };
        for page in [html(material, &Arrangement::default(), document).unwrap(), page(&[Block::Title("x".into())])] {
            let policy = page.split_once("Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
            for (tag, kind) in [("style", "style-src"), ("script", "script-src")] {
                use base64::Engine;
                assert_eq!(page.matches(&format!("<{tag}")).count(), 1, "{tag}");
                let text = page.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0;
                let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
                assert!(policy.contains(&format!("{kind} 'sha256-{hash}'")), "{policy}");
            }
            assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
            // The policy comes before all that it is about; what it forbids is not there.
            assert!(page.find("Security-Policy") < page.find("<style"));
            for forbidden in
                [" style=", " onclick=", " onload=", "javascript:", "<img", "<link", "<iframe", "<base", "<form"]
            {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
        }
    }
}
