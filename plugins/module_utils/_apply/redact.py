# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret values leave the engine only as ``<hmac:1a2b3c4d>``: equal values look equal, within one run only.

The key is random and lives as long as the run, so that the short digest tells nobody anything afterwards.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import typing as t
import urllib.parse

from .diff import LAST_APPLIED
from .objects import Object

MIN_LENGTH = 6
"""Shorter values ("true", "admin") stand in half of all texts; they are hidden in Secrets, not searched for."""

FIELDS = ("data", "stringData")
_MASK = re.compile(r"^<hmac:[0-9a-f]{8}>$")


def run_key() -> bytes:
    """Return a new key; keep it for one run and write it nowhere."""
    return secrets.token_bytes(32)


def mask(value: str, key: bytes) -> str:
    """Return what stands for a value."""
    return f"<hmac:{hmac.new(key, value.encode('utf-8', 'surrogateescape'), hashlib.sha256).hexdigest()[:8]}>"


def redact(obj: Object, key: bytes) -> Object:
    """Return the object as anybody may see it: a Secret's values masked, last-applied annotations dropped.

    A value has the same mask under ``data`` and ``stringData``. The input is left as it was.
    """
    obj = _without_last_applied(obj)
    if obj.get("kind") != "Secret":
        return obj
    shown = {
        field: {name: _masked(_plain(field, value), key) for name, value in obj[field].items()}
        for field in FIELDS
        if isinstance(obj.get(field), dict)
    }
    return {**obj, **shown}


def _masked(value: str, key: bytes) -> str:
    return value if _MASK.match(value) else mask(value, key)


def _without_last_applied(obj: Object) -> Object:
    metadata = obj.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(annotations, dict) or LAST_APPLIED not in annotations:
        return obj
    kept = {name: value for name, value in annotations.items() if name != LAST_APPLIED}
    return {**obj, "metadata": {**metadata, "annotations": kept}}


def _plain(field: str, value: t.Any) -> str:
    """Return a Secret's value as plain text (bytes that are no text by surrogates)."""
    text = "" if value is None else str(value)
    if field == "stringData":
        return text
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return text


class Redactor:
    """Masks, wherever they appear, the secret values that this run has seen.

    ``learn`` each Secret read or sent; then pass every result, diff and log line through ``clean`` or
    ``text``. Values are known plain, as base64, inside JSON and URL-quoted; of a value with many lines
    (a private key) each unbroken line is known as well.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self.key = key or run_key()
        self._masks: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, obj: t.Mapping[str, t.Any]) -> None:
        """Remember the values of a Secret; other kinds and metadata-only objects are ignored."""
        if obj.get("kind") != "Secret":
            return
        for field in FIELDS:
            for value in (obj.get(field) or {}).values():
                self.learn_value(_plain(field, value))

    def learn_value(self, value: str) -> None:
        """Remember one plain value: a token, a password from a variable."""
        if len(value) < MIN_LENGTH or value.isspace():
            return
        shown = mask(value, self.key)
        for form in _forms(value):
            if len(form) >= MIN_LENGTH and form not in self._masks:
                self._masks[form] = shown
                self._pattern = None

    def text(self, text: str) -> str:
        """Return the text with every known value masked."""
        if not self._masks:
            return text
        if self._pattern is None:
            longest_first = sorted(self._masks, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(lambda match: self._masks[match.group()], text)

    def clean(self, value: t.Any) -> t.Any:
        """Return plain data (an object, a diff, a result) with every known value masked, Secrets wholly."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            whole = redact(value, self.key) if "kind" in value else value
            return {self.clean(name): self.clean(item) for name, item in whole.items()}
        if isinstance(value, (list, tuple)):
            return [self.clean(item) for item in value]
        return value


def _forms(value: str) -> t.Iterator[str]:
    raw = value.encode("utf-8", "surrogateescape")
    yield base64.b64encode(raw).decode()
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
    yield from (value, value.strip(), json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield urllib.parse.quote(raw, safe="")
    lines = value.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if line.strip() and not re.search(r"\s", line.strip()))
