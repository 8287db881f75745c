// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// dialer opens connections inside a pod's network.
type dialer func(ctx context.Context, address string) (net.Conn, error)

// prober runs one probe of one container again and again. It is a value that a test can drive: step is pure.
type prober struct {
	probe   *corev1.Probe
	attempt func(ctx context.Context) error
}

// tally counts outcomes in a row.
type tally struct{ good, bad int32 }

// verdict of a probe after an attempt.
type probeVerdict int

const (
	undecided probeVerdict = iota
	passed
	broken
)

// step adds one outcome and says whether a threshold was reached.
func (t tally) step(probe *corev1.Probe, err error) (tally, probeVerdict) {
	if err == nil {
		t = tally{good: t.good + 1}
		if t.good >= max(probe.SuccessThreshold, 1) {
			return t, passed
		}
		return t, undecided
	}
	t = tally{bad: t.bad + 1}
	if t.bad >= max(probe.FailureThreshold, 1) {
		return t, broken
	}
	return t, undecided
}

// run probes until the context ends; decided hears each verdict.
func (p prober) run(ctx context.Context, decided func(probeVerdict, error)) {
	if !sleep(ctx, time.Duration(p.probe.InitialDelaySeconds)*time.Second) {
		return
	}
	var count tally
	for {
		err := p.once(ctx)
		var verdict probeVerdict
		if count, verdict = count.step(p.probe, err); verdict != undecided && ctx.Err() == nil {
			decided(verdict, err)
		}
		if !sleep(ctx, time.Duration(max(p.probe.PeriodSeconds, 1))*time.Second) {
			return
		}
	}
}

func (p prober) once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(max(p.probe.TimeoutSeconds, 1))*time.Second)
	defer cancel()
	return p.attempt(ctx)
}

// newProber makes the attempt of a probe's kind; nil for kinds that are not run here, which then never fail.
func newProber(probe *corev1.Probe, container *corev1.Container, podIP string, dial dialer) *prober {
	switch {
	case probe == nil:
		return nil
	case probe.HTTPGet != nil:
		return &prober{probe, func(ctx context.Context) error { return probeHTTP(ctx, probe.HTTPGet, container, podIP, dial) }}
	case probe.TCPSocket != nil:
		return &prober{probe, func(ctx context.Context) error { return probeTCP(ctx, probe.TCPSocket, container, podIP, dial) }}
	}
	return nil
}

func probeTCP(ctx context.Context, action *corev1.TCPSocketAction, container *corev1.Container, podIP string, dial dialer) error {
	address, err := addressOf(action.Host, action.Port, container, podIP)
	if err != nil {
		return err
	}
	connection, err := dial(ctx, address)
	if err != nil {
		return err
	}
	return connection.Close()
}

func probeHTTP(ctx context.Context, action *corev1.HTTPGetAction, container *corev1.Container, podIP string, dial dialer) error {
	request, err := probeRequest(ctx, action, container, podIP)
	if err != nil {
		return err
	}
	transport := &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // as the kubelet's: a probe asks for health, not identity
		DialContext:       func(ctx context.Context, _, address string) (net.Conn, error) { return dial(ctx, address) },
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 200))
	if answer.StatusCode < 200 || answer.StatusCode >= 400 {
		return fmt.Errorf("HTTP probe failed with statuscode: %d: %s", answer.StatusCode, text)
	}
	return nil
}

func probeRequest(ctx context.Context, action *corev1.HTTPGetAction, container *corev1.Container, podIP string) (*http.Request, error) {
	address, err := addressOf(action.Host, action.Port, container, podIP)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(action.Path)
	if err != nil {
		return nil, fmt.Errorf("probe path %q: %w", action.Path, err)
	}
	target.Scheme, target.Host = "http", address
	if action.Scheme == corev1.URISchemeHTTPS {
		target.Scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("probe request: %w", err)
	}
	request.Header.Set("User-Agent", "kube-probe/drydock")
	for _, header := range action.HTTPHeaders {
		if http.CanonicalHeaderKey(header.Name) == "Host" {
			request.Host = header.Value
		}
		request.Header.Add(header.Name, header.Value)
	}
	return request, nil
}

func addressOf(host string, port intstr.IntOrString, container *corev1.Container, podIP string) (string, error) {
	if host == "" {
		host = podIP
	}
	number, err := portNumber(port, container)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(host, strconv.Itoa(number)), nil
}

func portNumber(port intstr.IntOrString, container *corev1.Container) (int, error) {
	if port.Type == intstr.Int {
		return port.IntValue(), nil
	}
	for _, candidate := range container.Ports {
		if candidate.Name == port.StrVal {
			return int(candidate.ContainerPort), nil
		}
	}
	if number, err := strconv.Atoi(port.StrVal); err == nil {
		return number, nil
	}
	return 0, fmt.Errorf("container %s has no port named %q", container.Name, port.StrVal)
}

// sleep waits, or says false when the context ends first.
func sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
