//! A page as GitHub-flavoured Markdown.

use super::page::{Block, Cell, Table, Tone, Wide};

/// The page as Markdown that ends with a line break.
pub(super) fn render(page: &[Block]) -> String {
    let mut text = page.iter().map(block).collect::<Vec<_>>().join("\n");
    if text.is_empty() {
        text.push('\n');
    }
    text
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("## {}\n", escaped(text)),
        Block::Heading(text) => format!("### {}\n", escaped(text)),
        Block::Paragraph(text) => format!("{}\n", escaped(text)),
        Block::Summary(sentences) => format!("{}\n", escaped(&sentences.join(" "))),
        Block::Table(rows) => table(rows),
        Block::Wide(rows) => wide(rows),
        Block::Bullets(sentences) => sentences.iter().map(|sentence| format!("- {}\n", escaped(sentence))).collect(),
        Block::Code(text) => format!("```toml\n{}\n```\n", text.trim_end()),
    }
}

fn table(table: &Table) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    let rule = |column: usize| if table.numeric.get(column) == Some(&true) { "---:" } else { "---" };
    let mut text = line(&mut table.header.iter().map(|name| escaped(name)));
    text.push_str(&line(&mut (0..table.header.len()).map(|column| rule(column).to_owned())));
    for row in &table.rows {
        text.push_str(&line(&mut row.iter().map(|cell| escaped(&cell.text))));
    }
    text
}

/// The best in bold type, what is beaten in italics.
fn wide(table: &Wide) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&table.header.iter().map(|name| escaped(name)).collect::<Vec<_>>());
    let rule = |column: usize| if column == 0 { "---" } else { "---:" };
    text.push_str(&line(&(0..table.header.len()).map(|column| rule(column).to_owned()).collect::<Vec<_>>()));
    let cell = |cell: &Cell| match cell.tone {
        Tone::Best => format!("**{}**", escaped(&cell.text)),
        Tone::Aside => format!("*{}*", escaped(&cell.text)),
        _ => escaped(&cell.text),
    };
    for row in &table.rows {
        text.push_str(&line(&row.iter().map(cell).collect::<Vec<_>>()));
    }
    text
}

/// The text with every character that Markdown would obey made harmless.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '|' | '<' | '[' | ']' | '#' | '~') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::page::Cell;
    use super::*;

    #[test]
    fn tables_escape_what_would_break_them() {
        let rows = vec![vec![Cell::new("a|b"), Cell::new("1")]];
        let table = Table { header: vec!["name", "load"], header_shown: false, numeric: vec![false, true], rows };
        assert_eq!(block(&Block::Table(table)), "| name | load |\n| --- | ---: |\n| a\\|b | 1 |\n");
    }

    #[test]
    fn blocks_stand_apart() {
        let page =
            [Block::Title("x_y".into()), Block::Bullets(vec!["one".into(), "two".into()]), Block::Code("a\n".into())];
        assert_eq!(render(&page), "## x\\_y\n\n- one\n- two\n\n```toml\na\n```\n");
    }
}
