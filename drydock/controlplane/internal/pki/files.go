// SPDX-License-Identifier: GPL-3.0-or-later

package pki

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Files names the key files of one cluster, all below Dir except the authority, which people read.
type Files struct{ Dir, CA string }

// At is the path of one key file.
func (f Files) At(name string) string { return filepath.Join(f.Dir, name) }

// Identity is a client of the API server that gets a certificate and a kubeconfig.
type Identity struct {
	Name   string
	User   string
	Groups []string
}

// masters is the group that RBAC does not restrict.
const masters = "system:masters"

// Identities are the clients of a cluster. The user names are what its audit log shows.
func Identities() []Identity {
	return []Identity{
		{"admin", "drydock:admin", []string{masters}},
		{"controller-manager", "system:kube-controller-manager", nil},
		{"scheduler", "system:kube-scheduler", nil},
		{"kwok", "drydock:kwok", []string{masters}},
		{"cloud", "drydock:cloud", []string{masters}},
		{"crew", "drydock:crew", []string{masters}},
	}
}

// complete is the last file written: where it is, all the others are.
const complete = "complete"

// Ensure makes all key files once; a later start of the same cluster finds and keeps them, so that credentials that
// were handed out stay good.
func Ensure(files Files, service netip.Addr) error {
	if _, err := os.Stat(files.At(complete)); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for key files: %w", err)
	}
	if err := os.MkdirAll(files.Dir, 0o700); err != nil {
		return fmt.Errorf("make the key folder: %w", err)
	}
	content, err := generate(service)
	if err != nil {
		return err
	}
	for name, text := range content {
		if err := write(files.At(name), text, 0o600); err != nil {
			return err
		}
	}
	if err := write(files.CA, content["ca.crt"], 0o644); err != nil {
		return err
	}
	return write(files.At(complete), nil, 0o600)
}

func generate(service netip.Addr) (map[string][]byte, error) {
	content := map[string][]byte{}
	cluster, err := NewAuthority("drydock")
	if err != nil {
		return nil, err
	}
	front, err := NewAuthority("drydock-front-proxy")
	if err != nil {
		return nil, err
	}
	content["ca.crt"], content["front-proxy-ca.crt"] = cluster.PEM, front.PEM
	if content["ca.key"], err = cluster.KeyPEM(); err != nil {
		return nil, err
	}
	if content["sa.key"], content["sa.pub"], err = NewSigningKey(); err != nil {
		return nil, err
	}
	return content, issueAll(content, cluster, front, service)
}

func issueAll(content map[string][]byte, cluster, front *Authority, service netip.Addr) error {
	issue := func(by *Authority, name string, subject Subject) error {
		pair, err := by.Issue(subject)
		content[name+".crt"], content[name+".key"] = pair.Certificate, pair.Key
		return err
	}
	faults := []error{
		issue(cluster, "apiserver", serving(service)),
		issue(cluster, "kubelet", Subject{Name: "drydock-node", Hosts: []string{"localhost"}}),
		issue(cluster, "kubelet-client", Subject{Name: "drydock:apiserver"}),
		issue(front, "front-proxy", Subject{Name: "front-proxy-client"}),
	}
	for _, who := range Identities() {
		faults = append(faults, issue(cluster, who.Name, Subject{Name: who.User, Groups: who.Groups}))
	}
	return errors.Join(faults...)
}

// serving is the API server as its clients name it, from the machine and from inside the cluster.
func serving(service netip.Addr) Subject {
	hosts := []string{"localhost"}
	name := "kubernetes"
	for _, part := range []string{"", "default", "svc", "cluster.local"} {
		name = strings.TrimSuffix(name+"."+part, ".")
		hosts = append(hosts, name)
	}
	return Subject{
		Name:      "kube-apiserver",
		Hosts:     hosts,
		Addresses: []net.IP{net.IPv4(127, 0, 0, 1), service.AsSlice()},
	}
}

// WriteKubeconfig writes the kubeconfig of one identity, everything inside the file.
func WriteKubeconfig(files Files, who, server, cluster, path string) error {
	var content [3][]byte
	for i, name := range []string{"ca.crt", who + ".crt", who + ".key"} {
		text, err := os.ReadFile(files.At(name))
		if err != nil {
			return fmt.Errorf("kubeconfig of %s: %w", who, err)
		}
		content[i] = text
	}
	config := clientcmdapi.NewConfig()
	config.Clusters[cluster] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: content[0]}
	config.AuthInfos[who] = &clientcmdapi.AuthInfo{ClientCertificateData: content[1], ClientKeyData: content[2]}
	config.Contexts[cluster] = &clientcmdapi.Context{Cluster: cluster, AuthInfo: who}
	config.CurrentContext = cluster
	text, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("encode the kubeconfig of %s: %w", who, err)
	}
	return write(path, text, 0o600)
}
