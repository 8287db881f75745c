// SPDX-License-Identifier: GPL-3.0-or-later

// Package berth is the place in which one process of the crew lives: its own mounts, process ids and host name, a
// root file system with nothing of the machine but its own program, its pod's network, and no privilege.
//
// Start is called by the crew; Enter is what the started child does before it becomes the program.
package berth

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"seaworthy.dev/drydock/controlplane/internal/supervise"
)

// Program is the name under which the multi-call binary calls Enter.
const Program = "crew-exec"

// Descriptors that the child inherits after the standard three.
const (
	planDescriptor    = 3
	networkDescriptor = 4
)

// Mount puts a file or folder of the machine into the root file system.
type Mount struct {
	Source   string
	Target   string
	ReadOnly bool
}

// Plan is everything about one process.
type Plan struct {
	// Root is an empty folder of the machine on which the root file system is mounted.
	Root         string
	ReadOnlyRoot bool
	Binary       string
	// Program is what runs, where it is another one than the binary: a shell that is borrowed, which may start it.
	Program     string
	Arguments   []string
	Environment []string
	Directory   string
	Hostname    string
	// Files are small files of the root file system: path to content.
	Files  map[string]string
	Mounts []Mount
	// Borrowed are folders of the machine that the program sees read-only, where they exist.
	Borrowed []string
	// User, Group and Groups are taken on when Drop is set; else the process stays who its starter is.
	Drop        bool
	User, Group int
	Groups      []int
	// OnlyTry makes the child end once the place is made: it tells whether this machine allows it.
	OnlyTry bool
}

// Process is a started child.
type Process struct {
	command *exec.Cmd
	// line is the pipe that carried the plan. Its end tells the child that its starter is gone.
	line *os.File
}

// Start makes the place and starts the program in it; output goes to the log.
func Start(plan Plan, network, log *os.File) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program's file: %w", err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer read.Close()
	command := exec.Command(self, Program)
	command.Env = []string{} // nothing of the machine's environment
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{read, network}
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
	}
	if err := supervise.Start(command); err != nil {
		write.Close()
		return nil, fmt.Errorf("start in new namespaces: %w", err)
	}
	// In the background: a plan may be larger than the pipe, and a child that died early reads nothing.
	go func() { _ = json.NewEncoder(write).Encode(plan) }()
	return &Process{command: command, line: write}, nil
}

// Wait waits for the process to end and gives its exit code; one that a signal ended gives 128 and its number, as
// shells and container engines do.
func (p *Process) Wait() int {
	_ = p.command.Wait()
	_ = p.line.Close()
	status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return p.command.ProcessState.ExitCode()
}

// Signal sends a signal; a process that has ended is no error.
func (p *Process) Signal(signal syscall.Signal) { _ = p.command.Process.Signal(signal) }
