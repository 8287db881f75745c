//go:build e2e

// SPDX-License-Identifier: GPL-3.0-or-later

package e2e

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"seaworthy.dev/drydock/controlplane/internal/pki"
)

// TestCrewAnswersTheServer runs a real webhook for pods of a Deployment, and has the API server ask it.
func TestCrewAnswersTheServer(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "warden"), "./testdata/warden")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	c := start(t, bin, map[string]string{"image": "registry.test/warden", "binary": "warden"})
	if c.ready.Crew != "namespaces" {
		t.Fatalf("this machine runs no crew: %s", c.ready.Crew)
	}
	c.addNode(t)
	authority := c.furnish(t)
	c.deploy(t, 2, warden())
	c.register(t, authority)

	c.checkVerdicts(t)
	c.checkLog(t)
	c.checkRestart(t)
	c.checkEnd(t)
}

func warden() corev1.PodSpec {
	yes := true
	return corev1.PodSpec{
		TerminationGracePeriodSeconds: new(int64),
		SecurityContext:               &corev1.PodSecurityContext{RunAsNonRoot: &yes},
		Volumes: []corev1.Volume{
			{Name: "tls", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "warden-tls"}}},
			{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		},
		Containers: []corev1.Container{{
			Name: "warden", Image: "registry.test/warden:v1", Args: []string{"--namespace=$(NAMESPACE)"},
			Ports:           []corev1.ContainerPort{{Name: "https", ContainerPort: 8443}},
			SecurityContext: &corev1.SecurityContext{ReadOnlyRootFilesystem: &yes},
			Env: []corev1.EnvVar{
				{Name: "NAMESPACE", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}}},
				{Name: "GREETING", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
					LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}, Key: "greeting"}}},
			},
			VolumeMounts: []corev1.VolumeMount{{Name: "tls", MountPath: "/tls", ReadOnly: true}, {Name: "scratch", MountPath: "/scratch"}},
			ReadinessProbe: &corev1.Probe{PeriodSeconds: 1, ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
				Path: "/healthz", Port: intstr.FromString("https"), Scheme: corev1.URISchemeHTTPS}}},
		}},
	}
}

// furnish makes what the pods refer to, and gives the authority of the webhook's certificate.
func (c *running) furnish(t *testing.T) []byte {
	t.Helper()
	authority, err := pki.NewAuthority("warden")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := authority.Issue(pki.Subject{Name: "warden", Hosts: []string{"warden.default.svc"}})
	if err != nil {
		t.Fatal(err)
	}
	core := c.client.CoreV1()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "warden-tls"}, Data: map[string][]byte{"tls.crt": pair.Certificate, "tls.key": pair.Key}}
	settings := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings"}, Data: map[string]string{"greeting": "ahoy"}}
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "warden"}, Spec: corev1.ServiceSpec{
		Selector: map[string]string{"app": "web"}, Ports: []corev1.ServicePort{{Port: 443, TargetPort: intstr.FromString("https")}}}}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "warden"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "default", Namespace: "default"}},
	}
	for _, create := range []func() error{
		func() error {
			_, err := core.Secrets("default").Create(background(), secret, metav1.CreateOptions{})
			return err
		},
		func() error {
			_, err := core.ConfigMaps("default").Create(background(), settings, metav1.CreateOptions{})
			return err
		},
		func() error {
			_, err := core.Services("default").Create(background(), service, metav1.CreateOptions{})
			return err
		},
		func() error {
			_, err := c.client.RbacV1().RoleBindings("default").Create(background(), binding, metav1.CreateOptions{})
			return err
		},
	} {
		if err := create(); err != nil {
			t.Fatal(err)
		}
	}
	return authority.PEM
}

func (c *running) register(t *testing.T, authority []byte) {
	t.Helper()
	path, fail, none := "/validate", admissionv1.Fail, admissionv1.SideEffectClassNone
	_, err := c.client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(background(), &admissionv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "warden"},
		Webhooks: []admissionv1.ValidatingWebhook{{
			Name: "warden.registry.test", AdmissionReviewVersions: []string{"v1"}, FailurePolicy: &fail, SideEffects: &none,
			ClientConfig: admissionv1.WebhookClientConfig{CABundle: authority, Service: &admissionv1.ServiceReference{
				Namespace: "default", Name: "warden", Path: &path}},
			Rules: []admissionv1.RuleWithOperations{{Operations: []admissionv1.OperationType{admissionv1.Create},
				Rule: admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"}}}},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func (c *running) tryCreate(label string) error {
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "try-", Labels: map[string]string{"bad": label}}}
	_, err := c.client.CoreV1().ConfigMaps("default").Create(background(), object, metav1.CreateOptions{})
	return err
}

func (c *running) checkVerdicts(t *testing.T) {
	t.Helper()
	eventually(t, "the warden's refusal", 10*time.Second, func() error {
		if err := c.tryCreate("true"); err == nil || !strings.Contains(err.Error(), "the warden says no") {
			return fmt.Errorf("creating a bad object gave %v", err)
		}
		return nil
	})
	if err := c.tryCreate("false"); err != nil {
		t.Errorf("a good object was refused: %v", err)
	}
}

func (c *running) wardens(t *testing.T) []corev1.Pod {
	t.Helper()
	list, err := c.client.CoreV1().Pods("default").List(background(), metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

func (c *running) checkLog(t *testing.T) {
	t.Helper()
	pod := c.wardens(t)[0]
	text, err := c.client.CoreV1().Pods("default").GetLogs(pod.Name, &corev1.PodLogOptions{}).DoRaw(background())
	if err != nil || !strings.Contains(string(text), "in default says ahoy") {
		t.Errorf("the log is %q, %v", text, err)
	}
	_, theirs, _ := net.ParseCIDR("10.244.128.0/17")
	if address, err := netip.ParseAddr(pod.Status.PodIP); err != nil || !theirs.Contains(address.AsSlice()) {
		t.Errorf("the pod's address is %q", pod.Status.PodIP)
	}
}

// processes are this cluster's own wardens.
func (c *running) processes() []int {
	var found []int
	for _, pid := range descendants(c.command.Process.Pid) {
		if text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.HasPrefix(string(text), "warden\x00") {
			found = append(found, pid)
		}
	}
	return found
}

func (c *running) checkRestart(t *testing.T) {
	t.Helper()
	for _, pid := range c.processes() {
		process, _ := os.FindProcess(pid)
		_ = process.Kill()
	}
	eventually(t, "the restart", 20*time.Second, func() error {
		for _, pod := range c.wardens(t) {
			status := pod.Status.ContainerStatuses[0]
			if status.RestartCount != 1 || !status.Ready || status.LastTerminationState.Terminated == nil {
				return fmt.Errorf("status %+v", status)
			}
		}
		return nil
	})
	eventually(t, "verdicts after the restart", 10*time.Second, func() error { return c.tryCreate("false") })
}

// checkEnd: without pods the webhook has no endpoint, and the refusal says so; a reset leaves no process.
// scale patches: an update would meet the writes of the Deployment's own controller.
func (c *running) scale(t *testing.T, replicas int) {
	t.Helper()
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	deployments := c.client.AppsV1().Deployments("default")
	if _, err := deployments.Patch(background(), "web", types.MergePatchType, patch, metav1.PatchOptions{}, "scale"); err != nil {
		t.Fatal(err)
	}
}

func (c *running) checkEnd(t *testing.T) {
	t.Helper()
	c.scale(t, 0)
	eventually(t, "the end of the wardens", 10*time.Second, func() error { return alive(c.processes()) })
	eventually(t, "the reason", 10*time.Second, func() error {
		if err := c.tryCreate("false"); err == nil || !strings.Contains(err.Error(), "has no ready endpoint") {
			return fmt.Errorf("creating without wardens gave %v", err)
		}
		return nil
	})
	c.scale(t, 2)
	eventually(t, "two wardens", 20*time.Second, func() error {
		if count := len(c.processes()); count != 2 {
			return fmt.Errorf("%d wardens", count)
		}
		return nil
	})
	running := c.processes()
	c.reset(t)
	if err := alive(running); err != nil {
		t.Errorf("after a reset: %v", err)
	}
}
