// SPDX-License-Identifier: GPL-3.0-or-later

// Package monitoring has no code of its own: its go.mod pins upstream's programs, which build.sh builds.
package monitoring

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestCatalogueMatchesThePinsAndTheBuild(t *testing.T) {
	var rows []struct{ Image, Binary, Module, Version string }
	if err := json.Unmarshal(read(t, "../catalogue.json"), &rows); err != nil {
		t.Fatal(err)
	}
	pins, build := string(read(t, "go.mod")), string(read(t, "../build.sh"))
	found := 0
	for _, row := range rows {
		if !strings.Contains(build, "\nprogram monitoring "+row.Binary+" ") {
			continue
		}
		found++
		if !strings.Contains(pins, "\t"+row.Module+" "+row.Version+" ") {
			t.Errorf("%s: the catalogue says %s, go.mod does not", row.Binary, row.Version)
		}
	}
	if found != 6 {
		t.Errorf("%d images of the catalogue are built here, want 6", found)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
