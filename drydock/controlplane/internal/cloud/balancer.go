// SPDX-License-Identifier: GPL-3.0-or-later

// Package cloud does what a cloud's own controllers do inside a cluster: addresses for Services of type LoadBalancer
// and volumes for claims. The cloud behind them is simulated.
package cloud

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	cloudprovider "k8s.io/cloud-provider"

	"seaworthy.dev/drydock/controlplane/internal/config"
)

// balancers gives load balancers to Kubernetes' own service controller, which does the rest as in a real cloud:
// finalizer, status, events, deletion.
type balancers struct {
	settings config.LoadBalancer
	mu       sync.Mutex
	leased   map[types.UID]netip.Addr
}

var (
	_ cloudprovider.Interface    = (*balancers)(nil)
	_ cloudprovider.LoadBalancer = (*balancers)(nil)
)

func newBalancers(settings config.LoadBalancer) *balancers {
	return &balancers{settings: settings, leased: map[types.UID]netip.Addr{}}
}

// GetLoadBalancer says what the service has; one that has no address yet has no load balancer.
func (b *balancers) GetLoadBalancer(_ context.Context, _ string, service *corev1.Service) (*corev1.LoadBalancerStatus, bool, error) {
	status := service.Status.LoadBalancer
	return &status, len(status.Ingress) > 0, nil
}

// GetLoadBalancerName is the name that real clouds derive from the service.
func (b *balancers) GetLoadBalancerName(_ context.Context, _ string, service *corev1.Service) string {
	return cloudprovider.DefaultLoadBalancerName(service)
}

// EnsureLoadBalancer gives the address; asked again, it gives the same.
func (b *balancers) EnsureLoadBalancer(ctx context.Context, cluster string, service *corev1.Service, _ []*corev1.Node) (*corev1.LoadBalancerStatus, error) {
	if has := service.Status.LoadBalancer.Ingress; len(has) > 0 {
		b.recall(service.UID, has[0].IP)
		return service.Status.LoadBalancer.DeepCopy(), nil
	}
	if b.settings.Kind == "hostname" {
		name := b.GetLoadBalancerName(ctx, cluster, service) + "." + b.settings.Value
		return &corev1.LoadBalancerStatus{Ingress: []corev1.LoadBalancerIngress{{Hostname: name}}}, nil
	}
	address, err := b.lease(service.UID)
	if err != nil {
		return nil, err
	}
	return &corev1.LoadBalancerStatus{Ingress: []corev1.LoadBalancerIngress{{IP: address.String()}}}, nil
}

// recall notes an address that was given before this program started.
func (b *balancers) recall(owner types.UID, text string) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return // a host name: not leased
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leased[owner] = address
}

// lease finds the first free address from the configured one on.
func (b *balancers) lease(owner types.UID) (netip.Addr, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if address, has := b.leased[owner]; has {
		return address, nil
	}
	taken := map[netip.Addr]bool{}
	for _, address := range b.leased {
		taken[address] = true
	}
	address, err := netip.ParseAddr(b.settings.Value)
	if err != nil {
		return address, fmt.Errorf("load balancer address: %w", err)
	}
	for taken[address] {
		address = address.Next()
	}
	b.leased[owner] = address
	return address, nil
}

// UpdateLoadBalancer has nothing to do: no traffic flows.
func (b *balancers) UpdateLoadBalancer(context.Context, string, *corev1.Service, []*corev1.Node) error {
	return nil
}

// EnsureLoadBalancerDeleted takes the address back.
func (b *balancers) EnsureLoadBalancerDeleted(_ context.Context, _ string, service *corev1.Service) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.leased, service.UID)
	return nil
}

// LoadBalancer is the one thing that this cloud has.
func (b *balancers) LoadBalancer() (cloudprovider.LoadBalancer, bool) { return b, true }

// ProviderName is the cloud's name.
func (b *balancers) ProviderName() string { return "drydock" }

// HasClusterID tells the service controller that clusters of this cloud are told apart.
func (b *balancers) HasClusterID() bool { return true }

// Initialize and the rest of the interface: this cloud has none of it.
func (b *balancers) Initialize(cloudprovider.ControllerClientBuilder, <-chan struct{}) {}

// Instances is not supported.
func (b *balancers) Instances() (cloudprovider.Instances, bool) { return nil, false }

// InstancesV2 is not supported.
func (b *balancers) InstancesV2() (cloudprovider.InstancesV2, bool) { return nil, false }

// Zones is not supported.
func (b *balancers) Zones() (cloudprovider.Zones, bool) { return nil, false }

// Clusters is not supported.
func (b *balancers) Clusters() (cloudprovider.Clusters, bool) { return nil, false }

// Routes is not supported.
func (b *balancers) Routes() (cloudprovider.Routes, bool) { return nil, false }
