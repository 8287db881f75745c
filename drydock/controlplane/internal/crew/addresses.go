// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"fmt"
	"net/netip"
	"sync"
)

// addresses hands out the crew's half of the pod network, going round so that an address rests before it comes again.
type addresses struct {
	mu    sync.Mutex
	whole netip.Prefix
	last  netip.Addr
	taken map[netip.Addr]bool
}

func newAddresses(whole netip.Prefix) *addresses {
	return &addresses{whole: whole, last: whole.Masked().Addr(), taken: map[netip.Addr]bool{}}
}

func (a *addresses) take() (netip.Addr, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	first := a.whole.Masked().Addr().Next()
	next := a.last
	for tried := false; ; {
		if next = next.Next(); !a.whole.Contains(next) {
			if tried {
				return next, fmt.Errorf("all addresses of %s are taken", a.whole)
			}
			next, tried = first, true
		}
		if !a.taken[next] {
			a.taken[next], a.last = true, next
			return next, nil
		}
	}
}

func (a *addresses) giveBack(address netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.taken, address)
}
