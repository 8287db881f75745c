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
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func proxy(t *testing.T, dial Dial) (to string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() { _ = Serve(listener, dial, func(string, ...any) {}) }()
	return listener.Addr().String()
}

func connect(t *testing.T, proxy, target string) (net.Conn, *bufio.Reader, *http.Response) {
	t.Helper()
	connection, err := net.Dial("tcp", proxy)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	fmt.Fprintf(connection, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target)
	reader := bufio.NewReader(connection)
	answer, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatal(err)
	}
	return connection, reader, answer
}

func TestConnectCarriesBothWays(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		connection, err := echo.Accept()
		if err != nil {
			return
		}
		_, _ = io.Copy(connection, connection)
		connection.Close()
	}()
	connection, reader, answer := connect(t, proxy(t, LoopbackOnly), echo.Addr().String())
	if answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status)
	}
	fmt.Fprint(connection, "ahoy")
	_ = connection.(*net.TCPConn).CloseWrite()
	if text, _ := io.ReadAll(reader); string(text) != "ahoy" {
		t.Errorf("got %q back", text)
	}
}

func TestRefusalReachesTheClientInTheStatusLine(t *testing.T) {
	refusing := func(context.Context, string) (net.Conn, error) {
		return nil, errors.New("Service a/b has no ready endpoint")
	}
	_, _, answer := connect(t, proxy(t, refusing), "10.100.0.9:443")
	if answer.StatusCode != http.StatusBadGateway || !strings.Contains(answer.Status, "a/b has no ready endpoint") {
		t.Errorf("status %q", answer.Status)
	}
}

func TestNamesBelowLocalhostAreThisMachine(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	connection, err := LoopbackOnly(context.Background(), "forge.localhost:"+port)
	if err != nil {
		t.Fatal(err)
	}
	connection.Close()
}

func TestLoopbackOnlyRefusesTheWorld(t *testing.T) {
	for _, target := range []string{"93.184.216.34:443", "example.com:443", "0.0.0.0:80", "[2001:db8::1]:443"} {
		if connection, err := LoopbackOnly(context.Background(), target); err == nil {
			connection.Close()
			t.Errorf("%s was dialled", target)
		} else if !strings.Contains(err.Error(), "nothing leaves") {
			t.Errorf("%s: %v", target, err)
		}
	}
}

func TestProxyForwardsPlainRequestsToThisMachineAlone(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.URL.Path, body)
	}))
	defer receiver.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() { _ = ServeProxy(listener, LoopbackOnly, func(string, ...any) {}) }()
	way := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(way)}}
	for target, want := range map[string]string{
		receiver.URL + "/alerts": "/alerts ahoy",
		"http://example.com/":    "example.com:80 is not on this machine; nothing leaves it\n",
	} {
		answer, err := client.Post(target, "text/plain", strings.NewReader("ahoy"))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if string(text) != want {
			t.Errorf("%s: %q, want %q", target, text, want)
		}
	}
}
