// SPDX-License-Identifier: GPL-3.0-or-later

package supervise

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func run(t *testing.T, script string) *Process {
	t.Helper()
	p, err := Run(Spec{
		Name: "child", Command: []string{"/bin/sh", "-c", script}, Dir: t.TempDir(), Env: os.Environ(),
		Log: filepath.Join(t.TempDir(), "logs", "child.log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func awaitLog(t *testing.T, p *Process, text string) {
	t.Helper()
	for range 500 {
		if log, _ := os.ReadFile(p.log); strings.Contains(string(log), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the child never said %q", text)
}

func TestStopIsPoliteFirst(t *testing.T) {
	p := run(t, `trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done`)
	awaitLog(t, p, "up")
	p.Stop(10 * time.Second)
	if log, _ := os.ReadFile(p.log); !strings.Contains(string(log), "bye") {
		t.Errorf("the child was not asked: %s", log)
	}
}

func TestStopKillsWhoDoesNotListen(t *testing.T) {
	p := run(t, `trap '' TERM; echo up; while :; do sleep 0.01; done`)
	awaitLog(t, p, "up")
	p.Stop(50 * time.Millisecond)
	select {
	case <-p.Done():
	default:
		t.Error("the child still runs")
	}
}

func TestFailureTellsTheLastLine(t *testing.T) {
	p := run(t, `echo first; echo "the disk is full"; exit 3`)
	<-p.Done()
	for _, want := range []string{"child", "exit status 3", "the disk is full"} {
		if text := p.Failure().Error(); !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}
