// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// redisName is the program of Redis' image. No Go module has Redis; this is the server that Argo CD's own command starts
// in its place where there is none (argocd admin dashboard), with the arguments that our manifest gives the real one.
const redisName = "redis-server"

// heartbeat is how often keys grow older: the server leaves time to its user.
const heartbeat = time.Second

type redisFlags struct {
	save, appendOnly, maxMemory, maxMemoryPolicy, requirePass string
	port                                                      int
}

// parseRedis reads the words and, where the last is "-" as Redis has it, the lines of its configuration from settings.
// Of those it knows the password's alone: on the command line every process of the node could read it.
func parseRedis(words []string, settings io.Reader) (redisFlags, error) {
	var given redisFlags
	if len(words) == 0 || words[len(words)-1] != "-" {
		return given, errors.New("the last argument must be \"-\": the password is read from standard input")
	}
	words = words[:len(words)-1]
	if _, err := fmt.Fscanf(settings, "requirepass %s\n", &given.requirePass); err != nil {
		return given, fmt.Errorf("read requirepass from standard input: %w", err)
	}
	flags := flag.NewFlagSet(redisName, flag.ContinueOnError)
	flags.StringVar(&given.save, "save", "", "when to write to disk; empty: never")
	flags.StringVar(&given.appendOnly, "appendonly", "no", "whether to keep a log on disk")
	flags.StringVar(&given.maxMemory, "maxmemory", "", "how much it may keep")
	flags.StringVar(&given.maxMemoryPolicy, "maxmemory-policy", "noeviction", "what goes first")
	flags.IntVar(&given.port, "port", 6379, "where it listens")
	if err := flags.Parse(words); err != nil {
		return given, err
	}
	switch {
	case flags.NArg() > 0:
		return given, fmt.Errorf("%q is no option", flags.Arg(0))
	case given.save != "" || given.appendOnly != "no":
		return given, errors.New("nothing is written to disk here: give --save '' and --appendonly no")
	}
	return given, nil
}

func serveRedis(words []string) error {
	given, err := parseRedis(words, os.Stdin)
	if err != nil {
		return err
	}
	server, err := openRedis(fmt.Sprintf(":%d", given.port), given.requirePass)
	if err != nil {
		return err
	}
	defer server.Close()
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	for clock := time.NewTicker(heartbeat); ; {
		select {
		case <-stopped.Done():
			return nil
		case <-clock.C:
			server.FastForward(heartbeat)
		}
	}
}

func openRedis(address, password string) (*miniredis.Miniredis, error) {
	server := miniredis.NewMiniRedis()
	server.RequireAuth(password)
	if err := server.StartAddr(address); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return server, nil
}
