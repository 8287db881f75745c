// SPDX-License-Identifier: GPL-3.0-or-later

//go:build pins

// Names the packages that the tool loads as source, so that `go mod tidy` keeps their modules in go.mod and go.sum.
// A test compares this list with the table of components.
package main

import (
	_ "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	_ "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	_ "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/agent/v1alpha1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/apm/v1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/apm/v1beta1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/autoops/v1alpha1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/autoscaling/v1alpha1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/beat/v1beta1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/elasticsearch/v1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/elasticsearch/v1beta1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/enterprisesearch/v1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/enterprisesearch/v1beta1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/kibana/v1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/kibana/v1beta1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/logstash/v1alpha1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/maps/v1alpha1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/packageregistry/v1alpha1"
	_ "github.com/elastic/cloud-on-k8s/v3/pkg/apis/stackconfigpolicy/v1alpha1"
	_ "github.com/envoyproxy/gateway/api/v1alpha1"
	_ "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	_ "github.com/external-secrets/external-secrets/apis/generators/v1alpha1"
	_ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	_ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	_ "k8s.io/apimachinery/pkg/runtime/schema"
	_ "sigs.k8s.io/gateway-api/apis/v1"
	_ "sigs.k8s.io/gateway-api/apis/v1alpha2"
	_ "sigs.k8s.io/gateway-api/apis/v1alpha3"
	_ "sigs.k8s.io/gateway-api/apis/v1beta1"
)
