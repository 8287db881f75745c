// SPDX-License-Identifier: GPL-3.0-or-later

package cluster

import (
	"context"
	"fmt"
	"net"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"seaworthy.dev/drydock/controlplane/internal/reset"
)

const pollInterval = 50 * time.Millisecond

// condition says whether something holds, and when not, what is missing.
type condition func(context.Context) error

// await polls a condition until it holds, the time is over, or a program of the cluster has ended.
func (c *Cluster) await(ctx context.Context, what string, holds condition) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	missing := holds(ctx)
	for missing != nil {
		select {
		case err := <-c.failed:
			return err
		case <-ctx.Done():
			return fmt.Errorf("waited for %s until %w: %w", what, ctx.Err(), missing)
		case <-ticker.C:
			missing = holds(ctx)
		}
	}
	c.say("%-32s %.1fs", what, time.Since(c.started).Seconds())
	return nil
}

func socketAnswers(path string) condition {
	return func(context.Context) error {
		connection, err := net.Dial("unix", path)
		if err != nil {
			return err
		}
		return connection.Close()
	}
}

func serverReady(client kubernetes.Interface) condition {
	return func(ctx context.Context) error {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	}
}

// namespacesFurnished holds when each first namespace has its default service account and the cluster's authority.
func namespacesFurnished(client kubernetes.Interface) condition {
	return func(ctx context.Context) error {
		for _, namespace := range []string{
			metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic, "kube-node-lease",
		} {
			core := client.CoreV1()
			if _, err := core.ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{}); err != nil {
				return fmt.Errorf("namespace %s: %w", namespace, err)
			}
			if _, err := core.ConfigMaps(namespace).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{}); err != nil {
				return fmt.Errorf("namespace %s: %w", namespace, err)
			}
		}
		return nil
	}
}

// quiet holds when nothing lasting was written to the store for a while: controllers still make their accounts when
// the first objects are there.
func quiet(store *reset.Store) condition {
	const still = 300 * time.Millisecond
	var last int64
	var since time.Time
	return func(ctx context.Context) error {
		now, err := store.Revision(ctx)
		if err != nil {
			return err
		}
		if now != last {
			last, since = now, time.Now()
		}
		if time.Since(since) < still {
			return fmt.Errorf("the store changed %s ago", time.Since(since))
		}
		return nil
	}
}

// clientFor makes a client without the client-side rate limit: everything here is one machine's.
func clientFor(kubeconfig string) (kubernetes.Interface, error) {
	settings, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", kubeconfig, err)
	}
	client, err := kubernetes.NewForConfig(unlimited(settings))
	if err != nil {
		return nil, fmt.Errorf("make a client: %w", err)
	}
	return client, nil
}

func unlimited(settings *rest.Config) *rest.Config {
	settings.QPS = -1
	return settings
}
