//! The page of `quorate check --html`: whole, obedient to nobody, and, where there is a browser, as people use it.

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use base64::Engine;
use sha2::Digest;
use tempfile::TempDir;

use crate::support::files;

const RUN: &str = r#"{"process":0,"op":"write","value":1,"start":0,"end":10,"key":"x"}
{"process":1,"op":"read","value":1,"start":2,"end":8,"key":"x"}
{"process":2,"op":"cas","value":[1,5],"start":9,"end":30,"key":"x"}
{"process":1,"op":"write","value":"a","start":12,"end":20,"key":"y"}
{"process":0,"op":"write","value":6,"start":15,"end":null,"key":"x"}
{"process":3,"op":"read","value":5,"start":31,"end":33,"key":"x"}
{"process":1,"op":"read","value":6,"start":40,"end":45,"key":"x"}
{"process":3,"op":"write","value":0,"start":41,"end":44,"key":"y"}
{"process":1,"op":"write","value":7,"start":46,"end":47,"key":"x"}
"#;
const VIOLATED: &str = r#"{"process":0,"op":"write","value":1,"start":0,"end":10}
{"process":0,"op":"write","value":2,"start":12,"end":20}
{"process":1,"op":"read","value":1,"start":25,"end":30,"note":"slow"}
"#;
const NEMESIS: &str = r#"{:process 0, :type :invoke, :f :write, :value 1, :time 1000000}
{:process 0, :type :ok, :f :write, :value 1, :time 3000000}
{:process :nemesis, :type :info, :f :start-partition, :value nil, :time 4000000}
{:process :nemesis, :type :info, :f :start-partition, :value majority, :time 4100000}
{:process 1, :type :invoke, :f :read, :value nil, :time 5000000}
{:process 1, :type :ok, :f :read, :value 1, :time 6000000}
{:process :nemesis, :type :info, :f :stop-partition, :value nil, :time 8000000}
{:process :nemesis, :type :info, :f :stop-partition, :value nil, :time 9000000}
{:process :nemesis, :type :info, :f :kill, :value n1, :time 9500000}
{:process 1, :type :invoke, :f :read, :value nil, :time 10000000}
{:process 1, :type :ok, :f :read, :value 1, :time 11000000}
"#;
const HOSTILE: &str = r#"{"process":"<img src=x onerror=document.title=1>","op":"write","value":"<!--<script>\u2028'\"&amp;\u202e","start":0,"end":1,"key":"</script><script>document.title=1</script>"}
{"process":"]]>","op":"read","value":"<!--<script>\u2028'\"&amp;\u202e","start":2,"end":3,"key":"</script><script>document.title=1</script>","</script>":"<b>"}
{"process":"__proto__","op":"write","value":"constructor","start":4,"end":5,"key":"__proto__"}
"#;
const CLOCKS: &str = r#"{"process":0,"op":"write","value":9007199254740993,"start":1700000000000000001,"end":1700000000000000007}
{"process":1,"op":"write","value":9007199254740993,"start":1700000000000000011,"end":null}
"#;
const FAULTS: &str = "[[fault]]\nat_ms = 2\naction = \"crash\"\nnodes = [\"n1\"]\n\n[[fault]]\nat_ms = 5\naction = \"loss\"\nprobability = 0.25\n\n\
                      [[fault]]\nat_ms = 30\naction = \"recover\"\nnodes = [\"n1\"]\n";

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in [
        ("run.jsonl", RUN),
        ("violated.jsonl", VIOLATED),
        ("nemesis.edn", NEMESIS),
        ("hostile.jsonl", HOSTILE),
        ("clocks.jsonl", CLOCKS),
        ("broken.jsonl", "{\"process\": 0}\n"),
        ("faults.toml", FAULTS),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(folder: &TempDir, arguments: &[&str]) -> Assert {
    Command::new(env!("CARGO_BIN_EXE_quorate")).current_dir(folder.path()).args(arguments).assert()
}

fn page(folder: &TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn the_page_is_written_once_and_only_when_there_is_something_to_show() {
    let folder = folder();
    run(&folder, &["check", "run.jsonl", "--html", "page.html"]).code(0);
    let before = page(&folder, "page.html");
    run(&folder, &["check", "violated.jsonl", "--html", "page.html"]).code(2);
    assert_eq!(page(&folder, "page.html"), before, "nothing is replaced unasked");
    run(&folder, &["check", "violated.jsonl", "--html", "page.html", "--force"]).code(1);
    assert_ne!(page(&folder, "page.html"), before);
    run(&folder, &["check", "run.jsonl", "--html", "run.jsonl", "--force"]).code(2);
    assert_eq!(page(&folder, "run.jsonl"), RUN);
    let none = run(&folder, &["check", "broken.jsonl", "--html", "none.html"]).code(2);
    let said = String::from_utf8(none.get_output().stderr.clone()).unwrap();
    assert!(said.contains("no history was read, so --html is not written"), "{said}");
    assert!(!folder.path().join("none.html").exists());
    run(&folder, &["check", "run.jsonl", "violated.jsonl", "broken.jsonl", "--html", "all.html"]).code(2);
    let all = page(&folder, "all.html");
    assert!(all.contains("2 histories") && all.contains("Not read: broken.jsonl"), "all that could be read is there");
    assert_eq!(all.matches("<script type=\"application/json\"").count(), 2);
    // Threads change nothing.
    for threads in ["1", "3"] {
        run(&folder, &["check", "run.jsonl", "violated.jsonl", "--html", "x.html", "--force", "--threads", threads])
            .code(1);
        std::fs::rename(folder.path().join("x.html"), folder.path().join(format!("{threads}.html"))).unwrap();
    }
    assert_eq!(page(&folder, "1.html"), page(&folder, "3.html"));
}

#[test]
fn the_page_does_only_what_its_policy_allows() {
    let folder = folder();
    run(&folder, &["check", "hostile.jsonl", "violated.jsonl", "--html", "page.html"]).code(1);
    let page = page(&folder, "page.html");
    let policy = page.split_once("Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    for (tag, kind) in [("style", "style-src"), ("script", "script-src")] {
        assert_eq!(page.matches(&format!("<{tag}>")).count(), 1, "{tag}");
        let text = page.split_once(&format!("<{tag}>")).unwrap().1.split_once(&format!("</{tag}>")).unwrap().0;
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text));
        assert!(policy.contains(&format!("{kind} 'sha256-{hash}'")), "{policy}");
        assert!(!text.contains("http"), "nothing is loaded from elsewhere");
    }
    let data: Vec<&str> = page.split("<script type=\"application/json\" class=\"history\">").skip(1).collect();
    for data in data {
        let text = data.split_once("</script>").unwrap().0;
        assert!(!text.contains(['<', '>', '&']));
        serde_json::from_str::<serde_json::Value>(text).unwrap();
    }
    assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
    for forbidden in
        [" style=", " onclick=", "onerror=document.title=1>", "javascript:", "<img", "<link", "<iframe", "src=", "url("]
    {
        let outside: String =
            page.split("<script").map(|part| part.split_once("</script>").map_or(part, |(_, rest)| rest)).collect();
        assert!(!outside.contains(forbidden) || outside.contains("&lt;img src="), "{forbidden}");
    }
    // What is known without a script.
    assert!(page.contains("<td>atomic</td><td class=\"bad\">violated</td>"), "the answers are on the page");
    assert!(page.contains("<div id=\"explorer\" hidden>"));
}

/// What is at hand to try pages with: a browser, and what drives it.
fn browser() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    let find = |name: &str| std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file());
    find("node")?;
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find)
}

#[test]
fn a_browser_shows_it() {
    let Some(browser) = browser() else {
        eprintln!("not tried: there is no browser (node and chromium)");
        return;
    };
    let folder = folder();
    for name in ["run.jsonl", "violated.jsonl", "nemesis.edn", "hostile.jsonl", "clocks.jsonl"] {
        let html = Path::new(name).with_extension("html");
        run(&folder, &["check", name, "--html", html.to_str().unwrap()]);
    }
    run(&folder, &["check", "run.jsonl", "violated.jsonl", "nemesis.edn", "broken.jsonl", "--html", "several.html"])
        .code(2);
    let definition = files::path("quorum-defs/majority-5.toml");
    let definition = definition.to_str().unwrap();
    run(&folder, &["simulate", definition, "--ops", "40", "--faults", "faults.toml", "--html", "simulated.html"])
        .code(0);
    run(&folder, &["simulate", definition, "--ops", "200000", "--clients", "20", "--history", "many.jsonl"]).code(0);
    run(&folder, &["check", "many.jsonl", "--html", "many.html"]).code(0);
    let script = files::path("tests/browser/explorer.mjs");
    let output = Command::new("node").arg(script).arg(browser).arg(folder.path()).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
