// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-tools/pkg/crd"
)

// component is one upstream project whose CRDs a role applies.
type component struct {
	name     string   // folder below the role's files/crds, and key of `crds versions`
	module   string   // where go.mod pins it
	role     string   // who applies it
	packages []string // exact import paths: a "..." pattern also loads packages that go.sum does not know
	kinds    []string // empty: all kinds of the packages
	options  crd.Generator
	after    func(*apiextensions.CustomResourceDefinition) error // sees the descriptions, which are dropped then
}

var yes = true

// components is the table. A row's packages must also stand in pins.go.
var components = []component{
	{
		name:     "argocd",
		module:   "github.com/argoproj/argo-cd/v3",
		role:     "gitops",
		packages: []string{"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"},
	},
	{
		name:   "cert-manager",
		module: "github.com/cert-manager/cert-manager",
		role:   "certificates",
		packages: []string{
			"github.com/cert-manager/cert-manager/pkg/apis/acme/v1",
			"github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1",
		},
	},
	{
		name:   "eck",
		module: "github.com/elastic/cloud-on-k8s/v3",
		role:   "logging",
		// The operator watches all of its kinds and starts only when the cluster has them.
		packages: []string{
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/agent/v1alpha1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/apm/v1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/apm/v1beta1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/autoops/v1alpha1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/autoscaling/v1alpha1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/beat/v1beta1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/elasticsearch/v1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/elasticsearch/v1beta1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/enterprisesearch/v1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/enterprisesearch/v1beta1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/kibana/v1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/kibana/v1beta1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/logstash/v1alpha1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/maps/v1alpha1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/packageregistry/v1alpha1",
			"github.com/elastic/cloud-on-k8s/v3/pkg/apis/stackconfigpolicy/v1alpha1",
		},
		options: crd.Generator{GenerateEmbeddedObjectMeta: &yes},
		after:   openTemplates,
	},
	{
		name:     "envoy-gateway",
		module:   "github.com/envoyproxy/gateway",
		role:     "ingress",
		packages: []string{"github.com/envoyproxy/gateway/api/v1alpha1"},
		// The controller looks which of its kinds the cluster has, and does without the others.
		kinds: []string{"ClientTrafficPolicy", "EnvoyProxy", "SecurityPolicy"},
	},
	{
		name:   "external-secrets",
		module: "github.com/external-secrets/external-secrets",
		role:   "secrets",
		packages: []string{
			"github.com/external-secrets/external-secrets/apis/externalsecrets/v1",
			"github.com/external-secrets/external-secrets/apis/generators/v1alpha1",
		},
		// The controller starts only when it can watch the last one, whether generators are used or not.
		kinds: []string{"ExternalSecret", "SecretStore", "GeneratorState"},
	},
	{
		name:   "gateway-api",
		module: "sigs.k8s.io/gateway-api",
		role:   "base",
		packages: []string{
			"k8s.io/apimachinery/pkg/runtime/schema", // the API packages' generated registration refers to it
			"sigs.k8s.io/gateway-api/apis/v1",
			"sigs.k8s.io/gateway-api/apis/v1alpha2",
			"sigs.k8s.io/gateway-api/apis/v1alpha3",
			"sigs.k8s.io/gateway-api/apis/v1beta1",
		},
		kinds: []string{
			"BackendTLSPolicy", "GRPCRoute", "Gateway", "GatewayClass", "HTTPRoute",
			"ListenerSet", "ReferenceGrant", "TCPRoute", "TLSRoute", "UDPRoute",
		},
		after: gatewayChannel("standard").finish,
	},
	{
		name:     "prometheus-operator",
		module:   "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring",
		role:     "base",
		packages: []string{"github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"},
		kinds:    []string{"PodMonitor", "PrometheusRule", "ServiceMonitor"},
	},
	{
		name:   "prometheus-operands",
		module: "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring",
		role:   "monitoring",
		packages: []string{
			"github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1",
			"github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1",
		},
		kinds: []string{"Alertmanager", "AlertmanagerConfig", "Probe", "Prometheus", "ScrapeConfig"},
	},
}

func (c component) folder(roles string) string {
	return filepath.Join(roles, c.role, "files", "crds", c.name)
}

// pinnedVersions maps each component's name to the version of its module in a go.mod file.
func pinnedVersions(path string, wanted []component) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parsed, err := modfile.Parse(path, text, nil)
	if err != nil {
		return nil, err
	}
	required := map[string]string{}
	for _, each := range parsed.Require {
		required[each.Mod.Path] = each.Mod.Version
	}
	pins := map[string]string{}
	for _, each := range wanted {
		version, found := required[each.module]
		if !found {
			return nil, fmt.Errorf("%s does not require %s, which component %s is compiled from", path, each.module, each.name)
		}
		pins[each.name] = version
	}
	return pins, nil
}
