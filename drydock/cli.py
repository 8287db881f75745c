# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: python -m drydock."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import threading
import time
import typing as t
import urllib.parse

from . import journal as journals
from .control_plane import ROOT, VERSION, VERSIONS, bin_dir, unbuilt
from .errors import DrydockError
from .state import State, default_state, shell_lines

CLOUDS = ("AWS", "Google", "Azure")
START_LIMIT = 60.0
CALL_LIMIT = 180.0
ABOUT = """\
The offline harbour: strict twins of Amazon EKS (and moto for the services around it), of Google Kubernetes Engine and
of Azure Kubernetes Service, whose clusters are real Kubernetes control planes with simulated nodes. Everything listens
on loopback only.

  python -m drydock up --detach          start it
  eval "$(python -m drydock env)"        point any AWS, Google or Azure client at it
  python -m drydock journal --writes     what was written to clouds and clusters
  python -m drydock down                 stop everything and remove every trace
"""


def main(arguments: t.Sequence[str] | None = None) -> int:
    """Run one command; errors are one line on standard error."""
    options = _parser().parse_args(arguments)
    try:
        command: t.Callable[[argparse.Namespace, State], int | None] = options.run
        return command(options, State(pathlib.Path(options.state).resolve())) or 0
    except DrydockError as exc:
        print(f"drydock: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("drydock", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.set_defaults(state=default_state())
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--state",
        default=argparse.SUPPRESS,
        metavar="DIR",
        help="the harbour's folder (DRYDOCK_STATE, else build/drydock)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: t.Callable[..., t.Any], help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[common], help=help, description=help)
        added.set_defaults(run=run)
        return added

    up = command("up", _up, "start the harbour; what a crashed one left is removed first")
    up.add_argument("--clock", choices=("demo", "instant"), default="demo", help="how long the cloud's slow work takes")
    up.add_argument("--detach", action="store_true", help="return when it serves, and leave it running")
    up.add_argument("--empty", action="store_true", help="the AWS account holds no network and no roles yet")
    up.add_argument("--no-control-planes", action="store_true", help="clusters are records only, nothing is started")
    command("down", _down, "stop the harbour and all its clusters, and remove its folder")
    command("status", _status, "say what runs")
    env = command("env", _env, "print shell lines that point AWS clients at the harbour")
    env.add_argument("--principal", default="runner", help="whose keys: runner, colleague, stranger or expired")
    command("digest", _digest, "print a digest of all that the accounts hold, and how much of what")
    command("mark", _mark, "print the present moment, for journal --since")
    command("reset", _reset, "empty the account: no clusters, no faults, no journal")
    _journal_options(command("journal", _journal, "print requests to twins and API servers"))
    _cluster_commands(command("cluster", _cluster_list, "control planes outside any cloud"), common)
    return parser


def _journal_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--writes", action="store_true", help="only what changed something")
    parser.add_argument("--since", default="", metavar="MARK", help="only from this moment on (python -m drydock mark)")
    parser.add_argument("--principal", default="*", metavar="GLOB", help="only these callers, like 'arn:*'")
    parser.add_argument("--target", default="*", metavar="GLOB", help="only these targets, like eks or 'kubernetes/*'")
    parser.add_argument("--operation", default="*", metavar="GLOB", help="only these operations, like CreateCluster")
    parser.add_argument("--json", action="store_true", help="JSON lines instead of a table")


def _cluster_commands(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    rows: list[tuple[str, t.Callable[..., t.Any], str, bool]] = [
        ("up", _cluster_up, "start one (and the harbour, if it is not up)", True),
        ("down", _cluster_down, "stop and remove one", True),
        ("reset", _cluster_reset, "put one back to how it was when it became ready", True),
        ("list", _cluster_list, "list them", False),
        ("kubeconfig", _cluster_kubeconfig, "print the path of its kubeconfig (also of a cluster of the twin)", True),
    ]
    for name, run, help, named in rows:
        action = actions.add_parser(name, parents=[common], help=help, description=help)
        action.set_defaults(run=run)
        if named:
            action.add_argument("name", metavar="NAME")
        if name == "up":
            action.add_argument("--version", default=VERSION, choices=VERSIONS, help="Kubernetes minor")
            action.add_argument("--nodes", type=int, default=3, help="simulated nodes, over three zones")


def _up(options: argparse.Namespace, state: State) -> int:
    running = state.running()
    if running is not None:
        _say_up(state, running, "is up already")
        return 0
    if state.stale():
        for done in state.stop_and_remove():
            print(f"  stale     {done}")
    if options.detach:
        _say_up(state, _start_detached(options, state), "is up")
        return 0
    return _serve(options, state)


def _serve(options: argparse.Namespace, state: State) -> int:
    """Run in the foreground until SIGTERM or SIGINT."""
    _forget_own_aws_settings()
    from .clock import clock_named  # only this command needs the SDK, and it is slow to import
    from .harbour import Harbour

    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    control_planes = not options.no_control_planes
    harbour = Harbour(state.dir, clock_named(options.clock), control_planes=control_planes, furnished=not options.empty)
    _say_up(state, state.require_running(), "is up; stop it with Ctrl-C or python -m drydock down")
    ended.wait()
    harbour.stop()
    return 0


def _forget_own_aws_settings() -> None:
    """The caller's profiles, endpoints and keys are no business of a simulated account."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true"
    )


def _start_detached(options: argparse.Namespace, state: State) -> dict[str, t.Any]:
    state.create()
    command = [sys.executable, "-m", "drydock", "up", "--state", str(state.dir), "--clock", options.clock]
    command += ["--no-control-planes"] if options.no_control_planes else []
    command += ["--empty"] if options.empty else []
    path = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH", "")) if p)
    with state.log.open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and process.poll() is None:
        found = state.running()
        if found is not None and found["pid"] == process.pid:
            return found
        time.sleep(0.05)
    process.terminate()
    words = state.log.read_text(errors="replace").strip().splitlines()[-1:] or ["no word in its log"]
    raise DrydockError(f"it did not start within {START_LIMIT:.0f} s: {words[0]}")


def _say_up(state: State, running: t.Mapping[str, t.Any], what: str) -> None:
    where = ", ".join(f"{cloud} at {running[f'{cloud.lower()}_endpoint']}" for cloud in CLOUDS)
    print(f"drydock {what}: {where}, clock {running['clock']}, state in {state.dir}")
    if absent := unbuilt():
        print(f"  crew      {', '.join(absent)}: not built, their pods only seem to run; make crew builds them")
    print(f'  use it    eval "$(python -m drydock env --state {shlex.quote(str(state.dir))})"', flush=True)


def _down(options: argparse.Namespace, state: State) -> None:
    for done in state.stop_and_remove() or ["nothing to stop"]:
        print(f"  {done}")


def _status(options: argparse.Namespace, state: State) -> None:
    running = state.require_running()
    found = call(state, "GET", "/status")
    since = f"clock {running['clock']}  since {running['started']}"
    where = "  ".join(f"{cloud} at {running[f'{cloud.lower()}_endpoint']}" for cloud in CLOUDS)
    print(f"drydock  pid {running['pid']}  {where}  {since}")
    for row in found["eks"]:
        pools = ", ".join(f"{name} {status}" for name, status in row["nodegroups"].items()) or "no node groups"
        print(f"  eks      {row['name']:<20} {row['status']:<9} {row['version']:<5} {row['endpoint']}  {pools}")
    for cloud, row in [(name, row) for name in ("gke", "aks") for row in found[name]]:
        pools = ", ".join(f"{name} {status}" for name, status in row["node_pools"].items()) or "no node pools"
        print(f"  {cloud}      {row['name']:<20} {row['status']:<9} {row['version']:<5} {row['endpoint']}  {pools}")
    for row in found["clusters"]:
        print(f"  cluster  {row['name']:<20} {row['server']}  crew: {row['crew']}")
    print(f"  binaries {bin_dir()}")


def _env(options: argparse.Namespace, state: State) -> None:
    print(shell_lines(call(state, "GET", f"/environment/{urllib.parse.quote(options.principal)}")), end="")


def _digest(options: argparse.Namespace, state: State) -> None:
    found = call(state, "GET", "/digest")
    held = ", ".join(f"{count} {kind}" for kind, count in found["holds"].items())
    print(f"{found['digest']}  {held or 'nothing'}")


def _mark(options: argparse.Namespace, state: State) -> None:
    print(journals.mark())


def _reset(options: argparse.Namespace, state: State) -> None:
    call(state, "POST", "/reset")


def _journal(options: argparse.Namespace, state: State) -> None:
    if not state.journal.exists():
        raise DrydockError(f"there is no journal in {state.dir}; start a harbour: python -m drydock up --detach")
    since = journals.check_mark(options.since) if options.since else ""
    wanted = journals.Filter(options.writes, since, options.principal, options.target, options.operation)
    lines = journals.Journal(state.journal, state.clusters).read(wanted)
    print("\n".join(line.json() for line in lines) if options.json else journals.table(lines))


def _cluster_up(options: argparse.Namespace, state: State) -> None:
    if state.running() is None:
        _up(argparse.Namespace(detach=True, clock="demo", no_control_planes=False, empty=False), state)
    row = call(state, "POST", "/clusters", {"name": options.name, "version": options.version, "nodes": options.nodes})
    print(f"cluster {row['name']} is ready at {row['server']} (crew: {row['crew']})")
    print(f"  use it    export KUBECONFIG={shlex.quote(row['kubeconfig'])}")


def _cluster_down(options: argparse.Namespace, state: State) -> None:
    call(state, "DELETE", f"/clusters/{urllib.parse.quote(options.name)}")


def _cluster_reset(options: argparse.Namespace, state: State) -> None:
    call(state, "POST", f"/clusters/{urllib.parse.quote(options.name)}/reset")


def _cluster_list(options: argparse.Namespace, state: State) -> None:
    for row in call(state, "GET", "/status")["clusters"]:
        print(f"{row['name']:<20} {row['server']}  {row['kubeconfig']}")


def _cluster_kubeconfig(options: argparse.Namespace, state: State) -> None:
    path = state.clusters / options.name / "admin.kubeconfig"
    if not path.exists():
        known = ", ".join(sorted(p.parent.name for p in state.clusters.glob("*/admin.kubeconfig"))) or "none"
        raise DrydockError(f"there is no running cluster {options.name}; there are: {known}")
    print(path)


def call(state: State, method: str, path: str, body: object = None) -> t.Any:
    """Ask the running harbour's admin port; raise DrydockError with its own sentence."""
    address = urllib.parse.urlsplit(state.require_running()["admin_endpoint"])
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=CALL_LIMIT)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None)
        response = connection.getresponse()
        answer = json.loads(response.read() or b"{}")
    except (OSError, http.client.HTTPException) as exc:
        raise DrydockError(f"the harbour at {address.netloc} does not answer: {exc}") from None
    finally:
        connection.close()
    if response.status >= 400:
        raise DrydockError(str(answer.get("error", answer.get("message", answer))))
    return answer
