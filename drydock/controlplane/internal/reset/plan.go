// SPDX-License-Identifier: GPL-3.0-or-later

// Package reset puts the store of a running cluster back to a state that it had before.
//
// It writes to the store below the API server: watches, and so all caches, follow the store.
package reset

import (
	"slices"
	"strings"
)

// record is one key of the store as it was: its content, and the revision of the write that made it so.
type record struct {
	revision int64
	value    []byte
}

// changes says what leads from the present back to the baseline.
type changes struct{ remove, restore []string }

func (c changes) none() bool { return len(c.remove)+len(c.restore) == 0 }

// volatile are keys that live servers renew all the time; a reset leaves them alone.
var volatile = []string{
	"/registry/leases/kube-system/apiserver-",
	"/registry/masterleases/",
}

// events fade by themselves and nobody rebuilds state from them: all that came after the baseline go, none come back.
const events = "/registry/events/"

func hasAnyPrefix(key string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// plan compares revisions only; values need not be read.
func plan(baseline map[string]record, present map[string]int64) changes {
	var todo changes
	for key := range present {
		if _, known := baseline[key]; !known && !hasAnyPrefix(key, volatile) {
			todo.remove = append(todo.remove, key)
		}
	}
	for key, was := range baseline {
		if present[key] != was.revision && !hasAnyPrefix(key, volatile) && !strings.HasPrefix(key, events) {
			todo.restore = append(todo.restore, key)
		}
	}
	slices.Sort(todo.remove)
	slices.Sort(todo.restore)
	return todo
}

// lasting is the part of the changes that says something about the cluster's state: late events do not.
func (c changes) lasting() changes {
	return changes{
		restore: c.restore,
		remove:  slices.DeleteFunc(slices.Clone(c.remove), func(key string) bool { return strings.HasPrefix(key, events) }),
	}
}
