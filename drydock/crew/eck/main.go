// SPDX-License-Identifier: GPL-3.0-or-later

// Elastic Cloud on Kubernetes as its image runs it: `manager` with the configuration of its ConfigMap.
package main

import (
	"fmt"
	"os"

	_ "github.com/KimMachineGun/automemlimit" // upstream's own: the garbage collector knows the memory limit
	"github.com/elastic/cloud-on-k8s/v3/cmd/manager"
	"github.com/spf13/cobra"
)

func main() {
	operator := &cobra.Command{Use: "elastic-operator", SilenceUsage: true}
	operator.AddCommand(manager.Command())
	if err := operator.Execute(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
