// SPDX-License-Identifier: GPL-3.0-or-later

package components

import (
	"encoding/json"
	"fmt"
	"os"

	"seaworthy.dev/drydock/controlplane/internal/pki"
	"seaworthy.dev/drydock/controlplane/internal/stages"
)

type object = map[string]any

// auditPolicy records each request once, with its answer. Nothing is left out: the log is the proof of what wrote.
func auditPolicy() object {
	return object{
		"apiVersion": "audit.k8s.io/v1", "kind": "Policy",
		"omitStages": []string{"RequestReceived", "ResponseStarted"},
		"rules":      []object{{"level": "Metadata"}},
	}
}

// tokenWebhook is a kubeconfig, the form in which the API server takes a webhook's address.
func tokenWebhook(url string) object {
	return object{
		"apiVersion": "v1", "kind": "Config", "current-context": "token",
		"clusters": []object{{"name": "token", "cluster": object{"server": url}}},
		"users":    []object{{"name": "token", "user": object{}}},
		"contexts": []object{{"name": "token", "context": object{"cluster": "token", "user": "token"}}},
	}
}

// authentication names the issuers of OpenID Connect. The API server reads the file again when it changes, so a cloud's
// twin can bring an issuer later.
func authentication(issuers []any) object {
	return object{"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration", "jwt": issuers}
}

// egress sends whatever the API server dials through two sockets: one knows the cluster's addresses, the other those
// of this machine. So it cannot reach anything else. The store is not listed: it is a unix socket, which the API server
// can dial only by itself.
func egress() object {
	through := func(name, socket string) object {
		return object{"name": name, "connection": object{
			"proxyProtocol": "HTTPConnect", "transport": object{"uds": object{"udsName": socket}},
		}}
	}
	return object{
		"apiVersion": "apiserver.k8s.io/v1beta1", "kind": "EgressSelectorConfiguration",
		"egressSelections": []object{
			through("cluster", EgressSocket),
			through("controlplane", ControlPlaneSocket),
		},
	}
}

// WriteFiles writes what the arguments point at, but for the simulator's stages: policies, kubeconfigs.
func (p Plan) WriteFiles() error {
	if err := os.MkdirAll(p.File("run"), 0o700); err != nil {
		return fmt.Errorf("make the run folder: %w", err)
	}
	for _, who := range pki.Identities() {
		if err := pki.WriteKubeconfig(p.Keys, who.Name, p.Server, p.Config.Name, p.Kubeconfig(who.Name)); err != nil {
			return err
		}
	}
	documents := map[string]object{
		"run/audit-policy.json":   auditPolicy(),
		"run/authentication.json": authentication(p.Config.JWT),
		"run/egress.json":         egress(),
		"run/token-webhook.json":  tokenWebhook(p.Config.TokenWebhookURL),
	}
	for name, document := range documents {
		if err := p.writeJSON(name, document); err != nil {
			return err
		}
	}
	return nil
}

// WriteStages writes the simulator's configuration; it leaves pods of the crew's repositories alone.
func (p Plan) WriteStages(crew []string) error {
	text, err := stages.Render(crew, "v"+p.Config.Version+".0")
	if err != nil {
		return err
	}
	return os.WriteFile(p.File("run/stages.yaml"), []byte(text), 0o600)
}

func (p Plan) writeJSON(name string, document object) error {
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	if err := os.WriteFile(p.File(name), text, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
