// SPDX-License-Identifier: GPL-3.0-or-later

// Command warden is an admission webhook that refuses objects with the label bad=true. It is the crew of the
// end-to-end test: it fails to start unless everything that its pod promises is there.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

const account = "/var/run/secrets/kubernetes.io/serviceaccount/"

func main() {
	if len(os.Args) != 2 || os.Args[1] != "--namespace="+os.Getenv("NAMESPACE") {
		log.Fatalf("arguments %q do not name namespace %q", os.Args[1:], os.Getenv("NAMESPACE"))
	}
	if err := askServer(); err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stat("/usr"); err == nil {
		log.Fatal("the machine's file system is visible")
	}
	if err := os.WriteFile("/probe", nil, 0o600); err == nil {
		log.Fatal("the root file system is writable")
	}
	if err := os.WriteFile("/scratch/file", nil, 0o600); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("user %d in %s says %s\n", os.Getuid(), os.Getenv("NAMESPACE"), os.Getenv("GREETING"))
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/validate", validate)
	log.Fatal(http.ListenAndServeTLS(":8443", "/tls/tls.crt", "/tls/tls.key", nil))
}

// askServer reads a Secret of the pod's own namespace with the pod's own token, at the address every pod is given.
func askServer() error {
	authority, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		return err
	}
	token, err := os.ReadFile(account + "token")
	if err != nil {
		return err
	}
	namespace, err := os.ReadFile(account + "namespace")
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	client := &http.Client{
		Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
	}
	url := fmt.Sprintf("https://%s:%s/api/v1/namespaces/%s/secrets/warden-tls",
		os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"), namespace)
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	return nil
}

func validate(w http.ResponseWriter, r *http.Request) {
	var review struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Request    struct {
			UID    string `json:"uid"`
			Object struct {
				Metadata struct {
					Labels map[string]string `json:"labels"`
				} `json:"metadata"`
			} `json:"object"`
		} `json:"request"`
	}
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	allowed := review.Request.Object.Metadata.Labels["bad"] != "true"
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"apiVersion": review.APIVersion, "kind": review.Kind,
		"response": map[string]any{
			"uid": review.Request.UID, "allowed": allowed,
			"status": map[string]any{"message": "the warden says no"},
		},
	})
}
