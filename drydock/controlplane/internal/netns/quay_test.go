// SPDX-License-Identifier: GPL-3.0-or-later

package netns

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

func TestTiedNamespacesReachEachOtherAndTheQuay(t *testing.T) {
	if os.Geteuid() != 0 {
		inUserNamespace(t)
		return
	}
	whole := netip.MustParsePrefix("10.244.128.0/17")
	address := func(text string) netip.Addr { return netip.MustParseAddr(text) }
	quay, err := NewQuay(address("10.244.128.1"), whole, netip.MustParsePrefix("10.100.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	defer quay.Close()
	var pods []*Namespace
	for _, own := range []string{"10.244.128.2", "10.244.128.3"} {
		pod, err := New(address(own))
		if err != nil {
			t.Fatal(err)
		}
		defer pod.Close()
		if err := quay.Tie(pod, address(own)); err != nil {
			t.Fatal(err)
		}
		pods = append(pods, pod)
	}
	service := func(at string) (net.Listener, error) { return quay.ListenAt(netip.MustParseAddrPort(at)) }
	for _, hello := range []struct {
		listen func(string) (net.Listener, error)
		at     string
	}{
		{pods[1].Listen, "10.244.128.3:9090"}, {quay.Listen, "10.244.128.1:3128"},
		{service, "10.100.7.7:443"}, {service, "10.100.7.7:8443"},
	} {
		listener, err := hello.listen(hello.at)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if connection, err := listener.Accept(); err == nil {
				_, _ = io.WriteString(connection, connection.RemoteAddr().String())
				connection.Close()
			}
		}()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		connection, err := pods[0].Dial(ctx, hello.at)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(connection)
		if seen := netip.MustParseAddrPort(string(text)).Addr(); seen != address("10.244.128.2") {
			t.Errorf("%s was reached from %s", hello.at, seen)
		}
	}
}

// inUserNamespace runs the test again as root of a user namespace, as drydock does without root.
func inUserNamespace(t *testing.T) {
	t.Helper()
	again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	again.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	if text, err := again.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}
