//! A page as text for a terminal.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::View;
use super::page::{Block, Cell, Table, Tone, Wide};

/// Columns of a line of sentences: longer ones are hard to read, however wide the terminal is.
const PROSE_MAX: usize = 100;

/// Columns below which no column of words is made narrower.
const WORDS_MIN: usize = 16;

/// The same for the last column, which is the longest.
const LAST_COLUMN_MIN: usize = 24;

const INDENT: &str = "  ";
const GAP: &str = "  ";

/// The page as text that ends with a line break, as wide and as colourful as it may be.
///
/// A line is longer only where something that must not be broken is: a number, a bar, a line of code.
pub(super) fn render(page: &[Block], view: View) -> String {
    let pen = Pen { color: view.color, width: view.width };
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

/// Writes plain text, or coloured text, in lines of a width.
struct Pen {
    color: bool,
    width: usize,
}

/// A table before it is text: cells, the widths of its columns, and which of them stand at the right.
struct Grid {
    rows: Vec<Vec<Cell>>,
    widths: Vec<usize>,
    /// The least width of each column.
    least: Vec<usize>,
    numeric: Vec<bool>,
}

impl Pen {
    fn lines(&self, block: &Block) -> Vec<String> {
        let prose = self.width.min(PROSE_MAX);
        let bold = |text: &String| self.paint(Style::new().bold(), text);
        match block {
            Block::Title(text) => {
                let lines = wrapped(text, self.width);
                let longest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
                let rule = self.paint(Style::new().dimmed(), &"=".repeat(longest.min(self.width)));
                lines.iter().map(bold).chain([rule]).collect()
            }
            Block::Heading(text) => wrapped(text, prose).iter().map(bold).collect(),
            Block::Paragraph(text) => wrapped(text, prose),
            Block::Summary(sentences) => wrapped(&sentences.join(" "), prose),
            Block::Bullets(sentences) => sentences.iter().flat_map(|sentence| bullet(sentence, prose)).collect(),
            Block::Code(text) => text.lines().map(|line| format!("{INDENT}{INDENT}{line}")).collect(),
            Block::Table(table) => self.table(table),
            Block::Wide(table) => self.wide(table),
        }
    }

    fn table(&self, table: &Table) -> Vec<String> {
        let columns = table.header.len();
        let header: Option<Vec<Cell>> =
            table.header_shown.then(|| table.header.iter().map(|text| Cell::aside(*text)).collect());
        let rows: Vec<Vec<Cell>> = header.into_iter().chain(table.rows.iter().cloned()).collect();
        let numeric: Vec<bool> = (0..columns).map(|column| table.numeric.get(column) == Some(&true)).collect();
        let widths = natural(&rows, columns);
        let least = |column: usize| {
            let words_min = if column + 1 == columns { LAST_COLUMN_MIN } else { WORDS_MIN };
            let breakable = !numeric[column] && !rows.iter().any(|row| is_bar(&row[column]));
            if breakable { words_min.min(widths[column]) } else { widths[column] }
        };
        let least = (0..columns).map(least).collect();
        self.grid(Grid { rows, widths, least, numeric })
    }

    /// The best value of a column ends with a star, for which every column but that of the names has room.
    fn wide(&self, table: &Wide) -> Vec<String> {
        let starred = |cell: &Cell| {
            let star = if cell.tone == Tone::Best { "*" } else { " " };
            Cell { text: format!("{}{star}", cell.text), tone: cell.tone }
        };
        let header = table.header.iter().enumerate();
        let header = header.map(|(at, name)| Cell::aside(if at == 0 { name.clone() } else { format!("{name} ") }));
        let all = |row: &Vec<Cell>| row.iter().take(1).cloned().chain(row.iter().skip(1).map(starred)).collect();
        let rows: Vec<Vec<Cell>> = [header.collect()].into_iter().chain(table.rows.iter().map(all)).collect();
        let numeric = (0..table.header.len()).map(|column| column > 0).collect();
        let widths = natural(&rows, table.header.len());
        // A name is broken only where it would take most of the line.
        let mut least = widths.clone();
        least.iter_mut().take(1).for_each(|names| *names = (*names).min(LAST_COLUMN_MIN.max(self.width / 3)));
        self.grid(Grid { rows, widths, least, numeric })
    }

    /// The lines of a table: where there is no room for it, words are wrapped within their columns; where that is not enough,
    /// it is several tables that repeat the first column; and a sentence says so.
    fn grid(&self, mut grid: Grid) -> Vec<String> {
        shrink(&mut grid, self.width);
        let count = grid.widths.len();
        let parts = parts(&grid.widths, self.width);
        let broken = grid.rows.iter().flatten().zip(grid.widths.iter().cycle());
        let broken = broken
            .filter(|(cell, _)| !is_bar(cell))
            .any(|(cell, width)| cell.text.split_whitespace().any(|word| word.width() > *width));
        let mut lines = Vec::new();
        for part in &parts {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            let columns: Vec<usize> = (0..count.min(1)).chain(part.clone()).collect();
            lines.extend(grid.rows.iter().flat_map(|row| self.row(row, &columns, &grid)));
        }
        let said = |text: String| bullet(&text, self.width.min(PROSE_MAX));
        if parts.len() > 1 {
            let columns = self.width;
            lines.extend(said(format!(
                "The table is wider than {columns} columns: it stands in {} parts.",
                parts.len()
            )));
        }
        if broken {
            lines.extend(said("Names that are too long for their column go on in the next line.".into()));
        }
        lines
    }

    /// A row of some columns, as many lines as its longest cell takes.
    fn row(&self, row: &[Cell], columns: &[usize], grid: &Grid) -> Vec<String> {
        let within = |column: &usize| {
            let (cell, width) = (&row[*column], grid.widths[*column]);
            if is_bar(cell) { vec![cell.text.clone()] } else { broken(&cell.text, width) }
        };
        let cells: Vec<Vec<String>> = columns.iter().map(within).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let line = |at: usize| {
            let padded = columns.iter().zip(&cells).map(|(column, lines)| {
                let text = lines.get(at).cloned().unwrap_or_default();
                self.padded(&Cell { text, tone: row[*column].tone }, grid.widths[*column], grid.numeric[*column])
            });
            format!("{INDENT}{}", padded.collect::<Vec<_>>().join(GAP))
        };
        (0..height).map(line).collect()
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

/// The width of each column where nothing is wrapped.
fn natural(rows: &[Vec<Cell>], columns: usize) -> Vec<usize> {
    let width_of = |column: usize| rows.iter().map(|row| row[column].text.width()).max().unwrap_or(0);
    (0..columns).map(width_of).collect()
}

/// Columns of a line of a table.
fn total(widths: &[usize]) -> usize {
    INDENT.len() + widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1)
}

/// Makes columns of words narrower, the widest first, until the table fits or none may be narrower.
fn shrink(grid: &mut Grid, width: usize) {
    while total(&grid.widths) > width {
        let open = (0..grid.widths.len()).filter(|column| grid.widths[*column] > grid.least[*column]);
        let Some(widest) = open.max_by_key(|column| (grid.widths[*column], *column)) else { return };
        grid.widths[widest] -= 1;
    }
}

/// Whether a cell is a bar, which means nothing in two lines.
fn is_bar(cell: &Cell) -> bool {
    cell.text.starts_with(['█', '▉', '▊', '▋', '▌', '▍', '▎', '▏'])
}

/// The columns after the first, in groups that fit a line beside it.
fn parts(widths: &[usize], width: usize) -> Vec<std::ops::Range<usize>> {
    let before = INDENT.len() + widths.first().copied().unwrap_or(0);
    let mut parts = Vec::new();
    let (mut start, mut used) = (1, before);
    for (column, own) in widths.iter().enumerate().skip(1) {
        if column > start && used + GAP.len() + own > width {
            parts.push(start..column);
            (start, used) = (column, before);
        }
        used += GAP.len() + own;
    }
    parts.push(start..widths.len().max(start));
    parts
}

fn bullet(sentence: &str, width: usize) -> Vec<String> {
    let lines = wrapped(sentence, width.saturating_sub(INDENT.len() + 2));
    let mark = |position: usize| if position == 0 { "- " } else { "  " };
    lines.iter().enumerate().map(|(position, line)| format!("{INDENT}{}{line}", mark(position))).collect()
}

/// The text in lines of at most `width` columns, at least one, broken at spaces; a longer word has a line to itself.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
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

/// The same with longer words broken too.
fn broken(text: &str, width: usize) -> Vec<String> {
    wrapped(text, width).iter().flat_map(|line| pieces(line, width)).collect()
}

/// A line in pieces of at most `width` columns, at least one.
fn pieces(line: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in line.chars() {
        let columns = letter.width().unwrap_or(0);
        if used > 0 && used + columns > width {
            pieces.push(String::new());
            used = 0;
        }
        pieces.last_mut().expect("there is always a piece").push(letter);
        used += columns;
    }
    pieces
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
        assert_eq!(render(&page, View::default()), "Counts\n       count  why\n  数       7  wide\n  abc  1,000\n");
    }

    #[test]
    fn the_last_column_wraps_under_itself() {
        let long = "word ".repeat(30);
        let text = render(&[table(&[["a", "1", long.trim()]])], View::default());
        assert!(text.lines().all(|line| line.width() <= 80));
        assert_eq!(text.lines().nth(2).unwrap().find("word"), Some(12));
    }

    #[test]
    fn colour_changes_nothing_but_codes() {
        let page = [Block::Title("t".into()), table(&[["a", "1", "x"]]), Block::Bullets(vec!["note".into()])];
        let colored = render(&page, View { color: true, ..View::default() });
        assert!(colored.contains("\u{1b}[1mt\u{1b}[0m"));
        assert_eq!(
            anstream::adapter::strip_str(&colored).to_string().replace(' ', ""),
            render(&page, View::default()).replace(' ', "")
        );
        assert!(!render(&page, View::default()).contains('\u{1b}'));
    }

    #[test]
    fn long_words_stand_alone() {
        assert_eq!(wrapped("ab cdefgh i", 4), ["ab", "cdefgh", "i"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn a_table_is_as_wide_as_the_terminal_and_loses_nothing() {
        let name = "a-name-of-a-node-that-somebody-made-up-from-a-region-a-rack-and-a-number-17";
        let rows = vec![[name, "12345.678", "one and two and three", "1,234,567.25", "99.5"].map(Cell::new).to_vec()];
        let header = vec!["node", "load", "why", "rate", "share"];
        let table = Table { header, header_shown: true, numeric: vec![false, true, false, true, true], rows };
        for (width, parts) in [(40, 3), (60, 2), (80, 1), (160, 1)] {
            let text = render(&[Block::Table(table.clone())], View { width, ..View::default() });
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
            let letters: String = text.split_whitespace().collect();
            let kept = |word: &str| text.contains(word) || letters.contains(word);
            assert!(["12345.678", "1,234,567.25", "99.5", "share"].into_iter().all(kept), "{width}: {text}");
            // Every piece of the name is there, in order.
            let column: String = text.lines().map(|line| line.split("  ").nth(1).unwrap_or("")).collect();
            assert!(column.contains(name), "{width}: {text}");
            let sentences = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(sentences.contains("go on in the next line"), width < 160, "{width}: {text}");
            assert_eq!(sentences.contains(&format!("it stands in {parts} parts")), parts > 1, "{width}: {text}");
        }
    }

    #[test]
    fn bars_and_sentences_keep_their_measure() {
        let bar = "█".repeat(30);
        let rows = vec![vec![Cell::new("n".repeat(40)), Cell::new("0.5"), Cell::new(bar.clone())]];
        let table = Table { header: vec!["node", "load", ""], header_shown: true, numeric: vec![false, true], rows };
        let text =
            render(&[Block::Table(table), Block::Paragraph("word ".repeat(60))], View { width: 60, ..View::default() });
        assert!(text.contains(&bar) && text.lines().all(|line| line.width() <= 60), "{text}");
        let prose = render(&[Block::Paragraph("word ".repeat(60))], View { width: 200, ..View::default() });
        assert!(prose.lines().all(|line| line.width() <= PROSE_MAX), "{prose}");
    }
}
