# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One description of where people sign in, read as what each tool has to be told."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ..module_utils._common.errors import InvalidInput, did_you_mean

Document = t.Mapping[str, t.Any]
KNOWN = ("provider", "issuer", "domain", "groups_claim", "endpoints", "clients", "groups")
ENDPOINTS = ("authorization", "token", "userinfo")
CLIENTS = ("gateway", "argocd", "grafana")
CLIENT_KEYS = ("id", "secret", "secret_name", "cli_id")
LEVELS = ("admin", "viewer")
ISSUER = re.compile(r"https://[^/?#@\s]+(/[^?#\s]*)?")
VARIABLE = "platform_identity"


def _paths(base: str, authorization: str, token: str, userinfo: str) -> dict[str, str]:
    return {
        "authorization": f"{base}/{authorization}",
        "token": f"{base}/{token}",
        "userinfo": userinfo if userinfo.startswith("https://") else f"{base}/{userinfo}",
    }


def _keycloak(said: Document) -> dict[str, str]:
    return _paths(f"{said['issuer']}/protocol/openid-connect", "auth", "token", "userinfo")


def _entra(said: Document) -> dict[str, str]:
    tenant = said["issuer"].removesuffix("/v2.0")
    return _paths(f"{tenant}/oauth2/v2.0", "authorize", "token", "https://graph.microsoft.com/oidc/userinfo")


def _cognito(said: Document) -> dict[str, str]:
    return _paths(f"https://{said['domain']}/oauth2", "authorize", "token", "userInfo")


@dataclasses.dataclass(frozen=True)
class Provider:
    """Where a provider's endpoints are and how it calls groups in its tokens; ``source`` is where that is said."""

    endpoints: t.Callable[[Document], dict[str, str]]
    groups_claim: str
    source: str
    needs: tuple[str, ...] = ()


PROVIDERS: t.Final[dict[str, Provider]] = {
    "keycloak": Provider(_keycloak, "groups", "Keycloak, Securing applications: OpenID Connect endpoints"),
    "entra": Provider(_entra, "groups", "Microsoft identity platform: OpenID Connect, optional claims"),
    "cognito": Provider(_cognito, "cognito:groups", "Amazon Cognito: user pool endpoints, ID token", ("domain",)),
    "generic": Provider(lambda said: {}, "groups", "OpenID Connect Discovery 1.0", ("endpoints",)),
}


def _unknown(where: str, given: t.Iterable[str], known: t.Sequence[str]) -> list[str]:
    return [
        f"{where}.{key} is not known{did_you_mean(key, known)}; must be one of {', '.join(known)}"
        for key in sorted(set(given) - set(known))
    ]


def _faults_of_client(name: str, client: t.Any) -> list[str]:
    where = f"{VARIABLE}.clients.{name}"
    if not isinstance(client, dict) or not client.get("id"):
        return [f"{where} has no id; give the client id that the provider knows it by"]
    return _unknown(where, client, CLIENT_KEYS)


def faults(said: Document) -> list[str]:
    """Return what is wrong with a description, a sentence each; nothing if it can be used."""
    provider = str(said.get("provider", ""))
    if provider not in PROVIDERS:
        return [f'{VARIABLE}.provider is "{provider}"; must be one of {", ".join(PROVIDERS)}']
    found = _unknown(VARIABLE, said, KNOWN)
    if not ISSUER.fullmatch(str(said.get("issuer", ""))) or str(said["issuer"]).endswith("/"):
        found.append(
            f'{VARIABLE}.issuer is "{said.get("issuer", "")}"; must be the https:// address that stands as iss in its'
            " tokens, without a slash at the end"
        )
    for key in PROVIDERS[provider].needs:
        if not said.get(key):
            found.append(f"{VARIABLE}.{key} is empty; provider {provider} says it nowhere else")
    found += _unknown(f"{VARIABLE}.endpoints", said.get("endpoints") or {}, ENDPOINTS)
    found += _unknown(f"{VARIABLE}.groups", said.get("groups") or {}, LEVELS)
    found += _unknown(f"{VARIABLE}.clients", said.get("clients") or {}, CLIENTS)
    for name, client in (said.get("clients") or {}).items():
        found += _faults_of_client(name, client)
    return found


def client_of(said: Document, name: str) -> dict[str, t.Any]:
    """Return what the tool ``name`` is told: issuer, client, endpoints, groups_claim, groups.

    Empty where nothing is described or the description has no such client. Raises ``InvalidInput`` with every fault.
    """
    if not said:
        return {}
    if problems := faults(said):
        raise InvalidInput(problems)
    client = (said.get("clients") or {}).get(name)
    if not client:
        return {}
    provider = PROVIDERS[said["provider"]]
    groups = said.get("groups") or {}
    return {
        "issuer": said["issuer"],
        "client": dict(client),
        "endpoints": {**provider.endpoints(said), **(said.get("endpoints") or {})},
        "groups_claim": said.get("groups_claim") or provider.groups_claim,
        "groups": {level: list(groups.get(level) or []) for level in LEVELS},
    }


def role_path(claim: str, groups: t.Mapping[str, t.Sequence[str]]) -> str:
    """Return Grafana's JMESPath that makes a role of groups; who is in none gets none, and stays outside."""
    roles = {"admin": "Admin", "viewer": "Viewer"}
    quoted = '"' + claim.replace("\\", "\\\\").replace('"', '\\"') + '"'
    tests = [
        f"contains({quoted}[*], '{_literal(group)}') && '{roles[level]}'"
        for level in LEVELS
        for group in groups.get(level, ())
    ]
    return " || ".join(tests)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
