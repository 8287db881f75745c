// SPDX-License-Identifier: GPL-3.0-or-later

// Argo CD's programs as its image has them: the first argument names the one to run, as the image's entry point does.
// Under the name redis-server it stands for the Redis that they share.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	applicationset "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
	askpass "github.com/argoproj/argo-cd/v3/cmd/argocd-git-ask-pass/commands"
	notification "github.com/argoproj/argo-cd/v3/cmd/argocd-notification/commands"
	reposerver "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
	server "github.com/argoproj/argo-cd/v3/cmd/argocd-server/commands"
	cli "github.com/argoproj/argo-cd/v3/cmd/argocd/commands"
	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/util/grpc"
	"github.com/argoproj/argo-cd/v3/util/log"
)

// nameVariable is how Argo CD starts its own file again as another program: git asks for a password that way.
const nameVariable = "ARGOCD_BINARY_NAME"

var programs = map[string]func() *cobra.Command{
	common.CommandCLI:                      cli.NewCommand,
	common.CommandApplicationController:    controller.NewCommand,
	common.CommandApplicationSetController: applicationset.NewCommand,
	common.CommandGitAskPass:               askpass.NewCommand,
	common.CommandNotifications:            notification.NewCommand,
	common.CommandRepoServer:               reposerver.NewCommand,
	common.CommandServer:                   server.NewCommand,
}

func main() {
	if filepath.Base(os.Args[0]) == redisName {
		exit(serveRedis(os.Args[1:]))
	}
	klog.SetLogger(log.NewLogrusLogger(log.NewWithCurrentConfig()))
	grpc.DisableSRVLookups() // as upstream's main does: they delay every connection
	command, arguments, err := chosen(os.Args, os.Getenv(nameVariable))
	if err != nil {
		exit(err)
	}
	os.Args = arguments // some commands look there
	if command.Execute() != nil {
		os.Exit(1) // it has said why
	}
}

// chosen finds the program that a command line means, and the arguments that are its own.
func chosen(words []string, named string) (*cobra.Command, []string, error) {
	if named == "" {
		if len(words) < 2 {
			return nil, nil, fmt.Errorf("no program is named; the first argument says which")
		}
		words = words[1:]
		named = filepath.Base(words[0])
	}
	program := programs[named]
	if program == nil {
		return nil, nil, fmt.Errorf("%s is not in this image", named)
	}
	return program(), words, nil
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(127)
	}
	os.Exit(0)
}
