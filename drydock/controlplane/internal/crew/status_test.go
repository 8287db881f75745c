// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

func running(isReady bool) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: "c", Ready: isReady, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}
}

func exited(code int32) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: "c", Ready: code == 0, State: corev1.ContainerState{
		Terminated: &corev1.ContainerStateTerminated{ExitCode: code}}}
}

func crashing() corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: "c",
		State:                corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
		LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1}}}
}

func creating() corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: "c", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}}
}

func TestPhaseAndReadiness(t *testing.T) {
	list := func(s ...corev1.ContainerStatus) []corev1.ContainerStatus { return s }
	for name, c := range map[string]struct {
		policy corev1.RestartPolicy
		init   []corev1.ContainerStatus
		own    []corev1.ContainerStatus
		phase  corev1.PodPhase
		ready  bool
	}{
		"starting":                {corev1.RestartPolicyAlways, nil, list(creating()), corev1.PodPending, false},
		"up":                      {corev1.RestartPolicyAlways, nil, list(running(true)), corev1.PodRunning, true},
		"up, not ready":           {corev1.RestartPolicyAlways, nil, list(running(false)), corev1.PodRunning, false},
		"one of two ready":        {corev1.RestartPolicyAlways, nil, list(running(true), running(false)), corev1.PodRunning, false},
		"crash loop":              {corev1.RestartPolicyAlways, nil, list(crashing()), corev1.PodRunning, false},
		"init under way":          {corev1.RestartPolicyAlways, list(running(false)), list(creating()), corev1.PodPending, false},
		"init done":               {corev1.RestartPolicyAlways, list(exited(0)), list(running(true)), corev1.PodRunning, true},
		"init failed for good":    {corev1.RestartPolicyNever, list(exited(1)), list(creating()), corev1.PodFailed, false},
		"job done":                {corev1.RestartPolicyNever, nil, list(exited(0)), corev1.PodSucceeded, false},
		"job failed":              {corev1.RestartPolicyNever, nil, list(exited(3)), corev1.PodFailed, false},
		"failed, will be retried": {corev1.RestartPolicyOnFailure, nil, list(exited(3)), corev1.PodRunning, false},
	} {
		p := somePod()
		p.Spec.RestartPolicy = c.policy
		status := podStatus(p, report{podIP: "10.1.0.7", init: c.init, containers: c.own}, metav1.Now())
		p.Status = status
		isReady := condition(p, corev1.PodReady).Status == corev1.ConditionTrue
		if status.Phase != c.phase || isReady != c.ready {
			t.Errorf("%s: phase %s, ready %v", name, status.Phase, isReady)
		}
	}
}

func TestConditionsKeepTheirTimeUntilTheyChange(t *testing.T) {
	p := somePod()
	p.Spec.RestartPolicy = corev1.RestartPolicyAlways
	then := metav1.NewTime(time.Unix(1000, 0))
	p.Status = podStatus(p, report{containers: []corev1.ContainerStatus{running(false)}}, then)
	later := metav1.NewTime(time.Unix(2000, 0))
	next := podStatus(p, report{containers: []corev1.ContainerStatus{running(true)}}, later)
	p.Status = next
	if at := condition(p, corev1.PodInitialized).LastTransitionTime; !at.Equal(&then) {
		t.Errorf("unchanged condition moved to %s", at)
	}
	if at := condition(p, corev1.PodReady).LastTransitionTime; !at.Equal(&later) {
		t.Errorf("changed condition stayed at %s", at)
	}
}

func TestReadinessGateHoldsThePodBack(t *testing.T) {
	p := somePod()
	p.Spec.RestartPolicy = corev1.RestartPolicyAlways
	p.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.com/lit"}}
	p.Status = podStatus(p, report{containers: []corev1.ContainerStatus{running(true)}}, metav1.Now())
	if condition(p, corev1.PodReady).Status == corev1.ConditionTrue || condition(p, corev1.ContainersReady).Status != corev1.ConditionTrue {
		t.Errorf("conditions %+v", p.Status.Conditions)
	}
}

func TestProbeThresholds(t *testing.T) {
	probe := &corev1.Probe{SuccessThreshold: 2, FailureThreshold: 3}
	bad := errors.New("refused")
	var count tally
	var got []probeVerdict
	for _, outcome := range []error{nil, nil, bad, bad, nil, bad, bad, bad} {
		var verdict probeVerdict
		count, verdict = count.step(probe, outcome)
		got = append(got, verdict)
	}
	want := []probeVerdict{undecided, passed, undecided, undecided, undecided, undecided, undecided, broken}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("verdicts %v, want %v", got, want)
		}
	}
}

func TestStatusPatchReplacesAddressesAndKeepsForeignConditions(t *testing.T) {
	scheduled := corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue}
	old, err := json.Marshal(corev1.Pod{Status: corev1.PodStatus{
		PodIP: "10.1.0.1", PodIPs: []corev1.PodIP{{IP: "10.1.0.1"}}, Conditions: []corev1.PodCondition{scheduled},
	}})
	if err != nil {
		t.Fatal(err)
	}
	p := somePod()
	patch, err := statusPatch("u", podStatus(p, report{podIP: "10.1.0.7", containers: []corev1.ContainerStatus{running(true)}}, metav1.Now()))
	if err != nil {
		t.Fatal(err)
	}
	merged, err := strategicpatch.StrategicMergePatch(old, patch, corev1.Pod{})
	if err != nil {
		t.Fatal(err)
	}
	var got corev1.Pod
	if err := json.Unmarshal(merged, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Status.PodIPs) != 1 || got.Status.PodIPs[0].IP != "10.1.0.7" {
		t.Errorf("addresses %v", got.Status.PodIPs)
	}
	if c := condition(&got, corev1.PodScheduled); c == nil || c.Status != corev1.ConditionTrue {
		t.Errorf("conditions %v", got.Status.Conditions)
	}
}
