// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// followInterval is how often a followed log is looked at for more.
const followInterval = 200 * time.Millisecond

// Kubelet answers the API server for all nodes. It listens nowhere: connections are made in memory.
type Kubelet struct {
	agent    *Agent
	arrivals chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

// NewKubelet serves with the certificate until Close.
func NewKubelet(agent *Agent, certificate tls.Certificate) *Kubelet {
	k := &Kubelet{agent: agent, arrivals: make(chan net.Conn), closed: make(chan struct{})}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.logs)
	routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "drydock's kubelet serves logs only, not "+r.URL.Path, http.StatusNotImplemented)
	})
	settings := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	go func() { _ = (&http.Server{Handler: routes, ErrorLog: nil}).Serve(tls.NewListener(k, settings)) }()
	return k
}

// Connect opens a connection to it.
func (k *Kubelet) Connect() (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case k.arrivals <- server:
		return client, nil
	case <-k.closed:
		return nil, net.ErrClosed
	}
}

// Accept, Close and Addr make it a listener.
func (k *Kubelet) Accept() (net.Conn, error) {
	select {
	case connection := <-k.arrivals:
		return connection, nil
	case <-k.closed:
		return nil, net.ErrClosed
	}
}

// Close ends it.
func (k *Kubelet) Close() error {
	k.once.Do(func() { close(k.closed) })
	return nil
}

// Addr is a name only.
func (k *Kubelet) Addr() net.Addr { return &net.UnixAddr{Name: "kubelet", Net: "memory"} }

func (k *Kubelet) logs(w http.ResponseWriter, r *http.Request) {
	namespace, pod, container := r.PathValue("namespace"), r.PathValue("pod"), r.PathValue("container")
	if !k.agent.Has(namespace, pod) {
		// Of all errors, the API server passes on the text of this one alone.
		http.Error(w, fmt.Sprintf("pod %s/%s is simulated: it has no process and no log", namespace, pod), http.StatusBadRequest)
		return
	}
	tail := -1
	if lines, err := strconv.Atoi(r.URL.Query().Get("tailLines")); err == nil {
		tail = lines
	}
	path, err := k.agent.Log(w, namespace, pod, container, tail)
	if follow, _ := strconv.ParseBool(r.URL.Query().Get("follow")); err == nil && follow {
		followLog(w, r, path)
	}
}

// followLog copies what is added to a log until the client leaves.
func followLog(w http.ResponseWriter, r *http.Request, path string) {
	file, err := os.Open(path)
	if err != nil {
		return
	}
	defer file.Close()
	if _, err := file.Seek(0, io.SeekEnd); err != nil {
		return
	}
	flush := http.NewResponseController(w)
	for {
		if _, err := io.Copy(w, file); err != nil {
			return
		}
		if err := flush.Flush(); errors.Is(err, http.ErrNotSupported) || !sleep(r.Context(), followInterval) {
			return
		}
	}
}
