# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks that come with the set: what they guard waits for them, and one that never answers is named."""

from __future__ import annotations

import http.server
import json
import pathlib
import ssl
import threading
import typing as t

import pytest

from drydock.certificates import self_signed
from drydock.kube import Object

from .a_set import ASet, config_map, definition, manifest


class Refuser(http.server.BaseHTTPRequestHandler):
    """An admission webhook that refuses what is named "bad"."""

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = review["request"]
        answer: Object = {"uid": asked["uid"], "allowed": asked.get("name") != "bad"}
        if not answer["allowed"]:
            answer["status"] = {"message": "no bad berths here"}
        body = json.dumps({"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: t.Any) -> None:
        pass


class Webhook:
    """A webhook server on a port of its own, which may start later than its configuration."""

    def __init__(self, folder: pathlib.Path) -> None:
        pair = self_signed("127.0.0.1")
        self.ca = pair.certificate_base64
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair.files(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuser, bind_and_activate=False)
        self._server.server_bind()
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}/"

    def start(self) -> None:
        self._server.server_activate()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.server_close()


@pytest.fixture
def webhook(tmp_path: pathlib.Path) -> t.Iterator[Webhook]:
    made = Webhook(tmp_path)
    yield made
    made.stop()


def guarded(a_set: ASet, namespace: str, webhook: Webhook, *names: str) -> list[Object]:
    group = f"{a_set.name}.example"
    rule = {"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["*"]}
    row = {
        "name": f"berths.{group}",
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": webhook.url, "caBundle": webhook.ca},
    }
    configuration = manifest(
        "ValidatingWebhookConfiguration", a_set.name, api="admissionregistration.k8s.io/v1", webhooks=[row]
    )
    berths = [manifest("Berth", name, namespace, api=f"{group}/v1", spec={"size": 1}) for name in names]
    return [*berths, configuration, definition(group)]


@pytest.fixture
def unguarded(a_set: ASet) -> t.Iterator[None]:
    """Take the webhook configuration away afterwards: it would hold up the namespace's deletion."""
    yield
    path = f"/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{a_set.name}"
    a_set.reader.delete(path)


@pytest.mark.usefixtures("unguarded")
def test_guarded_resource_waits_for_the_webhook_of_its_set(a_set: ASet, namespace: str, webhook: Webhook) -> None:
    timer = threading.Timer(1.5, webhook.start)
    timer.start()
    objects = guarded(a_set, namespace, webhook, "good")
    result = a_set.apply(*objects, wait_timeout=30.0)
    assert result["summary"]["created"] == 3
    assert a_set.find(objects[0]) is not None


@pytest.mark.usefixtures("unguarded")
def test_webhook_that_never_answers_is_named_and_its_resource_not_written(
    a_set: ASet, namespace: str, webhook: Webhook
) -> None:
    objects = guarded(a_set, namespace, webhook, "good")
    error = a_set.refused(*objects, wait_timeout=2.0)
    assert f"berths.{a_set.name}.example" in str(error)
    assert "Berth" in str(error)
    assert a_set.find(objects[0]) is None


@pytest.mark.usefixtures("unguarded")
def test_webhook_refuses_a_bad_resource_in_preflight(a_set: ASet, namespace: str, webhook: Webhook) -> None:
    webhook.start()
    a_set.apply(*guarded(a_set, namespace, webhook, "good"))
    writes = a_set.writes()
    error = a_set.refused(*guarded(a_set, namespace, webhook, "good", "bad"), config_map(namespace, "fine"))
    assert "no bad berths here" in str(error)
    assert "Nothing was written." in str(error)
    assert a_set.writes() == writes


@pytest.mark.usefixtures("unguarded")
def test_guarded_resources_of_a_first_run_are_judged_before_any_of_them_is_written(
    a_set: ASet, namespace: str, webhook: Webhook
) -> None:
    webhook.start()
    objects = guarded(a_set, namespace, webhook, "good", "bad")
    error = a_set.refused(*objects)
    assert "no bad berths here" in str(error)
    assert a_set.find(objects[0]) is None
    assert f"Berth/{namespace}/good" in error.details["not_attempted"]
