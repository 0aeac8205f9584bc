"""`onrecord db check`: each kind of disagreement is one line, and a repair changes only derived rows."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.store import check as checks
from api.store.database import Store
from tests.support.db_invariants import assert_sound, stored_documents
from tests.support.generated_records import article, casualty_report
from tests.support.live_server import onrecord
from tests.support.writers import app_client, create_key, put

QUOTE = "turkey-demands-withdrawal"
ARTICLE = "karabakh-2020-11-01"

# Statements that change rows, and the line of each, by the name of the change.
DERIVED = {
    "column": (f"UPDATE claim SET conflict = 'other' WHERE id = '{QUOTE}'", f"claim {QUOTE}: conflict differ"),
    "version": (f"UPDATE claim SET version = 7 WHERE id = '{QUOTE}'", f"claim {QUOTE}: version differ"),
    "publisher": (
        f"UPDATE article SET publisher_key = 'x' WHERE id = '{ARTICLE}'",
        f"article {ARTICLE}: publisher_key",
    ),
    "party": (f"UPDATE party SET name_key = 'x' WHERE claim_id = '{QUOTE}'", f"claim {QUOTE}: party differ"),
    "no party": (f"DELETE FROM party WHERE claim_id = '{QUOTE}'", f"claim {QUOTE}: party differ"),
    "no tokens": (f"DELETE FROM search WHERE claim_id = '{QUOTE}'", f"claim {QUOTE}: search differ"),
    "tokens": (f"UPDATE search SET words = ' other ' WHERE claim_id = '{QUOTE}'", f"claim {QUOTE}: search differ"),
    "term": ("INSERT INTO term VALUES ('claim', 'gone', 'inferred', 'x', NULL)", "term: rows of the claim gone, which"),
    "list": (f"INSERT INTO term VALUES ('claim', '{QUOTE}', 'inferred', 'x', NULL)", f"claim {QUOTE}: term differ"),
    "count": (
        "UPDATE facet_count SET count = count + 1 WHERE facet = 'mode' AND value = 'direct'",
        "facet_count: the counts of mode differ from the records of type quote.",
    ),
    "no count": (
        "DELETE FROM facet_count WHERE facet = 'publisher' AND type = 'article'",
        "facet_count: the counts of publisher differ from the records of type article.",
    ),
    "a count of nothing": (
        "INSERT INTO facet_count VALUES ('harm', 'casualty_report', 'x', 'x', 1)",
        "facet_count: the counts of harm differ from the records of type casualty_report.",
    ),
    "another label": (
        "UPDATE facet_count SET label = 'x' WHERE facet = 'conflict' AND type = 'quote'",
        "facet_count: the counts of conflict differ from the records of type quote.",
    ),
}
OTHERS = {
    "document": (
        "UPDATE claim SET document = replace(document, 'withdrawal of', 'return of') WHERE id = '{QUOTE}'",
        "claim {QUOTE}: the document differs from the hash of its content.",
    ),
    "no change": (
        "DELETE FROM change WHERE id = '{QUOTE}'",
        "claim {QUOTE}: the feed has no change of it.",
    ),
    "another version": (
        "UPDATE change SET version = 2 WHERE id = '{QUOTE}'",
        "quote {QUOTE}: the record differs from its last change in the feed.",
    ),
    "two documents": (
        "UPDATE change SET document = (SELECT document FROM claim WHERE id = '{QUOTE}') WHERE id = '{QUOTE}'",
        "quote {QUOTE}: change ",
    ),
    "deleted": (
        "UPDATE change SET action = 'deleted' WHERE id = '{QUOTE}'",
        "quote {QUOTE}: the record differs from its last change in the feed.",
    ),
    "text": (
        "INSERT INTO article_text VALUES ('{ARTICLE}', 'another text')",
        "article {ARTICLE}: text_held is False, but the text is stored.",
    ),
}


@pytest.fixture
def store(databases):
    """Yield a store of a new database with the fixtures."""
    store = Store(databases.new("seeded"), seconds=60)
    yield store
    store.close()


def changed(store, statement):
    with store.engine.begin() as connection:
        connection.execute(text(statement.format(QUOTE=QUOTE, ARTICLE=ARTICLE)))


def run(store, tmp_path, *options):
    url = store.url.render_as_string(hide_password=False)
    done = onrecord("db", "check", *options, cwd=tmp_path, database_url=url)
    return done.returncode, done.stdout


def test_the_fixtures_have_no_disagreement(store, tmp_path):
    """They send a default, which their documents do not tell."""
    assert run(store, tmp_path) == (0, "All agrees.\n")
    assert_sound(store)


@pytest.mark.parametrize("name", DERIVED)
def test_derived_rows_are_repaired_from_documents(store, tmp_path, name):
    statement, line = DERIVED[name]
    before = stored_documents(store)
    changed(store, statement)
    status, output = run(store, tmp_path)
    assert (status, output.count("\n")) == (1, 1), output
    assert output.startswith(line)
    assert run(store, tmp_path, "--repair") == (0, f"Repaired: {output}")
    assert run(store, tmp_path) == (0, "All agrees.\n")
    assert_sound(store)
    assert stored_documents(store) == before


def test_a_backup_is_not_advised_if_a_repair_is_enough(store, tmp_path):
    changed(store, f"UPDATE claim SET type = 'ceasefire' WHERE id = '{QUOTE}'")
    url = store.url.render_as_string(hide_password=False)
    done = onrecord("db", "check", cwd=tmp_path, database_url=url)
    assert f"claim {QUOTE}: the feed has no change of it." in done.stdout
    assert done.stderr == "To repair 1 of 3, run: onrecord db check --repair\n"
    assert run(store, tmp_path, "--repair")[0] == 0
    assert run(store, tmp_path) == (0, "All agrees.\n")


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_repaired_is_named(store, tmp_path, name):
    statement, line = OTHERS[name]
    changed(store, statement)
    before = stored_documents(store)
    for options in ((), ("--repair",)):
        status, output = run(store, tmp_path, *options)
        lines = output.splitlines()
        assert status == 1
        assert any(one.startswith(line.format(QUOTE=QUOTE, ARTICLE=ARTICLE)) for one in lines), output
    assert stored_documents(store) == before


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_search_index_of_sqlite_is_compared_and_rebuilt(store, tmp_path):
    changed(store, "INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', 1, 'armenia')")
    line = "The search index differs from the tokens.\n"
    assert run(store, tmp_path) == (1, line)
    assert run(store, tmp_path, "--repair") == (0, f"Repaired: {line}")
    assert run(store, tmp_path) == (0, "All agrees.\n")


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_missing_record_and_a_damaged_file_are_named(store, tmp_path):
    with store.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql(f"DELETE FROM article WHERE id = '{ARTICLE}'")
        connection.exec_driver_sql(f"UPDATE claim SET document = 'no JSON' WHERE id = '{QUOTE}'")
        connection.exec_driver_sql("BEGIN")
        connection.invalidate()
    status, output = run(store, tmp_path, "--repair")
    assert status == 1
    assert output.count("A row of claim refers to a missing row of article.\n") == 25
    assert f"claim {QUOTE}: the document or its article cannot be used" in output
    assert f"article {ARTICLE}: the record differs from its last change in the feed.\n" in output


def test_records_are_compared_in_batches(app, client, store, monkeypatch):
    monkeypatch.setattr(checks, "_BATCH", 3)
    store = app.extensions["onrecord"]
    ask = app_client(app, create_key(store))
    put(ask, "/v1/articles/the-article", article("the-article"))
    for number in range(7):
        path, restated = f"/v1/casualty-reports/claim-{number}", f"claim-{number - 1}" if number else None
        claim = casualty_report(f"claim-{number}", "the-article", restates=restated)
        assert put(ask, path, claim).status == 201
        assert put(ask, path, {**claim, "place": "elsewhere " * (number + 1)}, If_Match="*").status == 200
    assert ask("DELETE", "/v1/casualty-reports/claim-6", If_Match="*").status == 204
    assert list(checks.check(store)) == []
    changed(store, "UPDATE claim SET place_key = 'x'")
    changed(
        store, 'UPDATE change SET document = \'{{"id": "x", "version": 1, "updated_at": 1}}\' WHERE id = \'claim-2\''
    )
    messages = [disagreement.message for disagreement in checks.check(store, repair=True)]
    assert sum(message.endswith("place_key differ from the document.") for message in messages) == 6
    assert [message for message in messages if "claim-2: change" in message]
    assert len(messages) == 6 + 2


def test_the_epoch_is_renewed_by_a_command(store, tmp_path):
    def epoch():
        with store.engine.connect() as connection:
            return connection.execute(text("SELECT epoch FROM feed")).scalar_one()

    before = epoch()
    url = store.url.render_as_string(hide_password=False)
    assert onrecord("db", "renew-epoch", cwd=tmp_path, database_url=url).returncode == 0
    assert epoch() != before
    changed(store, "DELETE FROM feed")
    line = "The feed has 0 epochs. Run: onrecord db renew-epoch\n"
    assert run(store, tmp_path, "--repair") == (1, line)
    assert onrecord("db", "renew-epoch", cwd=tmp_path, database_url=url).returncode == 0
    assert run(store, tmp_path) == (0, "All agrees.\n")
