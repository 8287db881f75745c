// SPDX-License-Identifier: GPL-3.0-or-later

// Package stages says how the simulator moves nodes and pods: its configuration is made here, for one cluster.
package stages

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed files/node.yaml
var node string

//go:embed files/pod.yaml
var pod string

// Render gives the simulator's configuration. Pods all of whose images belong to the crew's repositories are left
// alone: somebody else runs them. kubelet is the version that a node reports when its creator gave none.
func Render(crew []string, kubelet string) (string, error) {
	// YAML reads a JSON string as a string whatever the expression contains.
	expression, err := json.Marshal(CrewExpression(crew))
	if err != nil {
		return "", fmt.Errorf("encode the crew expression: %w", err)
	}
	fill := strings.NewReplacer("KUBELET_VERSION", kubelet, "key: CREW,", "key: "+string(expression)+",")
	return fill.Replace(node + "---\n" + pod), nil
}

// CrewExpression is a jq expression over a pod: true when each of its images, tag and digest aside, is in the list.
func CrewExpression(crew []string) string {
	if len(crew) == 0 {
		return "false"
	}
	quoted := make([]string, len(crew))
	for i, repository := range crew {
		text, _ := json.Marshal(repository) // a string always encodes
		quoted[i] = string(text)
	}
	images := `[.spec | (.initContainers // [])[], .containers[] | .image | split("@")[0] | sub(":[^:/]*$"; "")]`
	return images + " | all(IN(" + strings.Join(quoted, ", ") + "))"
}
