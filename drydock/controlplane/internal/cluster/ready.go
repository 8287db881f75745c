// SPDX-License-Identifier: GPL-3.0-or-later

package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// Ready is what ready.json says once the cluster can be used.
type Ready struct {
	Server       string  `json:"server"`
	CAFile       string  `json:"ca_file"`
	Kubeconfig   string  `json:"kubeconfig"`
	PID          int     `json:"pid"`
	ReadySeconds float64 `json:"ready_seconds"`
	Crew         string  `json:"crew"`
}

const readyName = "ready.json"

// write makes the file appear at once and whole: its existence is the signal.
func (r Ready) write(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", readyName, err)
	}
	path := filepath.Join(dir, readyName)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", readyName, err)
	}
	return os.Rename(path+".new", path)
}

func removeReady(dir string) error {
	if err := os.Remove(filepath.Join(dir, readyName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", readyName, err)
	}
	return nil
}

// rememberPort keeps the API server's address over restarts of a cluster.
func rememberPort(dir string, port int) error {
	return os.WriteFile(filepath.Join(dir, "run", "port"), []byte(strconv.Itoa(port)), 0o600)
}

func rememberedPort(dir string) int {
	text, err := os.ReadFile(filepath.Join(dir, "run", "port"))
	if err != nil {
		return 0
	}
	port, _ := strconv.Atoi(string(text))
	return port
}

func serverURL(port int) string {
	return (&url.URL{Scheme: "https", Host: "127.0.0.1:" + strconv.Itoa(port)}).String()
}
