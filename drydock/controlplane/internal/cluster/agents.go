// SPDX-License-Identifier: GPL-3.0-or-later

package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"

	"seaworthy.dev/drydock/controlplane/internal/berth"
	"seaworthy.dev/drydock/controlplane/internal/cloud"
	"seaworthy.dev/drydock/controlplane/internal/components"
	"seaworthy.dev/drydock/controlplane/internal/control"
	"seaworthy.dev/drydock/controlplane/internal/crew"
	"seaworthy.dev/drydock/controlplane/internal/egress"
	"seaworthy.dev/drydock/controlplane/internal/reset"
)

// tryCrew asks the machine for namespaces while the servers start.
func (c *Cluster) tryCrew() {
	c.trial = make(chan error, 1)
	if len(c.plan.Config.Crew) == 0 {
		c.trial <- errors.New("no crew is configured")
		return
	}
	go func() {
		folder, err := os.MkdirTemp(c.plan.File("run"), "trial-")
		if err == nil {
			err = berth.Try(folder)
			_ = os.Remove(folder)
		}
		c.trial <- err
	}()
}

// mustered are the repositories whose pods will run as processes: none where the machine refuses namespaces.
func (c *Cluster) mustered() []string {
	if c.noCrew = <-c.trial; c.noCrew != nil {
		return nil
	}
	return slices.Sorted(slices.Values(c.muster().Repositories()))
}

func (c *Cluster) muster() crew.Muster {
	return crew.NewMuster(c.plan.Config.Crew, c.plan.Config.BinDir)
}

func (c *Cluster) crewState() string {
	if c.noCrew != nil {
		return "simulated: " + c.noCrew.Error()
	}
	return "namespaces"
}

// openSockets makes what the API server and commands connect to.
func (c *Cluster) openSockets(context.Context) error {
	store, err := reset.Open(components.EtcdSocket)
	if err != nil {
		return err
	}
	c.store = store
	c.closers = append(c.closers, store)
	serve := map[string]func(net.Listener) error{
		components.EgressSocket:       func(l net.Listener) error { return egress.Serve(l, c.dialCluster, c.say) },
		components.ControlPlaneSocket: func(l net.Listener) error { return egress.Serve(l, egress.LoopbackOnly, c.say) },
		components.ControlSocket:      func(l net.Listener) error { return control.Serve(l, c.reset) },
	}
	for path, answer := range serve {
		if err := c.listen(path, answer); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) listen(path string, answer func(net.Listener) error) error {
	_ = os.Remove(path) // of an earlier run that was killed
	listener, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", path, err)
	}
	c.closers = append(c.closers, listener)
	go func() {
		if err := answer(listener); err != nil {
			c.failed <- err
		}
	}()
	return nil
}

// router is what egress needs once the API server can be asked.
type router struct {
	view    egress.View
	crew    *crew.Agent
	kubelet *crew.Kubelet
}

// dialCluster serves the API server's connections into the cluster.
func (c *Cluster) dialCluster(ctx context.Context, target string) (net.Conn, error) {
	r := c.router.Load()
	if r == nil {
		return nil, errors.New("the cluster is still starting")
	}
	route, err := egress.Decide(r.view, target)
	if err != nil {
		return nil, err
	}
	if route.Kubelet {
		return r.kubelet.Connect()
	}
	return r.crew.Dial(ctx, route.Pod)
}

// startAgents starts what serves the cluster from inside this process: crew, egress, cloud.
func (c *Cluster) startAgents(ctx context.Context) error {
	client, err := clientFor(c.plan.Kubeconfig("crew"))
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	agent, err := c.startCrew(ctx, client, factory)
	if err != nil {
		return err
	}
	view, err := egress.Watch(ctx.Done(), factory, agent.Runs)
	if err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(c.plan.Keys.At("kubelet.crt"), c.plan.Keys.At("kubelet.key"))
	if err != nil {
		return fmt.Errorf("load the kubelet's certificate: %w", err)
	}
	services := factory.Core().V1().Services()
	if err := agent.OpenServices(view, services.Informer(), services.Lister()); err != nil {
		return err
	}
	kubelet := crew.NewKubelet(agent, certificate)
	c.closers = append(c.closers, kubelet)
	c.router.Store(&router{view: view, crew: agent, kubelet: kubelet})
	return c.startCloud(ctx)
}

func (c *Cluster) startCrew(ctx context.Context, client kubernetes.Interface, factory informers.SharedInformerFactory) (*crew.Agent, error) {
	settings := crew.Settings{
		Folder: c.plan.File("crew"), Logs: c.plan.File("logs/pods"), Log: c.say,
		ServiceIP: c.plan.Config.ServiceIP(), Server: strings.TrimPrefix(c.plan.Server, "https://"),
	}
	_, settings.Addresses = c.plan.Config.PodRanges()
	settings.Services = c.plan.Config.ServiceCIDR
	if c.noCrew == nil {
		settings.Muster = c.muster()
	}
	// Processes of an earlier run are dead; what they left is of no use.
	if err := os.RemoveAll(settings.Folder); err != nil {
		return nil, fmt.Errorf("clear %s: %w", filepath.Base(settings.Folder), err)
	}
	agent, err := crew.Start(ctx, client, factory, settings)
	c.crew = agent
	return agent, err
}

func (c *Cluster) startCloud(ctx context.Context) error {
	client, err := clientFor(c.plan.Kubeconfig("cloud"))
	if err != nil {
		return err
	}
	return cloud.Start(ctx, client, c.plan.Config)
}
