"""Keys and scopes, over HTTP and on the command line."""

from __future__ import annotations

import hashlib
import re

import pytest
from flask.views import MethodView
from sqlalchemy import select, text

from api.app import create_app
from api.cli import onrecord
from api.http.scopes import CLAIMS_WRITE, OPEN, TEXTS_READ
from api.openapi.smorest import Blueprint
from api.settings import Settings
from api.store import keys
from api.store.tables import api_key
from api.v1 import changes
from tests.conftest import key_of
from tests.support.openapi import KEYED, READS


def bearing(token, scheme="Bearer"):
    return {"Authorization": f"{scheme} {token}"}


def send_example(client, operation, **headers):
    """Send the example of an operation with additional headers."""
    return client.open(
        operation.url, method=operation.method, headers={**operation.headers, **headers}, data=operation.body
    )


@pytest.mark.parametrize("name", KEYED)
def test_a_request_without_a_key_is_rejected_with_a_challenge(seeded, name):
    response = send_example(seeded, KEYED[name])
    assert (response.status_code, response.json["code"]) == (401, "key-required")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="onrecord"'


@pytest.mark.parametrize("name", KEYED)
def test_a_key_of_another_scope_is_rejected_with_the_required_scope(app, client, name):
    (needed,) = KEYED[name].scopes
    other = ({CLAIMS_WRITE, TEXTS_READ} - {needed}).pop()
    response = send_example(client, KEYED[name], **bearing(key_of(app, other)))
    assert (response.status_code, response.json["code"]) == (403, "scope-required")
    assert needed in response.json["detail"]
    assert f'error="insufficient_scope", scope="{needed}"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("name", READS)
def test_reading_needs_no_key_and_takes_a_valid_one(seeded_app, seeded, name):
    assert send_example(seeded, READS[name]).status_code == 200
    assert send_example(seeded, READS[name], **bearing(key_of(seeded_app, TEXTS_READ))).status_code == 200


def wrong_tokens(token):
    """Return invalid tokens that resemble a valid one."""
    other = "0" if token[-1] != "0" else "1"
    return [
        token[:-1],
        token[:-1] + other,
        token.upper(),
        token.replace("onrecord_", ""),
        "onrecord_" + "0" * 12 + token[21:],
        "",
        "x",
        "é",
    ]


def test_an_invalid_token_is_rejected_for_reads_too(app, client):
    for token in wrong_tokens(key_of(app, CLAIMS_WRITE)):
        response = client.get("/v1/claims", headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")})
        assert (response.status_code, response.json["code"]) == (401, "key-required"), token
        assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_another_scheme_is_rejected_with_a_fix(app, client):
    response = client.get("/v1/claims", headers=bearing(key_of(app, CLAIMS_WRITE), scheme="Basic"))
    assert (response.status_code, "Authorization: Bearer" in response.json["detail"]) == (401, True)


def test_a_revoked_and_an_expired_key_are_rejected(app, client):
    token = key_of(app, CLAIMS_WRITE)
    assert client.get("/v1/claims", headers=bearing(token)).status_code == 200
    with app.extensions["onrecord"].writing() as connection:
        connection.execute(text("UPDATE api_key SET expires_at = '2999-01-01T00:00:00.000Z'"))
    assert client.get("/v1/claims", headers=bearing(token)).status_code == 200
    with app.extensions["onrecord"].writing() as connection:
        connection.execute(text("UPDATE api_key SET expires_at = '2020-01-01T00:00:00.000Z'"))
    assert client.get("/v1/claims", headers=bearing(token)).status_code == 401
    token = key_of(app, CLAIMS_WRITE)
    with app.extensions["onrecord"].writing() as connection:
        assert keys.revoke(connection, token[9:21])
    assert client.get("/v1/claims", headers=bearing(token)).status_code == 401


@pytest.mark.parametrize("name", ["api_key", "access_token", "token", "key", "q"])
@pytest.mark.parametrize("path", ["/v1/claims", "/v1/articles/x/text", "/"])
def test_a_key_in_a_url_is_rejected_with_a_fix_and_not_repeated(app, client, name, path):
    token = key_of(app, CLAIMS_WRITE)
    response = client.get(path, query_string={name: token})
    assert (response.status_code, response.json["errors"][0]["parameter"]) == (422, name)
    assert "Authorization: Bearer" in response.json["detail"]
    assert token not in response.text


def test_only_the_hash_of_a_secret_is_stored(app, store):
    token = key_of(app, CLAIMS_WRITE)
    secret = token.rpartition("_")[2]
    with store.engine.connect() as connection:
        rows = connection.execute(select(api_key)).all()
    assert rows[0].sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in repr(rows)


def test_a_route_that_declares_no_scope_stops_the_app_from_starting(monkeypatch):
    def undeclared(version, change):
        blp = Blueprint("open-by-mistake", description="A route without a scope.")

        class Open(MethodView):
            def get(self):
                """Return nothing, without a declared scope."""

        blp.add_url_rule("/mistake", "mistake", Open)
        return blp

    monkeypatch.setattr(changes, "blueprint", undeclared)
    with pytest.raises(ValueError, match="GET /v1/mistake declares no scope"):
        create_app(Settings(database_url="sqlite://"))


def test_a_scope_that_there_is_not_cannot_be_declared():
    with pytest.raises(ValueError, match=f"Scopes are {OPEN}, {CLAIMS_WRITE}, {TEXTS_READ}"):
        Blueprint("x", description="x").operation("getX", scope="claims:wrrite", responses=())(lambda: None)


def test_keys_are_made_listed_and_revoked_on_the_command_line(app):
    def output_of(*arguments):
        done = app.test_cli_runner().invoke(onrecord, ["keys", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "No keys exist." in output_of("list")
    scopes = ("--scope", CLAIMS_WRITE, "--scope", TEXTS_READ)
    made = output_of("create", "--name", "the wire", *scopes, "--expires", "2999-01-31")
    assert re.fullmatch(r"onrecord_[0-9a-f]{12}_[0-9a-f]{64}\n", made)
    id_, listed = made[9:21], output_of("list")
    for word in (id_, "valid", CLAIMS_WRITE, TEXTS_READ, "the wire", "until 2999-01-31"):
        assert word in listed
    assert made.strip().rpartition("_")[2] not in listed
    output_of("revoke", id_)
    assert "revoked" in output_of("list")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "--scope", CLAIMS_WRITE), "--name"),
        (("create", "--name", "x"), "--scope"),
        (("create", "--name", " ", "--scope", CLAIMS_WRITE), "1 to 100 printable characters"),
        (("create", "--name", "x", "--scope", "claims:read"), "claims:write"),
        (("create", "--name", "x", "--scope", CLAIMS_WRITE, "--expires", "tomorrow"), "not a date"),
        (("create", "--name", "x", "--scope", CLAIMS_WRITE, "--expires", "2020-01-01"), "not in the future"),
        (("revoke", "000000000000"), "The key 000000000000 does not exist"),
    ],
)
def test_an_invalid_keys_command_prints_a_fix(app, arguments, message):
    done = app.test_cli_runner().invoke(onrecord, ["keys", *arguments])
    assert done.exit_code != 0
    assert message in done.stderr


def test_a_key_gives_the_access_of_its_scope(app, client):
    writer, reader = (bearing(key_of(app, scope)) for scope in (CLAIMS_WRITE, TEXTS_READ))
    body = {"headline": "News", "text": "A text."}
    assert client.put("/v1/articles/the-article", json=body, headers=writer).status_code == 201
    assert client.get("/v1/articles/the-article/text", headers=writer).status_code == 403
    assert client.get("/v1/articles/the-article/text", headers=reader).text == "A text."
