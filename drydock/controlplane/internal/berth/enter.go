// SPDX-License-Identifier: GPL-3.0-or-later

package berth

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// devices are what programs may expect under /dev without any privilege.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// authorities is the folder of the machine that every program sees read-only, where it exists.
const authorities = "/etc/ssl/certs"

// binaryPath is where the binary lies in its root file system.
func binaryPath(plan Plan) string { return "/" + filepath.Base(plan.Binary) }

// Enter runs in the child. It returns only when something failed or the plan was only to try.
func Enter() error {
	// The network namespace belongs to a thread; the thread that enters it must be the one that becomes the program.
	runtime.LockOSThread()
	signal.Ignore(syscall.SIGPIPE)
	var plan Plan
	if err := json.NewDecoder(os.NewFile(planDescriptor, "plan")).Decode(&plan); err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	for _, step := range []func(Plan) error{
		enterNetwork, nameHost, makeRoot, fillRoot, moveRoot, lockRoot, dropPrivilege, dieWithStarter,
	} {
		if err := step(plan); err != nil {
			return err
		}
	}
	if plan.OnlyTry {
		return nil
	}
	return become(plan)
}

func enterNetwork(Plan) error {
	if err := unix.Setns(networkDescriptor, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the pod's network: %w", err)
	}
	return nil
}

func nameHost(plan Plan) error {
	return wrap("set the host name", unix.Sethostname([]byte(plan.Hostname)))
}

func makeRoot(plan Plan) error {
	// Nothing that is mounted here may reach the machine.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make the mounts private: %w", err)
	}
	err := unix.Mount("tmpfs", plan.Root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=0755,size=256m")
	return wrap("mount the root file system", err)
}

func fillRoot(plan Plan) error {
	for name, content := range plan.Files {
		if err := writeFile(filepath.Join(plan.Root, name), content); err != nil {
			return err
		}
	}
	temporary := filepath.Join(plan.Root, "tmp")
	if err := os.Mkdir(temporary, 0o777); err != nil {
		return fmt.Errorf("make /tmp: %w", err)
	}
	if err := os.Chmod(temporary, 0o777|os.ModeSticky); err != nil {
		return fmt.Errorf("open /tmp to all: %w", err)
	}
	for _, mount := range allMounts(plan) {
		if err := bind(plan.Root, mount); err != nil {
			return err
		}
	}
	return mountProc(plan)
}

// allMounts are the plan's mounts and those that every program gets, outer folders first.
func allMounts(plan Plan) []Mount {
	mounts := slices.Clone(plan.Mounts)
	if plan.Binary != "" {
		mounts = append(mounts, Mount{Source: plan.Binary, Target: binaryPath(plan), ReadOnly: true})
	}
	for _, device := range devices {
		mounts = append(mounts, Mount{Source: device, Target: device})
	}
	for _, folder := range append([]string{authorities}, plan.Borrowed...) {
		if _, err := os.Stat(folder); err == nil {
			mounts = append(mounts, Mount{Source: folder, Target: folder, ReadOnly: true})
		}
	}
	slices.SortStableFunc(mounts, func(a, b Mount) int { return strings.Compare(a.Target, b.Target) })
	return mounts
}

func writeFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", path, err)
	}
	return wrap("write "+path, os.WriteFile(path, []byte(content), 0o644))
}

func bind(root string, mount Mount) error {
	target := filepath.Join(root, mount.Target)
	info, err := os.Stat(mount.Source)
	if err != nil {
		return fmt.Errorf("mount at %s: %w", mount.Target, err)
	}
	if info.IsDir() {
		err = os.MkdirAll(target, 0o755)
	} else if _, missing := os.Stat(target); missing != nil {
		err = writeFile(target, "")
	}
	if err != nil {
		return fmt.Errorf("make mount point %s: %w", mount.Target, err)
	}
	if err := unix.Mount(mount.Source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mount at %s: %w", mount.Target, err)
	}
	if !mount.ReadOnly {
		return nil
	}
	return wrap("make read-only "+mount.Target, remountReadOnly(target))
}

// remountReadOnly keeps the mount's other flags: a user namespace may not take away what an outer one has set.
func remountReadOnly(target string) error {
	var state unix.Statfs_t
	if err := unix.Statfs(target, &state); err != nil {
		return err
	}
	kept := uintptr(state.Flags) & (unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME |
		unix.MS_NODIRATIME | unix.MS_RELATIME)
	return unix.Mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|kept, "")
}

// mountProc shows the program its own processes. Some container engines forbid it to their guests; programs of the
// crew do without then.
func mountProc(plan Plan) error {
	target := filepath.Join(plan.Root, "proc")
	if err := os.MkdirAll(target, 0o555); err != nil {
		return fmt.Errorf("make /proc: %w", err)
	}
	err := unix.Mount("proc", target, "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	if errors.Is(err, unix.EPERM) {
		return nil
	}
	return wrap("mount /proc", err)
}

// moveRoot makes the root file system the only one.
func moveRoot(plan Plan) error {
	old := filepath.Join(plan.Root, ".old")
	if err := os.Mkdir(old, 0o700); err != nil {
		return fmt.Errorf("make the old root's folder: %w", err)
	}
	if err := unix.PivotRoot(plan.Root, old); err != nil {
		return fmt.Errorf("change the root file system: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return fmt.Errorf("enter the root file system: %w", err)
	}
	if err := unix.Unmount("/.old", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave the machine's file system: %w", err)
	}
	return wrap("remove the old root's folder", os.Remove("/.old"))
}

func lockRoot(plan Plan) error {
	if !plan.ReadOnlyRoot {
		return nil
	}
	return wrap("make the root file system read-only", remountReadOnly("/"))
}

func dropPrivilege(plan Plan) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid new privileges: %w", err)
	}
	if !plan.Drop {
		return nil
	}
	for _, step := range []func() error{
		func() error { return syscall.Setgroups(plan.Groups) },
		func() error { return syscall.Setresgid(plan.Group, plan.Group, plan.Group) },
		func() error { return syscall.Setresuid(plan.User, plan.User, plan.User) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("become user %d, group %d: %w", plan.User, plan.Group, err)
		}
	}
	return nil
}

// dieWithStarter asks for it again: Linux forgets the wish when a process changes its user. Who died in between has
// closed the pipe.
func dieWithStarter(Plan) error {
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("ask to die with the starter: %w", err)
	}
	line := []unix.PollFd{{Fd: planDescriptor, Events: unix.POLLIN}}
	if _, err := unix.Poll(line, 0); err == nil && line[0].Revents&unix.POLLHUP != 0 {
		return errors.New("the starter is gone")
	}
	return nil
}

// become replaces this process by the program.
func become(plan Plan) error {
	for _, descriptor := range []int{planDescriptor, networkDescriptor} {
		unix.CloseOnExec(descriptor)
	}
	if err := os.Chdir(plan.Directory); err != nil {
		return fmt.Errorf("enter the working folder: %w", err)
	}
	err := syscall.Exec(cmp.Or(plan.Program, binaryPath(plan)), plan.Arguments, plan.Environment)
	if errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("%s is not there, or it needs shared libraries: build it with CGO_ENABLED=0", cmp.Or(plan.Program, plan.Binary))
	}
	return fmt.Errorf("run %s: %w", cmp.Or(plan.Program, plan.Binary), err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
