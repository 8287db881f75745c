//go:build e2e

// SPDX-License-Identifier: GPL-3.0-or-later

// Package e2e proves the binary's promises from outside:
//
//	go test -tags e2e ./e2e -binary FILE
package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

var binary = flag.String("binary", "", "the control plane binary to test")

// deputyVariable makes this test binary a mere parent of a cluster: see TestMain.
const deputyVariable = "DRYDOCK_E2E_DEPUTY"

func TestMain(m *testing.M) {
	if path := os.Getenv(deputyVariable); path != "" {
		deputy(path)
		return
	}
	flag.Parse()
	if *binary == "" {
		os.Stderr.WriteString("e2e: -binary is missing; give the path of the built control plane\n")
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// deputy starts a cluster, holds its lifeline, and waits to be killed.
func deputy(configuration string) {
	command := exec.Command(os.Getenv("DRYDOCK_E2E_BINARY"), "cluster", "--config", configuration, "--lifeline")
	if _, err := command.StdinPipe(); err != nil {
		os.Exit(3)
	}
	if err := command.Start(); err != nil {
		os.Exit(4)
	}
	os.Stdout.WriteString(strconv.Itoa(command.Process.Pid) + "\n")
	time.Sleep(time.Hour) // not select: alone, without cgo, it counts as a deadlock and ends the process
}

// running is a started cluster.
type running struct {
	dir, configuration string

	command  *exec.Cmd
	lifeline io.Closer
	client   kubernetes.Interface
	ready    struct {
		Server       string  `json:"server"`
		PID          int     `json:"pid"`
		ReadySeconds float64 `json:"ready_seconds"`
		Crew         string  `json:"crew"`
	}
}

func configure(t *testing.T, bin string, crew ...map[string]string) (configuration, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "cluster")
	configuration = dir + ".json"
	text, err := json.Marshal(map[string]any{
		"name": "e2e", "dir": dir, "bin_dir": bin, "version": "1.36", "service_cidr": "10.100.0.0/16",
		"pod_cidr": "10.244.0.0/16", "token_webhook_url": "", "crew": crew,
		"load_balancer": map[string]string{"kind": "ip", "value": "203.0.113.10"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(configuration, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return configuration, dir
}

func start(t *testing.T, bin string, crew ...map[string]string) *running {
	t.Helper()
	configuration, dir := configure(t, bin, crew...)
	c := &running{dir: dir, configuration: configuration}
	c.launch(t)
	return c
}

// launch starts the cluster's program and waits until it is ready.
func (c *running) launch(t *testing.T) {
	t.Helper()
	c.command = exec.Command(*binary, "cluster", "--config", c.configuration, "--lifeline")
	command := c.command
	lifeline, err := c.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.lifeline = lifeline
	var said strings.Builder
	c.command.Stderr = &said
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = lifeline.Close()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill()
		}
		if t.Failed() {
			t.Log(said.String())
		}
	})
	c.awaitReady(t)
}

func (c *running) awaitReady(t *testing.T) {
	t.Helper()
	eventually(t, "ready.json", time.Minute, func() error {
		text, err := os.ReadFile(filepath.Join(c.dir, "ready.json"))
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &c.ready); err != nil {
			return err
		}
		if c.ready.PID != c.command.Process.Pid && os.Geteuid() == 0 {
			return errors.New("it is of an earlier, killed run")
		}
		return nil
	})
	settings, err := clientcmd.BuildConfigFromFlags("", filepath.Join(c.dir, "admin.kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	settings.QPS = -1
	if c.client, err = kubernetes.NewForConfig(settings); err != nil {
		t.Fatal(err)
	}
}

func (c *running) reset(t *testing.T) (seconds float64) {
	t.Helper()
	text, err := exec.Command(*binary, "reset", "--dir", c.dir).Output()
	if err != nil {
		t.Fatalf("reset: %v, %s", err, text)
	}
	var result struct{ Seconds float64 }
	if err := json.Unmarshal(text, &result); err != nil {
		t.Fatal(err)
	}
	return result.Seconds
}

// eventually repeats a check until it holds.
func eventually(t *testing.T, what string, limit time.Duration, check func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// descendants are all processes below one.
func descendants(pid int) []int {
	var found []int
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for _, word := range strings.Fields(string(text)) {
			child, _ := strconv.Atoi(word)
			found = append(append(found, child), descendants(child)...)
		}
	}
	return found
}

func alive(pids []int) error {
	for _, pid := range pids {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			continue
		}
		if _, rest, _ := strings.Cut(string(stat), ") "); !strings.HasPrefix(rest, "Z") && syscall.Kill(pid, 0) == nil {
			return errors.New("process " + strconv.Itoa(pid) + " still runs")
		}
	}
	return nil
}

func background() context.Context { return context.Background() }
