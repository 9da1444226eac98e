//! The algebra of the golden files: `+` either, `*` both, `choose2(...)` any two. A second reader, independent of the
//! one that reads definitions.

use quorate::model::{Formula, FormulaBuilder, GateId, NodeId};

/// The formula of `text` over nodes with these names, in their order.
///
/// # Panics
/// On anything that is not an expression: golden files are right.
#[track_caller]
pub(crate) fn formula(text: &str, names: &[&str]) -> Formula {
    let tokens = tokens(text);
    let mut parser = Parser { tokens: &tokens, next: 0, names, builder: FormulaBuilder::new() };
    let root = parser.sum();
    assert_eq!(parser.next, tokens.len(), "{text:?} goes on after its end");
    parser.builder.finish(root)
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for letter in text.chars() {
        let is_word = letter.is_alphanumeric() || letter == '_';
        match tokens.last_mut() {
            Some(last) if is_word && in_word => last.push(letter),
            _ if letter.is_whitespace() => {}
            _ => tokens.push(letter.into()),
        }
        in_word = is_word;
    }
    tokens
}

struct Parser<'a> {
    tokens: &'a [String],
    next: usize,
    names: &'a [&'a str],
    builder: FormulaBuilder,
}

impl Parser<'_> {
    fn sum(&mut self) -> GateId {
        let mut terms = vec![self.product()];
        while self.take("+") {
            terms.push(self.product());
        }
        self.builder.or(&terms).expect("a sum has terms")
    }

    fn product(&mut self) -> GateId {
        let mut factors = vec![self.factor()];
        while self.take("*") {
            factors.push(self.factor());
        }
        self.builder.and(&factors).expect("a product has factors")
    }

    fn factor(&mut self) -> GateId {
        if self.take("(") {
            let inner = self.sum();
            assert!(self.take(")"), "a bracket is open before token {} of {:?}", self.next, self.tokens);
            return inner;
        }
        let word = self.tokens.get(self.next).expect("an expression ends with a node or a bracket").as_str();
        self.next += 1;
        if let Some(k) = word.strip_prefix("choose").and_then(|k| k.parse().ok()) {
            assert!(self.take("("), "choose without members in {:?}", self.tokens);
            return self.choose(k);
        }
        let index = self.names.iter().position(|name| *name == word);
        self.builder.leaf(NodeId::new(index.unwrap_or_else(|| panic!("{word:?} is not in {:?}", self.names))))
    }

    fn choose(&mut self, k: u64) -> GateId {
        let mut members = vec![self.sum()];
        while self.take(",") {
            members.push(self.sum());
        }
        assert!(self.take(")"), "choose is open at token {} of {:?}", self.next, self.tokens);
        self.builder.threshold(k, &members).expect("a golden threshold is within its members")
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.tokens.get(self.next).is_some_and(|next| next == token);
        self.next += usize::from(found);
        found
    }
}

#[test]
fn expressions_bind_as_in_algebra() {
    let names = ["a", "b", "c", "d"];
    let holds = |text: &str, live: &[usize]| formula(text, &names).holds(&super::systems::set(live.iter().copied()));
    assert!(holds("a + b * c", &[0]));
    assert!(!holds("(a + b) * c", &[0]));
    assert!(holds("choose2(a, b*c, d)", &[1, 2, 3]));
    assert!(!holds("choose2(a, b*c, d)", &[1, 3]));
}
