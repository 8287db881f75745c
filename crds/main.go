// SPDX-License-Identifier: GPL-3.0-or-later

// Compiles the CustomResourceDefinitions of the platform's components from the API types of the modules that go.mod
// pins, as compact JSON in the roles that apply them.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const usage = `usage: crds -roles DIR [-module DIR]    write the CRDs below DIR/<role>/files/crds/<component>/
       crds [-module DIR] versions      print the pinned version of each component as JSON
`

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "crds:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("crds", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage) }
	roles := flags.String("roles", "", "the folder of the roles")
	module := flags.String("module", ".", "the folder of the go.mod that pins the components")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pins, err := pinnedVersions(filepath.Join(*module, "go.mod"), components)
	if err != nil {
		return err
	}
	if flags.Arg(0) == "versions" {
		return json.NewEncoder(out).Encode(pins)
	}
	if *roles == "" || flags.NArg() > 0 {
		return fmt.Errorf("what to do is not clear\n%s", usage)
	}
	return writeAll(*module, *roles, pins, out)
}

func writeAll(module, roles string, pins map[string]string, out io.Writer) error {
	compiled, err := compileAll(module, components)
	if err != nil {
		return err
	}
	for _, each := range components {
		size, err := writeFolder(each.folder(roles), compiled[each.name])
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-12s %-20s %-8s %2d CRDs %5d KiB\n", each.role, each.name, pins[each.name], len(compiled[each.name]), size/1024)
	}
	return nil
}
