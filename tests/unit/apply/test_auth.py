# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubeconfig becomes credentials, or one sentence says what is wrong with it."""

from __future__ import annotations

import base64
import json
import pathlib
import stat
import sys
import time
import typing as t

import pytest
import yaml

from ansible_collections.seaworthy.platform.plugins.module_utils._apply.auth import (
    cluster_credentials,
    kubeconfig_credentials,
)
from ansible_collections.seaworthy.platform.plugins.module_utils._common.errors import PlatformError

CA = "-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----"


def write(folder: pathlib.Path, user: dict[str, t.Any], **cluster: t.Any) -> str:
    """Write a kubeconfig with contexts "one" (current) and "two"."""
    server = {"server": "https://api:6443", "certificate-authority-data": base64.b64encode(CA.encode()).decode()}
    config = {
        "current-context": "one",
        "contexts": [
            {"name": "one", "context": {"cluster": "main", "user": "ann"}},
            {"name": "two", "context": {"cluster": "other", "user": "ann"}},
        ],
        "clusters": [
            {"name": "main", "cluster": {**server, **cluster}},
            {"name": "other", "cluster": {"server": "https://other"}},
        ],
        "users": [{"name": "ann", "user": user}],
    }
    path = folder / "config"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(path)


def refusal(path: str, context: str = "") -> str:
    with pytest.raises(PlatformError) as caught:
        kubeconfig_credentials(path, context)()
    assert caught.value.kind == "credentials"
    return str(caught.value)


def script(folder: pathlib.Path, text: str) -> str:
    (folder / "plugin.py").write_text(text, encoding="utf-8")
    path = folder / "plugin"
    # A shell in between: the interpreter's own path may hold a space, which a first line cannot.
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{folder}/plugin.py" "$@"\n', encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def plugin(command: str, **more: t.Any) -> dict[str, t.Any]:
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": command, **more}}


def test_token_and_cluster_are_read(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, {"token": "t0ken"}, **{"tls-server-name": "api.internal", "proxy-url": "http://proxy:8080"})
    found = kubeconfig_credentials(path)()
    assert (found.server, found.ca_data, found.token) == ("https://api:6443", CA, "t0ken")
    assert (found.tls_server_name, found.proxy) == ("api.internal", "http://proxy:8080")
    assert "t0ken" not in repr(found)


def test_context_is_chosen_by_name(tmp_path: pathlib.Path) -> None:
    assert kubeconfig_credentials(write(tmp_path, {"token": "t"}), "two")().server == "https://other"


def test_certificates_may_be_files_beside_it(tmp_path: pathlib.Path) -> None:
    (tmp_path / "tls.crt").write_text("CERT", encoding="utf-8")
    (tmp_path / "tls.key").write_text("KEY", encoding="utf-8")
    found = kubeconfig_credentials(write(tmp_path, {"client-certificate": "tls.crt", "client-key": "tls.key"}))()
    assert (found.client_cert, found.client_key) == ("CERT", "KEY")


def test_token_file_is_read_again_each_time(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n", encoding="utf-8")
    source = kubeconfig_credentials(write(tmp_path, {"tokenFile": "token"}))
    assert source().token == "one"
    file.write_text("two\n", encoding="utf-8")
    found = source()
    assert found.token == "two"
    assert found.expires_within(150, time.time())


def test_exec_plugin_is_run_as_kubectl_does(tmp_path: pathlib.Path) -> None:
    text = """
import json, os, sys
asked = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
token = f"{sys.argv[1]} {os.environ['WHERE']} {asked['kind']}"
status = {"token": token, "expirationTimestamp": "2030-01-01T00:00:00Z"}
print(json.dumps({"status": status}))"""
    user = plugin(script(tmp_path, text), args=["hello"], env=[{"name": "WHERE", "value": "here"}])
    found = kubeconfig_credentials(write(tmp_path, user))()
    assert found.token == "hello here ExecCredential"
    assert found.expires_at == 1893456000.0


def test_exec_plugin_may_give_a_certificate(tmp_path: pathlib.Path) -> None:
    status = json.dumps({"status": {"clientCertificateData": "CERT", "clientKeyData": "KEY"}})
    found = kubeconfig_credentials(write(tmp_path, plugin(script(tmp_path, f"print('''{status}''')"))))()
    assert (found.client_cert, found.client_key, found.token) == ("CERT", "KEY", "")


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        ({}, 'user "ann" holds no certificate, token, tokenFile or exec'),
        ({"auth-provider": {"name": "oidc"}}, "a legacy auth-provider, which Kubernetes removed"),
        ({"username": "ann", "password": "hunter2"}, "basic authentication, which Kubernetes removed"),
        ({"tokenFile": "nowhere"}, "nowhere, which cannot be read (No such file"),
        ({"client-certificate-data": "%%"}, "client-certificate-data is not base64"),
        (plugin("no-such-plugin", installHint="Get it from us."), '"no-such-plugin" is not installed. Get it from us.'),
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1alpha1", "command": "x"}}, "v1alpha1; wanted"),
    ],
)
def test_way_that_cannot_be_used_is_named(tmp_path: pathlib.Path, user: dict[str, t.Any], sentence: str) -> None:
    told = refusal(write(tmp_path, user))
    assert sentence in told
    assert "hunter2" not in told


def test_failing_plugin_does_not_leak_what_it_printed(tmp_path: pathlib.Path) -> None:
    told = refusal(write(tmp_path, plugin(script(tmp_path, "import sys; sys.exit('the-secret')"))))
    assert "failed with code 1" in told
    assert "the-secret" not in told
    assert "gave no ExecCredential" in refusal(write(tmp_path, plugin(script(tmp_path, "print('{}')"))))


def test_unknown_context_gets_a_hint(tmp_path: pathlib.Path) -> None:
    assert 'contexts has no "tvo" (did you mean two?); it has one, two' in refusal(
        write(tmp_path, {"token": "t"}), "tvo"
    )


def test_file_that_is_no_kubeconfig_is_refused(tmp_path: pathlib.Path) -> None:
    assert "cannot be read (no such file or directory)" in refusal(str(tmp_path / "none"))
    (tmp_path / "text").write_text("a: [", encoding="utf-8")
    assert "is not YAML text" in refusal(str(tmp_path / "text"))
    (tmp_path / "empty").write_text("", encoding="utf-8")
    assert "is empty" in refusal(str(tmp_path / "empty"))


def test_without_a_path_it_is_the_one_kubectl_takes(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", write(tmp_path, {"token": "t"}))
    assert kubeconfig_credentials("")().server == "https://api:6443"


def test_api_of_the_cluster_wins_over_the_file(tmp_path: pathlib.Path) -> None:
    api = {"server": "https://tunnel:1", "tls_server_name": "api", "proxy": "", "ca": None}
    cluster = {"provider": "kubeconfig", "kubeconfig": write(tmp_path, {"token": "t"}), "api": api}
    source = cluster_credentials(cluster)
    assert source is not None
    found = source()
    assert (found.server, found.tls_server_name, found.ca_data) == ("https://tunnel:1", "api", CA)
    assert cluster_credentials({**cluster, "exists": False}) is None


def test_other_provider_is_refused_where_there_is_only_a_module() -> None:
    with pytest.raises(PlatformError, match="only by a kubeconfig"):
        cluster_credentials({"provider": "eks", "name": "demo"})
