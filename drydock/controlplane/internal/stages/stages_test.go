// SPDX-License-Identifier: GPL-3.0-or-later

package stages

import (
	"context"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/apis/v1alpha1"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"
	"sigs.k8s.io/yaml"

	"seaworthy.dev/drydock/controlplane/internal/config"
	"seaworthy.dev/drydock/controlplane/internal/crew"
)

var repositories = []string{"quay.io/jetstack/cert-manager-controller", "localhost:5000/tool"}

// podStages are the rendered stages of pods, as the simulator itself reads and matches them.
func podStages(t *testing.T, repositories []string) lifecycle.Lifecycle {
	t.Helper()
	text, err := Render(repositories, "v1.36.0")
	if err != nil {
		t.Fatal(err)
	}
	var stages []*internalversion.Stage
	for _, document := range strings.Split(text, "\n---\n") {
		var raw v1alpha1.Stage
		if err := yaml.UnmarshalStrict([]byte(document), &raw); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		stage, err := internalversion.ConvertToInternalStage(&raw)
		if err != nil {
			t.Fatal(err)
		}
		if stage.Spec.ResourceRef.Kind == "Pod" {
			stages = append(stages, stage)
		}
	}
	life, err := lifecycle.NewLifecycle(stages)
	if err != nil {
		t.Fatal(err)
	}
	return life
}

func podOf(images ...string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", UID: types.UID("u")}}
	p.Status.Phase = corev1.PodPending
	for _, image := range images {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "c", Image: image})
	}
	return p
}

func next(t *testing.T, life lifecycle.Lifecycle, p *corev1.Pod) string {
	t.Helper()
	stage, err := life.Match(context.Background(), &lifecycle.Event{Labels: p.Labels, Annotations: p.Annotations, Data: p})
	if err != nil {
		t.Fatal(err)
	}
	if stage == nil {
		return ""
	}
	return stage.Name()
}

func TestSimulatorTakesExactlyThePodsThatTheCrewLeaves(t *testing.T) {
	life := podStages(t, repositories)
	muster := crew.NewMuster([]config.Member{
		{Image: repositories[0], Binary: "a"}, {Image: repositories[1], Binary: "b"},
	}, "/bin")
	withInit := podOf(repositories[0] + ":v1")
	withInit.Spec.InitContainers = []corev1.Container{{Name: "i", Image: "busybox"}}
	for name, p := range map[string]*corev1.Pod{
		"tag":                   podOf(repositories[0] + ":v1.21.1"),
		"digest":                podOf(repositories[0] + "@sha256:00"),
		"tag and digest":        podOf(repositories[0] + ":v1@sha256:00"),
		"neither":               podOf(repositories[0]),
		"port without tag":      podOf("localhost:5000/tool"),
		"port and tag":          podOf("localhost:5000/tool:1"),
		"other image":           podOf("nginx:1"),
		"longer name":           podOf(repositories[0] + "-extra:v1"),
		"one of two is foreign": podOf(repositories[0]+":v1", "nginx:1"),
		"both are ours":         podOf(repositories[0]+":v1", repositories[1]+":2"),
		"foreign init":          withInit,
	} {
		simulated := next(t, life, p) != ""
		if simulated == muster.Has(p) {
			t.Errorf("%s: simulated %v, crew %v", name, simulated, muster.Has(p))
		}
	}
}

func TestWithoutCrewEveryPodIsSimulated(t *testing.T) {
	if got := next(t, podStages(t, nil), podOf(repositories[0]+":v1")); got != "pod-ready" {
		t.Errorf("next stage is %q", got)
	}
}

func TestPodsGoFromPendingToRunningAndJobsComplete(t *testing.T) {
	life := podStages(t, repositories)
	p := podOf("nginx:1")
	p.OwnerReferences = []metav1.OwnerReference{{Kind: "Job"}}
	got := []string{next(t, life, p)}
	p.Status.Phase = corev1.PodRunning
	got = append(got, next(t, life, p))
	p.Status.Phase = corev1.PodSucceeded
	got = append(got, next(t, life, p))
	now := metav1.Now()
	p.DeletionTimestamp = &now
	got = append(got, next(t, life, p))
	if want := []string{"pod-ready", "pod-complete", "", "pod-delete"}; !slices.Equal(got, want) {
		t.Errorf("stages %q, want %q", got, want)
	}
}
