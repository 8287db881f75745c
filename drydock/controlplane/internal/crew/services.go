// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"seaworthy.dev/drydock/controlplane/internal/egress"
	"seaworthy.dev/drydock/controlplane/internal/netns"
)

// carryLimit is how long a connection to a Service may take to reach a pod.
const carryLimit = 5 * time.Second

// switchboard is what kube-proxy and the cluster's DNS are to pods: Services have their addresses at the quay, where
// connections are carried on to a pod, and their names in the hosts file of every pod. TCP alone.
type switchboard struct {
	quay   *netns.Quay
	view   egress.View
	lister corelisters.ServiceLister
	// spared is the API server's own Service, which each pod has in its network already.
	spared netip.Addr
	log    func(string, ...any)

	mu   sync.Mutex
	open map[netip.AddrPort]net.Listener
}

// OpenServices makes Services reachable for the crew's pods from now on. Without a quay they stay alone.
func (a *Agent) OpenServices(view egress.View, informer cache.SharedIndexInformer, lister corelisters.ServiceLister) error {
	if a.quay == nil {
		return nil
	}
	board := &switchboard{
		quay: a.quay, view: view, lister: lister, spared: a.serviceIP, log: a.log, open: map[netip.AddrPort]net.Listener{},
	}
	changed := func() {
		board.follow()
		a.renameAll()
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { changed() },
		UpdateFunc: func(before, now any) {
			if entrances(before.(*corev1.Service)) != entrances(now.(*corev1.Service)) {
				changed()
			}
		},
		DeleteFunc: func(any) { changed() },
	})
	if err != nil {
		return fmt.Errorf("watch Services: %w", err)
	}
	return nil
}

// entrances are the addresses and ports of a Service as one text.
func entrances(service *corev1.Service) string {
	return fmt.Sprint(service.Spec.ClusterIPs, service.Spec.Ports)
}

// follow opens and closes entrances until they are those of the Services that there are.
func (s *switchboard) follow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, _ := s.lister.List(labels.Everything()) // a lister reads memory: it has no errors
	wanted := map[netip.AddrPort]bool{}
	for _, service := range all {
		for _, entrance := range s.entrancesOf(service) {
			wanted[entrance] = true
		}
	}
	for entrance, listener := range s.open {
		if !wanted[entrance] {
			_ = listener.Close()
			delete(s.open, entrance)
		}
	}
	for entrance := range wanted {
		if s.open[entrance] == nil {
			s.enter(entrance)
		}
	}
}

func (s *switchboard) entrancesOf(service *corev1.Service) []netip.AddrPort {
	address, err := netip.ParseAddr(service.Spec.ClusterIP)
	if err != nil || address == s.spared {
		return nil // headless, or of another kind
	}
	var found []netip.AddrPort
	for _, port := range service.Spec.Ports {
		if port.Protocol == corev1.ProtocolTCP || port.Protocol == "" {
			found = append(found, netip.AddrPortFrom(address, uint16(port.Port)))
		}
	}
	return found
}

func (s *switchboard) enter(entrance netip.AddrPort) {
	listener, err := s.quay.ListenAt(entrance)
	if err != nil {
		s.log("pods cannot reach %s: %v", entrance, err)
		return
	}
	s.open[entrance] = listener
	go s.carryAll(listener, entrance.String())
}

func (s *switchboard) carryAll(listener net.Listener, target string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // the Service is gone
		}
		go s.carry(client, target)
	}
}

// carry connects a client with a ready pod of the Service; where there is none it hangs up, as kube-proxy refuses.
func (s *switchboard) carry(client net.Conn, target string) {
	defer client.Close()
	route, err := egress.Decide(s.view, target)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), carryLimit)
	defer cancel()
	server, err := s.quay.Dial(ctx, route.Pod)
	if err != nil {
		return
	}
	defer server.Close()
	egress.Splice(client, server)
}

// hosts is a pod's hosts file: itself, the API server, and every Service by the names that the cluster's DNS gives it.
func (a *Agent) hosts(pod *corev1.Pod, ip string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "127.0.0.1 localhost\n%s %s\n", ip, hostname(pod))
	fmt.Fprintf(&text, "%s %s\n", a.serviceIP, strings.Join(serviceNames("kubernetes", "default"), " "))
	services, _ := a.services.List(labels.Everything())
	slices.SortFunc(services, func(a, b *corev1.Service) int { return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name) })
	for _, service := range services {
		address, err := netip.ParseAddr(service.Spec.ClusterIP)
		if err != nil || address == a.serviceIP {
			continue
		}
		names := serviceNames(service.Name, service.Namespace)
		if service.Namespace == pod.Namespace {
			names = append(names, service.Name)
		}
		fmt.Fprintf(&text, "%s %s\n", address, strings.Join(names, " "))
	}
	return text.String()
}

func serviceNames(name, namespace string) []string {
	short := name + "." + namespace
	return []string{short + ".svc.cluster.local", short + ".svc", short}
}

func (p *pod) hostsFile() string { return filepath.Join(p.dir(), "hosts") }

// writeHosts writes over the file in place, since containers have it mounted, and never leaves it empty.
func (p *pod) writeHosts() error {
	text := p.agent.hosts(p.object.Load(), p.ip)
	if err := os.MkdirAll(p.dir(), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(p.hostsFile(), os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		return err
	}
	return file.Truncate(int64(len(text)))
}

// renameAll brings the Services' names to the pods that run.
func (a *Agent) renameAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.pods {
		if _, err := os.Stat(p.hostsFile()); err != nil {
			continue // it has not started
		}
		if err := p.writeHosts(); err != nil {
			a.log("names of Services for %s: %v", p.title(), err)
		}
	}
}
