// SPDX-License-Identifier: GPL-3.0-or-later

package egress

import (
	"errors"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"
)

// Watched is a view that follows the API.
type Watched struct {
	services corelisters.ServiceLister
	slices   discoverylisters.EndpointSliceLister
	nodes    corelisters.NodeLister
	runs     func(address string) bool
}

var _ View = (*Watched)(nil)

// Watch starts a view; runs says which pod addresses are processes. It returns when its caches are filled.
func Watch(stop <-chan struct{}, factory informers.SharedInformerFactory, runs func(string) bool) (*Watched, error) {
	core := factory.Core().V1()
	w := &Watched{
		services: core.Services().Lister(),
		slices:   factory.Discovery().V1().EndpointSlices().Lister(),
		nodes:    core.Nodes().Lister(),
		runs:     runs,
	}
	synced := []cache.InformerSynced{
		core.Services().Informer().HasSynced,
		factory.Discovery().V1().EndpointSlices().Informer().HasSynced,
		core.Nodes().Informer().HasSynced,
	}
	factory.Start(stop)
	if !cache.WaitForCacheSync(stop, synced...) {
		return nil, errors.New("the lists of services and nodes did not arrive")
	}
	return w, nil
}

// ServiceAt finds a service by any of its cluster addresses.
func (w *Watched) ServiceAt(address string) *corev1.Service {
	all, _ := w.services.List(labels.Everything()) // a lister reads memory: it has no errors
	at := slices.IndexFunc(all, func(s *corev1.Service) bool { return slices.Contains(s.Spec.ClusterIPs, address) })
	if at < 0 {
		return nil
	}
	return all[at]
}

// Slices finds a service's endpoint slices.
func (w *Watched) Slices(service *corev1.Service) []*discoveryv1.EndpointSlice {
	selector := labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: service.Name})
	found, _ := w.slices.EndpointSlices(service.Namespace).List(selector)
	return found
}

// Runs says whether a pod address is a process.
func (w *Watched) Runs(address string) bool { return w.runs(address) }

// IsNode knows nodes by name and by address.
func (w *Watched) IsNode(host string) bool {
	if _, err := w.nodes.Get(host); err == nil {
		return true
	}
	all, _ := w.nodes.List(labels.Everything())
	return slices.ContainsFunc(all, func(node *corev1.Node) bool {
		return slices.ContainsFunc(node.Status.Addresses, func(a corev1.NodeAddress) bool { return a.Address == host })
	})
}
