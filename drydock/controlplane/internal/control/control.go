// SPDX-License-Identifier: GPL-3.0-or-later

// Package control is the line between a running cluster and commands about it: HTTP on a unix socket in its folder.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"seaworthy.dev/drydock/controlplane/internal/reset"
)

const resetPath = "/reset"

// Serve answers commands until the listener is closed.
func Serve(listener net.Listener, doReset func(context.Context) (reset.Result, error)) error {
	routes := http.NewServeMux()
	routes.HandleFunc("POST "+resetPath, func(w http.ResponseWriter, r *http.Request) {
		result, err := doReset(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(result)
	})
	err := (&http.Server{Handler: routes}).Serve(listener)
	if errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Reset asks the cluster of a folder to reset itself. It changes the working folder: see components.ControlSocket.
func Reset(ctx context.Context, dir, socket string) (reset.Result, error) {
	var result reset.Result
	if err := os.Chdir(dir); err != nil {
		return result, fmt.Errorf("enter the cluster's folder: %w", err)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://cluster"+resetPath, nil)
	if err != nil {
		return result, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return result, fmt.Errorf("no cluster is running in %s: %w", dir, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return result, fmt.Errorf("the cluster in %s was not reset: %s", dir, strings.TrimSpace(string(text)))
	}
	return result, json.NewDecoder(answer.Body).Decode(&result)
}
