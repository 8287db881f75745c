# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forge that speaks ssh: git's own programs behind a server that knows one deploy key, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import shlex
import threading
import typing as t

import asyncssh

PROGRAMS = ("git-upload-pack", "git-receive-pack")


def key(folder: pathlib.Path, name: str) -> pathlib.Path:
    """Write a new private key, readable by its owner alone, with its public half beside it."""
    made = asyncssh.generate_private_key("ssh-ed25519")
    path = folder / name
    made.write_private_key(str(path))
    made.write_public_key(f"{path}.pub")
    path.chmod(0o600)
    return path


async def serve_git(process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Run one of git's two programs for a client, its three streams joined with the connection's."""
    program, *rest = shlex.split(str(process.command))
    if program not in PROGRAMS:
        process.exit(127)
        return
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(program, *rest, stdin=pipe, stdout=pipe, stderr=pipe)
    await process.redirect(stdin=child.stdin, stdout=child.stdout, stderr=child.stderr)
    process.exit(await child.wait())
    await process.wait_closed()


@contextlib.contextmanager
def ssh(folder: pathlib.Path) -> t.Iterator[tuple[int, pathlib.Path, pathlib.Path]]:
    """Serve every repository of this machine to one deploy key; gives port, that key and the file of known hosts."""
    host, deploy = key(folder, "host-key"), key(folder, "deploy-key")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_listen(host, deploy), loop).result(20)
    port = server.get_port()
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {pathlib.Path(f'{host}.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    try:
        yield port, deploy, known
    finally:
        asyncio.run_coroutine_threadsafe(_closed(server), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


async def _listen(host: pathlib.Path, deploy: pathlib.Path) -> asyncssh.SSHAcceptor:
    return await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[str(host)],
        authorized_client_keys=f"{deploy}.pub",
        process_factory=serve_git,
        encoding=None,
    )


async def _closed(server: asyncssh.SSHAcceptor) -> None:
    server.close()
    await server.wait_closed()
