// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"time"

	"seaworthy.dev/drydock/controlplane/internal/components"
	"seaworthy.dev/drydock/controlplane/internal/control"
)

const resetLimit = 30 * time.Second

// runReset puts a running cluster back to how it was when it became ready, and prints what that took as JSON.
func runReset() int {
	flags := flag.NewFlagSet("reset", flag.ContinueOnError)
	dir := flags.String("dir", "", "the cluster's `folder`")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), resetLimit)
	defer cancel()
	result, err := control.Reset(ctx, *dir, components.ControlSocket)
	if err != nil {
		return exitCode(err)
	}
	return exitCode(json.NewEncoder(os.Stdout).Encode(result))
}
