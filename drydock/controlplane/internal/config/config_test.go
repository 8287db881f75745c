// SPDX-License-Identifier: GPL-3.0-or-later

package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func load(t *testing.T, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cluster.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestLoadFillsDefaultsAndMakesFoldersAbsolute(t *testing.T) {
	c, err := load(t, `{"name": "demo", "dir": "state/demo", "bin_dir": "build/bin"}`)
	if err != nil {
		t.Fatal(err)
	}
	if c.Version != Newest || c.Emulated() {
		t.Errorf("version %s, emulated %v", c.Version, c.Emulated())
	}
	if !filepath.IsAbs(c.Dir) || !filepath.IsAbs(c.BinDir) {
		t.Errorf("folders %s and %s are not absolute", c.Dir, c.BinDir)
	}
	if got := c.ServiceIP(); got != netip.MustParseAddr("10.100.0.1") {
		t.Errorf("service address %s", got)
	}
}

func TestLoadNamesEveryFaultAtOnce(t *testing.T) {
	_, err := load(t, `{"version": "1.12", "service_cidr": "10.0.0.0/16", "pod_cidr": "10.0.0.0/8",
		"crew": [{"image": "a", "binary": "../b"}], "load_balancer": {"kind": "magic"}}`)
	for _, want := range []string{"name is empty", "dir is empty", `"1.12"`, "overlap", "crew[0].binary", `"magic"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not mention %s: %v", want, err)
		}
	}
}

func TestLoadRefusesUnknownKeys(t *testing.T) {
	if _, err := load(t, `{"name": "demo", "dir": "d", "verson": "1.36"}`); err == nil || !strings.Contains(err.Error(), "verson") {
		t.Errorf("got %v", err)
	}
}

func TestPodRangesAreHalvesThatDoNotMeet(t *testing.T) {
	for whole, want := range map[string][2]string{
		"10.244.0.0/16":  {"10.244.0.0/17", "10.244.128.0/17"},
		"192.168.8.0/24": {"192.168.8.0/25", "192.168.8.128/25"},
		"10.0.0.0/8":     {"10.0.0.0/9", "10.128.0.0/9"},
	} {
		c := Config{PodCIDR: netip.MustParsePrefix(whole)}
		simulated, crew := c.PodRanges()
		if simulated.String() != want[0] || crew.String() != want[1] {
			t.Errorf("%s is split into %s and %s", whole, simulated, crew)
		}
	}
}
