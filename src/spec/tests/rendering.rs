//! Errors as people see them.

use super::bad;

#[track_caller]
fn check(text: &str, expected: &str) {
    let rendered = bad(text).render(false);
    assert_eq!(rendered, expected, "rendered as\n{rendered}");
}

#[test]
fn all_errors_of_a_file_in_its_order() {
    check(
        "name = \"grid\"\n\n[system]\nfamily = \"grid\"\nrows = 3\ncolz = 3\n\n[nodes]\nfailure_probability = 5\n",
        "\
error: [system] has no `cols`, which `grid` needs
 --> test.toml:3:1
  |
3 | [system]
  | ^^^^^^^^ `cols` is missing here
  |
  = help: for example `cols = 3`

error: unknown key `colz` in [system]
 --> test.toml:6:1
  |
6 | colz = 3
  | ^^^^ not a key of this table
  |
  = help: did you mean `cols`? the keys of [system] are: `family`, `rows`, `cols`, `variant`, `names`, `dynamic`, `witness`, `tie_breaker`

error: `failure_probability` is `5`, which is not a probability in [0, 1]
 --> test.toml:9:23
  |
9 | failure_probability = 5
  |                       ^ out of range
  |
  = help: 5 percent is written 0.05
",
    );
}

#[test]
fn an_expression_over_several_lines() {
    check(
        "name = \"x\"\n[system]\nfamily = \"custom\"\nreads = '''\n\ta*b +\n\tchoose(3, c, d)\n'''\n",
        "\
error: `choose` asks for 3 of 2 members
 --> test.toml:6:9
  |
6 |     choose(3, c, d)
  |            ^ must be from 1 to 2
",
    );
}

#[test]
fn a_long_line_is_cut() {
    let text = format!(
        "name = \"x\"\n[system]\nfamily = \"custom\"\nreads = \"{}| {}\"\n",
        "a + ".repeat(1000),
        "b + ".repeat(1000)
    );
    check(
        &text,
        "\
error: `|` has no meaning in an expression
 --> test.toml:4:4010
  |
 ::: 
4 | ...+ a + a + a + a + a + a + a + a + a + a + a + a + a + | b + b + b + b + b + b + b + b + b + b + b + b + b + b ...
  |                                                          ^
  |
  = help: write `+` for either
",
    );
}

#[test]
fn color_is_only_there_when_asked_for() {
    let errors = bad("");
    assert!(errors.render(true).contains("\u{1b}["));
    assert!(!errors.render(false).contains('\u{1b}'));
    assert_eq!(errors.to_string(), errors.render(false).trim_end());
}
