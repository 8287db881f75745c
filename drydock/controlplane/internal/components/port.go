// SPDX-License-Identifier: GPL-3.0-or-later

package components

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// ReservePort binds a free loopback port and keeps it, without listening: the API server, which shares ports, listens
// on it; nobody else can take it in between. want is tried first (a restarted cluster keeps its address), 0 is any.
func ReservePort(want int) (port int, release func(), err error) {
	for _, candidate := range []int{want, 0} {
		if port, release, err = bind(candidate); err == nil {
			return port, release, nil
		}
	}
	return 0, nil, fmt.Errorf("reserve a loopback port: %w", err)
}

func bind(port int) (int, func(), error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("open a socket: %w", err)
	}
	release := func() { _ = unix.Close(socket) }
	address := &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
	for _, step := range []func() error{
		func() error { return unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) },
		func() error { return unix.Bind(socket, address) },
	} {
		if err := step(); err != nil {
			release()
			return 0, nil, err
		}
	}
	bound, err := unix.Getsockname(socket)
	if err != nil {
		release()
		return 0, nil, fmt.Errorf("read the bound port: %w", err)
	}
	return bound.(*unix.SockaddrInet4).Port, release, nil
}
