// SPDX-License-Identifier: GPL-3.0-or-later

// Package netns makes network namespaces, one a pod, and opens sockets inside them from outside.
//
// A socket belongs to the namespace of the thread that opened it, whoever uses it later; so a thread enters the
// namespace only to open the socket.
package netns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Namespace is one network namespace. It lives as long as its handle is open or a process is inside.
type Namespace struct {
	handle *os.File
	// attached ends with the namespace: listeners that were opened in it.
	attached []io.Closer
}

// New makes a namespace whose loopback interface has the addresses.
func New(addresses ...netip.Addr) (*Namespace, error) {
	var made *Namespace
	err := onThrowawayThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); errors.Is(err, unix.ENOSPC) {
			return errors.New("make a network namespace: the limit user.max_net_namespaces is reached")
		} else if err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		if err := furnish(addresses); err != nil {
			return err
		}
		handle, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			return fmt.Errorf("open the network namespace: %w", err)
		}
		made = &Namespace{handle: handle}
		return nil
	})
	return made, err
}

func furnish(addresses []netip.Addr) error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find the loopback interface: %w", err)
	}
	for _, address := range addresses {
		if err := own(address); err != nil {
			return err
		}
	}
	if err := netlink.LinkSetUp(loopback); err != nil {
		return fmt.Errorf("bring up the loopback interface: %w", err)
	}
	return nil
}

// own gives the loopback interface of the thread's namespace an address; one that it has is no error.
func own(address netip.Addr) error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find the loopback interface: %w", err)
	}
	network := &net.IPNet{IP: address.AsSlice(), Mask: net.CIDRMask(address.BitLen(), address.BitLen())}
	if err := netlink.AddrAdd(loopback, &netlink.Addr{IPNet: network}); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("add address %s: %w", address, err)
	}
	return nil
}

// OnClose has something closed before the handle is given up.
func (n *Namespace) OnClose(closer io.Closer) { n.attached = append(n.attached, closer) }

// Close gives up the handle.
func (n *Namespace) Close() error {
	var faults []error
	for _, closer := range n.attached {
		faults = append(faults, closer.Close())
	}
	return errors.Join(append(faults, n.handle.Close())...)
}

// File is the handle, for a child that is to run inside.
func (n *Namespace) File() *os.File { return n.handle }

// Dial connects to an address inside the namespace.
func (n *Namespace) Dial(ctx context.Context, address string) (net.Conn, error) {
	var connection net.Conn
	err := n.inside(func() (err error) {
		connection, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
		return err
	})
	return connection, err
}

// Listen opens a listener inside the namespace.
func (n *Namespace) Listen(address string) (net.Listener, error) {
	var listener net.Listener
	err := n.inside(func() (err error) {
		listener, err = net.Listen("tcp", address)
		return err
	})
	return listener, err
}

func (n *Namespace) inside(do func() error) error {
	return onThrowawayThread(func() error {
		if err := unix.Setns(int(n.handle.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter the network namespace: %w", err)
		}
		return do()
	})
}

// onThrowawayThread runs do on a thread of its own, which ends with it: no other goroutine can ever run on a thread
// that is in a strange namespace.
func onThrowawayThread(do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		done <- do()
	}()
	return <-done
}
