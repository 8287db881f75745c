// SPDX-License-Identifier: GPL-3.0-or-later

package egress

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"strings"
	"time"
)

const (
	dialLimit    = 5 * time.Second
	requestLimit = 10 * time.Second
)

// Dial opens a connection to a target that the API server named, or says why not.
type Dial func(ctx context.Context, target string) (net.Conn, error)

// Serve answers CONNECT requests on a listener until it is closed. Log gets a line for each refusal.
func Serve(listener net.Listener, dial Dial, log func(string, ...any)) error {
	for {
		client, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		} else if err != nil {
			return fmt.Errorf("accept from the API server: %w", err)
		}
		go handle(client, dial, log)
	}
}

// ServeProxy answers as a forward proxy does, CONNECT and plain HTTP, until the listener is closed.
func ServeProxy(listener net.Listener, dial Dial, log func(string, ...any)) error {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, target string) (net.Conn, error) { return dial(ctx, target) }}
	plain := &httputil.ReverseProxy{
		Rewrite:   func(*httputil.ProxyRequest) {}, // the request names its target itself
		Transport: transport,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	server := &http.Server{ReadHeaderTimeout: requestLimit, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodConnect:
			tunnel(w, r, dial, log)
		case r.URL.IsAbs():
			plain.ServeHTTP(w, r)
		default:
			http.Error(w, "this is a proxy: name the whole URL", http.StatusBadRequest)
		}
	})}
	return server.Serve(listener)
}

func tunnel(w http.ResponseWriter, r *http.Request, dial Dial, log func(string, ...any)) {
	ctx, cancel := context.WithTimeout(r.Context(), dialLimit)
	defer cancel()
	server, err := dial(ctx, r.Host)
	if err != nil {
		log("proxy refused %s: %v", r.Host, err)
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	w.WriteHeader(http.StatusOK)
	client, ahead, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	Splice(&buffered{Conn: client, reader: ahead.Reader}, server)
}

func handle(client net.Conn, dial Dial, log func(string, ...any)) {
	defer client.Close()
	_ = client.SetReadDeadline(time.Now().Add(requestLimit))
	reader := bufio.NewReader(client)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	_ = client.SetReadDeadline(time.Time{})
	if request.Method != http.MethodConnect {
		refuse(client, http.StatusMethodNotAllowed, errors.New("only CONNECT is served"))
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialLimit)
	defer cancel()
	server, err := dial(ctx, request.Host)
	if err != nil {
		log("egress refused %s: %v", request.Host, err)
		refuse(client, http.StatusBadGateway, err)
		return
	}
	defer server.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	Splice(&buffered{Conn: client, reader: reader}, server)
}

// refuse puts the reason into the status line: that is the part which the API server shows to its client.
func refuse(client net.Conn, code int, reason error) {
	_, _ = fmt.Fprintf(client, "HTTP/1.1 %d %v\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", code, reason)
}

// buffered is a connection whose first bytes were read ahead.
type buffered struct {
	net.Conn
	reader *bufio.Reader
}

func (b *buffered) Read(into []byte) (int, error) { return b.reader.Read(into) }

// Splice copies both ways until both are done; the end of one direction is passed on, not the end of both.
func Splice(a, b net.Conn) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		copyThenClose(b, a)
	}()
	copyThenClose(a, b)
	<-done
}

func copyThenClose(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	if half, can := to.(interface{ CloseWrite() error }); can {
		_ = half.CloseWrite()
		return
	}
	_ = to.Close()
}

// CloseWrite passes the end of the stream on.
func (b *buffered) CloseWrite() error {
	if half, can := b.Conn.(interface{ CloseWrite() error }); can {
		return half.CloseWrite()
	}
	return b.Conn.Close()
}

// LoopbackOnly dials addresses of this machine alone: the token webhook, issuers, webhooks by URL. Names below localhost
// are this machine, too (RFC 6761).
func LoopbackOnly(ctx context.Context, target string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		return nil, fmt.Errorf("%q is no address of the form host:port", target)
	}
	if strings.HasSuffix(host, ".localhost") {
		host, target = "localhost", net.JoinHostPort("localhost", port)
	}
	address, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !address.IsLoopback()) {
		return nil, fmt.Errorf("%s is not on this machine; nothing leaves it", target)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", target)
}
