// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util/configfile"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/component-base/featuregate"
	logsapi "k8s.io/component-base/logs/api/v1"
)

// component is what a program of the cert-manager family needs to become a command. C is its configuration type.
type component[C any] struct {
	name     string
	config   *C
	flags    func(*pflag.FlagSet, *C)
	read     func(path string, into *C) error
	validate func(*C, *field.Path) field.ErrorList
	logging  *logsapi.LoggingConfiguration
	gates    *map[string]bool
	features []featuregate.Feature
	run      func(context.Context, *C) error
}

func (c *component[C]) command(args []string) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:           c.name,
		Args:          cobra.ArbitraryArgs, // as upstream: positional arguments are ignored
		SilenceErrors: true,
		SilenceUsage:  true,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			return c.prepare(cmd.Flags(), file, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.run(cmd.Context(), c.config)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "file with a configuration object; flags win over it")
	c.flags(cmd.Flags(), c.config)
	cmd.SetArgs(args)
	return cmd
}

// prepare makes the final configuration: defaults, then the file, then the flags.
// Feature gates come first, since they may decide how the file is read.
func (c *component[C]) prepare(flags *pflag.FlagSet, file string, args []string) error {
	if err := c.setGates(); err != nil {
		return err
	}
	if file != "" {
		if err := c.readFile(flags, file, args); err != nil {
			return err
		}
	}
	if problems := c.validate(c.config, nil); len(problems) > 0 {
		return fmt.Errorf("error validating flags: %w", problems.ToAggregate())
	}
	return logf.ValidateAndApply(c.logging)
}

func (c *component[C]) readFile(flags *pflag.FlagSet, file string, args []string) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	if err := c.read(path, c.config); err != nil {
		return fmt.Errorf("failed to load config file %s: %w", path, err)
	}
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("failed to re-parse flags: %w", err)
	}
	return c.setGates()
}

// setGates refuses a gate of a sister program: they share one process image and so one gate registry here.
func (c *component[C]) setGates() error {
	for _, name := range slices.Sorted(maps.Keys(*c.gates)) {
		common := strings.HasPrefix(name, "All")
		if !common && !slices.Contains(c.features, featuregate.Feature(name)) {
			return fmt.Errorf("unrecognized feature gate of %s: %s", c.name, name)
		}
	}
	return utilfeature.DefaultMutableFeatureGate.SetFromMap(*c.gates)
}

func load(path string, into configfile.ConfigFile) error {
	loader, err := configfile.NewConfigurationFSLoader(nil, path)
	if err != nil {
		return err
	}
	return loader.Load(into)
}

// must is for a component's built-in defaults: they cannot fail unless the build is broken.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
