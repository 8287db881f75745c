// SPDX-License-Identifier: GPL-3.0-or-later

// External Secrets as its image runs it: the controller, and with the argument "webhook" the webhook.
package main

import "github.com/external-secrets/external-secrets/cmd/controller"

func main() { controller.Execute() }
