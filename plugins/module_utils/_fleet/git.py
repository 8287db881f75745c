# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The git program as a function: no settings of the machine, no prompt, no credential in its arguments or its errors.

A token travels in the environment of git alone, which asks for it through a helper that only names variables.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import shlex
import subprocess
import typing as t

from .._common.errors import Kind, PlatformError

HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$FLEET_USERNAME" "$FLEET_TOKEN"; }; f'
SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "credential.helper=",
    "gc.auto=0",
    "protocol.ext.allow=never",
    # In a container the checkout often belongs to another user; that we read it was asked for.
    "safe.directory=*",
)
USERINFO = re.compile(r"(://)[^/@\s]+@")
PASSED = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "TMPDIR")


@dataclasses.dataclass(frozen=True)
class Access:
    """How a repository is reached. ``token`` is for https; ``key_file`` and ``host_keys_file`` are for ssh."""

    url: str
    username: str = "git"
    token: str = dataclasses.field(default="", repr=False)
    key_file: str = ""
    host_keys_file: str = ""
    ca_file: str = ""

    @property
    def shown(self) -> str:
        return USERINFO.sub(r"\1", self.url)


class Failure(t.NamedTuple):
    """How a class of git's errors is told."""

    pattern: str
    kind: Kind
    said: str
    remedy: str


FAILURES: tuple[Failure, ...] = (
    Failure(
        r"host key verification failed|REMOTE HOST IDENTIFICATION",
        "credentials",
        "the host key of the repository's server is not the one that is known",
        "Give its key as known_hosts, after comparing it with what the server's owner publishes.",
    ),
    Failure(
        r"authentication failed|could not read (username|password)|terminal prompts disabled|permission denied|"
        r"returned error: 40[13]|invalid credentials|access denied",
        "credentials",
        "the credentials are refused",
        "Give a token or a deploy key that may write to this repository.",
    ),
    Failure(
        r"protected branch|pre-receive hook declined|update hook declined|hook declined|GH00\d|"
        r"branch is currently checked out|deny updating|refusing to update checked out branch",
        "protected",
        "the server does not let this push into the branch",
        "Allow this identity to push to it, or set branch to one that is merged by review.",
    ),
    Failure(
        r"certificate|SSL|TLS",
        "unreachable",
        "its certificate is not trusted",
        "Set ca_file to the certificate authority of the server.",
    ),
    Failure(
        r"could not resolve|connection refused|connection timed out|failed to connect|couldn't connect|"
        r"network is unreachable|no route to host|connection reset|operation timed out|connection closed",
        "unreachable",
        "the repository's server does not answer",
        "Check the URL, the network and the proxy; nothing was pushed.",
    ),
    Failure(
        r"repository .*not found|does not appear to be a git repository|does not exist|returned error: 404|"
        r"no such file or directory|not a git repository",
        "not_found",
        "there is no repository at this place",
        "Create it, or correct the URL.",
    ),
)


def failure_of(access: Access, doing: str, output: str) -> PlatformError:
    """Return git's error as one sentence of ours, without any secret."""
    clean = without_secret(access, output)
    lines = [line.strip() for line in clean.splitlines() if line.strip()]
    reason = next((line for line in lines if re.match(r"(fatal|error|remote):", line)), lines[-1] if lines else "")
    row = next((row for row in FAILURES if re.search(row.pattern, clean, re.IGNORECASE)), None)
    said = row.said if row else "git failed"
    return PlatformError(
        f"{access.shown}: {doing}: {said} ({reason[:200]}).",
        kind=row.kind if row else "unclassified",
        remedy=row.remedy if row else "Nothing was pushed; read git's words above.",
    )


def without_secret(access: Access, text: str) -> str:
    shown = USERINFO.sub(r"\1", text)
    return shown.replace(access.token, "…") if access.token else shown


class Git:
    """git in a scratch repository of its own, for one remote repository."""

    def __init__(self, folder: pathlib.Path, access: Access, timeout: float) -> None:
        self.folder, self.access, self.timeout = folder, access, timeout

    def run(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Return the finished process; a timeout is an error, a return code is not."""
        command = ["git", *self._settings(), *words]
        try:
            return subprocess.run(  # pylint: disable=ansible-bad-function
                command,
                cwd=self.folder,
                env=self._environment(),
                input=stdin,
                capture_output=True,
                timeout=self.timeout,
                check=False,
            )
        except FileNotFoundError as error:
            raise PlatformError("git is not installed here.", kind="invalid", remedy="Install git.") from error
        except subprocess.TimeoutExpired as error:
            raise PlatformError(
                f"{self.access.shown}: git {words[0]} took longer than {self.timeout:g} s.",
                kind="timeout",
                remedy="Run the same command again, or raise timeout; nothing is half pushed.",
                resumable=True,
            ) from error

    def need(self, doing: str, *words: str, stdin: bytes = b"") -> bytes:
        """Return what git prints; raises ``PlatformError`` where it fails."""
        done = self.run(*words, stdin=stdin)
        if done.returncode:
            raise failure_of(self.access, doing, (done.stderr or done.stdout).decode(errors="replace"))
        return done.stdout

    def _settings(self) -> list[str]:
        settings = list(SETTINGS)
        if self.access.token:
            settings.append(f"credential.helper={HELPER}")
        if self.access.ca_file:
            settings.append(f"http.sslCAInfo={self.access.ca_file}")
        return [word for setting in settings for word in ("-c", setting)]

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in PASSED if name in os.environ}
        secret = {"FLEET_USERNAME": self.access.username, "FLEET_TOKEN": self.access.token} if self.access.token else {}
        return {
            **kept,
            "HOME": str(self.folder),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": self._ssh(),
            **secret,
        }

    def _ssh(self) -> str:
        """Return how ssh is called: never asks, and only for a server whose key is known."""
        options = ["BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=20"]
        if self.access.host_keys_file:
            options.append(f"UserKnownHostsFile={self.access.host_keys_file}")
        else:
            options.append(f"UserKnownHostsFile={pathlib.Path.home() / '.ssh' / 'known_hosts'}")
        if self.access.key_file:
            options.append("IdentitiesOnly=yes")
        words = ["ssh", *(part for option in options for part in ("-o", option))]
        return shlex.join([*words, *(["-i", self.access.key_file] if self.access.key_file else [])])
