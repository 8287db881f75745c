// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/cert-manager/cert-manager/internal/apis/config/shared"
	"github.com/cert-manager/cert-manager/pkg/server"
	"github.com/cert-manager/cert-manager/pkg/server/tls"
	"github.com/cert-manager/cert-manager/pkg/server/tls/authority"
	"github.com/cert-manager/cert-manager/pkg/util/profiling"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
)

const (
	headerTimeout = 32 * time.Second // Kubernetes' own bound on a slow client
	drainTimeout  = 5 * time.Second
)

func listen(ctx context.Context, address string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// serve runs a server until the context ends, then gives open requests a moment.
func serve(ctx context.Context, group *errgroup.Group, srv *http.Server, listener net.Listener) {
	group.Go(func() error {
		if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		return srv.Shutdown(drain)
	})
}

func serveProfiles(ctx context.Context, group *errgroup.Group, address string) error {
	listener, err := listen(ctx, address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	profiling.Install(mux)
	serve(ctx, group, &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout}, listener)
	return nil
}

// metricsListener speaks TLS where files or a dynamic authority are configured; the latter runs in the group.
func metricsListener(ctx context.Context, group *errgroup.Group, address string, c shared.TLSConfig, access *rest.Config) (net.Listener, error) {
	source := certificateSource(c, access, "cert-manager")
	if source != nil {
		group.Go(func() error {
			if err := source.Start(ctx); !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		})
	}
	return server.Listen(ctx, "tcp", address,
		server.WithCertificateSource(source),
		server.WithTLSCipherSuites(c.CipherSuites),
		server.WithTLSMinVersion(c.MinTLSVersion))
}

// certificateSource is nil where the configuration asks for plain HTTP.
func certificateSource(c shared.TLSConfig, access *rest.Config, owner string) tls.CertificateSource {
	if c.FilesystemConfigProvided() {
		return &tls.FileCertificateSource{CertPath: c.Filesystem.CertFile, KeyPath: c.Filesystem.KeyFile}
	}
	if !c.DynamicConfigProvided() {
		return nil
	}
	return &tls.DynamicSource{
		DNSNames: c.Dynamic.DNSNames,
		Authority: &authority.DynamicAuthority{
			SecretNamespace: c.Dynamic.SecretNamespace,
			SecretName:      c.Dynamic.SecretName,
			SecretLabels:    map[string]string{"app.kubernetes.io/managed-by": owner},
			LeafDuration:    c.Dynamic.LeafDuration,
			RESTConfig:      access,
		},
	}
}
