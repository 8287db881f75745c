// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"seaworthy.dev/drydock/controlplane/internal/berth"
)

const (
	// firstBackoff is shorter than a kubelet's ten seconds: what crashes here is mostly a pod under test.
	firstBackoff = time.Second
	maxBackoff   = 30 * time.Second
	// steady is how long a process must have run for its next crash to count as the first.
	steady = 2 * time.Minute
	// configRetry is how soon a missing ConfigMap or Secret is looked for again.
	configRetry = time.Second
)

// container is one container of a pod: its process, if it runs now, and its status.
type container struct {
	pod    *pod
	spec   *corev1.Container
	isInit bool
	mu     sync.Mutex
	status corev1.ContainerStatus
}

func newContainer(p *pod, spec *corev1.Container, isInit bool) *container {
	return &container{pod: p, spec: spec, isInit: isInit, status: corev1.ContainerStatus{
		Name: spec.Name, Image: spec.Image, ImageID: spec.Image, Started: new(bool),
		State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}},
	}}
}

// change edits the status and has it reported.
func (c *container) change(edit func(*corev1.ContainerStatus)) {
	c.mu.Lock()
	edit(&c.status)
	c.mu.Unlock()
	c.pod.report()
}

func (c *container) snapshot() corev1.ContainerStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *c.status.DeepCopy()
}

func (c *container) waiting(reason, message string) {
	c.change(func(s *corev1.ContainerStatus) {
		s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	})
}

// run keeps the container going as its pod's restart policy says, until it may end or the context does.
func (c *container) run(ctx context.Context) {
	backoff := firstBackoff
	for {
		plan, err := c.prepare(ctx)
		if err != nil {
			c.waiting("CreateContainerConfigError", err.Error())
			if !sleep(ctx, configRetry) {
				return
			}
			continue
		}
		begun := time.Now()
		code := c.once(ctx, plan)
		if ctx.Err() != nil || !c.restarts(code) {
			return
		}
		if time.Since(begun) > steady {
			backoff = firstBackoff
		}
		c.crashLoop(backoff)
		if !sleep(ctx, backoff) {
			return
		}
		backoff = min(2*backoff, maxBackoff)
		c.change(func(s *corev1.ContainerStatus) { s.RestartCount++ })
	}
}

func (c *container) restarts(code int) bool {
	policy := c.pod.spec().RestartPolicy
	if c.isInit {
		return code != 0 && policy != corev1.RestartPolicyNever
	}
	return policy == corev1.RestartPolicyAlways || (policy == corev1.RestartPolicyOnFailure && code != 0)
}

func (c *container) crashLoop(backoff time.Duration) {
	message := fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", backoff, c.spec.Name, c.pod.title())
	c.pod.event(corev1.EventTypeWarning, "BackOff", message)
	c.change(func(s *corev1.ContainerStatus) {
		s.LastTerminationState = s.State
		s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: message}}
	})
}

// once runs the process a single time and gives its exit code.
func (c *container) once(ctx context.Context, plan berth.Plan) int {
	log, err := openLog(c.logPath())
	if err != nil {
		return c.ended(metav1.Now(), 128, err.Error())
	}
	defer log.Close()
	if err := os.MkdirAll(plan.Root, 0o700); err != nil {
		return c.ended(metav1.Now(), 128, err.Error())
	}
	process, err := berth.Start(plan, c.pod.network.File(), log)
	if err != nil {
		c.pod.event(corev1.EventTypeWarning, "Failed", err.Error())
		return c.ended(metav1.Now(), 128, err.Error())
	}
	begun := metav1.Now()
	c.began(begun)
	watch, stop := context.WithCancel(ctx)
	defer stop()
	go c.watch(watch, process)
	exited := make(chan struct{})
	go c.endWith(ctx, process, exited)
	code := process.Wait()
	close(exited)
	return c.ended(begun, code, lastLine(c.logPath()))
}

func (c *container) began(at metav1.Time) {
	c.pod.event(corev1.EventTypeNormal, "Started", "Started container "+c.spec.Name)
	c.change(func(s *corev1.ContainerStatus) {
		started := c.spec.StartupProbe == nil
		s.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at}}
		s.Started = &started
		s.Ready = started && c.spec.ReadinessProbe == nil && !c.isInit
		s.ContainerID = fmt.Sprintf("drydock://%s-%s-%d", c.pod.uid, c.spec.Name, s.RestartCount)
	})
}

func (c *container) ended(begun metav1.Time, code int, message string) int {
	reason := "Completed"
	if code != 0 {
		reason = "Error"
	}
	c.change(func(s *corev1.ContainerStatus) {
		s.Ready, s.Started = c.isInit && code == 0, new(bool)
		s.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: int32(code), Reason: reason, Message: message,
			StartedAt: begun, FinishedAt: metav1.Now(), ContainerID: s.ContainerID,
		}}
	})
	return code
}

// endWith ends the process with its context: politely first, by force after the pod's grace period.
func (c *container) endWith(ctx context.Context, process *berth.Process, exited <-chan struct{}) {
	select {
	case <-exited:
		return
	case <-ctx.Done():
	}
	c.terminate(process, exited)
}

func (c *container) terminate(process *berth.Process, exited <-chan struct{}) {
	process.Signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(c.pod.grace()):
		process.Signal(syscall.SIGKILL)
	case <-c.pod.killed:
		process.Signal(syscall.SIGKILL)
	}
}

// watch runs the probes: startup first, then readiness and liveness side by side.
func (c *container) watch(ctx context.Context, process *berth.Process) {
	dial := c.pod.network.Dial
	if startup := newProber(c.spec.StartupProbe, c.spec, c.pod.ip, dial); startup != nil {
		if !c.awaitStartup(ctx, *startup, process) {
			return
		}
	} else if c.spec.StartupProbe != nil {
		c.hasStarted()
	}
	if liveness := newProber(c.spec.LivenessProbe, c.spec, c.pod.ip, dial); liveness != nil {
		go liveness.run(ctx, func(verdict probeVerdict, err error) { c.lives(ctx, verdict, err, process) })
	}
	readiness := newProber(c.spec.ReadinessProbe, c.spec, c.pod.ip, dial)
	switch {
	case readiness != nil:
		readiness.run(ctx, func(verdict probeVerdict, err error) { c.setReady(verdict == passed, err) })
	case c.spec.ReadinessProbe != nil:
		c.setReady(true, nil)
	}
}

func (c *container) awaitStartup(ctx context.Context, startup prober, process *berth.Process) bool {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	up := false
	startup.run(inner, func(verdict probeVerdict, err error) {
		up = verdict == passed
		if up {
			c.hasStarted()
		} else {
			c.unhealthy("Startup", err)
			c.kill(ctx, process, "failed startup probe")
		}
		stop()
	})
	return up
}

func (c *container) hasStarted() {
	c.change(func(s *corev1.ContainerStatus) {
		yes := true
		s.Started, s.Ready = &yes, c.spec.ReadinessProbe == nil
	})
}

func (c *container) lives(ctx context.Context, verdict probeVerdict, err error, process *berth.Process) {
	if verdict == broken {
		c.unhealthy("Liveness", err)
		c.kill(ctx, process, "failed liveness probe")
	}
}

// kill ends a process that its probes have given up on; its run loop starts the next.
func (c *container) kill(ctx context.Context, process *berth.Process, why string) {
	c.pod.event(corev1.EventTypeNormal, "Killing", fmt.Sprintf("Container %s %s, will be restarted", c.spec.Name, why))
	process.Signal(syscall.SIGTERM)
	if sleep(ctx, c.pod.grace()) {
		process.Signal(syscall.SIGKILL)
	}
}

func (c *container) setReady(is bool, err error) {
	if c.snapshot().Ready == is {
		return
	}
	if !is {
		c.unhealthy("Readiness", err)
	}
	c.change(func(s *corev1.ContainerStatus) { s.Ready = is && s.State.Running != nil })
}

func (c *container) unhealthy(probe string, err error) {
	c.pod.event(corev1.EventTypeWarning, "Unhealthy", fmt.Sprintf("%s probe failed: %v", probe, err))
}

func (c *container) logPath() string {
	return filepath.Join(c.pod.logDir(), c.spec.Name+".log")
}
