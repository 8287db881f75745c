// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// shelf holds the objects of one namespace: what pure code is tested against.
type shelf struct {
	configs map[string]map[string]string
	secrets map[string]map[string]string
}

func missing(kind, name string) error {
	return apierrors.NewNotFound(schema.GroupResource{Resource: kind}, name)
}

func (s shelf) ConfigMap(_ context.Context, _, name string) (*corev1.ConfigMap, error) {
	data, has := s.configs[name]
	if !has {
		return nil, missing("configmaps", name)
	}
	return &corev1.ConfigMap{Data: data}, nil
}

func (s shelf) Secret(_ context.Context, _, name string) (*corev1.Secret, error) {
	data, has := s.secrets[name]
	if !has {
		return nil, missing("secrets", name)
	}
	object := &corev1.Secret{Data: map[string][]byte{}}
	for key, value := range data {
		object.Data[key] = []byte(value)
	}
	return object, nil
}

func (s shelf) Token(_ context.Context, _ *corev1.Pod, source *corev1.ServiceAccountTokenProjection) (string, error) {
	return "token for " + source.Audience, nil
}

var things = shelf{
	configs: map[string]map[string]string{"settings": {"LEVEL": "info", "KEY": "from map"}},
	secrets: map[string]map[string]string{"login": {"password": "hunter2"}},
}

func somePod() *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: "web-1", Namespace: "shop", Labels: map[string]string{"app": "web"},
	}}
	p.Spec.ServiceAccountName, p.Spec.NodeName = "web", "node-1"
	p.Status.PodIP, p.Status.HostIP = "10.1.0.7", "10.0.0.1"
	return p
}

func fieldVariable(name, path string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}}
}

func TestEnvironmentFromEverySource(t *testing.T) {
	yes := true
	c := &corev1.Container{
		Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Mi")}},
		EnvFrom: []corev1.EnvFromSource{
			{Prefix: "SET_", ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}},
			{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "absent"}, Optional: &yes}},
		},
		Env: []corev1.EnvVar{
			fieldVariable("NAMESPACE", "metadata.namespace"), fieldVariable("NAME", "metadata.name"),
			fieldVariable("IP", "status.podIP"), fieldVariable("NODE", "spec.nodeName"),
			fieldVariable("APP", "metadata.labels['app']"),
			{Name: "WHERE", Value: "$(NAMESPACE)/$(NAME) at $(HOST) $$(NAME) $(UNKNOWN)"},
			{Name: "PASSWORD", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: "login"}, Key: "password"}}},
			{Name: "OPTIONAL", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}, Key: "none", Optional: &yes}}},
			{Name: "MEMORY", ValueFrom: &corev1.EnvVarSource{ResourceFieldRef: &corev1.ResourceFieldSelector{Resource: "limits.memory"}}},
		},
	}
	got, err := environment(context.Background(), things, somePod(), c, map[string]string{"HOST": "10.100.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"SET_LEVEL": "info", "NAMESPACE": "shop", "NAME": "web-1", "IP": "10.1.0.7", "NODE": "node-1", "APP": "web",
		"WHERE": "shop/web-1 at 10.100.0.1 $(NAME) $(UNKNOWN)", "PASSWORD": "hunter2", "MEMORY": "67108864",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if _, has := got["OPTIONAL"]; has {
		t.Error("an optional variable without a source is set")
	}
}

func TestMissingSourcesAreErrorsThatNameThem(t *testing.T) {
	for _, variable := range []corev1.EnvVar{
		{Name: "A", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: "gone"}, Key: "k"}}},
		{Name: "A", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: "login"}, Key: "gone"}}},
	} {
		_, err := environment(context.Background(), things, somePod(), &corev1.Container{Env: []corev1.EnvVar{variable}}, nil)
		if err == nil || !strings.Contains(err.Error(), "gone") {
			t.Errorf("got %v", err)
		}
	}
}

func TestArgumentsAreExpandedAndACommandReplacesTheEntryPoint(t *testing.T) {
	values := map[string]string{"NS": "shop"}
	plain := commandLine(&corev1.Container{Args: []string{"--namespace=$(NS)", "$(OTHER)", "$$(NS)"}}, "controller", values)
	if want := []string{"controller", "--namespace=shop", "$(OTHER)", "$(NS)"}; !slices.Equal(plain, want) {
		t.Errorf("got %q", plain)
	}
	own := commandLine(&corev1.Container{Command: []string{"/app/x", "run"}, Args: []string{"-v"}}, "controller", values)
	if want := []string{"controller", "run", "-v"}; !slices.Equal(own, want) {
		t.Errorf("got %q", own)
	}
}

func TestACommandMayNameAProgramThatThePodSeesOfThisMachine(t *testing.T) {
	for _, row := range []struct {
		command []string
		want    string
	}{
		{nil, ""}, {[]string{"/app/x", "/bin/sh"}, ""}, {[]string{"sh"}, ""}, {[]string{"/binary/sh"}, ""}, {[]string{"/bin/sh", "-ec"}, "/bin/sh"},
	} {
		if got := borrowed(&corev1.Container{Command: row.command}, []string{"/bin", "/lib"}); got != row.want {
			t.Errorf("%q: got %q", row.command, got)
		}
	}
}
