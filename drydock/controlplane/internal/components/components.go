// SPDX-License-Identifier: GPL-3.0-or-later

// Package components is the table of what each program of a cluster is told: one list of arguments each.
package components

import (
	"path/filepath"

	"seaworthy.dev/drydock/controlplane/internal/config"
	"seaworthy.dev/drydock/controlplane/internal/pki"
)

// Names of the programs, as the multi-call binary spells them.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Kwok              = "kwok"
)

// Sockets, relative to the cluster's folder, which every program has as its working folder: a path of a unix socket
// may have about a hundred characters only, and a cluster's folder may be deeper than that.
const (
	EtcdSocket         = "run/etcd:0"
	EgressSocket       = "run/egress.sock"
	ControlPlaneSocket = "run/loopback.sock"
	ControlSocket      = "run/control.sock"
)

// Plan is what the arguments are made from.
type Plan struct {
	Config *config.Config
	Keys   pki.Files
	// Server is the API server's URL and Port its port.
	Server, Port string
}

// File is a path in the cluster's folder.
func (p Plan) File(name string) string { return filepath.Join(p.Config.Dir, name) }

// Kubeconfig is the path of an identity's kubeconfig. People read only the admin's.
func (p Plan) Kubeconfig(who string) string {
	if who == "admin" {
		return p.File("admin.kubeconfig")
	}
	return p.Keys.At(who + ".kubeconfig")
}

// Folder is the program's working folder.
func (p Plan) Folder(program string) string {
	if program == Etcd {
		return p.File("run")
	}
	return p.Config.Dir
}

// Arguments are the program's command line after its name.
func (p Plan) Arguments(program string) []string {
	return map[string]func() []string{
		Etcd:              p.etcd,
		APIServer:         p.apiServer,
		ControllerManager: p.controllerManager,
		Scheduler:         p.scheduler,
		Kwok:              p.kwok,
	}[program]()
}

func (p Plan) etcd() []string {
	return []string{
		"--name=drydock",
		"--data-dir=" + p.File("etcd"),
		// Sockets must look like host:port to etcd; its working folder is the run folder.
		"--listen-client-urls=unix://etcd:0",
		"--advertise-client-urls=unix://etcd:0",
		"--listen-peer-urls=unix://peer:0",
		"--initial-advertise-peer-urls=unix://peer:0",
		"--initial-cluster=drydock=unix://peer:0",
		"--unsafe-no-fsync",     // a machine that loses power takes the cluster with it anyway
		"--max-txn-ops=1000000", // a reset is one transaction
		"--max-request-bytes=67108864",
		"--log-level=warn",
	}
}

func (p Plan) apiServer() []string {
	arguments := []string{
		"--etcd-servers=unix://" + EtcdSocket,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port=" + p.Port,
		"--permit-port-sharing",           // the supervisor keeps the port reserved by a bound socket that never listens
		"--endpoint-reconciler-type=none", // Endpoints may not be on loopback
		"--service-cluster-ip-range=" + p.Config.ServiceCIDR.String(),
		"--tls-cert-file=" + p.Keys.At("apiserver.crt"),
		"--tls-private-key-file=" + p.Keys.At("apiserver.key"),
		"--client-ca-file=" + p.Keys.CA,
		"--requestheader-client-ca-file=" + p.Keys.At("front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--proxy-client-cert-file=" + p.Keys.At("front-proxy.crt"),
		"--proxy-client-key-file=" + p.Keys.At("front-proxy.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + p.Keys.At("sa.pub"),
		"--service-account-signing-key-file=" + p.Keys.At("sa.key"),
		"--authorization-mode=Node,RBAC",
		"--enable-bootstrap-token-auth=false",
		"--authentication-config=" + p.File("run/authentication.json"),
		"--allow-privileged",
		"--audit-policy-file=" + p.File("run/audit-policy.json"),
		"--audit-log-path=" + p.File("audit.log"),
		"--audit-log-mode=blocking",
		"--audit-log-format=json",
		"--audit-log-maxsize=1000000", // never rotate: readers follow one file
		"--egress-selector-config-file=" + p.File("run/egress.json"),
		"--kubelet-preferred-address-types=InternalIP,Hostname",
		"--kubelet-client-certificate=" + p.Keys.At("kubelet-client.crt"),
		"--kubelet-client-key=" + p.Keys.At("kubelet-client.key"),
		"--profiling=false",
	}
	if p.Config.TokenWebhookURL != "" {
		arguments = append(arguments,
			"--authentication-token-webhook-config-file="+p.File("run/token-webhook.json"),
			"--authentication-token-webhook-version=v1",
			"--authentication-token-webhook-cache-ttl=10s")
	}
	return p.emulated(arguments)
}

func (p Plan) controllerManager() []string {
	return p.emulated([]string{
		"--kubeconfig=" + p.Kubeconfig("controller-manager"),
		// The default of 20 requests a second alone costs four seconds of the start.
		"--kube-api-qps=1000",
		"--kube-api-burst=1000",
		"--secure-port=0",
		"--leader-elect=false",
		"--use-service-account-credentials",
		// Nodes are simulated: nothing gives them a pod network or attaches volumes to them.
		"--controllers=*,-node-ipam-controller,-persistentvolume-attach-detach-controller",
		"--allocate-node-cidrs=false",
		"--cluster-name=" + p.Config.Name,
		"--root-ca-file=" + p.Keys.CA,
		"--service-account-private-key-file=" + p.Keys.At("sa.key"),
		"--cluster-signing-cert-file=" + p.Keys.CA,
		"--cluster-signing-key-file=" + p.Keys.At("ca.key"),
		"--profiling=false",
	})
}

func (p Plan) scheduler() []string {
	return p.emulated([]string{
		"--kubeconfig=" + p.Kubeconfig("scheduler"),
		"--kube-api-qps=1000",
		"--kube-api-burst=1000",
		"--secure-port=0",
		"--leader-elect=false",
		"--profiling=false",
	})
}

func (p Plan) kwok() []string {
	simulated, _ := p.Config.PodRanges()
	return []string{
		"--kubeconfig=" + p.Kubeconfig("kwok"),
		"--config=" + p.File("run/stages.yaml"),
		"--manage-all-nodes=false",
		"--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
		"--cidr=" + simulated.String(),
		"--node-ip=10.0.0.1",
		"--node-port=0",
		"--server-address=",
		"--node-lease-duration-seconds=40",
	}
}

func (p Plan) emulated(arguments []string) []string {
	if !p.Config.Emulated() {
		return arguments
	}
	return append(arguments, "--emulated-version=kube="+p.Config.Version)
}
