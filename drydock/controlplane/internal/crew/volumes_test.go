// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	volumeutil "k8s.io/kubernetes/pkg/volume/util"
)

func TestServiceAccountVolumeHoldsTokenAuthorityAndNamespace(t *testing.T) {
	mode, seconds := int32(0o644), int64(3607)
	shelf := shelf{configs: map[string]map[string]string{"kube-root-ca.crt": {"ca.crt": "PEM"}}}
	volume := corev1.Volume{Name: "access", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		DefaultMode: &mode,
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Audience: "vault", ExpirationSeconds: &seconds, Path: "token"}},
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"},
				Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{
				{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}}}}},
		},
	}}}
	files, projected, err := project(context.Background(), shelf, somePod(), volume)
	if err != nil || !projected {
		t.Fatalf("projected %v, %v", projected, err)
	}
	for name, want := range map[string]string{"token": "token for vault", "ca.crt": "PEM", "namespace": "shop"} {
		if got := string(files[name].Data); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
}

func TestRewrittenVolumeChangesAtOnceAndDropsOldFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "volume")
	for _, files := range []payload{
		{"a": {Data: []byte("1"), Mode: 0o644}, "old": {Data: []byte("x"), Mode: 0o644}},
		{"a": volumeutil.FileProjection{Data: []byte("2"), Mode: 0o640}},
	} {
		if err := writeVolume(dir, files, nil); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a")); err != nil || string(text) != "2" {
		t.Errorf("a holds %q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "old")); err == nil {
		t.Error("a file that left the source is still there")
	}
}

func TestEmptyFolderIsNotProjected(t *testing.T) {
	volume := corev1.Volume{VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}
	if _, projected, err := project(context.Background(), shelf{}, somePod(), volume); projected || err != nil {
		t.Errorf("projected %v, %v", projected, err)
	}
}

func TestIdentity(t *testing.T) {
	yes := true
	id := func(n int64) *int64 { return &n }
	p, c := somePod(), &corev1.Container{}
	if who, err := identify(p, c); err != nil || who.User != nonroot || who.Group != nonroot {
		t.Errorf("an image's own user: %+v, %v", who, err)
	}
	p.Spec.SecurityContext = &corev1.PodSecurityContext{RunAsUser: id(1000), FSGroup: id(2000), RunAsNonRoot: &yes}
	if who, err := identify(p, c); err != nil || who.User != 1000 || who.Group != 0 || len(who.Groups) != 1 {
		t.Errorf("the pod's user: %+v, %v", who, err)
	}
	c.SecurityContext = &corev1.SecurityContext{RunAsUser: id(0)}
	if _, err := identify(p, c); err == nil {
		t.Error("root is accepted where it is forbidden")
	}
}
