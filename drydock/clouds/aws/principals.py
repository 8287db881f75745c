# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may sign requests: the IAM users and assumed roles that the simulated accounts hold."""

from __future__ import annotations

import dataclasses
import datetime
import threading
import time

from moto.backends import get_backend

from ...web import Request
from . import sigv4

MOTO_LOCK = threading.RLock()  # moto's stores are module globals and not made for threads


@dataclasses.dataclass(frozen=True)
class Principal:
    """A caller whose signature was verified. ``canonical`` is the role's ARN for an assumed role."""

    arn: str
    account: str
    access_key_id: str

    @property
    def canonical(self) -> str:
        prefix, _, rest = self.arn.partition(":assumed-role/")
        if not rest:
            return self.arn
        return f"{prefix.replace(':sts:', ':iam:')}:role/{rest.split('/')[0]}"


@dataclasses.dataclass(frozen=True)
class Secret:
    """What a key id stands for. ``token`` is empty for a user's long-lived key."""

    principal: Principal
    key: str = dataclasses.field(repr=False)
    token: str = dataclasses.field(default="", repr=False)
    expires: float | None = None


@dataclasses.dataclass(frozen=True)
class Credentials:
    """Keys that a person or a test signs with."""

    access_key_id: str
    secret_access_key: str = dataclasses.field(repr=False)
    session_token: str = dataclasses.field(default="", repr=False)


def find_secret(access_key_id: str) -> Secret | None:
    """Return what is known about one access key id, over all accounts."""
    with MOTO_LOCK:
        return _of_user(access_key_id) or _of_role(access_key_id)


def _of_user(access_key_id: str) -> Secret | None:
    for account, backends in list(get_backend("iam").items()):
        key = backends["aws"].access_keys.get(access_key_id)
        if key is not None and key.user_name and key.status == "Active":
            user = backends["aws"].get_user_from_access_key_id(access_key_id)
            if user is not None:
                return Secret(Principal(user.arn, account, access_key_id), key.secret_access_key)
    return None


def _of_role(access_key_id: str) -> Secret | None:
    for account, backends in list(get_backend("sts").items()):
        role = backends["aws"].get_assumed_role_from_access_key(access_key_id)
        if role is not None:
            principal = Principal(role.arn, account, access_key_id)
            return Secret(
                principal,
                role.secret_access_key,
                role.session_token,
                role.expiration.replace(tzinfo=datetime.UTC).timestamp(),
            )
    return None


def authenticate(request: Request, signed: sigv4.Signed, *, now: float | None = None) -> Principal:
    """Return who signed the request; raise SignatureProblem if nobody that we know did."""
    moment = time.time() if now is None else now
    secret = find_secret(signed.access_key_id)
    if secret is None:
        raise sigv4.SignatureProblem(
            "unknown_key", "The security token included in the request is invalid.", signed.service
        )
    sigv4.verify(request, signed, secret.key, moment)
    if signed.token != secret.token:
        raise sigv4.SignatureProblem(
            "bad_token", "The security token included in the request is invalid.", signed.service
        )
    if secret.expires is not None and secret.expires < moment:
        raise sigv4.SignatureProblem(
            "expired_token", "The security token included in the request is expired", signed.service
        )
    return secret.principal
