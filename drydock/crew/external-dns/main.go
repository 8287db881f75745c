// SPDX-License-Identifier: GPL-3.0-or-later

// ExternalDNS as its image runs it.
package main

import (
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"sigs.k8s.io/external-dns/controller"
)

func main() { controller.Execute() }
