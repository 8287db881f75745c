// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// shipped is where a component's module holds upstream's own CRD files. `whole` compares metadata too; else only the
// spec, since upstream's files name the generator in an annotation. `some` is a component of which not all kinds are taken.
// `past` is one whose files also name versions that were never served: clusters that had them are older than we are.
var shipped = map[string]struct {
	files string
	whole bool
	some  bool
	past  bool
}{
	"argocd":        {files: "manifests/crds/*-crd.yaml"},
	"cert-manager":  {files: "deploy/crds/*_*.yaml"},
	"eck":           {files: "config/crds/v1/all-crds.yaml", past: true},
	"envoy-gateway": {files: "charts/gateway-helm/charts/crds/crds/generated/*_*.yaml", some: true},
	"gateway-api":   {files: "config/crd/standard/*_*.yaml", whole: true},
}

type document = map[string]any

func named(name string) component {
	return components[slices.IndexFunc(components, func(each component) bool { return each.name == name })]
}

var compiled = sync.OnceValues(func() (map[string][]*apiextensions.CustomResourceDefinition, error) {
	return compileAll(".", components)
})

// written is the component's output as another program reads it, by CRD name.
func written(t *testing.T, name string) map[string]document {
	t.Helper()
	all, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, all[name])
}

func decoded(t *testing.T, made []*apiextensions.CustomResourceDefinition) map[string]document {
	t.Helper()
	result := map[string]document{}
	for _, each := range made {
		text, err := encode(each)
		if err != nil {
			t.Fatal(err)
		}
		var parsed document
		if err := json.Unmarshal(text, &parsed); err != nil {
			t.Fatal(err)
		}
		result[each.Name] = parsed
	}
	return result
}

func upstream(t *testing.T, module, pattern string) map[string]document {
	t.Helper()
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(folder)), pattern))
	if err != nil {
		t.Fatal(err)
	}
	result := map[string]document{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range strings.Split(string(text), "\n---\n") {
			var parsed document
			if err := yaml.Unmarshal([]byte(each), &parsed); err != nil {
				t.Fatal(file, err)
			}
			if parsed["kind"] == "CustomResourceDefinition" {
				result[parsed["metadata"].(document)["name"].(string)] = parsed
			}
		}
	}
	return result
}

// bare drops descriptions of schema nodes (a property that is called description is a map and stays), and says once what
// older generators say twice: allOf with the same schema again and again.
func bare(node any) any {
	switch typed := node.(type) {
	case document:
		kept := document{}
		for key, value := range typed {
			if _, text := value.(string); key == "description" && text {
				continue
			}
			kept[key] = bare(value)
		}
		if all, _ := kept["allOf"].([]any); len(all) == 2 && reflect.DeepEqual(all[0], all[1]) {
			delete(kept, "allOf")
			maps.Copy(kept, all[0].(document))
		}
		return kept
	case []any:
		kept := make([]any, 0, len(typed))
		for _, each := range typed {
			kept = append(kept, bare(each))
		}
		return kept
	default:
		return node
	}
}

func differences(path string, ours, theirs any) []string {
	left, leftIs := ours.(document)
	right, rightIs := theirs.(document)
	if leftIs && rightIs {
		keys := slices.Sorted(maps.Keys(left))
		for key := range right {
			if _, both := left[key]; !both {
				keys = append(keys, key)
			}
		}
		var found []string
		for _, key := range keys {
			found = append(found, differences(path+"."+key, left[key], right[key])...)
		}
		return found
	}
	if reflect.DeepEqual(ours, theirs) {
		return nil
	}
	return []string{fmt.Sprintf("%s: ours %.200v, upstream's %.200v", path, ours, theirs)}
}

func TestCompiledEqualsWhatUpstreamShips(t *testing.T) {
	for name, files := range shipped {
		t.Run(name, func(t *testing.T) {
			ours, theirs := written(t, name), upstream(t, named(name).module, files.files)
			maps.DeleteFunc(theirs, func(crd string, _ document) bool { return files.some && ours[crd] == nil })
			if want, have := slices.Sorted(maps.Keys(theirs)), slices.Sorted(maps.Keys(ours)); !slices.Equal(want, have) {
				t.Fatalf("want %v, have %v", want, have)
			}
			for crd := range theirs {
				left, right := bare(ours[crd]).(document), bare(theirs[crd]).(document)
				delete(right, "status")
				if !files.whole {
					left, right = left["spec"].(document), right["spec"].(document)
				}
				if files.past {
					right["versions"] = slices.DeleteFunc(right["versions"].([]any), func(each any) bool {
						return each.(document)["served"] == false && each.(document)["storage"] == false
					})
				}
				for _, each := range differences(crd, left, right) {
					t.Error(each)
				}
			}
		})
	}
}

// The experimental channel has kinds of tags that the standard one lacks today, and the same code makes both.
func TestExperimentalGatewayChannelEqualsWhatUpstreamShips(t *testing.T) {
	row := named("gateway-api")
	row.after = gatewayChannel("experimental").finish
	made, err := compileAll(".", []component{row})
	if err != nil {
		t.Fatal(err)
	}
	theirs := upstream(t, row.module, "config/crd/experimental/*.k8s.io_*.yaml")
	for name, ours := range decoded(t, made[row.name]) {
		for _, each := range differences(name, bare(ours), bare(theirs[name])) {
			t.Error(each)
		}
	}
}

func TestComparisonSeesOneChangedLeaf(t *testing.T) {
	ours := written(t, "cert-manager")["issuers.cert-manager.io"]["spec"]
	changed := bare(ours).(document)
	changed["versions"].([]any)[0].(document)["served"] = false
	if found := differences("spec", bare(ours), changed); len(found) != 1 {
		t.Errorf("want one difference, have %v", found)
	}
}

func TestPrometheusOperatorIsLimitedToTheKindsThatBaseApplies(t *testing.T) {
	want := []string{"podmonitors.monitoring.coreos.com", "prometheusrules.monitoring.coreos.com", "servicemonitors.monitoring.coreos.com"}
	if have := slices.Sorted(maps.Keys(written(t, "prometheus-operator"))); !slices.Equal(want, have) {
		t.Errorf("want %v, have %v", want, have)
	}
}

func TestSchemasCarryNoDescription(t *testing.T) {
	for _, row := range components {
		for name, each := range written(t, row.name) {
			for _, version := range each["spec"].(document)["versions"].([]any) {
				schema := version.(document)["schema"]
				if !reflect.DeepEqual(schema, bare(schema)) {
					t.Errorf("%s has descriptions", name)
				}
			}
		}
	}
}

func TestTwoRunsWriteTheSameBytesAndRemoveStaleFiles(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	stale := filepath.Join(components[0].folder(second), "stale.json")
	if err := os.MkdirAll(filepath.Dir(stale), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, roles := range []string{first, second} {
		if err := run([]string{"-roles", roles}, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	left, right := tree(t, first), tree(t, second)
	if len(left) != 45 || !maps.EqualFunc(left, right, bytes.Equal) {
		t.Errorf("want 45 equal files, have %v and %v", slices.Sorted(maps.Keys(left)), slices.Sorted(maps.Keys(right)))
	}
	for name, text := range left {
		if bytes.Count(text, []byte("\n")) != 1 || !bytes.HasSuffix(text, []byte("}\n")) {
			t.Errorf("%s is not one line of JSON", name)
		}
	}
}

func tree(t *testing.T, root string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[strings.TrimPrefix(path, root)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestVersionsAreThoseOfGoMod(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"versions"}, &out); err != nil {
		t.Fatal(err)
	}
	var have map[string]string
	if err := json.Unmarshal(out.Bytes(), &have); err != nil {
		t.Fatal(err)
	}
	for _, row := range components {
		built, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", row.module).Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.TrimSpace(string(built)); have[row.name] != want {
			t.Errorf("%s: versions says %q, the build uses %q", row.name, have[row.name], want)
		}
	}
}

func TestMissingPinIsNamed(t *testing.T) {
	_, err := pinnedVersions("go.mod", []component{{name: "absent", module: "example.com/absent"}})
	if err == nil || !strings.Contains(err.Error(), "example.com/absent") {
		t.Errorf("want an error that names the module, have %v", err)
	}
}

func TestMissingKindIsNamed(t *testing.T) {
	row := components[0]
	row.kinds = []string{"Certificate", "Certifiacte"}
	_, err := compileAll(".", []component{row})
	if err == nil || !strings.Contains(err.Error(), "Certifiacte") {
		t.Errorf("want an error that names the kind, have %v", err)
	}
}

func TestPinsNameThePackagesOfTheTable(t *testing.T) {
	text, err := os.ReadFile("pins.go")
	if err != nil {
		t.Fatal(err)
	}
	var have, want []string
	for _, each := range regexp.MustCompile(`_ "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		have = append(have, each[1])
	}
	for _, row := range components {
		want = append(want, row.packages...)
	}
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(want, have) {
		t.Errorf("want %v, have %v", want, have)
	}
}

func TestUnknownGatewayTagIsRefused(t *testing.T) {
	for _, doc := range []string{
		"<gateway:standard:validation:Sometimes=yes>",
		`<gateway:standard:validation:XValidation:rule="self.a > self.b">`,
	} {
		if err := gatewayChannel("standard").applyTags(&apiextensions.JSONSchemaProps{}, doc); err == nil {
			t.Errorf("ignored: %s", doc)
		}
	}
}

func TestGatewayTagsOfTheOtherChannelAreLeftAlone(t *testing.T) {
	doc := "Text.\n<gateway:standard:validation:Enum=A;B>\n<gateway:experimental:validation:Pattern=`^a$`>"
	have := apiextensions.JSONSchemaProps{}
	want := apiextensions.JSONSchemaProps{Enum: []apiextensions.JSON{{Raw: []byte(`"A"`)}, {Raw: []byte(`"B"`)}}}
	if err := gatewayChannel("standard").applyTags(&have, doc); err != nil || !reflect.DeepEqual(want, have) {
		t.Errorf("want %+v, have %+v (%v)", want, have, err)
	}
}
