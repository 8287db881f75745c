// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	cryptotls "crypto/tls"
	"fmt"
	"time"

	config "github.com/cert-manager/cert-manager/internal/apis/config/cainjector"
	configscheme "github.com/cert-manager/cert-manager/internal/apis/config/cainjector/scheme"
	"github.com/cert-manager/cert-manager/internal/apis/config/cainjector/validation"
	"github.com/cert-manager/cert-manager/internal/cainjector/feature"
	configv1alpha1 "github.com/cert-manager/cert-manager/pkg/apis/config/cainjector/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/cainjector/configfile"
	cmscheme "github.com/cert-manager/cert-manager/pkg/client/clientset/versioned/scheme"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/server/tls"
	"github.com/cert-manager/cert-manager/pkg/util"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	kscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/featuregate"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	cainjectorLease = "cert-manager-cainjector-leader-election"
	cainjectorOwner = "cert-manager-cainjector"
	certificateCRD  = "certificates.cert-manager.io"
	crdTimeout      = 5 * time.Minute
)

var cainjectorFeatures = []featuregate.Feature{feature.CAInjectorMerging, feature.ServerSideApply}

func newCainjector() *component[config.CAInjectorConfiguration] {
	defaulted := must(cainjectorDefaults())
	return &component[config.CAInjectorConfiguration]{
		name:     "cainjector",
		config:   defaulted,
		flags:    cainjectorFlags,
		read:     readCainjector,
		validate: validation.ValidateCAInjectorConfiguration,
		logging:  &defaulted.Logging,
		gates:    &defaulted.FeatureGates,
		features: cainjectorFeatures,
		run:      runCainjector,
	}
}

func cainjectorDefaults() (*config.CAInjectorConfiguration, error) {
	scheme, _, err := configscheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	versioned := &configv1alpha1.CAInjectorConfiguration{}
	scheme.Default(versioned)
	internal := &config.CAInjectorConfiguration{}
	return internal, scheme.Convert(versioned, internal, nil)
}

func readCainjector(path string, into *config.CAInjectorConfiguration) error {
	file := configfile.New()
	if err := load(path, file); err != nil {
		return err
	}
	file.Config.DeepCopyInto(into)
	return nil
}

func cainjectorFlags(fs *pflag.FlagSet, c *config.CAInjectorConfiguration) {
	bind(fs.StringVar, "kubeconfig", &c.KubeConfig)
	bind(fs.StringVar, "namespace", &c.Namespace)
	bind(fs.StringSliceVar, "ignore-namespaces", &c.IgnoreNamespaces)
	bind(fs.BoolVar, "enable-certificates-data-source", &c.EnableDataSourceConfig.Certificates)
	injectable := &c.EnableInjectableConfig
	bind(fs.BoolVar, "enable-validatingwebhookconfigurations-injectable", &injectable.ValidatingWebhookConfigurations)
	bind(fs.BoolVar, "enable-mutatingwebhookconfigurations-injectable", &injectable.MutatingWebhookConfigurations)
	bind(fs.BoolVar, "enable-customresourcedefinitions-injectable", &injectable.CustomResourceDefinitions)
	bind(fs.BoolVar, "enable-apiservices-injectable", &injectable.APIServices)
	leaderFlags(fs, &c.LeaderElectionConfig)
	profilingFlags(fs, &c.EnablePprof, &c.PprofAddress)
	metricsFlags(fs, &c.MetricsListenAddress, &c.MetricsTLSConfig)
	gateFlag(fs, &c.FeatureGates)
	logf.AddFlags(&c.Logging, fs)
}

func runCainjector(parent context.Context, c *config.CAInjectorConfiguration) error {
	group, ctx := errgroup.WithContext(parent)
	access, err := cainjectorAccess(c.KubeConfig)
	if err != nil {
		return err
	}
	manager, err := cainjectorManager(c, access)
	if err != nil {
		return fmt.Errorf("error creating manager: %w", err)
	}
	if c.EnablePprof {
		if err := serveProfiles(ctx, group, c.PprofAddress); err != nil {
			return err
		}
	}
	if c.EnableDataSourceConfig.Certificates {
		if err := awaitCertificateCRD(ctx, manager); err != nil {
			return fmt.Errorf("error retrieving the %s CRD: %w", certificateCRD, err)
		}
	}
	if err := cainjector.RegisterAllInjectors(ctx, manager, injectors(c)); err != nil {
		return fmt.Errorf("failed to register controllers: %w", err)
	}
	group.Go(func() error { return manager.Start(ctx) })
	return group.Wait()
}

func cainjectorAccess(kubeconfig string) (access *rest.Config, err error) {
	if kubeconfig == "" {
		access, err = ctrl.GetConfig()
	} else {
		access, err = clientcmd.BuildConfigFromFlags("", kubeconfig)
	}
	if err != nil {
		return nil, err
	}
	return util.RestConfigWithUserAgent(access, "cainjector"), nil
}

func cainjectorManager(c *config.CAInjectorConfiguration, access *rest.Config) (ctrl.Manager, error) {
	scheme, err := injectableScheme()
	if err != nil {
		return nil, err
	}
	source := certificateSource(c.MetricsTLSConfig, access, cainjectorOwner)
	metrics, err := managerMetrics(c, source)
	if err != nil {
		return nil, err
	}
	leader := &c.LeaderElectionConfig
	manager, err := ctrl.NewManager(access, ctrl.Options{
		Scheme:  scheme,
		Metrics: metrics,
		Cache:   cache.Options{ReaderFailOnMissingInformer: true, DefaultNamespaces: watched(c.Namespace)},
		// Secrets are read one by one: caching them would hold every Secret of the cluster in memory.
		Client:                        client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		LeaderElection:                leader.Enabled,
		LeaderElectionNamespace:       leader.Namespace,
		LeaderElectionID:              cainjectorLease,
		LeaderElectionReleaseOnCancel: true,
		LeaderElectionLabels:          map[string]string{"app.kubernetes.io/managed-by": cainjectorOwner},
		LeaderElectionResourceLock:    resourcelock.LeasesResourceLock,
		LeaseDuration:                 &leader.LeaseDuration,
		RenewDeadline:                 &leader.RenewDeadline,
		RetryPeriod:                   &leader.RetryPeriod,
	})
	if err != nil || source == nil {
		return manager, err
	}
	return manager, manager.Add(source)
}

func injectableScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		kscheme.AddToScheme, cmscheme.AddToScheme, apiextensions.AddToScheme, apiregistration.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return scheme, nil
}

func watched(namespace string) map[string]cache.Config {
	if namespace == "" {
		return nil
	}
	return map[string]cache.Config{namespace: {}}
}

func managerMetrics(c *config.CAInjectorConfiguration, source tls.CertificateSource) (metricsserver.Options, error) {
	options := metricsserver.Options{BindAddress: c.MetricsListenAddress}
	if source == nil {
		return options, nil
	}
	suites, err := cliflag.TLSCipherSuites(c.MetricsTLSConfig.CipherSuites)
	if err != nil {
		return options, err
	}
	oldest, err := cliflag.TLSVersion(c.MetricsTLSConfig.MinTLSVersion)
	if err != nil {
		return options, err
	}
	options.SecureServing = true
	options.TLSOpts = []func(*cryptotls.Config){func(tlsConfig *cryptotls.Config) {
		tlsConfig.CipherSuites = suites
		tlsConfig.MinVersion = oldest
		tlsConfig.GetCertificate = source.GetCertificate
	}}
	return options, nil
}

// awaitCertificateCRD bounds the race of an install in which the CRDs come after the Deployments.
func awaitCertificateCRD(ctx context.Context, manager ctrl.Manager) error {
	direct, err := client.New(manager.GetConfig(), client.Options{Scheme: manager.GetScheme(), Mapper: manager.GetRESTMapper()})
	if err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, time.Second, crdTimeout, true, func(ctx context.Context) (bool, error) {
		err := direct.Get(ctx, types.NamespacedName{Name: certificateCRD}, &apiextensions.CustomResourceDefinition{})
		if apierrors.IsNotFound(err) {
			logf.FromContext(ctx).Info("waiting for a CRD", "name", certificateCRD)
			return false, nil
		}
		return err == nil, err
	})
}

func injectors(c *config.CAInjectorConfiguration) cainjector.SetupOptions {
	return cainjector.SetupOptions{
		Namespace:                    c.Namespace,
		IgnoreNamespaces:             c.IgnoreNamespaces,
		EnableCertificatesDataSource: c.EnableDataSourceConfig.Certificates,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   c.EnableInjectableConfig.MutatingWebhookConfigurations,
			cainjector.ValidatingWebhookConfigurationName: c.EnableInjectableConfig.ValidatingWebhookConfigurations,
			cainjector.APIServiceName:                     c.EnableInjectableConfig.APIServices,
			cainjector.CustomResourceDefinitionName:       c.EnableInjectableConfig.CustomResourceDefinitions,
		},
	}
}
