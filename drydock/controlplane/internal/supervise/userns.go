// SPDX-License-Identifier: GPL-3.0-or-later

package supervise

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// insideVariable marks the program that already runs in its own user namespace.
const insideVariable = "DRYDOCK_USER_NAMESPACE"

// Mappable says whether this program should first get a user namespace: only the root of one may make others.
func Mappable() bool { return os.Geteuid() != 0 && os.Getenv(insideVariable) == "" }

// AsOwnRoot runs this program again as the root of a user namespace in which the caller is the only user, passes
// signals on to it, and gives its exit code. The error is that the machine does not allow it; nothing has run then.
func AsOwnRoot() (code int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("find this program's file: %w", err)
	}
	command := exec.Command(self, os.Args...) // the first argument names the program in the multi-call binary
	command.Env = append(os.Environ(), insideVariable+"=1")
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	if err := Start(command); err != nil {
		signal.Stop(signals)
		return 0, fmt.Errorf("make a user namespace: %w", err)
	}
	go func() {
		for received := range signals {
			_ = command.Process.Signal(received)
		}
	}()
	_ = command.Wait()
	return command.ProcessState.ExitCode(), nil
}
