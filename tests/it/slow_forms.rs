//! Forms of EDN and the events that they are, for the slow reader: nothing shared with the library.

/// A form of EDN, or what JSON says in its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Form {
    Nil,
    Int(i64),
    Key(String),
    Text(String),
    Other(String),
    List(Vec<Form>),
    Map(Vec<(Form, Form)>),
}

/// One event.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) process: Form,
    pub(crate) kind: String,
    pub(crate) f: Option<String>,
    pub(crate) key: Option<Form>,
    pub(crate) value: Form,
}

const DEEP: usize = 64;

struct Text<'t> {
    rest: &'t [u8],
}

impl Text<'_> {
    fn blanks(&mut self) {
        loop {
            match self.rest {
                [b' ' | b'\t' | b'\r' | b'\n' | b',' | 11 | 12, rest @ ..] => self.rest = rest,
                [b';', ..] => {
                    let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
                    self.rest = &self.rest[end..];
                }
                _ => return,
            }
        }
    }

    fn token(&mut self) -> String {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == 11 || b",[](){}\";".contains(byte);
        let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        String::from_utf8_lossy(token).into_owned()
    }

    /// The next form; `Ok(None)` at the end, or before the bracket that closes a collection.
    fn next(&mut self, depth: usize) -> Result<Option<Form>, ()> {
        self.blanks();
        if depth > DEEP {
            return Err(());
        }
        let Some((byte, rest)) = self.rest.split_first() else { return Ok(None) };
        match byte {
            b'[' | b'(' => {
                self.rest = rest;
                self.list(if *byte == b'[' { b']' } else { b')' }, depth).map(|all| Some(Form::List(all)))
            }
            b'{' => {
                self.rest = rest;
                let all = self.list(b'}', depth)?;
                if all.len() % 2 == 1 {
                    return Err(());
                }
                Ok(Some(Form::Map(all.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect())))
            }
            b']' | b')' | b'}' => Ok(None),
            b'"' => self.string().map(Some),
            b'\\' => {
                let (_, rest) = rest.split_first().ok_or(())?;
                let first = self.rest[1];
                self.rest = rest;
                Ok(Some(Form::Other(format!("\\{}{}", first as char, self.token()))))
            }
            b'#' => {
                self.rest = rest;
                match rest.first() {
                    None => Err(()),
                    Some(b'{') => {
                        self.rest = &rest[1..];
                        self.list(b'}', depth).map(|all| Some(Form::List(all)))
                    }
                    Some(b'_') => {
                        self.rest = &rest[1..];
                        self.next(depth + 1)?.ok_or(())?;
                        self.next(depth)
                    }
                    Some(b':') => {
                        let namespace = self.token()[1..].to_owned();
                        self.blanks();
                        if namespace.is_empty() || namespace.starts_with(':') || self.rest.first() != Some(&b'{') {
                            return Err(());
                        }
                        let Some(Form::Map(all)) = self.next(depth)? else { return Err(()) };
                        let named = |key: Form| match key {
                            Form::Key(name) if name.starts_with("_/") => Form::Key(name[2..].to_owned()),
                            Form::Key(name) if !name.contains('/') => Form::Key(format!("{namespace}/{name}")),
                            other => other,
                        };
                        Ok(Some(Form::Map(all.into_iter().map(|(key, value)| (named(key), value)).collect())))
                    }
                    Some(b'#') => match self.token().as_str() {
                        token @ ("#Inf" | "#-Inf" | "#NaN") => Ok(Some(Form::Other(format!("#{token}")))),
                        _ => Err(()),
                    },
                    Some(byte) if byte.is_ascii_alphabetic() => {
                        self.token();
                        // A tag needs its form.
                        self.next(depth)?.map(Some).ok_or(())
                    }
                    Some(_) => Err(()),
                }
            }
            b'^' | b'\'' | b'`' | b'@' | b'~' => Err(()),
            _ => Ok(Some(atom(&self.token()))),
        }
    }

    pub(crate) fn list(&mut self, close: u8, depth: usize) -> Result<Vec<Form>, ()> {
        let mut all = Vec::new();
        loop {
            if let Some(form) = self.next(depth + 1)? {
                all.push(form);
                continue;
            }
            return match self.rest.split_first() {
                Some((byte, rest)) if *byte == close => {
                    self.rest = rest;
                    Ok(all)
                }
                _ => Err(()),
            };
        }
    }

    fn string(&mut self) -> Result<Form, ()> {
        let mut text = Vec::new();
        let mut bytes = self.rest[1..].iter();
        loop {
            match *bytes.next().ok_or(())? {
                b'"' => break,
                b'\\' => text.push(match *bytes.next().ok_or(())? {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    other => other,
                }),
                byte => text.push(byte),
            }
        }
        self.rest = bytes.as_slice();
        Ok(Form::Text(String::from_utf8(text).map_err(|_| ())?))
    }
}

fn atom(token: &str) -> Form {
    if token == "nil" {
        return Form::Nil;
    }
    if let Some(name) = token.strip_prefix(':') {
        return Form::Key(name.to_owned());
    }
    token.strip_suffix('N').unwrap_or(token).parse().map_or_else(|_| Form::Other(token.to_owned()), Form::Int)
}

impl Form {
    fn get(&self, name: &str) -> Option<&Form> {
        let Form::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| *key == Form::Key(name.to_owned())).map(|(_, value)| value)
    }

    pub(crate) fn word(&self) -> Option<String> {
        match self {
            Form::Key(name) => Some(name.clone()),
            Form::Text(text) => Some(text.strip_prefix(':').unwrap_or(text).to_owned()),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Form]> {
        match self {
            Form::List(all) => Some(all),
            _ => None,
        }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Form::Nil | Form::Key(_))
    }
}

/// The events of a text in EDN.
pub(crate) fn edn(text: &str) -> Result<Vec<Event>, ()> {
    let mut text = Text { rest: text.as_bytes() };
    let mut maps = Vec::new();
    loop {
        text.blanks();
        match text.rest.first() {
            None => break,
            Some(byte @ (b'[' | b'(')) => {
                let close = if *byte == b'[' { b']' } else { b')' };
                text.rest = &text.rest[1..];
                loop {
                    text.blanks();
                    match text.rest.first() {
                        Some(byte) if *byte == close => break,
                        None => return Err(()),
                        _ => maps.push(text.next(0)?.ok_or(())?),
                    }
                }
                text.rest = &text.rest[1..];
            }
            Some(_) => maps.push(text.next(0)?.ok_or(())?),
        }
    }
    let event = |form: &Form| {
        let word = |name| match form.get(name) {
            Some(Form::Key(word)) => Some(word.clone()),
            _ => None,
        };
        Ok(Event {
            process: form.get("process").ok_or(())?.clone(),
            kind: word("type").ok_or(())?,
            f: word("f"),
            key: form.get("key").filter(|key| **key != Form::Nil).cloned(),
            value: form.get("value").cloned().unwrap_or(Form::Nil),
        })
    };
    maps.iter().map(event).collect()
}

/// The events of `history.txt`.
pub(crate) fn lines(text: &str) -> Result<Vec<Event>, ()> {
    let mut all = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut text = Text { rest: line.trim().as_bytes() };
        let mut next = || text.next(0).and_then(|form| form.ok_or(()));
        let (process, kind, f) = (next()?, next()?, next()?);
        let (Form::Key(kind), Form::Key(f)) = (kind, f) else { return Err(()) };
        text.blanks();
        let value = if text.rest.is_empty() { Form::Nil } else { text.next(0)?.ok_or(())? };
        all.push(Event { process, kind, f: Some(f), key: None, value });
    }
    Ok(all)
}
