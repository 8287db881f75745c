// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"fmt"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// nonroot is the user and group of images that name none: the crew's images are built on bases that run as this one.
const nonroot = 65532

// identity is whom a container's process runs as.
type identity struct {
	User, Group int
	Groups      []int
}

func declaredUser(pod *corev1.Pod, container *corev1.Container) *int64 {
	if own := container.SecurityContext; own != nil && own.RunAsUser != nil {
		return own.RunAsUser
	}
	if all := pod.Spec.SecurityContext; all != nil {
		return all.RunAsUser
	}
	return nil
}

func declaredGroup(pod *corev1.Pod, container *corev1.Container) *int64 {
	if own := container.SecurityContext; own != nil && own.RunAsGroup != nil {
		return own.RunAsGroup
	}
	if all := pod.Spec.SecurityContext; all != nil {
		return all.RunAsGroup
	}
	return nil
}

func mustNotBeRoot(pod *corev1.Pod, container *corev1.Container) bool {
	if own := container.SecurityContext; own != nil && own.RunAsNonRoot != nil {
		return *own.RunAsNonRoot
	}
	all := pod.Spec.SecurityContext
	return all != nil && all.RunAsNonRoot != nil && *all.RunAsNonRoot
}

// identify says whom a container runs as, or that its own rules forbid it.
func identify(pod *corev1.Pod, container *corev1.Container) (identity, error) {
	who := identity{User: nonroot, Group: nonroot}
	if user := declaredUser(pod, container); user != nil {
		who.User, who.Group = int(*user), 0 // a user that no image knows is in group 0
	}
	if group := declaredGroup(pod, container); group != nil {
		who.Group = int(*group)
	}
	if who.User == 0 && mustNotBeRoot(pod, container) {
		return who, fmt.Errorf("container has runAsNonRoot and runs as root")
	}
	if all := pod.Spec.SecurityContext; all != nil {
		for _, group := range all.SupplementalGroups {
			who.Groups = append(who.Groups, int(group))
		}
		if all.FSGroup != nil {
			who.Groups = append(who.Groups, int(*all.FSGroup))
		}
	}
	return who, nil
}

// owns says whether this process may give files to, and become, a user or group id: in a user namespace that maps
// only the caller, every process of the crew stays the caller.
func owns(id int64) bool { return id == int64(os.Geteuid()) || allMapped() }

func allMapped() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return false
	}
	fields := strings.Fields(string(text))
	return os.Geteuid() == 0 && len(fields) == 3 && fields[2] == "4294967295"
}
