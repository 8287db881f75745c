// SPDX-License-Identifier: GPL-3.0-or-later

package components

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"seaworthy.dev/drydock/controlplane/internal/config"
	"seaworthy.dev/drydock/controlplane/internal/pki"
)

var everyone = []string{Etcd, APIServer, ControllerManager, Scheduler, Kwok}

func plan(version, webhook string) Plan {
	return Plan{
		Config: &config.Config{
			Name: "demo", Dir: "/state/demo", Version: version, TokenWebhookURL: webhook,
			ServiceCIDR: netip.MustParsePrefix("10.100.0.0/16"), PodCIDR: netip.MustParsePrefix("10.244.0.0/16"),
		},
		Keys: pki.Files{Dir: "/state/demo/pki", CA: "/state/demo/ca.crt"}, Port: "4242", Server: "https://127.0.0.1:4242",
	}
}

func has(arguments []string, prefix string) bool {
	return slices.ContainsFunc(arguments, func(a string) bool { return strings.HasPrefix(a, prefix) })
}

func TestNothingListensBeyondLoopback(t *testing.T) {
	p := plan("1.36", "")
	for _, program := range everyone {
		for _, argument := range p.Arguments(program) {
			if strings.Contains(argument, "0.0.0.0") && !strings.Contains(argument, "/16") && !strings.Contains(argument, "/17") {
				t.Errorf("%s gets %s", program, argument)
			}
		}
	}
	for program, want := range map[string]string{
		APIServer: "--bind-address=127.0.0.1", ControllerManager: "--secure-port=0", Scheduler: "--secure-port=0",
		Etcd: "--listen-client-urls=unix://",
	} {
		if !has(p.Arguments(program), want) {
			t.Errorf("%s lacks %s", program, want)
		}
	}
}

func TestOlderVersionsAreEmulatedByKubernetesServersOnly(t *testing.T) {
	p := plan("1.34", "")
	for _, program := range everyone {
		want := slices.Contains([]string{APIServer, ControllerManager, Scheduler}, program)
		if got := has(p.Arguments(program), "--emulated-version=kube=1.34"); got != want {
			t.Errorf("%s: emulated %v", program, got)
		}
		if has(plan("1.36", "").Arguments(program), "--emulated-version") {
			t.Errorf("%s emulates its own version", program)
		}
	}
}

func TestTokenWebhookOnlyWhereConfigured(t *testing.T) {
	const flag = "--authentication-token-webhook-config-file="
	if has(plan("1.36", "").Arguments(APIServer), flag) || !has(plan("1.36", "http://127.0.0.1:1/token/demo").Arguments(APIServer), flag) {
		t.Error("the token webhook does not follow the configuration")
	}
}

func TestEgressGuardsEveryWayOutOfTheServer(t *testing.T) {
	var names []string
	for _, selection := range egress()["egressSelections"].([]object) {
		names = append(names, selection["name"].(string))
		if protocol := selection["connection"].(object)["proxyProtocol"]; protocol != "HTTPConnect" {
			t.Errorf("%s is %s", selection["name"], protocol)
		}
	}
	if want := []string{"cluster", "controlplane"}; !slices.Equal(names, want) {
		t.Errorf("guards %q, want %q", names, want)
	}
}

func TestReservedPortCanBeTakenByNobodyWhoDoesNotShare(t *testing.T) {
	port, release, err := ReservePort(0)
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if listener, err := net.Listen("tcp", address); err == nil {
		listener.Close()
		t.Error("the port was still free for others")
	}
	release()
	again, release, err := ReservePort(port)
	if err != nil || again != port {
		t.Errorf("asked for %d again, got %d, %v", port, again, err)
	}
	release()
}

func TestTakenPortIsReplacedByAnother(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	taken := listener.Addr().(*net.TCPAddr).Port
	port, release, err := ReservePort(taken)
	if err != nil || port == taken {
		t.Fatalf("got %d, %v", port, err)
	}
	release()
}
