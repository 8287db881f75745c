// SPDX-License-Identifier: GPL-3.0-or-later

package pki

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

func ensure(t *testing.T) Files {
	t.Helper()
	dir := t.TempDir()
	files := Files{Dir: filepath.Join(dir, "pki"), CA: filepath.Join(dir, "ca.crt")}
	if err := Ensure(files, netip.MustParseAddr("10.100.0.1")); err != nil {
		t.Fatal(err)
	}
	return files
}

func leaf(t *testing.T, files Files, name string) *x509.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(files.At(name+".crt"), files.At(name+".key"))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestServerCertificateIsGoodForEveryNameOfTheServer(t *testing.T) {
	files := ensure(t)
	roots := x509.NewCertPool()
	text, _ := os.ReadFile(files.CA)
	roots.AppendCertsFromPEM(text)
	certificate := leaf(t, files, "apiserver")
	for _, name := range []string{"127.0.0.1", "10.100.0.1", "localhost", "kubernetes.default.svc.cluster.local", "kubernetes"} {
		if _, err := certificate.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: roots, DNSName: "example.com"}); err == nil {
		t.Error("it is good for any name")
	}
}

func TestClientCertificatesCarryUserAndGroup(t *testing.T) {
	files := ensure(t)
	for _, who := range Identities() {
		subject := leaf(t, files, who.Name).Subject
		if subject.CommonName != who.User || len(subject.Organization) != len(who.Groups) {
			t.Errorf("%s is %v", who.Name, subject)
		}
	}
}

func TestEnsureKeepsWhatIsThere(t *testing.T) {
	files := ensure(t)
	before, _ := os.ReadFile(files.At("ca.key"))
	if err := Ensure(files, netip.MustParseAddr("10.100.0.1")); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(files.At("ca.key")); string(after) != string(before) {
		t.Error("a second start made new keys")
	}
}

func TestKubeconfigLoadsAndIsPrivate(t *testing.T) {
	files := ensure(t)
	path := filepath.Join(files.Dir, "admin.kubeconfig")
	if err := WriteKubeconfig(files, "admin", "https://127.0.0.1:6443", "demo", path); err != nil {
		t.Fatal(err)
	}
	settings, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil || settings.Host != "https://127.0.0.1:6443" || len(settings.CertData) == 0 || len(settings.CAData) == 0 {
		t.Errorf("settings %v, error %v", settings, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestKubeconfigWithoutKeysIsAnError(t *testing.T) {
	files := ensure(t)
	if err := os.Remove(files.At("admin.key")); err != nil {
		t.Fatal(err)
	}
	if err := WriteKubeconfig(files, "admin", "https://127.0.0.1:1", "demo", files.At("x")); err == nil {
		t.Error("a kubeconfig without a key was written")
	}
}
