# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small client of one Kubernetes API, for the harbour's own hand and for tests as an independent reader."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import ssl
import tempfile
import threading
import typing as t
import urllib.parse

import yaml

from .errors import DrydockError

Object = dict[str, t.Any]
TIMEOUT = 30.0


class KubeError(DrydockError):
    """An answer of 400 or above; ``status`` and ``reason`` are the API's own, or 0 and Unreachable."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason


@dataclasses.dataclass(frozen=True)
class Way:
    """What a kubeconfig's current context says: server, its CA, a token or a client certificate with its key (PEM)."""

    server: str
    ca: str
    token: str = dataclasses.field(default="", repr=False)
    certificate: str = dataclasses.field(default="", repr=False)
    key: str = dataclasses.field(default="", repr=False)

    @classmethod
    def of_kubeconfig(cls, path: pathlib.Path | str) -> Way:
        config = yaml.safe_load(pathlib.Path(path).read_text())
        wanted = _named(config["contexts"], config["current-context"])["context"]
        cluster = _named(config["clusters"], wanted["cluster"])["cluster"]
        user = _named(config["users"], wanted["user"])["user"]
        ca = _text(cluster, "certificate-authority", path)
        if "client-certificate" not in user and "client-certificate-data" not in user:
            return cls(cluster["server"], ca, user.get("token", ""))
        pair = _text(user, "client-certificate", path), _text(user, "client-key", path)
        return cls(cluster["server"], ca, user.get("token", ""), *pair)

    def context(self, *, anonymous: bool = False) -> ssl.SSLContext:
        """Return the TLS settings; ``anonymous`` leaves the client certificate out."""
        context = ssl.create_default_context(cadata=self.ca)
        if self.certificate and not anonymous:
            _load_pair(context, self.certificate, self.key)
        return context


class KubeClient:
    """Speaks JSON over one kept connection; safe to share between threads."""

    def __init__(self, server: str, context: ssl.SSLContext, token: str = "", agent: str = "drydock") -> None:
        self._address = urllib.parse.urlsplit(server)
        self._context = context
        self._headers = {"Accept": "application/json", "User-Agent": agent}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._lock = threading.Lock()
        self._connection: http.client.HTTPSConnection | None = None

    @classmethod
    def from_kubeconfig(cls, path: pathlib.Path | str, agent: str = "drydock") -> KubeClient:
        """Use the current context of a kubeconfig with a client certificate or a token."""
        way = Way.of_kubeconfig(path)
        return cls(way.server, way.context(), way.token, agent)

    @classmethod
    def with_token(cls, server: str, ca: str, token: str, agent: str = "drydock") -> KubeClient:
        return cls(server, ssl.create_default_context(cadata=ca), token, agent)

    def request(
        self, method: str, path: str, body: object = None, content: str = "application/json", **headers: str
    ) -> Object:
        """Return the answer's object; raise KubeError from 400 on. ``headers`` have underscores for dashes."""
        raw = json.dumps(body).encode() if body is not None else None
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        headers = {**self._headers, **({"Content-Type": content} if raw is not None else {}), **given}
        with self._lock:
            status, text = self._send(method, path, raw, headers)
        answer = _decoded(text)
        if status >= 400:
            raise KubeError(status, str(answer.get("reason", "")), str(answer.get("message", text[:200])))
        return answer

    def _send(self, method: str, path: str, raw: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        for fresh in (False, True):  # a kept connection may have been closed by the server in between
            if self._connection is None:
                host, port = self._address.hostname or "", self._address.port
                self._connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=self._context)
            try:
                self._connection.request(method, path, raw, headers)
                response = self._connection.getresponse()
                return response.status, response.read()
            except (http.client.HTTPException, OSError) as exc:
                self._connection.close()
                self._connection = None
                if fresh:
                    where = f"https://{self._address.netloc}"
                    raise KubeError(0, "Unreachable", f"{where} does not answer: {exc}") from exc
        raise AssertionError("unreachable")

    def get(self, path: str) -> Object:
        return self.request("GET", path)

    def find(self, path: str) -> Object | None:
        """Return the object, or None if there is none."""
        try:
            return self.get(path)
        except KubeError as exc:
            if exc.status == 404:
                return None
            raise

    def items(self, path: str) -> list[Object]:
        return list(self.get(path).get("items") or [])

    def create(self, path: str, body: Object) -> Object:
        return self.request("POST", path, body)

    def apply(self, path: str, body: Object, manager: str = "drydock") -> Object:
        """Server-side apply, taking over fields that others hold."""
        query = urllib.parse.urlencode({"fieldManager": manager, "force": "true"})
        return self.request("PATCH", f"{path}?{query}", body, "application/apply-patch+yaml")

    def merge(self, path: str, body: Object) -> Object:
        return self.request("PATCH", path, body, "application/merge-patch+json")

    def delete(self, path: str) -> None:
        with contextlib.suppress(KubeError):
            self.request("DELETE", path)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _named(rows: list[Object], name: str) -> Object:
    return next(row for row in rows if row["name"] == name)


def _text(place: Object, name: str, kubeconfig: pathlib.Path | str) -> str:
    """Return PEM text that stands in a kubeconfig inline or by file name (relative to the kubeconfig)."""
    if f"{name}-data" in place:
        return base64.b64decode(place[f"{name}-data"]).decode()
    return (pathlib.Path(kubeconfig).parent / str(place[name])).read_text()


def _load_pair(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """The ssl module reads key pairs from files only."""
    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(certificate + "\n" + key)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)


def _decoded(text: bytes) -> Object:
    try:
        value = json.loads(text or b"{}")
    except ValueError:
        return {"message": text.decode(errors="replace")}
    return value if isinstance(value, dict) else {"value": value}
