// SPDX-License-Identifier: GPL-3.0-or-later

package egress

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// world is a cluster with one service: port 443, named https, of pods on port 10250.
type world struct {
	endpoints []discoveryv1.Endpoint
	running   []string
}

func (w world) ServiceAt(address string) *corev1.Service {
	if address != "10.100.0.9" {
		return nil
	}
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "cert-manager", Name: "webhook"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "https", Port: 443}}},
	}
}

func (w world) Slices(*corev1.Service) []*discoveryv1.EndpointSlice {
	name, port := "https", int32(10250)
	return []*discoveryv1.EndpointSlice{{
		Ports: []discoveryv1.EndpointPort{{Name: &name, Port: &port}}, Endpoints: w.endpoints,
	}}
}

func (w world) Runs(address string) bool { return slices.Contains(w.running, address) }
func (w world) IsNode(host string) bool  { return host == "10.0.0.1" || host == "node-1" }

func endpoint(address string, ready bool) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{Addresses: []string{address}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}
}

func TestRoutes(t *testing.T) {
	w := world{
		endpoints: []discoveryv1.Endpoint{endpoint("10.1.0.1", false), endpoint("10.1.0.2", true), endpoint("10.1.0.3", true)},
		running:   []string{"10.1.0.1", "10.1.0.3"},
	}
	for target, want := range map[string]Route{
		"10.100.0.9:443": {Pod: "10.1.0.3:10250"},
		"10.1.0.1:9402":  {Pod: "10.1.0.1:9402"},
		"10.0.0.1:10250": {Kubelet: true},
		"node-1:10250":   {Kubelet: true},
	} {
		if got, err := Decide(w, target); err != nil || got != want {
			t.Errorf("%s leads to %+v, %v", target, got, err)
		}
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	running := world{endpoints: []discoveryv1.Endpoint{endpoint("10.1.0.1", false)}, running: []string{"10.1.0.1"}}
	simulated := world{endpoints: []discoveryv1.Endpoint{endpoint("10.1.0.1", true)}}
	for _, c := range []struct {
		view   world
		target string
		want   string
	}{
		{running, "10.100.0.9:443", "no ready endpoint"},
		{simulated, "10.100.0.9:443", "only simulated pods"},
		{running, "10.100.0.9:80", "no port 80"},
		{running, "93.184.216.34:443", "nothing leaves"},
		{running, "example.com:443", "nothing leaves"},
		{running, "node-1:22", "nothing leaves"},
		{running, "nonsense", "host:port"},
	} {
		if route, err := Decide(c.view, c.target); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s leads to %+v with error %v, want %q", c.target, route, err, c.want)
		}
	}
}
