# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubeconfig as a source of credentials: certificates, a token, a token file, an exec plugin. In memory only."""

from __future__ import annotations

import base64
import binascii
import calendar
import dataclasses
import json
import os
import pathlib
import subprocess
import time
import typing as t

from .._common.credentials import Credentials, CredentialSource
from .._common.errors import PlatformError, did_you_mean

EXEC_SECONDS = 60.0
EXEC_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
TOKEN_FILE_SECONDS = 60.0
"""A projected token file is read again this often: its owner rotates it."""

API_FIELDS = {"server": "server", "ca": "ca_data", "tls_server_name": "tls_server_name", "proxy": "proxy"}
"""Fields of ``platform_cluster.api`` and what they replace."""

Section = dict[str, t.Any]


def kubeconfig_credentials(path: str, context: str = "") -> CredentialSource:
    """Return a source that reads the kubeconfig once and mints what it describes at each call.

    ``path`` may start with ``~``; empty means what kubectl would take (``KUBECONFIG``, else ``~/.kube/config``).
    An empty ``context`` means the file's current one. Raises ``PlatformError`` (``credentials``) for a file, context
    or kind of authentication that cannot be used.
    """
    file = pathlib.Path(path or _usual_path()).expanduser()
    config = _read(file)
    chosen = _named(config, "contexts", context or str(config.get("current-context") or ""), file)["context"]
    cluster = _named(config, "clusters", str(chosen.get("cluster", "")), file)["cluster"]
    name = str(chosen.get("user") or "")
    user = (_named(config, "users", name, file).get("user") or {}) if name else {}
    way = next((way for key, way in WAYS if user.get(key)), None)
    if way is None and not user.get("client-certificate") and not user.get("client-certificate-data"):
        raise _unusable(file, f'user "{name}" holds no certificate, token, tokenFile or exec')
    base = _base(cluster, user, file)

    def source() -> Credentials:
        return way(base, user, file) if way else base

    return source


def cluster_credentials(cluster: t.Mapping[str, t.Any] | None) -> CredentialSource | None:
    """Return the way into a ``platform_cluster`` value of provider kubeconfig; None if it does not exist yet.

    What its ``api`` says (server, ca, tls_server_name, proxy) wins over the file.
    """
    if not cluster or cluster.get("provider") != "kubeconfig":
        raise PlatformError(
            "this host reaches a cluster only by a kubeconfig.",
            kind="credentials",
            remedy="Set cluster to {provider: kubeconfig, kubeconfig: PATH, context: NAME}.",
        )
    if not cluster.get("exists", True):
        return None
    return overridden_kubeconfig(cluster)


def overridden_kubeconfig(cluster: t.Mapping[str, t.Any]) -> CredentialSource:
    """Return the way in that a kubeconfig names, with what the cluster's ``api`` says instead."""
    source = kubeconfig_credentials(str(cluster.get("kubeconfig") or ""), str(cluster.get("context") or ""))
    given = {name: value for name, value in (cluster.get("api") or {}).items() if value and name in API_FIELDS}
    changes = {API_FIELDS[name]: str(value) for name, value in given.items()}
    return lambda: _replaced(source(), changes)


def _replaced(base: Credentials, changes: dict[str, str]) -> Credentials:
    return dataclasses.replace(
        base,
        server=changes.get("server", base.server),
        ca_data=changes.get("ca_data", base.ca_data),
        tls_server_name=changes.get("tls_server_name", base.tls_server_name),
        proxy=changes.get("proxy", base.proxy),
    )


def _usual_path() -> str:
    named = [place for place in os.environ.get("KUBECONFIG", "").split(os.pathsep) if place]
    return named[0] if named else "~/.kube/config"


def _read(file: pathlib.Path) -> Section:
    from .yaml_text import Faulty, documents

    try:
        found = documents(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(file, f"cannot be read ({(error.strerror or type(error).__name__).lower()})") from error
    except (Faulty, UnicodeDecodeError) as error:
        raise _unusable(file, "is not YAML text") from error
    if not found or not isinstance(found[0], dict):
        raise _unusable(file, "is empty or no map")
    return found[0]


def _named(config: Section, section: str, name: str, file: pathlib.Path) -> Section:
    entries = [entry for entry in config.get(section) or [] if isinstance(entry, dict)]
    for entry in entries:
        if entry.get("name") == name:
            return entry
    known = [str(entry.get("name")) for entry in entries]
    raise _unusable(file, f'{section} has no "{name}"{did_you_mean(name, known)}; it has {", ".join(known) or "none"}')


def _base(cluster: Section, user: Section, file: pathlib.Path) -> Credentials:
    return Credentials(
        server=str(cluster.get("server", "")),
        ca_data=_pem(cluster, "certificate-authority", file),
        client_cert=_pem(user, "client-certificate", file),
        client_key=_pem(user, "client-key", file),
        tls_server_name=str(cluster.get("tls-server-name") or ""),
        proxy=str(cluster.get("proxy-url") or ""),
        insecure=bool(cluster.get("insecure-skip-tls-verify", False)),
    )


def _pem(section: Section, key: str, file: pathlib.Path) -> str:
    """Return the PEM text that stands inline (base64) or in a file relative to the kubeconfig."""
    inline, place = section.get(f"{key}-data"), section.get(key)
    if inline:
        try:
            return base64.b64decode("".join(str(inline).split()), validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise _unusable(file, f"{key}-data is not base64") from error
    return _text(file.parent / str(place), file) if place else ""


def _text(path: pathlib.Path, file: pathlib.Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise _unusable(file, f"names {path}, which cannot be read ({error.strerror})") from error


def _with_token(base: Credentials, token: str, expires_at: float | None = None) -> Credentials:
    return dataclasses.replace(base, token=token, expires_at=expires_at)


def _from_token(base: Credentials, user: Section, file: pathlib.Path) -> Credentials:
    return _with_token(base, str(user["token"]))


def _from_token_file(base: Credentials, user: Section, file: pathlib.Path) -> Credentials:
    # The margin in front of the end is the client's; so it is asked for again once a minute.
    token = _text(file.parent / str(user["tokenFile"]), file)
    return _with_token(base, token, time.time() + 2 * TOKEN_FILE_SECONDS)


def _from_exec(base: Credentials, user: Section, file: pathlib.Path) -> Credentials:
    """Run the plugin as kubectl does and take its ExecCredential."""
    plugin = user["exec"]
    command = str(plugin.get("command") or "")
    version = str(plugin.get("apiVersion") or "")
    if version not in EXEC_VERSIONS:
        raise _unusable(file, f'exec plugin "{command}" speaks {version or "no version"}; wanted {EXEC_VERSIONS[0]}')
    status = _exec_status(plugin, command, version, file)
    made = _with_token(base, str(status.get("token") or ""), _epoch(status.get("expirationTimestamp")))
    if status.get("clientCertificateData"):
        pair = {"client_cert": status["clientCertificateData"], "client_key": status.get("clientKeyData", "")}
        made = dataclasses.replace(made, **pair)
    return made


def _exec_status(plugin: Section, command: str, version: str, file: pathlib.Path) -> Section:
    extra = {str(pair["name"]): str(pair["value"]) for pair in plugin.get("env") or []}
    asked = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    program = str(file.parent / command) if "/" in command and not command.startswith("/") else command
    try:
        # This runs in action plugins too, where there is no module whose run_command could be called.
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            [program, *map(str, plugin.get("args") or [])],
            env=os.environ | extra | {"KUBERNETES_EXEC_INFO": json.dumps(asked)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=EXEC_SECONDS,
            check=True,
        )
        return dict(json.loads(done.stdout)["status"])
    except FileNotFoundError as error:
        hint = str(plugin.get("installHint") or "").strip()
        raise _unusable(file, f'its exec plugin "{command}" is not installed. {hint}'.strip()) from error
    except subprocess.CalledProcessError as error:
        # Not what it printed: that may hold a token.
        raise _unusable(file, f'its exec plugin "{command}" failed with code {error.returncode}') from error
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(file, f'its exec plugin "{command}" gave no ExecCredential') from error


def _epoch(text: t.Any) -> float | None:
    """Return RFC 3339 in UTC as seconds since the epoch."""
    if not text:
        return None
    try:
        return float(calendar.timegm(time.strptime(str(text)[:19], "%Y-%m-%dT%H:%M:%S")))
    except ValueError:
        return None


def _refused(base: Credentials, user: Section, file: pathlib.Path) -> Credentials:
    kind = "a legacy auth-provider" if user.get("auth-provider") else "basic authentication"
    raise _unusable(file, f"its user authenticates by {kind}, which Kubernetes removed")


Way = t.Callable[[Credentials, Section, pathlib.Path], Credentials]

# In the order in which kubectl prefers them.
WAYS: tuple[tuple[str, Way], ...] = (
    ("token", _from_token),
    ("tokenFile", _from_token_file),
    ("exec", _from_exec),
    ("auth-provider", _refused),
    ("username", _refused),
)


def _unusable(file: pathlib.Path, why: str) -> PlatformError:
    return PlatformError(
        f"kubeconfig {file}: {why}.",
        kind="credentials",
        remedy="Name a kubeconfig with a client certificate, token, token file or exec plugin.",
    )
