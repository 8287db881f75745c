// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// report is what the crew knows of a pod; podStatus makes the API's status from it.
type report struct {
	podIP, hostIP string
	started       metav1.Time
	init          []corev1.ContainerStatus
	containers    []corev1.ContainerStatus
}

// podStatus is the status that a kubelet would report. It is pure: conditions keep their times unless they change.
func podStatus(pod *corev1.Pod, r report, now metav1.Time) corev1.PodStatus {
	status := corev1.PodStatus{
		Phase:                 phase(pod, r),
		StartTime:             &r.started,
		HostIP:                r.hostIP,
		PodIP:                 r.podIP,
		InitContainerStatuses: r.init,
		ContainerStatuses:     r.containers,
	}
	if r.hostIP != "" {
		status.HostIPs = []corev1.HostIP{{IP: r.hostIP}}
	}
	if r.podIP != "" {
		status.PodIPs = []corev1.PodIP{{IP: r.podIP}}
	}
	for _, c := range conditions(pod, r, status.Phase) {
		c.LastTransitionTime = now
		if old := condition(pod, c.Type); old != nil && old.Status == c.Status {
			c.LastTransitionTime = old.LastTransitionTime
		}
		status.Conditions = append(status.Conditions, c)
	}
	return status
}

func condition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	at := slices.IndexFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == kind })
	if at < 0 {
		return nil
	}
	return &pod.Status.Conditions[at]
}

// phase follows the kubelet's rules for pods whose containers have all been started once.
func phase(pod *corev1.Pod, r report) corev1.PodPhase {
	if !initialized(r) {
		if pod.Spec.RestartPolicy == corev1.RestartPolicyNever && slices.ContainsFunc(r.init, failed) {
			return corev1.PodFailed
		}
		return corev1.PodPending
	}
	switch {
	case slices.ContainsFunc(r.containers, neverStarted):
		return corev1.PodPending
	case pod.Spec.RestartPolicy == corev1.RestartPolicyAlways || !all(r.containers, ended):
		return corev1.PodRunning
	case all(r.containers, succeeded):
		return corev1.PodSucceeded
	case pod.Spec.RestartPolicy == corev1.RestartPolicyNever:
		return corev1.PodFailed
	}
	return corev1.PodRunning
}

func initialized(r report) bool { return all(r.init, succeeded) }

func all(statuses []corev1.ContainerStatus, holds func(corev1.ContainerStatus) bool) bool {
	return !slices.ContainsFunc(statuses, func(s corev1.ContainerStatus) bool { return !holds(s) })
}

func ended(s corev1.ContainerStatus) bool     { return s.State.Terminated != nil }
func succeeded(s corev1.ContainerStatus) bool { return ended(s) && s.State.Terminated.ExitCode == 0 }
func failed(s corev1.ContainerStatus) bool    { return ended(s) && s.State.Terminated.ExitCode != 0 }
func ready(s corev1.ContainerStatus) bool     { return s.Ready }

func neverStarted(s corev1.ContainerStatus) bool {
	return s.State.Running == nil && s.State.Terminated == nil && s.LastTerminationState.Terminated == nil
}

func conditions(pod *corev1.Pod, r report, phase corev1.PodPhase) []corev1.PodCondition {
	completed := phase == corev1.PodSucceeded
	containersReady := verdict(corev1.ContainersReady, all(r.containers, ready) && initialized(r),
		unready(r.containers), completed)
	whole := containersReady
	whole.Type = corev1.PodReady
	if whole.Status == corev1.ConditionTrue && !gatesOpen(pod) {
		whole.Status, whole.Reason, whole.Message = corev1.ConditionFalse, "ReadinessGatesNotReady", "a readiness gate is not true"
	}
	return []corev1.PodCondition{
		{Type: corev1.PodReadyToStartContainers, Status: truth(r.podIP != "")},
		verdict(corev1.PodInitialized, initialized(r), unready(r.init), completed),
		containersReady,
		whole,
	}
}

func verdict(kind corev1.PodConditionType, holds bool, names string, completed bool) corev1.PodCondition {
	switch {
	case completed:
		return corev1.PodCondition{Type: kind, Status: truth(kind == corev1.PodInitialized), Reason: "PodCompleted"}
	case holds:
		return corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue}
	case kind == corev1.PodInitialized:
		return corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, Reason: "ContainersNotInitialized",
			Message: fmt.Sprintf("containers with incomplete status: [%s]", names)}
	}
	return corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, Reason: "ContainersNotReady",
		Message: fmt.Sprintf("containers with unready status: [%s]", names)}
}

func unready(statuses []corev1.ContainerStatus) string {
	var names []string
	for _, s := range statuses {
		if !s.Ready {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, " ")
}

func gatesOpen(pod *corev1.Pod) bool {
	for _, gate := range pod.Spec.ReadinessGates {
		if c := condition(pod, gate.ConditionType); c == nil || c.Status != corev1.ConditionTrue {
			return false
		}
	}
	return true
}

func truth(holds bool) corev1.ConditionStatus {
	if holds {
		return corev1.ConditionTrue
	}
	return corev1.ConditionFalse
}

// reported says whether the API already has a status, times and what others write aside.
func reported(pod *corev1.Pod, status corev1.PodStatus) bool {
	for _, c := range status.Conditions {
		old := condition(pod, c.Type)
		if old == nil || old.Status != c.Status || old.Reason != c.Reason || old.Message != c.Message {
			return false
		}
	}
	has := pod.Status
	return has.Phase == status.Phase && has.PodIP == status.PodIP && has.HostIP == status.HostIP &&
		apiequality.Semantic.DeepEqual(has.InitContainerStatuses, status.InitContainerStatuses) &&
		apiequality.Semantic.DeepEqual(has.ContainerStatuses, status.ContainerStatuses)
}

// statusPatch is a strategic merge patch for just the pod of the uid. Conditions of others stay; addresses are
// replaced as a whole, since a pod that outlived its node's last start has a new one.
func statusPatch(uid types.UID, status corev1.PodStatus) ([]byte, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&status)
	if err != nil {
		return nil, fmt.Errorf("convert the status: %w", err)
	}
	for _, list := range []string{"podIPs", "hostIPs"} {
		if entries, has := fields[list].([]any); has {
			fields[list] = append(entries, map[string]any{"$patch": "replace"})
		}
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": uid}, "status": fields})
	if err != nil {
		return nil, fmt.Errorf("encode the status: %w", err)
	}
	return patch, nil
}
