//! The source files of the crate, without comments and tests, and what they name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::files::path;

/// A source file without comments and tests.
pub(crate) struct Source {
    /// Relative to `src`.
    pub(crate) path: String,
    pub(crate) code: Vec<String>,
}

impl Source {
    /// The first folder or file below `src`.
    pub(crate) fn layer(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Lines that contain one of these words, as `path:line: text`.
    pub(crate) fn with<'a>(&'a self, words: &'a [&str]) -> impl Iterator<Item = String> + 'a {
        let found = |line: &str| words.iter().any(|word| line.contains(word));
        let lines = self.code.iter().enumerate().filter(move |(_, line)| found(line));
        lines.map(|(number, line)| format!("src/{}:{}: {}", self.path, number + 1, line.trim()))
    }

    /// The module that the file is: `["a", "b"]` for `a/b.rs` and `a/b/mod.rs`.
    fn module(&self) -> Vec<String> {
        let mut parts: Vec<String> = self.path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
            parts.pop();
        }
        parts
    }
}

/// All files with the ending `.rs` below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        match path.extension() {
            _ if path.is_dir() => found.extend(files(&path)),
            Some(end) if end == "rs" => found.push(path),
            _ => {}
        }
    }
    found.sort();
    found
}

/// Every file of the crate but its tests.
pub(crate) fn sources() -> Vec<Source> {
    let root = path("src");
    let is_test = |path: &PathBuf| {
        let in_tests = path.parent().is_some_and(|folder| folder.ends_with("tests"));
        in_tests || ["tests.rs", "fixture.rs"].iter().any(|name| path.ends_with(name))
    };
    let source = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let path = file.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
        Source { path, code: code(&text) }
    };
    files(&root).into_iter().filter(|path| !is_test(path)).map(source).collect()
}

/// The lines of a file without comments and without what is for tests only; a module of tests ends it.
pub(crate) fn code(text: &str) -> Vec<String> {
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            found.push(without_comment(line));
            continue;
        }
        let item = lines.find(|line| !line.trim().starts_with("#[")).unwrap_or_default();
        let opens = item.trim_end().ends_with('{');
        if opens && item.trim().starts_with("mod ") {
            break;
        }
        let indent = &item[..item.len() - item.trim_start().len()];
        if !item.trim_end().ends_with([';', ',', '}']) {
            lines.find(|line| {
                line.strip_prefix(indent).is_some_and(|rest| rest.starts_with('}') || rest.ends_with(';'))
            });
        }
    }
    found
}

/// The line up to `//`, unless that stands in a string such as an address.
pub(crate) fn without_comment(line: &str) -> String {
    let end = line.match_indices("//").map(|(at, _)| at).find(|at| line[..*at].matches('"').count().is_multiple_of(2));
    line[..end.unwrap_or(line.len())].to_owned()
}

/// A path as it is written, from the root of the crate: `["model", "Node"]`.
type Names = Vec<String>;

/// Which file takes which names from which other file.
///
/// A name that is handed on by `pub use` belongs to the file that defines it, so that an import through a parent is an
/// arrow to where the definition is; handing on and declaring a module are no arrows.
pub(crate) struct Imports {
    /// By module.
    arrows: BTreeMap<Names, BTreeMap<Names, BTreeSet<String>>>,
}

/// Files that reach each other.
pub(crate) struct Circle {
    /// Who names what of whom, a line each.
    pub(crate) ties: String,
}

impl Imports {
    pub(crate) fn of(sources: &[Source]) -> Self {
        let modules: BTreeSet<Names> = sources.iter().map(Source::module).collect();
        let mut written: BTreeMap<Names, Written> = BTreeMap::new();
        for source in sources.iter().filter(|source| source.path != "main.rs") {
            let module = source.module();
            let found = Written::of(&source.code.join("\n"), &module, &modules);
            written.insert(module, found);
        }
        let house = House { modules: &modules, written: &written };
        let mut arrows: BTreeMap<Names, BTreeMap<Names, BTreeSet<String>>> = BTreeMap::new();
        for (module, found) in &written {
            let own = arrows.entry(module.clone()).or_default();
            for names in &found.named {
                let Some((target, item)) = house.definition(names, 0) else { continue };
                if target != *module {
                    own.entry(target).or_default().insert(item);
                }
            }
        }
        Imports { arrows }
    }

    /// The sets of files that reach each other, each with what ties it together.
    pub(crate) fn circles(&self) -> Vec<Circle> {
        let reached: BTreeMap<&Names, BTreeSet<&Names>> =
            self.arrows.keys().map(|module| (module, self.reached(module))).collect();
        let mut seen: BTreeSet<&Names> = BTreeSet::new();
        let mut circles = Vec::new();
        for module in self.arrows.keys() {
            let circle: BTreeSet<&Names> =
                reached[module].iter().copied().filter(|other| reached[other].contains(module)).collect();
            if circle.len() < 2 || seen.contains(module) {
                continue;
            }
            seen.extend(circle.iter().copied());
            let mut lines = vec![format!("a circle of {} files:", circle.len())];
            for from in &circle {
                for (to, items) in self.arrows[*from].iter().filter(|(to, _)| circle.contains(to)) {
                    let items: Vec<&str> = items.iter().map(String::as_str).collect();
                    lines.push(format!("  {} -> {}: {}", from.join("::"), to.join("::"), items.join(", ")));
                }
            }
            circles.push(Circle { ties: lines.join("\n") });
        }
        circles
    }

    fn reached(&self, module: &Names) -> BTreeSet<&Names> {
        let mut found: BTreeSet<&Names> = BTreeSet::new();
        let mut open: Vec<&Names> = self.arrows[module].keys().collect();
        while let Some(next) = open.pop() {
            if found.insert(next) {
                open.extend(self.arrows.get(next).into_iter().flat_map(BTreeMap::keys));
            }
        }
        found
    }
}

/// The names in one file.
#[derive(Default)]
struct Written {
    /// What a short name stands for: imports of any visibility.
    meaning: BTreeMap<String, Names>,
    /// What the file uses.
    named: Vec<Names>,
}

impl Written {
    fn of(code: &str, module: &Names, modules: &BTreeSet<Names>) -> Self {
        let mut found = Written::default();
        let mut rest = String::new();
        let mut from = 0;
        for (start, end, handed_on, tree) in use_statements(code) {
            rest.push_str(&code[from..start]);
            from = end;
            for (names, alias) in leaves(tree) {
                let Some(whole) = from_the_root(&names, module, modules) else { continue };
                let short = alias.unwrap_or_else(|| names.last().cloned().unwrap_or_default());
                if !handed_on && !modules.contains(&whole) {
                    found.named.push(whole.clone());
                }
                found.meaning.insert(short, whole);
            }
        }
        rest.push_str(&code[from..]);
        for names in paths(&rest) {
            if let Some(imported) = found.meaning.get(&names[0]).filter(|whole| modules.contains(*whole)) {
                found.named.push(imported.iter().chain(&names[1..]).cloned().collect());
            } else if let Some(whole) = from_the_root(&names, module, modules) {
                found.named.push(whole);
            }
        }
        found
    }
}

struct House<'a> {
    modules: &'a BTreeSet<Names>,
    written: &'a BTreeMap<Names, Written>,
}

impl House<'_> {
    /// The module that defines a name, and the name; nothing for a module itself.
    fn definition(&self, names: &[String], depth: usize) -> Option<(Names, String)> {
        let split = (0..names.len()).rev().find(|end| self.modules.contains(&names[..*end]))?;
        let (module, item) = (names[..split].to_vec(), &names[split]);
        if let Some(meaning) = self.written.get(&module).and_then(|written| written.meaning.get(item))
            && meaning != names
            && depth < 8
        {
            let further: Names = meaning.iter().chain(&names[split + 1..]).cloned().collect();
            return self.definition(&further, depth + 1);
        }
        (!self.modules.contains(names)).then(|| (module, item.clone()))
    }
}

/// Every `use` statement: where it starts and ends, whether it hands names on, and its tree.
fn use_statements(code: &str) -> Vec<(usize, usize, bool, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < code.len() {
        let line_end = code[start..].find('\n').map_or(code.len(), |end| start + end + 1);
        let line = code[start..line_end].trim_start();
        let bare = match line.strip_prefix("pub") {
            Some(after) if after.starts_with('(') => after.split_once(')').map_or("", |(_, after)| after).trim_start(),
            Some(after) => after.trim_start(),
            None => line,
        };
        let next = if bare.starts_with("use ") {
            let end = code[start..].find(';').map_or(code.len(), |end| start + end + 1);
            let tree = code[start..end].split_once("use ").map_or("", |(_, tree)| tree.trim_end_matches(';'));
            found.push((start, end, line.starts_with("pub"), tree));
            end
        } else {
            line_end
        };
        start = next;
    }
    found
}

/// The paths of a tree such as `a::{self, b::{c, d as e}}`, each with its alias.
fn leaves(tree: &str) -> Vec<(Names, Option<String>)> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
        let mut names: Names = path.split("::").map(|name| name.trim().to_owned()).collect();
        if names.len() > 1 && names.last().is_some_and(|last| last == "self") {
            names.pop();
        }
        return vec![(names, alias.map(str::to_owned))];
    };
    let (prefix, inside) = (&tree[..open], tree[open + 1..].trim_end().trim_end_matches('}'));
    // The brace that was cut off may have been one of several: what counts is the depth inside.
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for letter in inside.chars() {
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                parts.last_mut().expect("a part").push(letter);
            }
        }
    }
    let closed = |part: String| {
        let missing = part.matches('{').count() - part.matches('}').count();
        part + &"}".repeat(missing)
    };
    let parts = parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).map(closed);
    parts.flat_map(|part| leaves(&format!("{prefix}{part}"))).collect()
}

/// Every path of two names or more outside `use`.
fn paths(code: &str) -> Vec<Names> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words = code.split(|letter: char| !is_name(letter) && letter != ':');
    let names = |word: &str| word.split("::").map(str::to_owned).collect::<Names>();
    let whole = |names: &Names| names.len() > 1 && names.iter().all(|name| !name.is_empty() && !name.contains(':'));
    words.map(|word| names(word.trim_end_matches(':'))).filter(whole).collect()
}

/// A path from the root of the crate; nothing for one that leads out of it.
fn from_the_root(names: &[String], module: &Names, modules: &BTreeSet<Names>) -> Option<Names> {
    let mut here = module.clone();
    match names[0].as_str() {
        "crate" => Some(names[1..].to_vec()),
        "self" => Some(here.into_iter().chain(names[1..].iter().cloned()).collect()),
        "super" => {
            let ups = names.iter().take_while(|name| *name == "super").count();
            here.truncate(here.len().checked_sub(ups)?);
            Some(here.into_iter().chain(names[ups..].iter().cloned()).collect())
        }
        first => {
            here.push(first.to_owned());
            modules.contains(&here).then(|| here.into_iter().chain(names[1..].iter().cloned()).collect())
        }
    }
}
