use super::{NodeNames, parse_expression};
use crate::model::{Gate, NodeId, NodeSet};

/// Whether two expressions hold for the same sets of nodes.
#[track_caller]
fn same(left: &str, right: &str) {
    let mut names = NodeNames::new();
    let mut parse = |text| parse_expression(text, &mut names).unwrap_or_else(|errors| panic!("{errors}"));
    let (a, b) = (parse(left), parse(right));
    for bits in 0..1u32 << names.names().len() {
        let live: NodeSet = (0..names.names().len()).filter(|node| bits >> node & 1 == 1).map(NodeId::new).collect();
        assert_eq!(a.holds(&live), b.holds(&live), "{left} and {right} at {live:?}");
    }
}

#[test]
fn meanings() {
    for (left, right) in [
        ("a + b * c", "a + (b * c)"),
        ("a*b+c*d*e", "(a*b) + (c*d*e)"),
        ("((a))", "a"),
        ("choose(2, a, b, c)", "a*b + b*c + a*c"),
        ("choose(1, a, b)", "a + b"),
        ("choose(2, a, b)", "a * b"),
        ("choose(2, a, a, b)", "a"),
        ("choose ( 2 , a+b , c , d*e )", "(a+b)*c + (a+b)*d*e + c*d*e"),
        ("majority(a, b, c)", "choose(2, a, b, c)"),
        ("majority(a, b, c, d)", "choose(3, a, b, c, d)"),
        ("majority(a)", "a"),
        ("weighted(5, a=3, b=2, c=2)", "a*b + a*c"),
        ("weighted(2, a=1, b+c=1, d=0)", "a*(b + c)"),
        ("majority(majority(a,b,c), weighted(1, d=1), e)", "majority(a,b,c)*d + majority(a,b,c)*e + d*e"),
        ("majority + choose * weighted", "\"majority\" + \"choose\"*\"weighted\""),
        ("choose(2, 2, 3, 4)", "\"2\"*\"3\" + \"3\"*\"4\" + \"2\"*\"4\""),
        ("eu-west.1:a_b + é", "\"eu-west.1:a_b\" + \"é\""),
        ("\"a \\\"b\\\" \\\\c\"", "\"a \\\"b\\\" \\\\c\""),
        ("a\n\t+\r\nb", "a+b"),
    ] {
        same(left, right);
    }
}

#[test]
fn quoted_names_lose_their_escapes() {
    let mut names = NodeNames::new();
    parse_expression(r#""a \"b\" \\c" + "plain one" + x"#, &mut names).expect("a good expression");
    assert_eq!(names.names(), [r#"a "b" \c"#, "plain one", "x"]);
}

#[test]
fn chains_are_one_gate() {
    let sum = (0..1000).map(|node| format!("n{node}")).collect::<Vec<_>>().join(" + ");
    let formula = parse_expression(&sum, &mut NodeNames::new()).expect("a good expression");
    assert!(matches!(formula.gate(formula.root()), Gate::Threshold { k: 1, children } if children.len() == 1000));
}

#[test]
fn names_go_on_from_one_expression_to_the_next() {
    let mut names = NodeNames::new();
    parse_expression("b + a", &mut names).expect("a good expression");
    parse_expression("a * c", &mut names).expect("a good expression");
    assert_eq!(names.names(), ["b", "a", "c"]);
    assert_eq!(names.get("c"), Some(NodeId::new(2)));
}

#[test]
fn errors_and_their_places() {
    for (text, column, fragment) in [
        ("", 1, "an empty expression"),
        ("  ", 3, "an empty expression"),
        ("a +", 4, "ends too early"),
        ("a + + b", 5, "an operand is missing"),
        ("* a", 1, "an operand is missing"),
        ("a b", 3, "two operands without an operator"),
        ("a \"b\"", 3, "two operands"),
        ("(a)(b)", 4, "two operands"),
        ("a and b", 3, "two operands"),
        ("a (b)", 1, "put `+` or `*` between them"),
        ("and(a, b)", 1, "write `+` for either"),
        ("chose(2, a, b)", 1, "did you mean `choose`?"),
        ("Majority(a)", 1, "did you mean `majority`?"),
        ("(a + b", 1, "not closed"),
        ("a * majority(b, c", 5, "not closed"),
        ("weighted(1, a=1", 1, "not closed"),
        ("a)", 2, "closes nothing"),
        ("()", 1, "empty parentheses"),
        ("a, b", 2, "a comma outside of a function"),
        ("(a, b)", 3, "a comma outside of a function"),
        ("a = 3", 3, "votes outside of `weighted`"),
        ("majority(a=3)", 11, "votes outside of `weighted`"),
        ("majority()", 1, "`majority` without members"),
        ("choose(2, )", 1, "`choose` without members"),
        ("choose(2)", 9, "expects a comma after its number"),
        ("choose(a, b)", 8, "begins with a number, and `a` is none"),
        ("choose(-1, b)", 8, "`-1` is none"),
        ("choose((a), b)", 8, "begins with a number"),
        ("choose(99999999999999999999, a)", 8, "too large"),
        ("choose(0, a, b)", 8, "asks for 0 of 2 members"),
        ("choose(3, a, b)", 8, "asks for 3 of 2 members"),
        ("choose(1000000000, a)", 8, "asks for 1000000000 of 1 members"),
        ("choose(2, a, b,)", 16, "an operand is missing"),
        ("weighted(2, a, b=1)", 14, "without votes"),
        ("weighted(2, a=1, b)", 19, "without votes"),
        ("weighted(2, a=x)", 15, "expects whole numbers as votes, and `x` is none"),
        ("weighted(2, a=-1)", 15, "`-1` is none"),
        ("weighted(2, a=)", 15, "expects whole numbers as votes"),
        ("weighted(2, a=1 b)", 17, "expected `,` or `)` after votes"),
        ("weighted(4, a=1, b=2)", 10, "asks for 4 of 3 votes"),
        ("weighted(0, a=1)", 10, "asks for 0 of 1 votes"),
        ("weighted(1, a=0)", 1, "nobody has a vote"),
        ("weighted(1, a=18446744073709551615, b=1)", 1, "more than 2^63 - 1"),
        ("a | b", 3, "write `+` for either"),
        ("a & b", 3, "write `*` for both"),
        ("[a]", 1, "group with"),
        ("a + \"b", 5, "a quoted name without an end"),
        ("\"\"", 1, "an empty name"),
        ("\"a\\n\"", 3, "a backslash before neither"),
        ("\"a\tb\"", 1, "control character"),
    ] {
        let errors = parse_expression(text, &mut NodeNames::new()).expect_err(text);
        let error = errors.iter().next().expect("an error");
        assert!(error.to_string().contains(fragment), "{text}: no {fragment:?} in {error}");
        assert_eq!((error.line(), error.column()), (1, column), "{text}: {error}");
        assert_eq!(errors.len(), 1, "{text}: {errors}");
    }
}

#[test]
fn wrong_numbers_do_not_end_the_reading() {
    let errors = parse_expression("choose(3, a) + weighted(0, b=1)*choose(0, c)", &mut NodeNames::new());
    assert_eq!(errors.expect_err("three errors").len(), 3);
}
