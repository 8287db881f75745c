// SPDX-License-Identifier: GPL-3.0-or-later

// Package crew runs pods as real processes: a small kubelet for all simulated nodes at once.
//
// It runs those pods alone all of whose images it has a binary for; the simulator moves the others. Each pod has a
// network namespace of its own, each container a root file system of its own that holds its binary and its volumes.
package crew

import (
	"path/filepath"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"seaworthy.dev/drydock/controlplane/internal/config"
)

// Member is how an image's pods run: the path of its binary, of files beside it, and folders of this machine that the
// image has inside.
type Member struct {
	Binary           string
	Beside, Borrowed []string
}

// Muster is the list of what can run, by image repository.
type Muster map[string]Member

// NewMuster makes the list; binaries lie in one folder.
func NewMuster(members []config.Member, folder string) Muster {
	m := Muster{}
	for _, member := range members {
		row := Member{Binary: filepath.Join(folder, member.Binary), Borrowed: member.Borrows}
		for _, name := range member.Brings {
			row.Beside = append(row.Beside, filepath.Join(folder, name))
		}
		m[member.Image] = row
	}
	return m
}

// Repositories are the image repositories in the list.
func (m Muster) Repositories() []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	return names
}

// Has says whether each container of a pod can run. stages.CrewExpression says the same to the simulator: a pod must
// never have two masters, nor none.
func (m Muster) Has(pod *corev1.Pod) bool {
	for _, container := range append(append([]corev1.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...) {
		if m[Repository(container.Image)].Binary == "" {
			return false
		}
	}
	return len(m) > 0
}

// tag is the end of an image reference after its last colon, unless that colon belongs to a registry's port.
var tag = regexp.MustCompile(`:[^:/]*$`)

// Repository is an image reference without tag and digest.
func Repository(image string) string {
	name, _, _ := strings.Cut(image, "@")
	return tag.ReplaceAllString(name, "")
}
