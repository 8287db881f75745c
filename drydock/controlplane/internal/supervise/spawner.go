// SPDX-License-Identifier: GPL-3.0-or-later

// Package supervise starts and ends processes so that none outlives the one that started it.
package supervise

import (
	"os/exec"
	"runtime"
	"syscall"
)

// spawner starts every child from one operating system thread that lives as long as the program: Linux delivers
// Pdeathsig when the *thread* that forked ends, and Go ends threads as it likes.
type spawner struct{ requests chan spawn }

type spawn struct {
	command *exec.Cmd
	started chan error
}

var children = newSpawner()

func newSpawner() *spawner {
	s := &spawner{requests: make(chan spawn)}
	go s.serve()
	return s
}

func (s *spawner) serve() {
	runtime.LockOSThread()
	for request := range s.requests {
		request.started <- request.command.Start()
	}
}

// Start starts a command that is killed when this program dies, however it dies.
func Start(command *exec.Cmd) error {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
	request := spawn{command: command, started: make(chan error)}
	children.requests <- request
	return <-request.started
}
