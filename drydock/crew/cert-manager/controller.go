// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/internal/controller/feature"
	"github.com/cert-manager/cert-manager/internal/pem"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	dnsutil "github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	// Each of these registers its controller or issuer with controller.Known and the issuer factory.
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/gateways"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/ingresses"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/vault"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/venafi"
)

const controllerLease = "cert-manager-controller"

// runController serves health and metrics at once, and starts the controllers when it holds the lease.
func runController(parent context.Context, c *config.ControllerConfiguration) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	logf.FromContext(ctx).Info("starting cert-manager controller", "version", util.AppVersion)

	options, err := contextOptions(c)
	if err != nil {
		return err
	}
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}
	pem.SetGlobalSizeLimits(sizeLimits(&c.PEMSizeLimitsConfig))

	enabled := enabledControllers(c)
	logf.FromContext(ctx).Info(fmt.Sprintf("enabled controllers: %s", sets.List(enabled)))
	collect(base, enabled)
	health, err := serveController(ctx, group, c, base)
	if err != nil {
		return err
	}
	elected := make(chan struct{})
	group.Go(func() error { return lead(ctx, c, factory, health, elected) })
	select {
	case <-ctx.Done():
		return group.Wait()
	case <-elected:
	}
	if err := startControllers(ctx, group, c, factory, enabled); err != nil {
		cancel()
		return errors.Join(err, group.Wait())
	}
	return follow(ctx, group, c, base)
}

// follow runs the informers until the controllers end.
func follow(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration, base *controller.Context) error {
	factories := []interface {
		Start(<-chan struct{})
		Shutdown()
	}{base.SharedInformerFactory, base.KubeSharedInformerFactory, base.HTTP01ResourceMetadataInformersFactory}
	if c.GatewayAPIConfig.Enabled && utilfeature.DefaultFeatureGate.Enabled(feature.ExperimentalGatewayAPISupport) {
		factories = append(factories, base.GWShared)
	}
	for _, each := range factories {
		each.Start(ctx.Done())
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("error starting controller: %w", err)
	}
	for _, each := range factories {
		each.Shutdown()
	}
	return nil
}

func startControllers(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration, factory *controller.ContextFactory, enabled sets.Set[string]) error {
	for name, construct := range controller.Known() {
		log := logf.FromContext(ctx).WithValues("controller", name)
		if !enabled.Has(name) {
			log.V(logf.InfoLevel).Info("skipping disabled controller")
			continue
		}
		loop, err := construct(factory)
		if err != nil {
			return fmt.Errorf("error starting controller %s: %w", name, err)
		}
		group.Go(func() error {
			log.V(logf.InfoLevel).Info("starting controller")
			return loop.Run(c.NumberOfConcurrentWorkers, ctx)
		})
	}
	return nil
}

func collect(base *controller.Context, enabled sets.Set[string]) {
	issuers := base.SharedInformerFactory.Certmanager().V1()
	base.Metrics.SetupACMECollector(base.SharedInformerFactory.Acme().V1().Challenges().Lister())
	base.Metrics.SetupCertificateCollector(issuers.Certificates().Lister())
	base.Metrics.SetupIssuerCollector(issuers.Issuers().Lister())
	if enabled.Has(clusterissuers.ControllerName) {
		base.Metrics.SetupClusterIssuerCollector(issuers.ClusterIssuers().Lister())
	}
}

func serveController(ctx context.Context, group *errgroup.Group, c *config.ControllerConfiguration, base *controller.Context) (*healthz.Server, error) {
	metrics, err := metricsListener(ctx, group, c.MetricsListenAddress, c.MetricsTLSConfig, base.RESTConfig)
	if err != nil {
		return nil, fmt.Errorf("failed to listen on metrics address %s: %w", c.MetricsListenAddress, err)
	}
	serve(ctx, group, base.Metrics.NewServer(metrics), metrics)
	if c.EnablePprof {
		if err := serveProfiles(ctx, group, c.PprofAddress); err != nil {
			return nil, err
		}
	}
	listener, err := listen(ctx, c.HealthzListenAddress)
	if err != nil {
		return nil, fmt.Errorf("failed to listen on healthz address %s: %w", c.HealthzListenAddress, err)
	}
	logf.FromContext(ctx).V(logf.InfoLevel).Info("serving", "metrics", metrics.Addr().String(), "healthz", listener.Addr().String())
	health := healthz.NewServer(c.LeaderElectionConfig.HealthzTimeout)
	group.Go(func() error { return health.Start(ctx, listener) })
	return health, nil
}

// lead closes elected when this process holds the lease (at once where election is off) and returns an error if it
// loses it, so that the process ends and another one takes over.
func lead(ctx context.Context, c *config.ControllerConfiguration, factory *controller.ContextFactory, health *healthz.Server, elected chan<- struct{}) error {
	if !c.LeaderElectionConfig.Enabled {
		close(elected)
		return nil
	}
	own, err := factory.Build("leader-election")
	if err != nil {
		return err
	}
	lock, err := lease(own, c.LeaderElectionConfig.Namespace)
	if err != nil {
		return fmt.Errorf("error creating leader election lock: %w", err)
	}
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   c.LeaderElectionConfig.LeaseDuration,
		RenewDeadline:   c.LeaderElectionConfig.RenewDeadline,
		RetryPeriod:     c.LeaderElectionConfig.RetryPeriod,
		ReleaseOnCancel: true,
		WatchDog:        health.LeaderHealthzAdaptor,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(elected) },
			OnStoppedLeading: func() {},
		},
	})
	if err != nil {
		return err
	}
	elector.Run(ctx)
	if ctx.Err() == nil {
		return errors.New("leader election lost")
	}
	return nil
}

func lease(own *controller.Context, namespace string) (resourcelock.Interface, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	identity := resourcelock.ResourceLockConfig{Identity: host + "-external-" + controllerLease, EventRecorder: own.Recorder}
	return resourcelock.NewWithLabels(resourcelock.LeasesResourceLock, namespace, controllerLease,
		own.Client.CoreV1(), own.Client.CoordinationV1(), identity, map[string]string{"app.kubernetes.io/managed-by": "cert-manager"})
}

func sizeLimits(c *config.PEMSizeLimitsConfig) pem.SizeLimits {
	return pem.NewSizeLimitsFromConfig(c.MaxCertificateSize, c.MaxPrivateKeySize, c.MaxChainLength, c.MaxBundleSize)
}

func contextOptions(c *config.ControllerConfiguration) (controller.ContextOptions, error) {
	acme, err := acmeOptions(&c.ACMEHTTP01Config, &c.ACMEDNS01Config)
	return controller.ContextOptions{
		Kubeconfig:         c.KubeConfig,
		APIServerHost:      c.APIServerHost,
		KubernetesAPIQPS:   c.KubernetesAPIQPS,
		KubernetesAPIBurst: c.KubernetesAPIBurst,
		Namespace:          c.Namespace,
		ACMEOptions:        acme,
		SchedulerOptions:   controller.SchedulerOptions{MaxConcurrentChallenges: c.MaxConcurrentChallenges},
		IssuerOptions: controller.IssuerOptions{
			ClusterIssuerAmbientCredentials: c.ClusterIssuerAmbientCredentials,
			IssuerAmbientCredentials:        c.IssuerAmbientCredentials,
			ClusterResourceNamespace:        c.ClusterResourceNamespace,
		},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerName:                 c.IngressShimConfig.DefaultIssuerName,
			DefaultIssuerKind:                 c.IngressShimConfig.DefaultIssuerKind,
			DefaultIssuerGroup:                c.IngressShimConfig.DefaultIssuerGroup,
			DefaultAutoCertificateAnnotations: c.IngressShimConfig.DefaultAutoCertificateAnnotations,
			ExtraCertificateAnnotations:       c.IngressShimConfig.ExtraCertificateAnnotations,
			GatewayAPIExtraProtocols:          sets.New(c.GatewayAPIConfig.ExtraProtocols...),
		},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:                           c.EnableCertificateOwnerRef,
			CopiedAnnotationPrefixes:                 c.CopiedAnnotationPrefixes,
			CertificateRequestMinimumBackoffDuration: c.CertificateRequestMinimumBackoffDuration,
			CertificateRequestMaximumBackoffDuration: c.CertificateRequestMaximumBackoffDuration,
		},
		ConfigOptions: controller.ConfigOptions{
			EnableGatewayAPI:            c.GatewayAPIConfig.Enabled,
			EnableGatewayAPIListenerSet: c.GatewayAPIConfig.EnableListenerSet,
		},
	}, err
}

func acmeOptions(http01 *config.ACMEHTTP01Config, dns01 *config.ACMEDNS01Config) (controller.ACMEOptions, error) {
	options := controller.ACMEOptions{
		HTTP01SolverImage:            http01.SolverImage,
		ACMEHTTP01SolverRunAsNonRoot: http01.SolverRunAsNonRoot,
		HTTP01SolverRuntimeClassName: http01.SolverRuntimeClassName,
		HTTP01SolverNameservers:      http01.SolverNameservers,
		HTTP01SolverExtraLabels:      http01.SolverExtraLabels,
		DNS01Nameservers:             dns01.RecursiveNameservers,
		DNS01CheckRetryPeriod:        dns01.CheckRetryPeriod,
		DNS01CheckAuthoritative:      !dns01.RecursiveNameserversOnly,
	}
	if len(options.DNS01Nameservers) == 0 {
		options.DNS01Nameservers = dnsutil.RecursiveNameservers
	}
	var problems []error
	for _, each := range []struct {
		flag, text string
		into       *resource.Quantity
	}{
		{"request-cpu", http01.SolverResourceRequestCPU, &options.HTTP01SolverResourceRequestCPU},
		{"request-memory", http01.SolverResourceRequestMemory, &options.HTTP01SolverResourceRequestMemory},
		{"limits-cpu", http01.SolverResourceLimitsCPU, &options.HTTP01SolverResourceLimitsCPU},
		{"limits-memory", http01.SolverResourceLimitsMemory, &options.HTTP01SolverResourceLimitsMemory},
	} {
		quantity, err := resource.ParseQuantity(each.text)
		if err != nil {
			problems = append(problems, fmt.Errorf("--acme-http01-solver-resource-%s %q: %w", each.flag, each.text, err))
		}
		*each.into = quantity
	}
	return options, errors.Join(problems...)
}
