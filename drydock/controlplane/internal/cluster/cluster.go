// SPDX-License-Identifier: GPL-3.0-or-later

// Package cluster runs one control plane from start to stop.
package cluster

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"

	"seaworthy.dev/drydock/controlplane/internal/components"
	"seaworthy.dev/drydock/controlplane/internal/config"
	"seaworthy.dev/drydock/controlplane/internal/crew"
	"seaworthy.dev/drydock/controlplane/internal/pki"
	"seaworthy.dev/drydock/controlplane/internal/reset"
	"seaworthy.dev/drydock/controlplane/internal/supervise"
)

const (
	startLimit = 60 * time.Second
	// stopGrace times the number of programs stays below the five seconds that a stop may take.
	stopGrace = 1500 * time.Millisecond
)

// Cluster is one control plane and everything that serves it.
type Cluster struct {
	plan      components.Plan
	binary    string
	started   time.Time
	processes []*supervise.Process
	failed    chan error
	client    kubernetes.Interface
	say       func(format string, values ...any)

	// trial is the outcome of asking the machine for namespaces; crew is nil where it does not give them.
	trial   chan error
	noCrew  error
	crew    *crew.Agent
	router  atomic.Pointer[router]
	store   *reset.Store
	resets  sync.Mutex
	closers []io.Closer
}

// Run starts the cluster, serves until ctx ends or a part fails, and stops it.
func Run(ctx context.Context, c *config.Config, say func(string, ...any)) error {
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program's file: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("make the cluster's folder: %w", err)
	}
	// Sockets are named relative to the cluster's folder.
	if err := os.Chdir(c.Dir); err != nil {
		return fmt.Errorf("enter the cluster's folder: %w", err)
	}
	if err := logToFile(c.Dir + "/logs/cluster.log"); err != nil {
		return err
	}
	port, release, err := components.ReservePort(rememberedPort(c.Dir))
	if err != nil {
		return err
	}
	defer release()
	cluster := &Cluster{
		plan: components.Plan{
			Config: c, Server: serverURL(port), Port: strconv.Itoa(port),
			Keys: pki.Files{Dir: c.Dir + "/pki", CA: c.Dir + "/ca.crt"},
		},
		binary: binary, started: time.Now(), failed: make(chan error, 16), say: say,
	}
	defer cluster.stop()
	if err := cluster.start(ctx, port); err != nil {
		return err
	}
	return cluster.serve(ctx)
}

// logToFile sends what Kubernetes' libraries log in this process to a file: standard error is for people.
func logToFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the log folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	klog.LogToStderr(false)
	klog.SetOutput(file)
	return nil
}

func (c *Cluster) start(ctx context.Context, port int) error {
	if err := c.prepare(port); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	steps := []func(context.Context) error{
		c.startStore, c.openSockets, c.startServer, c.startControllers,
		func(context.Context) error { return c.startAgents(ctx) }, // they live longer than the start
		c.settle,
	}
	for _, step := range steps {
		if err := step(limited); err != nil {
			return err
		}
	}
	return c.announce()
}

// prepare writes all files.
func (c *Cluster) prepare(port int) error {
	if err := removeReady(c.plan.Config.Dir); err != nil {
		return err
	}
	if err := pki.Ensure(c.plan.Keys, c.plan.Config.ServiceIP()); err != nil {
		return err
	}
	if err := c.plan.WriteFiles(); err != nil {
		return err
	}
	c.tryCrew()
	return rememberPort(c.plan.Config.Dir, port)
}

func (c *Cluster) startStore(ctx context.Context) error {
	if err := c.launch(components.Etcd); err != nil {
		return err
	}
	return c.await(ctx, "the store's socket", socketAnswers(components.EtcdSocket))
}

func (c *Cluster) startServer(ctx context.Context) error {
	if err := c.launch(components.APIServer); err != nil {
		return err
	}
	client, err := clientFor(c.plan.Kubeconfig("admin"))
	if err != nil {
		return err
	}
	c.client = client
	return c.await(ctx, "the API server's /readyz", serverReady(client))
}

func (c *Cluster) startControllers(context.Context) error {
	if err := c.plan.WriteStages(c.mustered()); err != nil {
		return err
	}
	for _, name := range controllers {
		if err := c.launch(name); err != nil {
			return err
		}
	}
	return nil
}

// controllers are the programs that act on what they see; a reset holds them still.
var controllers = []string{components.ControllerManager, components.Scheduler, components.Kwok}

// settle waits until the controllers have made what every cluster has, so that a reset returns to just that.
func (c *Cluster) settle(ctx context.Context) error {
	if err := c.await(ctx, "the controllers' first objects", namespacesFurnished(c.client)); err != nil {
		return err
	}
	if err := c.await(ctx, "a quiet store", quiet(c.store)); err != nil {
		return err
	}
	return c.store.Remember(ctx)
}

func (c *Cluster) announce() error {
	seconds := float64(time.Since(c.started).Milliseconds()) / 1000
	c.say("ready  %s  %.1fs", c.plan.Server, seconds)
	return Ready{
		Server: c.plan.Server, CAFile: c.plan.Keys.CA, Kubeconfig: c.plan.Kubeconfig("admin"),
		PID: os.Getpid(), ReadySeconds: seconds, Crew: c.crewState(),
	}.write(c.plan.Config.Dir)
}

// launch starts one program; its unasked end fails the whole cluster.
func (c *Cluster) launch(name string) error {
	dir := c.plan.Config.Dir
	process, err := supervise.Run(supervise.Spec{
		Name:    name,
		Command: append([]string{c.binary, name}, c.plan.Arguments(name)...),
		Dir:     c.plan.Folder(name),
		Env:     append(os.Environ(), "HOME="+dir, "KWOK_WORKDIR="+dir+"/run"),
		Log:     dir + "/logs/" + name + ".log",
	})
	if err != nil {
		return err
	}
	c.processes = append(c.processes, process)
	go func() {
		<-process.Done()
		c.failed <- process.Failure()
	}()
	return nil
}

func (c *Cluster) serve(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-c.failed:
		return err
	}
}

// stop ends the programs in the reverse order of their start, so that none loses what it depends on.
func (c *Cluster) stop() {
	_ = removeReady(c.plan.Config.Dir)
	for _, closer := range c.closers {
		_ = closer.Close()
	}
	if c.crew != nil {
		c.crew.Suspend()
	}
	for i := len(c.processes) - 1; i >= 0; i-- {
		c.processes[i].Stop(stopGrace)
	}
}
