// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"github.com/cert-manager/cert-manager/internal/apis/config/shared"
	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
)

// bind ties a flag to a field whose present value is its default.
func bind[T any](register func(*T, string, T, string), name string, field *T) {
	register(field, name, *field, "")
}

func gateFlag(fs *pflag.FlagSet, gates *map[string]bool) {
	fs.Var(cliflag.NewMapStringBool(gates), "feature-gates", "")
}

func leaderFlags(fs *pflag.FlagSet, c *shared.LeaderElectionConfig) {
	bind(fs.BoolVar, "leader-elect", &c.Enabled)
	bind(fs.StringVar, "leader-election-namespace", &c.Namespace)
	bind(fs.DurationVar, "leader-election-lease-duration", &c.LeaseDuration)
	bind(fs.DurationVar, "leader-election-renew-deadline", &c.RenewDeadline)
	bind(fs.DurationVar, "leader-election-retry-period", &c.RetryPeriod)
}

func profilingFlags(fs *pflag.FlagSet, enabled *bool, address *string) {
	bind(fs.BoolVar, "enable-profiling", enabled)
	bind(fs.StringVar, "profiler-address", address)
}

func metricsFlags(fs *pflag.FlagSet, address *string, c *shared.TLSConfig) {
	bind(fs.StringVar, "metrics-listen-address", address)
	bind(fs.StringVar, "metrics-tls-cert-file", &c.Filesystem.CertFile)
	bind(fs.StringVar, "metrics-tls-private-key-file", &c.Filesystem.KeyFile)
	bind(fs.DurationVar, "metrics-dynamic-serving-leaf-duration", &c.Dynamic.LeafDuration)
	bind(fs.StringVar, "metrics-dynamic-serving-ca-secret-namespace", &c.Dynamic.SecretNamespace)
	bind(fs.StringVar, "metrics-dynamic-serving-ca-secret-name", &c.Dynamic.SecretName)
	bind(fs.StringSliceVar, "metrics-dynamic-serving-dns-names", &c.Dynamic.DNSNames)
	bind(fs.StringSliceVar, "metrics-tls-cipher-suites", &c.CipherSuites)
	bind(fs.StringVar, "metrics-tls-min-version", &c.MinTLSVersion)
}
