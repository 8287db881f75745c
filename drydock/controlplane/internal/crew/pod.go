// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"seaworthy.dev/drydock/controlplane/internal/netns"
)

// refreshVolumes is how often volumes made from API objects are made anew; a kubelet takes about a minute.
const refreshVolumes = 20 * time.Second

// pod is one pod of the crew while it runs.
type pod struct {
	agent   *Agent
	uid     types.UID
	object  atomic.Pointer[corev1.Pod]
	address netip.Addr
	ip      string
	network *netns.Namespace
	started metav1.Time

	init, containers []*container
	// cancel asks all processes to end within the grace period; closing killed ends them at once.
	cancel   context.CancelFunc
	killed   chan struct{}
	killOnce sync.Once
	// changed holds one token while the status has news to report; done is closed when nothing of the pod is left.
	changed chan struct{}
	done    chan struct{}
}

func newPod(a *Agent, object *corev1.Pod, address netip.Addr, network *netns.Namespace) *pod {
	p := &pod{
		agent: a, uid: object.UID, address: address, ip: address.String(), network: network, started: metav1.Now(),
		killed: make(chan struct{}), changed: make(chan struct{}, 1), done: make(chan struct{}),
	}
	p.object.Store(object)
	for i := range object.Spec.InitContainers {
		p.init = append(p.init, newContainer(p, &object.Spec.InitContainers[i], true))
	}
	for i := range object.Spec.Containers {
		p.containers = append(p.containers, newContainer(p, &object.Spec.Containers[i], false))
	}
	return p
}

// run lives as long as the pod does: containers first, then what a kubelet does at the end.
func (p *pod) run(ctx context.Context) {
	ctx, p.cancel = context.WithCancel(ctx)
	reporting, stopReporting := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { p.reportAll(reporting) })
	background.Go(func() { p.refresh(ctx) })
	go func() {
		p.runContainers(ctx)
		<-ctx.Done() // a pod that has completed stays until it is deleted
		stopReporting()
		background.Wait()
		p.clean()
		close(p.done)
	}()
}

func (p *pod) runContainers(ctx context.Context) {
	p.report()
	for _, c := range p.init {
		if c.run(ctx); !succeeded(c.snapshot()) {
			return
		}
	}
	var running sync.WaitGroup
	for _, c := range p.containers {
		running.Go(func() { c.run(ctx) })
	}
	running.Wait()
}

// kill ends all processes at once.
func (p *pod) kill() {
	p.killOnce.Do(func() { close(p.killed) })
	p.cancel()
}

func (p *pod) clean() {
	_ = p.network.Close()
	_ = os.RemoveAll(p.dir())
	p.agent.objects.forget(p.uid)
}

func (p *pod) current() *corev1.Pod {
	// The network is known before it is reported; the environment may ask for it.
	object := p.object.Load().DeepCopy()
	object.Status.PodIP, object.Status.HostIP = p.ip, p.agent.hostIP(object.Spec.NodeName)
	return object
}

func (p *pod) spec() *corev1.PodSpec { return &p.object.Load().Spec }

func (p *pod) title() string {
	object := p.object.Load()
	return object.Namespace + "/" + object.Name
}

// grace is how long processes may take to end: the deletion's own period where there is one.
func (p *pod) grace() time.Duration {
	object := p.object.Load()
	for _, seconds := range []*int64{object.DeletionGracePeriodSeconds, object.Spec.TerminationGracePeriodSeconds} {
		if seconds != nil {
			return time.Duration(*seconds) * time.Second
		}
	}
	return 30 * time.Second
}

func (p *pod) dir() string { return filepath.Join(p.agent.folder, "pods", string(p.uid)) }

func (p *pod) volumeDir(name string) string { return filepath.Join(p.dir(), "volumes", name) }

func (p *pod) logDir() string {
	object := p.object.Load()
	return filepath.Join(p.agent.logs, object.Namespace+"_"+object.Name)
}

func (p *pod) event(kind, reason, message string) {
	p.agent.recorder.Event(p.object.Load(), kind, reason, message)
}

// writeVolumes makes or renews all volumes.
func (p *pod) writeVolumes(ctx context.Context) error {
	object := p.current()
	var group *int64
	if object.Spec.SecurityContext != nil {
		group = object.Spec.SecurityContext.FSGroup
	}
	for _, volume := range object.Spec.Volumes {
		if err := p.writeVolume(ctx, object, volume, group); err != nil {
			return fmt.Errorf("volume %s: %w", volume.Name, err)
		}
	}
	return nil
}

func (p *pod) writeVolume(ctx context.Context, object *corev1.Pod, volume corev1.Volume, group *int64) error {
	files, projected, err := project(ctx, p.agent.objects, object, volume)
	switch {
	case err != nil:
		return err
	case projected:
		return writeVolume(p.volumeDir(volume.Name), files, group)
	case volume.EmptyDir != nil, volume.PersistentVolumeClaim != nil, volume.Ephemeral != nil:
		return scratch(p.volumeDir(volume.Name)) // claims are bound but hold nothing beyond the pod's life
	}
	return fmt.Errorf("a volume of this kind is not supported here")
}

func (p *pod) refresh(ctx context.Context) {
	for sleep(ctx, refreshVolumes) {
		if err := p.writeVolumes(ctx); err != nil && ctx.Err() == nil {
			p.event(corev1.EventTypeWarning, "FailedMount", err.Error())
		}
	}
}

// report has the status written soon; several calls may become one write.
func (p *pod) report() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

func (p *pod) reportAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.changed:
		}
		if err := p.agent.writeStatus(ctx, p); err != nil && ctx.Err() == nil {
			p.agent.log("status of %s: %v", p.title(), err)
			if sleep(ctx, 500*time.Millisecond) {
				p.report()
			}
		}
	}
}

func (p *pod) findings() report {
	r := report{podIP: p.ip, hostIP: p.agent.hostIP(p.spec().NodeName), started: p.started}
	for _, c := range p.init {
		r.init = append(r.init, c.snapshot())
	}
	for _, c := range p.containers {
		r.containers = append(r.containers, c.snapshot())
	}
	return r
}
