// SPDX-License-Identifier: GPL-3.0-or-later

// One binary with cert-manager's three controllers. The name it is called by (argv[0], else the first argument)
// picks one; flags, defaults, configuration files, ports and wiring are those of the upstream images.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cert-manager/cert-manager/internal/cmd/util"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/spf13/cobra"
	ctrl "sigs.k8s.io/controller-runtime"
)

type program struct {
	name    string
	command func(args []string) *cobra.Command
}

var programs = []program{
	{"cert-manager-controller", commandOf(newController)},
	{"cert-manager-webhook", commandOf(newWebhook)},
	{"cert-manager-cainjector", commandOf(newCainjector)},
}

func commandOf[C any](create func() *component[C]) func([]string) *cobra.Command {
	return func(args []string) *cobra.Command { return create().command(args) }
}

func main() {
	chosen, args, err := choose(os.Args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, exit := util.SetupExitHandler(context.Background(), util.GracefulShutdown)
	defer exit()

	logf.InitLogs()
	defer logf.FlushLogs()
	ctrl.SetLogger(logf.Log)
	ctx = logf.NewContext(ctx, logf.Log, strings.TrimPrefix(chosen.name, "cert-manager-"))
	if err := chosen.command(args).ExecuteContext(ctx); err != nil {
		logf.Log.Error(err, "error executing command")
		util.SetExitCode(err)
	}
}

// choose splits argv into the program asked for and that program's own arguments.
func choose(argv []string) (program, []string, error) {
	if found := named(filepath.Base(argv[0])); found >= 0 {
		return programs[found], argv[1:], nil
	}
	if len(argv) > 1 {
		if found := named(argv[1]); found >= 0 {
			return programs[found], argv[2:], nil
		}
	}
	return program{}, nil, fmt.Errorf("call this binary as, or give as first argument, one of: %s", strings.Join(names(), ", "))
}

func named(name string) int {
	return slices.IndexFunc(programs, func(each program) bool { return each.name == name })
}

func names() []string {
	all := make([]string, 0, len(programs))
	for _, each := range programs {
		all = append(all, each.name)
	}
	return all
}
