// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	defaults "github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
	"github.com/spf13/pflag"
)

const module = "github.com/cert-manager/cert-manager"

func TestNameOrFirstArgumentPicksTheProgram(t *testing.T) {
	for _, argv := range [][]string{
		{"/somewhere/cert-manager-webhook", "--v=2"},
		{"crew-cert-manager", "cert-manager-webhook", "--v=2"},
	} {
		chosen, args, err := choose(argv)
		if err != nil || chosen.name != "cert-manager-webhook" || !slices.Equal(args, []string{"--v=2"}) {
			t.Errorf("%v: have %s %v %v", argv, chosen.name, args, err)
		}
	}
	if _, _, err := choose([]string{"cert-manager"}); err == nil || !strings.Contains(err.Error(), "cert-manager-cainjector") {
		t.Errorf("want an error that lists the programs, have %v", err)
	}
}

func TestCatalogueMatchesThePinAndThePrograms(t *testing.T) {
	text, err := os.ReadFile("../catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Image, Binary, Module, Version string }
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	pins, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var binaries []string
	for _, row := range rows {
		if row.Module != module {
			continue
		}
		binaries = append(binaries, row.Binary)
		if !strings.Contains(string(pins), "\t"+row.Module+" "+row.Version+"\n") {
			t.Errorf("%s: the catalogue says %s, go.mod does not", row.Binary, row.Version)
		}
		if want := "quay.io/jetstack/" + row.Binary; row.Image != want {
			t.Errorf("%s: want image %s, have %s", row.Binary, want, row.Image)
		}
	}
	if !slices.Equal(binaries, names()) {
		t.Errorf("catalogue has %v, the binary has %v", binaries, names())
	}
}

func TestEveryFeatureGateBelongsToAProgram(t *testing.T) {
	known := slices.Concat(controllerFeatures, webhookFeatures, cainjectorFeatures)
	for name := range utilfeature.DefaultMutableFeatureGate.GetAll() {
		if !strings.HasPrefix(string(name), "All") && !slices.Contains(known, name) {
			t.Errorf("%s is in no program's list", name)
		}
	}
}

// The arguments of upstream's own manifests and the options that they document.
func TestArgumentsOfTheRealImagesAreAccepted(t *testing.T) {
	for name, args := range map[string][]string{
		"cert-manager-controller": {
			"--v=2", "--cluster-resource-namespace=ns", "--leader-election-namespace=ns", "--max-concurrent-challenges=60",
			"--acme-http01-solver-image=image:v1", "--enable-gateway-api", "--enable-gateway-api-listenerset",
			"--dns01-recursive-nameservers-only", "--dns01-recursive-nameservers=192.0.2.1:53,192.0.2.2:53",
			"--controllers=-certificaterequests-approver", "--enable-certificate-owner-ref", "--logging-format=json",
			"--feature-gates=ListenerSets=true", "--acme-http01-solver-extra-labels=a=b", "--config=/var/cert-manager/config/config.yaml",
		},
		"cert-manager-webhook": {
			"--v=2", "--secure-port=10250", "--healthz-port=6080", "--dynamic-serving-ca-secret-namespace=ns",
			"--dynamic-serving-ca-secret-name=ca", "--dynamic-serving-dns-names=a", "--dynamic-serving-dns-names=a.ns",
			"--metrics-listen-address=0", "--tls-min-version=VersionTLS13", "--config=/var/cert-manager/config/config.yaml",
		},
		"cert-manager-cainjector": {
			"--v=2", "--leader-election-namespace=ns", "--namespace=ns", "--enable-certificates-data-source=false",
			"--enable-customresourcedefinitions-injectable=false", "--enable-apiservices-injectable=false",
			"--config=/var/cert-manager/config/config.yaml",
		},
	} {
		if err := programs[named(name)].command(args).ParseFlags(args); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := programs[named(name)].command(nil).ParseFlags([]string{"--no-such-flag"}); err == nil {
			t.Errorf("%s accepts a flag that does not exist", name)
		}
	}
}

func TestFlagsWinOverTheConfigurationFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	text := "apiVersion: controller.config.cert-manager.io/v1alpha1\nkind: ControllerConfiguration\nnumberOfConcurrentWorkers: 7\nnamespace: file\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--namespace=flag"}
	made := newController()
	if err := made.prepare(made.parsed(t, args), file, args); err != nil {
		t.Fatal(err)
	}
	if made.config.Namespace != "flag" || made.config.NumberOfConcurrentWorkers != 7 || made.config.KubernetesAPIQPS != 20 {
		t.Errorf("want flag, 7 and the default 20, have %s, %d and %v", made.config.Namespace, made.config.NumberOfConcurrentWorkers, made.config.KubernetesAPIQPS)
	}
}

func (c *component[C]) parsed(t *testing.T, args []string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	c.flags(flags, c.config)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags
}

func TestGateOfASisterProgramIsRefused(t *testing.T) {
	made, args := newController(), []string{"--feature-gates=CAInjectorMerging=true"}
	if err := made.prepare(made.parsed(t, args), "", args); err == nil || !strings.Contains(err.Error(), "unrecognized feature gate") {
		t.Errorf("want a refusal, have %v", err)
	}
}

func TestControllersAreChosenAsUpstreamDocuments(t *testing.T) {
	all := defaults.DefaultEnabledControllers
	without := func(names ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(each string) bool { return slices.Contains(names, each) })
	}
	for _, each := range []struct {
		config config.ControllerConfiguration
		want   []string
	}{
		{config.ControllerConfiguration{Controllers: []string{"*"}}, all},
		{config.ControllerConfiguration{Controllers: []string{"issuers"}}, []string{"issuers"}},
		{config.ControllerConfiguration{Controllers: []string{"-certificaterequests-approver"}}, without("certificaterequests-approver")},
		{config.ControllerConfiguration{Controllers: []string{"-issuers", "*"}}, without("issuers")},
		{config.ControllerConfiguration{Controllers: []string{"*"}, Namespace: "one"}, without("clusterissuers")},
		{
			config.ControllerConfiguration{Controllers: []string{"issuers"}, GatewayAPIConfig: config.GatewayAPIConfig{Enabled: true}},
			[]string{"issuers", "gateway-shim"},
		},
		{
			config.ControllerConfiguration{Controllers: []string{"*", "-gateway-shim"}, GatewayAPIConfig: config.GatewayAPIConfig{Enabled: true}},
			all,
		},
	} {
		if have := enabledControllers(&each.config); !have.HasAll(each.want...) || have.Len() != len(each.want) {
			t.Errorf("%v: want %v, have %v", each.config.Controllers, each.want, have)
		}
	}
}
