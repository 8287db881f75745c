// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"os"
	"path/filepath"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// writeFolder makes a folder hold exactly these CRDs, one file each, and returns their bytes. Files that are already
// right keep their time.
func writeFolder(folder string, made []*apiextensions.CustomResourceDefinition) (int, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	total, kept := 0, map[string]bool{}
	for _, each := range made {
		text, err := encode(each)
		if err != nil {
			return 0, err
		}
		name := each.Name + ".json"
		if err := writeFile(filepath.Join(folder, name), text); err != nil {
			return 0, err
		}
		total += len(text)
		kept[name] = true
	}
	return total, removeOthers(folder, kept)
}

func writeFile(path string, text []byte) error {
	if present, err := os.ReadFile(path); err == nil && bytes.Equal(present, text) {
		return nil
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, text, 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

func removeOthers(folder string, kept map[string]bool) error {
	present, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, each := range present {
		if kept[each.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(folder, each.Name())); err != nil {
			return err
		}
	}
	return nil
}
