// SPDX-License-Identifier: GPL-3.0-or-later

package main

import "seaworthy.dev/drydock/controlplane/internal/berth"

// runCrewExec is a started child of the crew on its way to becoming the program.
func runCrewExec() int { return exitCode(berth.Enter()) }
