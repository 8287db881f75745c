//go:build e2e

// SPDX-License-Identifier: GPL-3.0-or-later

package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const zone = "eu-west-1a"

func (c *running) addNode(t *testing.T) {
	t.Helper()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: "node-1", Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"},
		Labels: map[string]string{corev1.LabelTopologyZone: zone, corev1.LabelHostname: "node-1"},
	}}
	if _, err := c.client.CoreV1().Nodes().Create(background(), node, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (c *running) deploy(t *testing.T, replicas int32, pod corev1.PodSpec) {
	t.Helper()
	labels := map[string]string{"app": "web"}
	_, err := c.client.AppsV1().Deployments("default").Create(background(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the Deployment", 30*time.Second, func() error {
		got, err := c.client.AppsV1().Deployments("default").Get(background(), "web", metav1.GetOptions{})
		if err == nil && got.Status.AvailableReplicas != replicas {
			err = fmt.Errorf("%d of %d available", got.Status.AvailableReplicas, replicas)
		}
		return err
	})
}

func nginx() corev1.PodSpec {
	return corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx:1"}}}
}

func TestClusterLivesAndResets(t *testing.T) {
	c := start(t, t.TempDir())
	if c.ready.ReadySeconds > 8 {
		t.Errorf("ready after %.1f s", c.ready.ReadySeconds)
	}
	// Twice: what the first round leaves behind would stop the second.
	for round := range 2 {
		c.addNode(t)
		c.deploy(t, 3, nginx())
		c.checkJob(t)
		c.checkBalancer(t)
		c.checkVolumes(t)
		if seconds := c.reset(t); seconds > 2 {
			t.Errorf("reset %d took %.1f s", round, seconds)
		}
		c.checkEmpty(t)
	}
}

func (c *running) checkJob(t *testing.T) {
	t.Helper()
	pod := nginx()
	pod.RestartPolicy = corev1.RestartPolicyNever
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "once"}, Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: pod}}}
	if _, err := c.client.BatchV1().Jobs("default").Create(background(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the Job", 30*time.Second, func() error {
		got, err := c.client.BatchV1().Jobs("default").Get(background(), "once", metav1.GetOptions{})
		if err == nil && got.Status.Succeeded != 1 {
			err = fmt.Errorf("status %+v", got.Status)
		}
		return err
	})
}

func (c *running) checkBalancer(t *testing.T) {
	t.Helper()
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "front"}, Spec: corev1.ServiceSpec{
		Type: corev1.ServiceTypeLoadBalancer, Ports: []corev1.ServicePort{{Port: 443}}}}
	if _, err := c.client.CoreV1().Services("default").Create(background(), service, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the address", 20*time.Second, func() error {
		got, err := c.client.CoreV1().Services("default").Get(background(), "front", metav1.GetOptions{})
		if err == nil && (len(got.Status.LoadBalancer.Ingress) != 1 || !strings.HasPrefix(got.Status.LoadBalancer.Ingress[0].IP, "203.0.113.")) {
			err = fmt.Errorf("status %+v", got.Status.LoadBalancer)
		}
		return err
	})
}

// checkVolumes: a class that waits gets no volume until a pod uses the claim, and then one in the node's zone.
func (c *running) checkVolumes(t *testing.T) {
	t.Helper()
	waits := storagev1.VolumeBindingWaitForFirstConsumer
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: "gp3"}, Provisioner: "ebs.csi.aws.com", VolumeBindingMode: &waits,
	}
	if _, err := c.client.StorageV1().StorageClasses().Create(background(), class, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"used", "unused"} {
		claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeClaimSpec{
			StorageClassName: &class.Name, AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		}}
		if _, err := c.client.CoreV1().PersistentVolumeClaims("default").Create(background(), claim, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "user"}, Spec: nginx()}
	pod.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "used"}}}}
	if _, err := c.client.CoreV1().Pods("default").Create(background(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the claim", 30*time.Second, func() error { return c.boundInZone("used") })
	if got, err := c.client.CoreV1().PersistentVolumeClaims("default").Get(background(), "unused", metav1.GetOptions{}); err != nil || got.Status.Phase != corev1.ClaimPending {
		t.Errorf("a claim without consumer is %v, %v", got.Status.Phase, err)
	}
}

func (c *running) boundInZone(claim string) error {
	got, err := c.client.CoreV1().PersistentVolumeClaims("default").Get(background(), claim, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if got.Status.Phase != corev1.ClaimBound {
		return fmt.Errorf("phase %s", got.Status.Phase)
	}
	volume, err := c.client.CoreV1().PersistentVolumes().Get(background(), got.Spec.VolumeName, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if text := volume.Spec.NodeAffinity.String(); !strings.Contains(text, zone) {
		return fmt.Errorf("affinity %s", text)
	}
	return nil
}

func (c *running) checkEmpty(t *testing.T) {
	t.Helper()
	for what, list := range map[string]func() (int, error){
		"nodes": func() (int, error) {
			l, err := c.client.CoreV1().Nodes().List(background(), metav1.ListOptions{})
			return len(l.Items), err
		},
		"pods": func() (int, error) {
			l, err := c.client.CoreV1().Pods("").List(background(), metav1.ListOptions{})
			return len(l.Items), err
		},
		"volumes": func() (int, error) {
			l, err := c.client.CoreV1().PersistentVolumes().List(background(), metav1.ListOptions{})
			return len(l.Items), err
		},
		"replica sets": func() (int, error) {
			l, err := c.client.AppsV1().ReplicaSets("").List(background(), metav1.ListOptions{})
			return len(l.Items), err
		},
	} {
		if count, err := list(); err != nil || count != 0 {
			t.Errorf("after a reset: %d %s, %v", count, what, err)
		}
	}
	if _, err := c.client.CoreV1().Services("default").Get(background(), "kubernetes", metav1.GetOptions{}); err != nil {
		t.Errorf("the reset took what was there before: %v", err)
	}
}

func TestResetRestoresWhatWasChangedOrDeleted(t *testing.T) {
	c := start(t, t.TempDir())
	roles := c.client.RbacV1().ClusterRoles()
	before, err := roles.Get(background(), "view", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	changed := before.DeepCopy()
	changed.Labels = map[string]string{"changed": "yes"}
	if _, err := roles.Update(background(), changed, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := roles.Delete(background(), "edit", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.reset(t)
	after, err := roles.Get(background(), "view", metav1.GetOptions{})
	if err != nil || after.UID != before.UID || after.Labels["changed"] != "" {
		t.Errorf("view is %v, %v", after.ObjectMeta, err)
	}
	if _, err := roles.Get(background(), "edit", metav1.GetOptions{}); apierrors.IsNotFound(err) {
		t.Error("a deleted role did not come back")
	}
}

func TestNothingOutlivesItsParent(t *testing.T) {
	for name, end := range map[string]func(c *running){
		"stopped":           func(c *running) { _ = c.command.Process.Signal(syscall.SIGTERM) },
		"lifeline cut":      func(c *running) { _ = c.lifeline.Close() },
		"supervisor killed": func(c *running) { _ = c.command.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, t.TempDir())
			all := append(descendants(c.command.Process.Pid), c.command.Process.Pid)
			if len(all) < 6 {
				t.Fatalf("only %d processes run", len(all))
			}
			end(c)
			eventually(t, "the end", 5*time.Second, func() error { return alive(all) })
		})
	}
}

func TestNothingOutlivesAKilledGrandparent(t *testing.T) {
	configuration, dir := configure(t, t.TempDir())
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), deputyVariable+"="+configuration, "DRYDOCK_E2E_BINARY="+*binary)
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	supervisor, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "ready.json", time.Minute, func() error {
		_, err := os.Stat(filepath.Join(dir, "ready.json"))
		return err
	})
	all := append(descendants(supervisor), supervisor)
	_ = parent.Process.Kill()
	_ = parent.Wait()
	eventually(t, "the end", 5*time.Second, func() error { return alive(all) })
}

func TestKilledClusterStartsAgainWhereItWas(t *testing.T) {
	c := start(t, t.TempDir())
	c.addNode(t)
	c.deploy(t, 3, nginx())
	server := c.ready.Server
	all := append(descendants(c.command.Process.Pid), c.command.Process.Pid)
	_ = c.command.Process.Kill()
	eventually(t, "the end", 5*time.Second, func() error { return alive(all) })
	c.launch(t)
	if c.ready.Server != server {
		t.Errorf("the server moved from %s to %s", server, c.ready.Server)
	}
	if _, err := c.client.AppsV1().Deployments("default").Get(background(), "web", metav1.GetOptions{}); err != nil {
		t.Errorf("the state is gone: %v", err)
	}
}
