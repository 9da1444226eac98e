"""Tables go into data frames of every kind, and histories come out of them."""

from __future__ import annotations

import gc

import pytest

import quorate as q
from quorate import Table, families

COLUMNS = {"n": [1, None, 3], "load": [0.5, 1.0, None], "ok": [True, None, False], "name": ["a", "ä\U0001f980", None],
           "nothing": [None, None, None], "big": [2**70, 1, 2]}
KEPT = {**COLUMNS, "big": [str(2**70), "1", "2"]}

HISTORY = [
    {"process": 0, "op": "write", "value": 1, "start": 0, "end": 1},
    {"process": 1, "op": "read", "value": 0, "start": 2, "end": 3},
    {"process": 2, "op": "write", "value": 2, "start": 4, "end": None},
]


def test_a_stream_is_freed_whether_taken_or_not():
    for _ in range(1000):
        Table(COLUMNS).__arrow_c_stream__()
    gc.collect()


def test_pyarrow():
    pyarrow = pytest.importorskip("pyarrow")
    for _ in range(100):
        table = pyarrow.table(Table(COLUMNS))
    assert table.to_pydict() == KEPT
    table.validate(full=True)
    assert pyarrow.table(Table({"a": [], "b": []})).num_rows == 0
    many = {"x": list(range(100_000)), "t": [str(x) for x in range(100_000)]}
    assert pyarrow.table(Table(many)).to_pydict() == many
    assert [str(kind) for kind in table.schema.types] == ["int64", "double", "bool", "large_string", "double", "large_string"]


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(Table(COLUMNS))
    assert frame.to_dict(as_series=False) == KEPT
    assert q.check(polars.DataFrame(HISTORY)).to_dict()["histories"][0]["atomic"]["verdict"] == "violated"


def test_duckdb():
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pyarrow")
    systems = families.grid(2, 3).analyze().table("node_load")
    assert duckdb.sql("select count(*) from systems").fetchall()[0][0] == len(systems)


def test_pandas():
    pandas = pytest.importorskip("pandas")
    systems = families.majority(3).analyze().table("systems")
    assert list(systems.to_pandas()["nodes"]) == [3]
    expected = q.check(HISTORY).to_dict()
    assert q.check(pandas.DataFrame(HISTORY)).to_dict() == expected
    if hasattr(pandas.DataFrame, "from_arrow"):
        pytest.importorskip("pyarrow")
        assert list(pandas.DataFrame.from_arrow(systems)["nodes"]) == [3]


def test_numpy():
    numpy = pytest.importorskip("numpy")
    arrays = Table(COLUMNS).to_numpy()
    assert arrays["load"][1] == 1.0 and numpy.isnan(arrays["load"][2]) and numpy.isnan(arrays["n"][1])


def test_histories_in_every_shape(tmp_path):
    expected = q.check(HISTORY).to_dict()
    columns = {name: [row[name] for row in HISTORY] for name in HISTORY[0]}
    text = q.histories.history_bytes(HISTORY).decode()
    path = tmp_path / "history.jsonl"
    path.write_text(text)
    for shape in (columns, Table(columns), text, text.encode()):
        assert q.check(shape).to_dict() == expected
    named = q.check({"one": HISTORY, "two": HISTORY[:1]})
    assert [one.file for one in named.histories] == ["one", "two"]
    assert q.check(path).atomic.witness.operations == q.check(HISTORY).atomic.witness.operations
    assert q.check([path, path]).status == 1
    assert q.check(HISTORY, model="safe").holds is False and q.check(HISTORY[:1]).holds is True
    assert q.check([]).holds is None


def test_tables_of_answers():
    analysis = families.majority(3).analyze(failure_probability=[0.1, 0.2])
    for name in analysis.tables:
        table = analysis.table(name)
        assert all(len(table[column]) == len(table) for column in table.columns), name
    assert analysis.table("failure_probability")["node_failure_probability"] == [0.1, 0.2]
    with pytest.raises(KeyError, match="node_load"):
        analysis.table("no-such-table")
    assert q.check(HISTORY).table().columns and q.simulate(families.majority(3), ops=5).table().columns


def test_answers_show_themselves():
    a, b, c = map(q.Node, "abc")
    system = q.System(reads=a*b + c, name="<b>&")
    analysis = system.analyze()
    for shown in (analysis, system, analysis.optimum[0], analysis.table("systems"), q.check(HISTORY), q.compare([system, a + b]),
                  q.simulate(system, ops=5), system.strategy(), q.search([a, b, c])):
        page = shown._repr_html_()
        assert page.count("<table") == page.count("</table>") > 0 and "<b>&" not in page
    assert "resilience" in analysis._repr_markdown_()
    assert analysis.picture("node-load")._repr_svg_().startswith("<svg")
    assert analysis.picture("node-load", "png")._repr_png_().startswith(b"\x89PNG")
    assert q.check(HISTORY).picture()._repr_svg_().startswith("<svg")
    assert "<iframe" in q.check(HISTORY).explore()._repr_html_()
    assert analysis.to_html().lstrip().lower().startswith("<!doctype html")
