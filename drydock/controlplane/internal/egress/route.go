// SPDX-License-Identifier: GPL-3.0-or-later

// Package egress is the only way from the API server to anything else: it maps the addresses that the API server
// dials (Services for webhooks and aggregated APIs, pods, nodes) to real processes of the crew, and refuses the rest.
package egress

import (
	"fmt"
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// kubeletPort is where nodes say their kubelet listens.
const kubeletPort = "10250"

// View is what a decision is made from.
type View interface {
	// ServiceAt finds the service of a cluster address, nil when there is none.
	ServiceAt(address string) *corev1.Service
	// Slices are the endpoint slices of a service.
	Slices(service *corev1.Service) []*discoveryv1.EndpointSlice
	// Runs says whether a pod address belongs to a process.
	Runs(address string) bool
	// IsNode says whether a host is a node's name or address.
	IsNode(host string) bool
}

// Route is where a connection goes: to a pod's address, or to the kubelet that answers for all nodes.
type Route struct {
	Pod     string
	Kubelet bool
}

// Decide finds the way to an address as the API server wrote it, or says why there is none.
func Decide(view View, target string) (Route, error) {
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		return Route{}, fmt.Errorf("%q is no address of the form host:port", target)
	}
	switch service := view.ServiceAt(host); {
	case service != nil:
		return throughService(view, service, port)
	case view.Runs(host):
		return Route{Pod: target}, nil
	case view.IsNode(host) && port == kubeletPort:
		return Route{Kubelet: true}, nil
	}
	return Route{}, fmt.Errorf("%s is no Service, node or crew pod of this cluster; nothing leaves it", target)
}

func throughService(view View, service *corev1.Service, port string) (Route, error) {
	name := service.Namespace + "/" + service.Name
	wanted := servicePort(service, port)
	if wanted == nil {
		return Route{}, fmt.Errorf("Service %s has no port %s", name, port)
	}
	simulated := 0
	for _, slice := range view.Slices(service) {
		number := slicePort(slice, wanted.Name)
		for _, address := range readyAddresses(slice) {
			if view.Runs(address) && number != 0 {
				return Route{Pod: net.JoinHostPort(address, strconv.Itoa(int(number)))}, nil
			}
			simulated++
		}
	}
	if simulated > 0 {
		return Route{}, fmt.Errorf("Service %s has only simulated pods: no process answers", name)
	}
	return Route{}, fmt.Errorf("Service %s has no ready endpoint", name)
}

func servicePort(service *corev1.Service, port string) *corev1.ServicePort {
	for i := range service.Spec.Ports {
		if candidate := &service.Spec.Ports[i]; strconv.Itoa(int(candidate.Port)) == port {
			return candidate
		}
	}
	return nil
}

// slicePort is the number behind a port's name, 0 when the slice has none.
func slicePort(slice *discoveryv1.EndpointSlice, name string) int32 {
	for _, port := range slice.Ports {
		if port.Name != nil && *port.Name == name && port.Port != nil {
			return *port.Port
		}
	}
	return 0
}

func readyAddresses(slice *discoveryv1.EndpointSlice) []string {
	var addresses []string
	for _, endpoint := range slice.Endpoints {
		if ready := endpoint.Conditions.Ready; ready == nil || *ready {
			addresses = append(addresses, endpoint.Addresses...)
		}
	}
	return addresses
}
