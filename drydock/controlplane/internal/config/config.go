// SPDX-License-Identifier: GPL-3.0-or-later

// Package config reads what a cluster is asked to be.
package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Newest is the version of Kubernetes this binary is built from; older minors are emulated by it.
const Newest = "1.36"

var versions = []string{"1.34", "1.35", Newest}

// Member is one image repository whose pods run as real processes. Brings are further files of bin_dir that lie beside
// the binary in the image; Borrows are folders of this machine with programs that the image has and no Go module gives,
// such as git. Pods see both read-only.
type Member struct {
	Image   string   `json:"image"`
	Binary  string   `json:"binary"`
	Brings  []string `json:"brings"`
	Borrows []string `json:"borrows"`
}

// LoadBalancer says what address Services of type LoadBalancer get: below a host name, or from an IP address on.
type LoadBalancer struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Config is one cluster. Dir and BinDir are absolute after Load.
type Config struct {
	Name            string       `json:"name"`
	Dir             string       `json:"dir"`
	BinDir          string       `json:"bin_dir"`
	Version         string       `json:"version"`
	ServiceCIDR     netip.Prefix `json:"service_cidr"`
	PodCIDR         netip.Prefix `json:"pod_cidr"`
	TokenWebhookURL string       `json:"token_webhook_url"`
	// JWT are the issuers whose tokens are users, each as the API server's AuthenticationConfiguration spells it.
	JWT          []any        `json:"jwt"`
	Crew         []Member     `json:"crew"`
	LoadBalancer LoadBalancer `json:"load_balancer"`
}

// Load reads and checks a configuration file; relative folders in it are relative to the working folder.
func Load(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the cluster configuration: %w", err)
	}
	c := &Config{
		Version:      Newest,
		ServiceCIDR:  netip.MustParsePrefix("10.100.0.0/16"),
		PodCIDR:      netip.MustParsePrefix("10.244.0.0/16"),
		LoadBalancer: LoadBalancer{Kind: "ip", Value: "203.0.113.1"},
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(c); err != nil {
		return nil, fmt.Errorf("parse %s: %w", path, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, c.absolute()
}

func (c *Config) absolute() error {
	for _, folder := range []*string{&c.Dir, &c.BinDir} {
		full, err := filepath.Abs(*folder)
		if err != nil {
			return fmt.Errorf("resolve folder %q: %w", *folder, err)
		}
		*folder = full
	}
	return nil
}

// check returns every fault at once.
func (c *Config) check() error {
	var faults []error
	wrong := func(format string, values ...any) { faults = append(faults, fmt.Errorf(format, values...)) }
	if c.Name == "" {
		wrong("name is empty")
	}
	if c.Dir == "" {
		wrong("dir is empty")
	}
	if !slices.Contains(versions, c.Version) {
		wrong("version is %q; must be one of %s", c.Version, strings.Join(versions, ", "))
	}
	if c.ServiceCIDR.Overlaps(c.PodCIDR) {
		wrong("service_cidr %s and pod_cidr %s overlap", c.ServiceCIDR, c.PodCIDR)
	}
	if c.PodCIDR.Bits() > c.PodCIDR.Addr().BitLen()-4 {
		wrong("pod_cidr %s is too small; leave at least 4 bits for pods", c.PodCIDR)
	}
	faults = append(faults, c.LoadBalancer.check(), checkCrew(c.Crew))
	return errors.Join(faults...)
}

func (l LoadBalancer) check() error {
	switch l.Kind {
	case "hostname":
		if l.Value == "" {
			return errors.New("load_balancer.value is empty; must be a host name")
		}
	case "ip":
		if _, err := netip.ParseAddr(l.Value); err != nil {
			return fmt.Errorf("load_balancer.value is %q; must be an IP address", l.Value)
		}
	default:
		return fmt.Errorf("load_balancer.kind is %q; must be hostname or ip", l.Kind)
	}
	return nil
}

func checkCrew(crew []Member) error {
	var faults []error
	for i, m := range crew {
		if m.Image == "" || m.Binary == "" {
			faults = append(faults, fmt.Errorf("crew[%d] needs both image and binary", i))
		}
		for _, name := range append([]string{m.Binary}, m.Brings...) {
			if name != filepath.Base(name) {
				faults = append(faults, fmt.Errorf("crew[%d].binary is %q; must be a plain file name in bin_dir", i, name))
			}
		}
		for _, folder := range m.Borrows {
			if !filepath.IsAbs(folder) {
				faults = append(faults, fmt.Errorf("crew[%d].borrows has %q; must be an absolute folder", i, folder))
			}
		}
	}
	return errors.Join(faults...)
}

// Emulated says whether the API server must pretend to be older than it is.
func (c *Config) Emulated() bool { return c.Version != Newest }

// PodRanges splits the pod network: the first half is the simulator's, the second the crew's, so that the two
// allocators never meet.
func (c *Config) PodRanges() (simulated, crew netip.Prefix) {
	bits := c.PodCIDR.Bits() + 1
	base := c.PodCIDR.Masked().Addr()
	upper := base.AsSlice()
	upper[(bits-1)/8] |= 1 << (7 - (bits-1)%8)
	second, _ := netip.AddrFromSlice(upper)
	return netip.PrefixFrom(base, bits), netip.PrefixFrom(second, bits)
}

// ServiceIP is the first address of the service network: the API server's own Service.
func (c *Config) ServiceIP() netip.Addr { return c.ServiceCIDR.Masked().Addr().Next() }
