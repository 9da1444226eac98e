//! Errors for a person, with the line of the file.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, ERRORS_SHOWN_MAX, Excerpt};

/// Columns of a rendered source line.
const EXCERPT_COLUMNS: usize = 120;

impl Diagnostic {
    fn render(&self, file: &str, renderer: &Renderer) -> String {
        let Excerpt { text, span, is_changed } = &self.excerpt;
        let label = Some(self.label.as_str()).filter(|label| !label.is_empty());
        let underlined = AnnotationKind::Primary.span(span.clone()).label(label);
        let source = Snippet::source(text.as_str()).line_start(self.place.line).annotation(underlined);
        let mut group = Group::with_title(Level::ERROR.primary_title(self.message.as_str()));
        // The renderer counts columns in the text that it is given, which may not be that of the file.
        if *is_changed {
            group = group.element(Origin::path(file).line(self.place.line).char_column(self.place.column));
            group = group.element(source);
        } else {
            group = group.element(source.path(file));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        renderer.render(&[group])
    }
}

impl Diagnostics {
    /// The errors for a person: file, line and column, the offending text underlined, what is wrong and what would be
    /// right; at most [`ERRORS_SHOWN_MAX`] of them. With `color`, ANSI escape codes.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(EXCERPT_COLUMNS);
        let shown = self.kept.iter().take(ERRORS_SHOWN_MAX);
        let mut text = shown.map(|error| error.render(&self.file, &renderer) + "\n").collect::<Vec<_>>().join("\n");
        if let Some(more) = self.more() {
            text.push_str(&format!("\n{more}\n"));
        }
        text
    }
}
