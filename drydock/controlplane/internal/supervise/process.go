// SPDX-License-Identifier: GPL-3.0-or-later

package supervise

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Spec says what to run: output goes to the log file, the working folder is Dir.
type Spec struct {
	Name    string
	Command []string
	Dir     string
	Env     []string
	Log     string
}

// Process is one running child.
type Process struct {
	Name string
	log  string
	proc *os.Process
	// done is closed when the child has ended; outcome is set before.
	done    chan struct{}
	outcome error
}

// Run starts a child and watches over it.
func Run(spec Spec) (*Process, error) {
	if err := os.MkdirAll(filepath.Dir(spec.Log), 0o755); err != nil {
		return nil, fmt.Errorf("make the log folder of %s: %w", spec.Name, err)
	}
	log, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", spec.Name, err)
	}
	defer log.Close()
	command := exec.Command(spec.Command[0], spec.Command[1:]...)
	command.Dir, command.Env = spec.Dir, spec.Env
	command.Stdout, command.Stderr = log, log
	if err := Start(command); err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	p := &Process{Name: spec.Name, log: spec.Log, proc: command.Process, done: make(chan struct{})}
	go func() {
		p.outcome = command.Wait()
		close(p.done)
	}()
	return p, nil
}

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Pid is the child's process id.
func (p *Process) Pid() int { return p.proc.Pid }

// Failure describes a child that ended by itself, with the last line that it logged.
func (p *Process) Failure() error {
	how := "exit status 0"
	if p.outcome != nil {
		how = p.outcome.Error()
	}
	return fmt.Errorf("%s ended by itself (%s); last line of %s: %s", p.Name, how, p.log, lastLine(p.log))
}

// Signal sends a signal; a child that has ended already is no error.
func (p *Process) Signal(signal syscall.Signal) error {
	if err := p.proc.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal %s: %w", p.Name, err)
	}
	return nil
}

// Stop asks the child to end and kills it when it has not within the grace period.
func (p *Process) Stop(grace time.Duration) {
	_ = p.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return
	case <-time.After(grace):
	}
	_ = p.Signal(syscall.SIGKILL)
	<-p.done
}

func lastLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "(unreadable)"
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(lines[len(lines)-1])
}
