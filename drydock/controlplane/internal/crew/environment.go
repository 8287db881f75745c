// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/kubernetes/pkg/api/v1/resource"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

// Objects are what a pod may refer to. Errors are the API server's.
type Objects interface {
	ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error)
	Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error)
	Token(ctx context.Context, pod *corev1.Pod, source *corev1.ServiceAccountTokenProjection) (string, error)
}

// environment is what a container's process sees, in the order of precedence that the API defines: the API server's
// address, then envFrom, then env, where later entries may use earlier ones as $(NAME).
func environment(ctx context.Context, from Objects, pod *corev1.Pod, container *corev1.Container, base map[string]string) (map[string]string, error) {
	result := maps.Clone(base)
	for _, source := range container.EnvFrom {
		if err := addAll(ctx, from, pod, source, result); err != nil {
			return nil, err
		}
	}
	for _, variable := range container.Env {
		value, present, err := valueOf(ctx, from, pod, container, variable, result)
		if err != nil {
			return nil, fmt.Errorf("env %s: %w", variable.Name, err)
		}
		if present {
			result[variable.Name] = value
		}
	}
	return result, nil
}

func addAll(ctx context.Context, from Objects, pod *corev1.Pod, source corev1.EnvFromSource, into map[string]string) error {
	switch {
	case source.ConfigMapRef != nil:
		object, err := from.ConfigMap(ctx, pod.Namespace, source.ConfigMapRef.Name)
		if err != nil {
			return tolerate(err, source.ConfigMapRef.Optional)
		}
		for key, value := range object.Data {
			into[source.Prefix+key] = value
		}
	case source.SecretRef != nil:
		object, err := from.Secret(ctx, pod.Namespace, source.SecretRef.Name)
		if err != nil {
			return tolerate(err, source.SecretRef.Optional)
		}
		for key, value := range object.Data {
			into[source.Prefix+key] = string(value)
		}
	}
	return nil
}

// tolerate drops the error of a missing object that the pod can do without.
func tolerate(err error, optional *bool) error {
	if optional != nil && *optional && apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// valueOf is one variable's value; present is false for an optional one whose source is missing.
func valueOf(ctx context.Context, from Objects, pod *corev1.Pod, container *corev1.Container, variable corev1.EnvVar, so map[string]string) (value string, present bool, err error) {
	source := variable.ValueFrom
	switch {
	case source == nil:
		return expansion.Expand(variable.Value, expansion.MappingFuncFor(so)), true, nil
	case source.FieldRef != nil:
		value, err = field(pod, source.FieldRef.FieldPath)
		return value, err == nil, err
	case source.ResourceFieldRef != nil:
		value, err = resource.ExtractContainerResourceValue(source.ResourceFieldRef, container)
		return value, err == nil, err
	case source.ConfigMapKeyRef != nil:
		return configKey(ctx, from, pod, source.ConfigMapKeyRef)
	case source.SecretKeyRef != nil:
		return secretKey(ctx, from, pod, source.SecretKeyRef)
	}
	return "", false, fmt.Errorf("a source of this kind is not supported here")
}

func configKey(ctx context.Context, from Objects, pod *corev1.Pod, ref *corev1.ConfigMapKeySelector) (string, bool, error) {
	object, err := from.ConfigMap(ctx, pod.Namespace, ref.Name)
	if err != nil {
		return "", false, tolerate(err, ref.Optional)
	}
	value, has := object.Data[ref.Key]
	if !has && (ref.Optional == nil || !*ref.Optional) {
		return "", false, fmt.Errorf("ConfigMap %s has no key %s", ref.Name, ref.Key)
	}
	return value, has, nil
}

func secretKey(ctx context.Context, from Objects, pod *corev1.Pod, ref *corev1.SecretKeySelector) (string, bool, error) {
	object, err := from.Secret(ctx, pod.Namespace, ref.Name)
	if err != nil {
		return "", false, tolerate(err, ref.Optional)
	}
	value, has := object.Data[ref.Key]
	if !has && (ref.Optional == nil || !*ref.Optional) {
		return "", false, fmt.Errorf("Secret %s has no key %s", ref.Name, ref.Key)
	}
	return string(value), has, nil
}

// field reads a field reference; those that only a kubelet knows are taken from the spec and status it has written.
func field(pod *corev1.Pod, path string) (string, error) {
	known := map[string]string{
		"spec.nodeName":           pod.Spec.NodeName,
		"spec.serviceAccountName": pod.Spec.ServiceAccountName,
		"status.hostIP":           pod.Status.HostIP,
		"status.hostIPs":          pod.Status.HostIP,
		"status.podIP":            pod.Status.PodIP,
		"status.podIPs":           pod.Status.PodIP,
	}
	if value, has := known[path]; has {
		return value, nil
	}
	return fieldpath.ExtractFieldPathAsString(pod, path)
}

// borrowed is the program of this machine that the pod's command names, such as a shell; "" where it names the binary.
func borrowed(container *corev1.Container, folders []string) string {
	if len(container.Command) == 0 {
		return ""
	}
	name := container.Command[0]
	if !slices.ContainsFunc(folders, func(folder string) bool { return strings.HasPrefix(name, folder+"/") }) {
		return ""
	}
	return name
}

// commandLine is the process's arguments. Its first word is the program's own name, which may tell it who it is; a
// command in the pod replaces the image's entry point, so its first word stands for the program.
func commandLine(container *corev1.Container, program string, environment map[string]string) []string {
	words := []string{program}
	if len(container.Command) > 0 {
		words = append(words, container.Command[1:]...)
	}
	words = append(words, container.Args...)
	mapping := expansion.MappingFuncFor(environment)
	for i, word := range words {
		words[i] = expansion.Expand(word, mapping)
	}
	return words
}

// flatten gives the environment in the form that processes take it, sorted.
func flatten(environment map[string]string) []string {
	lines := make([]string, 0, len(environment))
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		lines = append(lines, name+"="+environment[name])
	}
	return lines
}
