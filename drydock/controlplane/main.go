// SPDX-License-Identifier: GPL-3.0-or-later

// Command drydock-controlplane is a whole Kubernetes control plane in one file: the real servers, a simulator for
// nodes and pods, kubectl, and the supervisor that runs them together on loopback.
//
// The first argument picks the program; a link named after a program picks it too (kubectl).
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"seaworthy.dev/drydock/controlplane/internal/berth"
)

// program is one entry of the multi-call table. It reads os.Args, whose first element is its own name.
type program struct {
	name  string
	about string
	run   func() int
}

func programs() []program {
	return []program{
		{"cluster", "run a control plane in the foreground (--config FILE [--lifeline])", runCluster},
		{"reset", "put a running cluster back to how it was when it became ready (--dir DIR)", runReset},
		{"kubectl", "talk to a cluster", runKubectl},
		{"etcd", "the store", runEtcd},
		{"kube-apiserver", "the API server", runAPIServer},
		{"kube-controller-manager", "the controllers", runControllerManager},
		{"kube-scheduler", "the scheduler", runScheduler},
		{"kwok", "the simulator of nodes and pods", runKwok},
		{berth.Program, "internal: a child of the crew on its way to becoming a program", runCrewExec},
	}
}

func main() {
	os.Exit(dispatch())
}

func dispatch() int {
	if called := find(filepath.Base(os.Args[0])); called != nil {
		return called.run()
	}
	if len(os.Args) < 2 {
		usage(os.Stderr)
		return 2
	}
	if chosen := find(os.Args[1]); chosen != nil {
		os.Args = os.Args[1:]
		return chosen.run()
	}
	if slices.Contains([]string{"help", "-h", "--help"}, os.Args[1]) {
		usage(os.Stdout)
		return 0
	}
	fmt.Fprintf(os.Stderr, "drydock-controlplane: no program %q; see drydock-controlplane help\n", os.Args[1])
	return 2
}

func find(name string) *program {
	table := programs()
	at := slices.IndexFunc(table, func(p program) bool { return p.name == name })
	if at < 0 {
		return nil
	}
	return &table[at]
}

func usage(to io.Writer) {
	var text strings.Builder
	text.WriteString("usage: drydock-controlplane PROGRAM [arguments]\n\n")
	for _, p := range programs() {
		fmt.Fprintf(&text, "  %-25s %s\n", p.name, p.about)
	}
	_, _ = io.WriteString(to, text.String())
}
