// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/api/v1/resource"
	"k8s.io/kubernetes/pkg/volume/configmap"
	"k8s.io/kubernetes/pkg/volume/secret"
	volumeutil "k8s.io/kubernetes/pkg/volume/util"
)

// payload is a volume's files by their path in it.
type payload = map[string]volumeutil.FileProjection

// privateMode is what a token file gets when the pod says who reads it. Source: kubelet, pkg/volume/projected.
const privateMode = 0o600

// project gives the files of a volume that is made from API objects; projected is false for any other volume.
func project(ctx context.Context, from Objects, pod *corev1.Pod, volume corev1.Volume) (files payload, projected bool, err error) {
	switch {
	case volume.ConfigMap != nil:
		s := volume.ConfigMap
		files, err = configFiles(ctx, from, pod, s.Name, s.Items, s.DefaultMode, s.Optional)
	case volume.Secret != nil:
		s := volume.Secret
		files, err = secretFiles(ctx, from, pod, s.SecretName, s.Items, s.DefaultMode, s.Optional)
	case volume.DownwardAPI != nil:
		files, err = downwardFiles(pod, volume.DownwardAPI.Items, volume.DownwardAPI.DefaultMode)
	case volume.Projected != nil:
		files, err = projectedFiles(ctx, from, pod, volume.Projected)
	default:
		return nil, false, nil
	}
	return files, true, err
}

func projectedFiles(ctx context.Context, from Objects, pod *corev1.Pod, source *corev1.ProjectedVolumeSource) (payload, error) {
	all := payload{}
	for _, part := range source.Sources {
		files, err := projectedPart(ctx, from, pod, part, source.DefaultMode)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, files)
	}
	return all, nil
}

func projectedPart(ctx context.Context, from Objects, pod *corev1.Pod, part corev1.VolumeProjection, mode *int32) (payload, error) {
	switch {
	case part.ConfigMap != nil:
		return configFiles(ctx, from, pod, part.ConfigMap.Name, part.ConfigMap.Items, mode, part.ConfigMap.Optional)
	case part.Secret != nil:
		return secretFiles(ctx, from, pod, part.Secret.Name, part.Secret.Items, mode, part.Secret.Optional)
	case part.DownwardAPI != nil:
		return downwardFiles(pod, part.DownwardAPI.Items, mode)
	case part.ServiceAccountToken != nil:
		return tokenFile(ctx, from, pod, part.ServiceAccountToken, mode)
	}
	return nil, errors.New("a projected source of this kind is not supported here")
}

func configFiles(ctx context.Context, from Objects, pod *corev1.Pod, name string, items []corev1.KeyToPath, mode *int32, optional *bool) (payload, error) {
	object, err := from.ConfigMap(ctx, pod.Namespace, name)
	if err != nil {
		return payload{}, tolerate(err, optional)
	}
	return configmap.MakePayload(items, object, mode, optional != nil && *optional)
}

func secretFiles(ctx context.Context, from Objects, pod *corev1.Pod, name string, items []corev1.KeyToPath, mode *int32, optional *bool) (payload, error) {
	object, err := from.Secret(ctx, pod.Namespace, name)
	if err != nil {
		return payload{}, tolerate(err, optional)
	}
	return secret.MakePayload(items, object, mode, optional != nil && *optional)
}

func downwardFiles(pod *corev1.Pod, items []corev1.DownwardAPIVolumeFile, mode *int32) (payload, error) {
	files := payload{}
	for _, item := range items {
		text, err := downwardValue(pod, item)
		if err != nil {
			return nil, fmt.Errorf("downward API file %s: %w", item.Path, err)
		}
		file := volumeutil.FileProjection{Data: []byte(text), Mode: *mode}
		if item.Mode != nil {
			file.Mode = *item.Mode
		}
		files[item.Path] = file
	}
	return files, nil
}

func downwardValue(pod *corev1.Pod, item corev1.DownwardAPIVolumeFile) (string, error) {
	if item.FieldRef != nil {
		return field(pod, item.FieldRef.FieldPath)
	}
	return resource.ExtractResourceValueByContainerName(item.ResourceFieldRef, pod, item.ResourceFieldRef.ContainerName)
}

func tokenFile(ctx context.Context, from Objects, pod *corev1.Pod, source *corev1.ServiceAccountTokenProjection, mode *int32) (payload, error) {
	token, err := from.Token(ctx, pod, source)
	if err != nil {
		return nil, err
	}
	file := volumeutil.FileProjection{Data: []byte(token), Mode: *mode}
	if user := commonUser(pod); user != nil {
		file.Mode = privateMode
		if owns(*user) {
			file.FsUser = user
		}
	}
	return payload{source.Path: file}, nil
}

// commonUser is the user that the pod gives for all its containers, nil when there is no such one.
func commonUser(pod *corev1.Pod) *int64 {
	var common *int64
	for i := range pod.Spec.Containers {
		user := declaredUser(pod, &pod.Spec.Containers[i])
		if user == nil || (common != nil && *common != *user) {
			return nil
		}
		common = user
	}
	return common
}

// writeVolume makes a volume's folder and its files; written again, it replaces them all at once.
func writeVolume(dir string, files payload, group *int64) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make volume folder: %w", err)
	}
	writer, err := volumeutil.NewAtomicWriter(dir, "drydock")
	if err != nil {
		return fmt.Errorf("open volume folder: %w", err)
	}
	return writer.Write(files, func(version string) error {
		return giveToGroup(filepath.Join(dir, version), group)
	})
}

// giveToGroup lets the pod's fsGroup read (and, in folders, enter) everything below a folder, as a kubelet does.
func giveToGroup(dir string, group *int64) error {
	if group == nil || !owns(*group) {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := os.Lchown(path, -1, int(*group)); err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.Mode()&fs.ModeSymlink != 0 {
			return err
		}
		add := fs.FileMode(0o440)
		if entry.IsDir() {
			add = 0o550 | fs.ModeSetgid
		}
		return os.Chmod(path, info.Mode()|add)
	})
}

// scratch makes the folder of a volume that starts empty and is the pod's to write to.
func scratch(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("make volume folder: %w", err)
	}
	return os.Chmod(dir, 0o777) // whatever the umask took away
}
