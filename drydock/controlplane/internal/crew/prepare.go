// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"seaworthy.dev/drydock/controlplane/internal/berth"
)

// prepare reads everything that the container refers to and writes its volumes.
func (c *container) prepare(ctx context.Context) (berth.Plan, error) {
	pod := c.pod.current()
	if err := c.pod.writeVolumes(ctx); err != nil {
		return berth.Plan{}, err
	}
	values, err := environment(ctx, c.pod.agent.objects, pod, c.spec, c.pod.agent.serviceEnvironment())
	if err != nil {
		return berth.Plan{}, err
	}
	who, err := identify(pod, c.spec)
	if err != nil {
		return berth.Plan{}, err
	}
	mounts, err := c.mounts(pod)
	if err != nil {
		return berth.Plan{}, err
	}
	if err := c.pod.writeHosts(); err != nil {
		return berth.Plan{}, err
	}
	member := c.pod.agent.muster[Repository(c.spec.Image)]
	if _, err := os.Stat(member.Binary); err != nil {
		return berth.Plan{}, fmt.Errorf("no binary for image %s: %w", c.spec.Image, err)
	}
	program := borrowed(c.spec, member.Borrowed)
	return berth.Plan{
		Root:         filepath.Join(c.pod.dir(), "roots", c.spec.Name),
		ReadOnlyRoot: c.readOnlyRoot(),
		Binary:       member.Binary,
		Program:      program,
		Arguments:    commandLine(c.spec, filepath.Base(cmp.Or(program, member.Binary)), values),
		Environment:  flatten(values),
		Directory:    c.workingFolder(),
		Hostname:     hostname(pod),
		Files:        etcFiles(pod),
		Mounts:       append(mounts, member.mounts()...),
		Borrowed:     member.Borrowed,
		Drop:         allMapped(),
		User:         who.User, Group: who.Group, Groups: who.Groups,
	}, nil
}

func (c *container) readOnlyRoot() bool {
	own := c.spec.SecurityContext
	return own != nil && own.ReadOnlyRootFilesystem != nil && *own.ReadOnlyRootFilesystem
}

func (c *container) workingFolder() string {
	if c.spec.WorkingDir != "" {
		return c.spec.WorkingDir
	}
	return "/"
}

func (c *container) mounts(pod *corev1.Pod) ([]berth.Mount, error) {
	var mounts []berth.Mount
	for _, mount := range c.spec.VolumeMounts {
		known := slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
		if !known {
			return nil, fmt.Errorf("no volume named %s", mount.Name)
		}
		source := filepath.Join(c.pod.volumeDir(mount.Name), mount.SubPath)
		if err := makeSubPath(source); err != nil {
			return nil, err
		}
		mounts = append(mounts, berth.Mount{Source: source, Target: mount.MountPath, ReadOnly: mount.ReadOnly})
	}
	return append(mounts, berth.Mount{Source: c.pod.hostsFile(), Target: "/etc/hosts", ReadOnly: true}), nil
}

// mounts are the files that lie beside the binary.
func (m Member) mounts() []berth.Mount {
	var mounts []berth.Mount
	for _, file := range m.Beside {
		mounts = append(mounts, berth.Mount{Source: file, Target: "/" + filepath.Base(file), ReadOnly: true})
	}
	return mounts
}

// makeSubPath makes a folder that a mount names and its volume lacks, open to all as the volume is: as a kubelet does.
func makeSubPath(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return scratch(path)
}

func hostname(pod *corev1.Pod) string {
	name := pod.Spec.Hostname
	if name == "" {
		name = pod.Name
	}
	const limit = 63 // of a host name's label
	return name[:min(len(name), limit)]
}

// etcFiles are the small files that programs expect, as container engines make them.
func etcFiles(pod *corev1.Pod) map[string]string {
	return map[string]string{
		"/etc/passwd":      "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
		"/etc/group":       "root:x:0:\nnonroot:x:65532:\n",
		"/etc/hostname":    hostname(pod) + "\n",
		"/etc/resolv.conf": "# names stand in /etc/hosts\n",
	}
}
