// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"

	config "github.com/cert-manager/cert-manager/internal/apis/config/webhook"
	"github.com/cert-manager/cert-manager/internal/apis/config/webhook/validation"
	"github.com/cert-manager/cert-manager/internal/webhook"
	"github.com/cert-manager/cert-manager/internal/webhook/feature"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
	"github.com/cert-manager/cert-manager/pkg/webhook/configfile"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
	"k8s.io/component-base/featuregate"
)

var webhookFeatures = []featuregate.Feature{
	feature.AdditionalCertificateOutputFormats, feature.DisallowInsecureCSRUsageDefinition,
	feature.LiteralCertificateSubject, feature.NameConstraints, feature.OtherNames,
}

func newWebhook() *component[config.WebhookConfiguration] {
	defaulted := must(options.NewWebhookConfiguration())
	return &component[config.WebhookConfiguration]{
		name:     "webhook",
		config:   defaulted,
		flags:    options.AddConfigFlags,
		read:     readWebhook,
		validate: validation.ValidateWebhookConfiguration,
		logging:  &defaulted.Logging,
		gates:    &defaulted.FeatureGates,
		features: webhookFeatures,
		run:      runWebhook,
	}
}

func readWebhook(path string, into *config.WebhookConfiguration) error {
	file := configfile.New()
	if err := load(path, file); err != nil {
		return err
	}
	file.Config.DeepCopyInto(into)
	return nil
}

func runWebhook(ctx context.Context, c *config.WebhookConfiguration) error {
	log := logf.FromContext(ctx)
	log.Info("starting cert-manager webhook", "version", util.AppVersion)
	server, err := webhook.NewCertManagerWebhookServer(log, *c)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}
