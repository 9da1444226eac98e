//! A page as text for a terminal of 80 columns.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::page::{Block, Cell, Table, Tone, Wide};

/// Columns of a line, unless a single word is longer.
const WIDTH: usize = 80;

/// Columns that the last, wrapped column of a table gets at least.
const LAST_COLUMN_MIN: usize = 24;

const INDENT: &str = "  ";
const GAP: &str = "  ";

/// The page as text that ends with a line break, with terminal codes when asked for.
pub(super) fn render(page: &[Block], color: bool) -> String {
    let pen = Pen { color };
    let mut text = String::new();
    for (position, block) in page.iter().enumerate() {
        let begins = matches!(block, Block::Title(_) | Block::Heading(_) | Block::Summary(_));
        let tables =
            matches!(block, Block::Table(_)) && matches!(page.get(position.wrapping_sub(1)), Some(Block::Table(_)));
        if (begins || tables) && position > 0 {
            text.push('\n');
        }
        for line in pen.lines(block) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// Writes plain text, or coloured text.
struct Pen {
    color: bool,
}

impl Pen {
    fn lines(&self, block: &Block) -> Vec<String> {
        match block {
            Block::Title(text) => {
                let rule = "=".repeat(text.width().min(WIDTH));
                vec![self.paint(Style::new().bold(), text), self.paint(Style::new().dimmed(), &rule)]
            }
            Block::Heading(text) => {
                wrapped(text, WIDTH).iter().map(|line| self.paint(Style::new().bold(), line)).collect()
            }
            Block::Paragraph(text) => wrapped(text, WIDTH),
            Block::Summary(sentences) => wrapped(&sentences.join(" "), WIDTH),
            Block::Bullets(sentences) => sentences.iter().flat_map(|sentence| bullet(sentence)).collect(),
            Block::Code(text) => text.lines().map(|line| format!("{INDENT}{INDENT}{line}")).collect(),
            Block::Table(table) => self.table(table),
            Block::Wide(table) => self.wide(table),
        }
    }

    fn table(&self, table: &Table) -> Vec<String> {
        let last = table.header.len().saturating_sub(1);
        let shown: Vec<Vec<Cell>> = table
            .header_shown
            .then(|| table.header.iter().map(|text| Cell::aside(*text)).collect())
            .into_iter()
            .chain(table.rows.iter().cloned())
            .collect();
        let width_of = |column: usize| shown.iter().map(|row| row[column].text.width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..last).map(width_of).collect();
        let before: usize = INDENT.len() + widths.iter().map(|width| width + GAP.len()).sum::<usize>();
        let room = WIDTH.saturating_sub(before).max(LAST_COLUMN_MIN);
        let is_numeric = |column: usize| table.numeric.get(column).copied().unwrap_or(false);
        let last_width = shown.iter().map(|row| row[last].text.width()).max().unwrap_or(0).min(room);
        let mut lines = Vec::new();
        for row in &shown {
            let mut line = INDENT.to_owned();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                line.push_str(&self.padded(cell, *width, is_numeric(column)));
                line.push_str(GAP);
            }
            let end = &row[last];
            for (position, part) in wrapped(&end.text, room).into_iter().enumerate() {
                if position > 0 {
                    line = " ".repeat(before);
                }
                let part = Cell { text: part, tone: end.tone };
                line.push_str(&self.padded(&part, last_width, is_numeric(last)));
                lines.push(std::mem::take(&mut line));
            }
        }
        lines
    }

    /// As many columns as a line has room for, then the names again and the next ones. The best value of a column ends
    /// with a star, for which every column but that of the names has room.
    fn wide(&self, table: &Wide) -> Vec<String> {
        let starred = |cell: &Cell| {
            let star = if cell.tone == Tone::Best { "*" } else { " " };
            Cell { text: format!("{}{star}", cell.text), tone: cell.tone }
        };
        let header = table.header.iter().enumerate();
        let header = header.map(|(at, name)| Cell::aside(if at == 0 { name.clone() } else { format!("{name} ") }));
        let mut shown: Vec<Vec<Cell>> = vec![header.collect()];
        let all = |row: &Vec<Cell>| row.iter().take(1).cloned().chain(row.iter().skip(1).map(starred)).collect();
        shown.extend(table.rows.iter().map(all));
        let width_of = |column: usize| shown.iter().map(|row| row[column].text.width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..table.header.len()).map(width_of).collect();
        let mut lines = Vec::new();
        for part in parts(&widths) {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            for row in &shown {
                let mut line = format!("{INDENT}{}", self.padded(&row[0], widths[0], false));
                for column in part.clone() {
                    line.push_str(GAP);
                    line.push_str(&self.padded(&row[column], widths[column], true));
                }
                lines.push(line);
            }
        }
        lines
    }

    fn padded(&self, cell: &Cell, width: usize, right: bool) -> String {
        let space = " ".repeat(width.saturating_sub(cell.text.width()));
        let style = match cell.tone {
            Tone::Plain => Style::new(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Aside => Style::new().dimmed(),
            Tone::Best => AnsiColor::Green.on_default().bold(),
        };
        let text = self.paint(style, &cell.text);
        if right { format!("{space}{text}") } else { format!("{text}{space}") }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The columns after the first, in groups that fit a line beside it.
fn parts(widths: &[usize]) -> Vec<std::ops::Range<usize>> {
    let before = INDENT.len() + widths.first().copied().unwrap_or(0);
    let mut parts = Vec::new();
    let (mut start, mut used) = (1, before);
    for (column, width) in widths.iter().enumerate().skip(1) {
        if column > start && used + GAP.len() + width > WIDTH {
            parts.push(start..column);
            (start, used) = (column, before);
        }
        used += GAP.len() + width;
    }
    parts.push(start..widths.len().max(start));
    parts
}

fn bullet(sentence: &str) -> Vec<String> {
    let lines = wrapped(sentence, WIDTH - INDENT.len() - 2);
    let mark = |position: usize| if position == 0 { "- " } else { "  " };
    lines.iter().enumerate().map(|(position, line)| format!("{INDENT}{}{line}", mark(position))).collect()
}

/// The text in lines of at most `width` columns, at least one, broken at spaces; a longer word has a line to itself.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    if text.width() <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let columns = word.width();
        if used > 0 && used + 1 + columns > width {
            lines.push(String::new());
            used = 0;
        }
        let line = lines.last_mut().expect("there is always a line");
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += columns;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[&str; 3]]) -> Block {
        let rows = rows.iter().map(|row| row.iter().map(|text| Cell::new(*text)).collect()).collect();
        Block::Table(Table { header: vec!["", "count", "why"], header_shown: true, numeric: vec![false, true], rows })
    }

    #[test]
    fn tables_align_by_display_width() {
        let page = [Block::Heading("Counts".into()), table(&[["数", "7", "wide"], ["abc", "1,000", ""]])];
        assert_eq!(render(&page, false), "Counts\n       count  why\n  数       7  wide\n  abc  1,000\n");
    }

    #[test]
    fn the_last_column_wraps_under_itself() {
        let long = "word ".repeat(30);
        let text = render(&[table(&[["a", "1", long.trim()]])], false);
        assert!(text.lines().all(|line| line.width() <= WIDTH));
        assert_eq!(text.lines().nth(2).unwrap().find("word"), Some(12));
    }

    #[test]
    fn colour_changes_nothing_but_codes() {
        let page = [Block::Title("t".into()), table(&[["a", "1", "x"]]), Block::Bullets(vec!["note".into()])];
        let colored = render(&page, true);
        assert!(colored.contains("\u{1b}[1mt\u{1b}[0m"));
        assert_eq!(
            anstream::adapter::strip_str(&colored).to_string().replace(' ', ""),
            render(&page, false).replace(' ', "")
        );
        assert!(!render(&page, false).contains('\u{1b}'));
    }

    #[test]
    fn long_words_stand_alone() {
        assert_eq!(wrapped("ab cdefgh i", 4), ["ab", "cdefgh", "i"]);
        assert_eq!(wrapped("", 4), [""]);
    }
}
