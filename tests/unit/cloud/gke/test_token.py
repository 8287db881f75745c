# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens and sessions of Google Cloud: whose they are, for how long they count, and what importing them costs."""

from __future__ import annotations

import datetime
import http.server
import json
import pathlib
import subprocess
import sys
import threading
import typing as t

import google.auth
import google.oauth2.credentials
import pytest

from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.access import cloud_credentials, place_of
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.cluster.spec import Place
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.google.session import GoogleSession
from ansible_collections.seaworthy.platform.plugins.module_utils._cloud.google.token import mint
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError
from tests.unit.house.checkout import ROOT

DEPLOYER = "deployer@my-project.iam.gserviceaccount.com"
CLUSTER: dict[str, t.Any] = {
    "provider": "gke",
    "name": "prod",
    "location": "europe-west1",
    "account": "my-project",
    "endpoint": "https://203.0.113.7",
    "ca": "PEM",
    "api": {"proxy": "http://proxy:3128"},
    "auth": {"principal": "me@my-project.iam.gserviceaccount.com"},
}


class Account:
    """Credentials as google-auth gives them."""

    service_account_email = "me@my-project.iam.gserviceaccount.com"
    token = "canary-token"
    expiry = datetime.datetime(2026, 11, 22, 15, 0, 0)  # noqa: DTZ001 - google-auth's are naive, in UTC
    refreshed = 0

    def refresh(self, request: object) -> None:
        self.refreshed += 1


def session(**auth: str) -> GoogleSession:
    found = GoogleSession(Place("gke", "prod", "europe-west1", "my-project", auth))
    found._credentials = Account()
    return found


def test_token_ends_when_google_says_so() -> None:
    token = mint(session(), 5.0)
    assert token.text == "canary-token"
    assert token.expires_at == datetime.datetime(2026, 11, 22, 15, 0, 0, tzinfo=datetime.UTC).timestamp()
    assert "canary" not in repr(token)


def test_wrong_principal_is_refused_before_any_request() -> None:
    with pytest.raises(PlatformError, match="the credentials are of me@my-project.* they must be of you@") as caught:
        session(principal="you@my-project.iam.gserviceaccount.com").check_principal()
    assert caught.value.kind == "wrong_account"


def test_right_principal_is_accepted_and_costs_no_token() -> None:
    found = session(principal=Account.service_account_email)
    assert found.check_principal() == "my-project"
    assert found.credentials().refreshed == 0


@pytest.fixture
def iam() -> t.Iterator[str]:
    """The IAM Credentials API: gives the bearer of "source" a token of the account that the path names."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            wanted = f"/v1/projects/-/serviceAccounts/{DEPLOYER}:generateAccessToken"
            fits = (self.path, self.headers["Authorization"]) == (wanted, "Bearer source")
            body = json.dumps({"accessToken": "deployer-token", "expireTime": "2030-01-01T00:00:00Z"}).encode()
            self.send_response(200 if fits else 403)
            self.end_headers()
            self.wfile.write(body if fits else b"{}")

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_another_account_is_impersonated_and_that_is_who_we_are(iam: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source: t.Any = google.oauth2.credentials.Credentials
    monkeypatch.setattr(google.auth, "default", lambda **_: (source(token="source"), "my-project"))
    auth = {"impersonate": DEPLOYER, "principal": DEPLOYER, "iam_endpoint_url": iam}
    found = GoogleSession(Place("gke", "prod", "europe-west1", "my-project", auth))
    assert found.check_principal() == "my-project"
    assert mint(found, 5.0).text == "deployer-token"


def test_place_of_the_fact_is_that_of_the_cluster() -> None:
    place = place_of(CLUSTER)
    assert (place.cloud, place.name, place.location, place.account) == ("gke", "prod", "europe-west1", "my-project")
    assert place.auth == CLUSTER["auth"]


def test_cluster_without_an_endpoint_is_said_to_have_none() -> None:
    with pytest.raises(PlatformError, match="gke/prod has no endpoint yet") as caught:
        cloud_credentials({**CLUSTER, "endpoint": ""})
    assert caught.value.kind == "not_found"


def test_file_that_is_no_credentials_is_named(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"type": "nonsense", "private_key": "canary"}), encoding="utf-8")
    place = Place("gke", "prod", "europe-west1", "my-project", {"credentials_file": str(path)})
    with pytest.raises(PlatformError) as caught:
        GoogleSession(place).credentials()
    assert caught.value.kind == "credentials"
    assert "canary" not in str(caught.value)


DOORS = {
    "eks_cluster": ("boto3", "google.auth"),
    "gke_cluster": ("google.cloud.container_v1", "boto3"),
    "resolve": ("", "google.auth"),
    "apply_set": ("", "boto3"),
}
"""Actions with what they load in the parent of all workers, and what they must not."""


@pytest.mark.parametrize("action", DOORS)
def test_play_of_one_cloud_never_pays_for_the_sdk_of_another(action: str) -> None:
    wanted, unwanted = DOORS[action]
    name = f"ansible_collections.seaworthy.platform.plugins.action.{action}"
    told = f"import sys, {name}; print({wanted!r} in sys.modules or not {wanted!r}, {unwanted!r} in sys.modules)"
    environment = {"PYTHONPATH": str(ROOT / "build" / "collections"), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    assert done.stdout.split() == ["True", "False"]
