// SPDX-License-Identifier: GPL-3.0-or-later

package reset

import (
	"slices"
	"testing"
)

func TestPlanRemovesWhatIsNewAndRestoresWhatChangedOrWent(t *testing.T) {
	baseline := map[string]record{
		"/registry/namespaces/default": {revision: 5},
		"/registry/roles/a/changed":    {revision: 6},
		"/registry/roles/a/gone":       {revision: 7},
	}
	present := map[string]int64{
		"/registry/namespaces/default": 5,
		"/registry/roles/a/changed":    9,
		"/registry/pods/a/new":         10,
	}
	got := plan(baseline, present)
	if !slices.Equal(got.remove, []string{"/registry/pods/a/new"}) {
		t.Errorf("removes %v", got.remove)
	}
	if !slices.Equal(got.restore, []string{"/registry/roles/a/changed", "/registry/roles/a/gone"}) {
		t.Errorf("restores %v", got.restore)
	}
}

func TestPlanLeavesRenewedLeasesAndOldEvents(t *testing.T) {
	baseline := map[string]record{
		"/registry/leases/kube-system/apiserver-x": {revision: 1},
		"/registry/events/default/old":             {revision: 2},
	}
	present := map[string]int64{
		"/registry/leases/kube-system/apiserver-x": 50,
		"/registry/leases/kube-system/apiserver-y": 51,
	}
	if got := plan(baseline, present); !got.none() {
		t.Errorf("wants %+v, but nothing is to be done", got)
	}
}

func TestLateEventsDoNotCountAsUnrest(t *testing.T) {
	todo := changes{remove: []string{"/registry/events/default/late"}}
	if !todo.lasting().none() {
		t.Error("a late event counts as a lasting change")
	}
	if len(todo.remove) != 1 {
		t.Error("lasting changed its receiver")
	}
}
