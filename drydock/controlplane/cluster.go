// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"seaworthy.dev/drydock/controlplane/internal/cluster"
	"seaworthy.dev/drydock/controlplane/internal/config"
	"seaworthy.dev/drydock/controlplane/internal/supervise"
)

// runCluster is the supervisor's command line.
func runCluster() int {
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	path := flags.String("config", "", "the cluster's configuration, a JSON `file`")
	lifeline := flags.Bool("lifeline", false, "stop when standard input ends (its writer, the parent, is gone)")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return 2
	}
	c, err := config.Load(*path)
	if err != nil {
		return exitCode(err)
	}
	if len(c.Crew) > 0 && supervise.Mappable() {
		if code, err := supervise.AsOwnRoot(); err == nil {
			return code
		}
		// Not allowed here: the crew's own trial will say so in ready.json.
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if *lifeline {
		ctx = untilEOF(ctx, os.Stdin)
	}
	return exitCode(cluster.Run(ctx, c, say))
}

// untilEOF ends the context when the stream ends. It also leaves the parent's process group: a signal to that group
// must reach the cluster as one orderly stop, not each of its programs at once.
func untilEOF(ctx context.Context, stream io.Reader) context.Context {
	_ = syscall.Setpgid(0, 0) // already a group leader: nothing to do
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, stream)
	}()
	return ctx
}

func say(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
}
