// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"strings"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	configscheme "github.com/cert-manager/cert-manager/internal/apis/config/controller/scheme"
	defaults "github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/internal/apis/config/controller/validation"
	"github.com/cert-manager/cert-manager/internal/controller/feature"
	configv1alpha1 "github.com/cert-manager/cert-manager/pkg/apis/config/controller/v1alpha1"
	gateways "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/gateways"
	listenerset "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/listenerset"
	"github.com/cert-manager/cert-manager/pkg/controller/configfile"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/sets"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/featuregate"
)

var controllerFeatures = []featuregate.Feature{
	feature.ACMEHTTP01IngressPathTypeExact, feature.ACMEUseARI, feature.AdditionalCertificateOutputFormats,
	feature.DefaultPrivateKeyRotationPolicyAlways, feature.DisallowInsecureCSRUsageDefinition,
	feature.ExperimentalCertificateSigningRequestControllers, feature.ExperimentalGatewayAPISupport,
	feature.ListenerSets, feature.LiteralCertificateSubject, feature.NameConstraints, feature.OtherNames,
	feature.SecretsFilteredCaching, feature.ServerSideApply, feature.StableCertificateRequestName,
	feature.UseCertificateRequestBasicConstraints, feature.UseDomainQualifiedFinalizer, feature.ValidateCAA,
}

func newController() *component[config.ControllerConfiguration] {
	defaulted := must(controllerDefaults())
	return &component[config.ControllerConfiguration]{
		name:     "controller",
		config:   defaulted,
		flags:    controllerFlags,
		read:     readController,
		validate: validation.ValidateControllerConfiguration,
		logging:  &defaulted.Logging,
		gates:    &defaulted.FeatureGates,
		features: controllerFeatures,
		run:      runController,
	}
}

func controllerDefaults() (*config.ControllerConfiguration, error) {
	scheme, _, err := configscheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	versioned := &configv1alpha1.ControllerConfiguration{}
	scheme.Default(versioned)
	internal := &config.ControllerConfiguration{}
	return internal, scheme.Convert(versioned, internal, nil)
}

func readController(path string, into *config.ControllerConfiguration) error {
	file := configfile.New()
	if err := load(path, file); err != nil {
		return err
	}
	file.Config.DeepCopyInto(into)
	return nil
}

func controllerFlags(fs *pflag.FlagSet, c *config.ControllerConfiguration) {
	accessFlags(fs, c)
	leaderFlags(fs, &c.LeaderElectionConfig.LeaderElectionConfig)
	http01Flags(fs, &c.ACMEHTTP01Config)
	dns01Flags(fs, &c.ACMEDNS01Config)
	shimFlags(fs, c)
	certificateFlags(fs, c)
	sizeFlags(fs, &c.PEMSizeLimitsConfig)
	profilingFlags(fs, &c.EnablePprof, &c.PprofAddress)
	metricsFlags(fs, &c.MetricsListenAddress, &c.MetricsTLSConfig)
	bind(fs.StringVar, "internal-healthz-listen-address", &c.HealthzListenAddress)
	bind(fs.DurationVar, "internal-healthz-leader-election-timeout", &c.LeaderElectionConfig.HealthzTimeout)
	gateFlag(fs, &c.FeatureGates)
	logf.AddFlags(&c.Logging, fs)
}

func accessFlags(fs *pflag.FlagSet, c *config.ControllerConfiguration) {
	bind(fs.StringVar, "master", &c.APIServerHost)
	bind(fs.StringVar, "kubeconfig", &c.KubeConfig)
	bind(fs.Float32Var, "kube-api-qps", &c.KubernetesAPIQPS)
	bind(fs.IntVar, "kube-api-burst", &c.KubernetesAPIBurst)
	bind(fs.StringVar, "namespace", &c.Namespace)
	bind(fs.StringVar, "cluster-resource-namespace", &c.ClusterResourceNamespace)
	bind(fs.StringSliceVar, "controllers", &c.Controllers)
	bind(fs.IntVar, "concurrent-workers", &c.NumberOfConcurrentWorkers)
}

func http01Flags(fs *pflag.FlagSet, c *config.ACMEHTTP01Config) {
	bind(fs.StringVar, "acme-http01-solver-image", &c.SolverImage)
	bind(fs.StringVar, "acme-http01-solver-resource-request-cpu", &c.SolverResourceRequestCPU)
	bind(fs.StringVar, "acme-http01-solver-resource-request-memory", &c.SolverResourceRequestMemory)
	bind(fs.StringVar, "acme-http01-solver-resource-limits-cpu", &c.SolverResourceLimitsCPU)
	bind(fs.StringVar, "acme-http01-solver-resource-limits-memory", &c.SolverResourceLimitsMemory)
	bind(fs.BoolVar, "acme-http01-solver-run-as-non-root", &c.SolverRunAsNonRoot)
	bind(fs.StringVar, "acme-http01-solver-runtime-class-name", &c.SolverRuntimeClassName)
	bind(fs.StringSliceVar, "acme-http01-solver-nameservers", &c.SolverNameservers)
	fs.Var(cliflag.NewMapStringString(&c.SolverExtraLabels), "acme-http01-solver-extra-labels", "")
}

func dns01Flags(fs *pflag.FlagSet, c *config.ACMEDNS01Config) {
	bind(fs.StringSliceVar, "dns01-recursive-nameservers", &c.RecursiveNameservers)
	bind(fs.BoolVar, "dns01-recursive-nameservers-only", &c.RecursiveNameserversOnly)
	bind(fs.DurationVar, "dns01-check-retry-period", &c.CheckRetryPeriod)
}

func shimFlags(fs *pflag.FlagSet, c *config.ControllerConfiguration) {
	bind(fs.StringSliceVar, "auto-certificate-annotations", &c.IngressShimConfig.DefaultAutoCertificateAnnotations)
	bind(fs.StringSliceVar, "extra-certificate-annotations", &c.IngressShimConfig.ExtraCertificateAnnotations)
	bind(fs.StringVar, "default-issuer-name", &c.IngressShimConfig.DefaultIssuerName)
	bind(fs.StringVar, "default-issuer-kind", &c.IngressShimConfig.DefaultIssuerKind)
	bind(fs.StringVar, "default-issuer-group", &c.IngressShimConfig.DefaultIssuerGroup)
	bind(fs.BoolVar, "enable-gateway-api", &c.GatewayAPIConfig.Enabled)
	bind(fs.BoolVar, "enable-gateway-api-listenerset", &c.GatewayAPIConfig.EnableListenerSet)
	bind(fs.StringSliceVar, "gateway-api-extra-protocols", &c.GatewayAPIConfig.ExtraProtocols)
}

func certificateFlags(fs *pflag.FlagSet, c *config.ControllerConfiguration) {
	bind(fs.BoolVar, "cluster-issuer-ambient-credentials", &c.ClusterIssuerAmbientCredentials)
	bind(fs.BoolVar, "issuer-ambient-credentials", &c.IssuerAmbientCredentials)
	bind(fs.BoolVar, "enable-certificate-owner-ref", &c.EnableCertificateOwnerRef)
	bind(fs.StringSliceVar, "copied-annotation-prefixes", &c.CopiedAnnotationPrefixes)
	bind(fs.IntVar, "max-concurrent-challenges", &c.MaxConcurrentChallenges)
	bind(fs.DurationVar, "certificate-request-minimum-backoff-duration", &c.CertificateRequestMinimumBackoffDuration)
	bind(fs.DurationVar, "certificate-request-maximum-backoff-duration", &c.CertificateRequestMaximumBackoffDuration)
}

func sizeFlags(fs *pflag.FlagSet, c *config.PEMSizeLimitsConfig) {
	bind(fs.IntVar, "max-certificate-size", &c.MaxCertificateSize)
	bind(fs.IntVar, "max-private-key-size", &c.MaxPrivateKeySize)
	bind(fs.IntVar, "max-certificate-chain-length", &c.MaxChainLength)
	bind(fs.IntVar, "max-certificate-bundle-size", &c.MaxBundleSize)
}

// enabledControllers resolves --controllers: "*" is the default set (and implied where only "-name" is given),
// gates and Gateway API options add theirs, one namespace takes the cluster-wide ones away, "-name" has the last word.
func enabledControllers(c *config.ControllerConfiguration) sets.Set[string] {
	enabled, disabled := listedControllers(c.Controllers)
	gate := utilfeature.DefaultFeatureGate.Enabled
	gateway := c.GatewayAPIConfig.Enabled
	for _, extra := range []struct {
		wanted bool
		names  []string
	}{
		{gate(feature.ExperimentalCertificateSigningRequestControllers), defaults.ExperimentalCertificateSigningRequestControllers},
		{gateway && gate(feature.ExperimentalGatewayAPISupport), []string{gateways.ControllerName}},
		{gateway && gate(feature.ListenerSets) && c.GatewayAPIConfig.EnableListenerSet, []string{listenerset.ControllerName}},
	} {
		if extra.wanted {
			enabled.Insert(extra.names...)
		}
	}
	if c.Namespace != "" {
		enabled.Delete(defaults.ClusterScopedControllers...)
	}
	return enabled.Difference(disabled)
}

func listedControllers(listed []string) (enabled, disabled sets.Set[string]) {
	enabled, disabled = sets.New[string](), sets.New[string]()
	for _, name := range listed {
		if off, found := strings.CutPrefix(name, "-"); found {
			disabled.Insert(off)
		} else if name == "*" {
			enabled.Insert(defaults.DefaultEnabledControllers...)
		} else {
			enabled.Insert(name)
		}
	}
	if enabled.Len() == 0 && disabled.Len() > 0 {
		enabled.Insert(defaults.DefaultEnabledControllers...)
	}
	return enabled, disabled
}
