// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

func service(namespace, name, address string, ports ...corev1.ServicePort) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.ServiceSpec{ClusterIP: address, Ports: ports},
	}
}

func TestHostsFileHasTheNamesThatDNSWouldGive(t *testing.T) {
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	for _, each := range []*corev1.Service{
		service("argocd", "redis", "10.100.1.1"), service("shop", "web", "10.100.1.2"), service("shop", "pods", "None"),
		service("default", "kubernetes", "10.100.0.1"),
	} {
		if err := indexer.Add(each); err != nil {
			t.Fatal(err)
		}
	}
	a := &Agent{serviceIP: netip.MustParseAddr("10.100.0.1"), services: corelisters.NewServiceLister(indexer)}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "argocd", Name: "server-0"}}
	lines := strings.Split(strings.TrimSpace(a.hosts(pod, "10.244.128.2")), "\n")
	want := []string{
		"127.0.0.1 localhost",
		"10.244.128.2 server-0",
		"10.100.0.1 kubernetes.default.svc.cluster.local kubernetes.default.svc kubernetes.default",
		"10.100.1.1 redis.argocd.svc.cluster.local redis.argocd.svc redis.argocd redis",
		"10.100.1.2 web.shop.svc.cluster.local web.shop.svc web.shop",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("have %q", lines)
	}
}

func TestEntrancesOfAServiceAreItsTCPPorts(t *testing.T) {
	board := &switchboard{spared: netip.MustParseAddr("10.100.0.1")}
	mixed := service("shop", "web", "10.100.1.2",
		corev1.ServicePort{Port: 80}, corev1.ServicePort{Port: 53, Protocol: corev1.ProtocolUDP}, corev1.ServicePort{Port: 443, Protocol: corev1.ProtocolTCP})
	want := []netip.AddrPort{netip.MustParseAddrPort("10.100.1.2:80"), netip.MustParseAddrPort("10.100.1.2:443")}
	if have := board.entrancesOf(mixed); !slices.Equal(have, want) {
		t.Errorf("have %v", have)
	}
	for _, none := range []*corev1.Service{
		service("shop", "pods", "None", corev1.ServicePort{Port: 80}),
		service("default", "kubernetes", "10.100.0.1", corev1.ServicePort{Port: 443}),
	} {
		if have := board.entrancesOf(none); have != nil {
			t.Errorf("%s: have %v", none.Name, have)
		}
	}
}
