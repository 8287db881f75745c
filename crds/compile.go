// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/tools/go/packages"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-tools/pkg/crd"
	"sigs.k8s.io/controller-tools/pkg/loader"
	"sigs.k8s.io/controller-tools/pkg/markers"
)

// compileAll returns each component's CRDs by name. The packages of all components are loaded together, once.
func compileAll(module string, wanted []component) (map[string][]*apiextensions.CustomResourceDefinition, error) {
	var paths []string
	for _, each := range wanted {
		paths = append(paths, each.packages...)
	}
	slices.Sort(paths)
	roots, err := loader.LoadRootsWithConfig(&packages.Config{Dir: module}, slices.Compact(paths)...)
	if err != nil {
		return nil, err
	}
	compiled := map[string][]*apiextensions.CustomResourceDefinition{}
	for _, each := range wanted {
		compiled[each.name], err = each.compile(roots)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", each.name, err)
		}
	}
	if loader.PrintErrors(roots, packages.TypeError) {
		return nil, errors.New("the API types above cannot be turned into CRDs")
	}
	return compiled, nil
}

func (c component) compile(roots []*loader.Package) ([]*apiextensions.CustomResourceDefinition, error) {
	own := c.ownPackages(roots)
	parser, err := newParser(c.options)
	if err != nil {
		return nil, err
	}
	for _, each := range own {
		parser.NeedPackage(each)
	}
	groupKinds, err := c.groupKinds(parser, own)
	if err != nil {
		return nil, err
	}
	compiled := make([]*apiextensions.CustomResourceDefinition, 0, len(groupKinds))
	for _, each := range groupKinds {
		made, err := c.definition(parser, each)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", each, err)
		}
		compiled = append(compiled, made)
	}
	return compiled, nil
}

func (c component) ownPackages(roots []*loader.Package) []*loader.Package {
	var own []*loader.Package
	for _, each := range roots {
		if slices.Contains(c.packages, each.PkgPath) {
			own = append(own, each)
		}
	}
	return own
}

func newParser(options crd.Generator) (*crd.Parser, error) {
	registry := &markers.Registry{}
	if err := options.RegisterMarkers(registry); err != nil {
		return nil, err
	}
	parser := &crd.Parser{
		Collector:                  &markers.Collector{Registry: registry},
		Checker:                    &loader.TypeChecker{NodeFilters: []loader.NodeFilter{options.CheckFilter()}},
		AllowDangerousTypes:        isSet(options.AllowDangerousTypes),
		IgnoreUnexportedFields:     isSet(options.IgnoreUnexportedFields),
		GenerateEmbeddedObjectMeta: isSet(options.GenerateEmbeddedObjectMeta),
	}
	crd.AddKnownTypes(parser)
	return parser, nil
}

func isSet(option *bool) bool { return option != nil && *option }

// groupKinds lists what to generate, sorted; a kind of the table that the packages lack is an error.
func (c component) groupKinds(parser *crd.Parser, own []*loader.Package) ([]schema.GroupKind, error) {
	meta := crd.FindMetav1(own)
	if meta == nil {
		return nil, errors.New("no package imports k8s.io/apimachinery/pkg/apis/meta/v1, so none has a kind")
	}
	found := crd.FindKubeKinds(parser, meta)
	if len(c.kinds) > 0 {
		found = slices.DeleteFunc(found, func(each schema.GroupKind) bool { return !slices.Contains(c.kinds, each.Kind) })
		if len(found) != len(c.kinds) {
			return nil, fmt.Errorf("wanted the kinds %v, found %v", c.kinds, found)
		}
	}
	slices.SortFunc(found, func(a, b schema.GroupKind) int { return cmp.Compare(a.String(), b.String()) })
	return found, nil
}

func (c component) definition(parser *crd.Parser, kind schema.GroupKind) (*apiextensions.CustomResourceDefinition, error) {
	parser.NeedCRDFor(kind, nil)
	cached, found := parser.CustomResourceDefinitions[kind]
	if !found {
		return nil, errors.New("no served version")
	}
	made := cached.DeepCopy()
	crd.FixTopLevelMetadata(*made)
	if c.after != nil {
		if err := c.after(made); err != nil {
			return nil, err
		}
	}
	// Descriptions last: they carry the tags that `after` reads.
	for _, version := range made.Spec.Versions {
		crd.TruncateDescription(version.Schema.OpenAPIV3Schema, 0)
	}
	return made, nil
}

// encode writes one line of JSON with sorted keys and without the status, which is the API server's.
func encode(made *apiextensions.CustomResourceDefinition) ([]byte, error) {
	typed, err := json.Marshal(made)
	if err != nil {
		return nil, err
	}
	var plain map[string]any
	if err := json.Unmarshal(typed, &plain); err != nil {
		return nil, err
	}
	delete(plain, "status")
	delete(plain["metadata"].(map[string]any), "creationTimestamp")
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // rules of the schemas read better with plain < > &
	err = encoder.Encode(plain)
	return line.Bytes(), err
}
