// SPDX-License-Identifier: GPL-3.0-or-later

package cloud

import (
	"context"
	"fmt"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/cloud-provider/controllers/service"
	controllersmetrics "k8s.io/component-base/metrics/prometheus/controllers"

	"seaworthy.dev/drydock/controlplane/internal/config"
)

const workers = 2

// Start runs the cloud's controllers until ctx ends. It returns when their caches are filled.
func Start(ctx context.Context, client kubernetes.Interface, c *config.Config) error {
	factory := informers.NewSharedInformerFactory(client, 0)
	volumes, err := newProvisioner(client, factory)
	if err != nil {
		return err
	}
	core := factory.Core().V1()
	services, err := service.New(newBalancers(c.LoadBalancer), client, core.Services(), core.Nodes(), c.Name,
		utilfeature.DefaultFeatureGate)
	if err != nil {
		return fmt.Errorf("make the service controller: %w", err)
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	go volumes.run(ctx)
	go services.Run(ctx, workers, controllersmetrics.NewControllerManagerMetrics("drydock"))
	return nil
}
