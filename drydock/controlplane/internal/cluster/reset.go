// SPDX-License-Identifier: GPL-3.0-or-later

package cluster

import (
	"context"
	"slices"
	"syscall"
	"time"

	"seaworthy.dev/drydock/controlplane/internal/reset"
)

const (
	// frozenPause is between two looks at the store while controllers are held still: only requests that were under
	// way can still write. settlePause is between looks when they run again and catch up with what is gone.
	frozenPause = 15 * time.Millisecond
	settlePause = 100 * time.Millisecond
)

// reset puts the store back to the baseline. The controllers are stopped meanwhile: awake, they would rebuild what
// they still see, and hand back what they hold.
func (c *Cluster) reset(ctx context.Context) (reset.Result, error) {
	c.resets.Lock()
	defer c.resets.Unlock()
	begun := time.Now()
	c.crew.Suspend()
	defer c.crew.Resume()
	first, err := c.sweepFrozen(ctx)
	if err != nil {
		return first, err
	}
	second, err := c.store.Sweep(ctx, settlePause)
	return reset.Result{
		Removed:  first.Removed + second.Removed,
		Restored: first.Restored + second.Restored,
		Seconds:  float64(time.Since(begun).Milliseconds()) / 1000,
	}, err
}

func (c *Cluster) sweepFrozen(ctx context.Context) (reset.Result, error) {
	c.signalControllers(syscall.SIGSTOP)
	defer c.signalControllers(syscall.SIGCONT)
	return c.store.Sweep(ctx, frozenPause)
}

func (c *Cluster) signalControllers(signal syscall.Signal) {
	for _, process := range c.processes {
		if slices.Contains(controllers, process.Name) {
			_ = process.Signal(signal)
		}
	}
}
