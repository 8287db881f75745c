// SPDX-License-Identifier: GPL-3.0-or-later

package netns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
)

const bridgeName = "quay"

// Quay is a namespace with a bridge to which other namespaces are tied, so that they reach each other and nothing else.
// A bridge, not a router: it needs no setting of the kernel that a container engine may forbid.
type Quay struct {
	*Namespace
	// ranges are what those who are tied reach through it: each other first.
	ranges []netip.Prefix
	tied   int
}

// NewQuay makes a bridge for a network; its own address is the one at which those who are tied to it reach it. Addresses
// of the further ranges are the quay's own, once something listens there.
func NewQuay(own netip.Addr, whole netip.Prefix, further ...netip.Prefix) (*Quay, error) {
	space, err := New(own)
	if err != nil {
		return nil, err
	}
	quay := &Quay{Namespace: space, ranges: append([]netip.Prefix{whole.Masked()}, further...)}
	if err := space.inside(func() error { return quay.build(own) }); err != nil {
		return nil, errors.Join(fmt.Errorf("bridge the pods' networks: %w", err), space.Close())
	}
	return quay, nil
}

func (q *Quay) build(own netip.Addr) error {
	attributes := netlink.NewLinkAttrs()
	attributes.Name = bridgeName
	bridge := &netlink.Bridge{LinkAttrs: attributes}
	if err := netlink.LinkAdd(bridge); err != nil {
		return fmt.Errorf("make the bridge: %w", err)
	}
	return reachable(bridge, own, q.ranges[0])
}

// Tie connects a namespace, which reaches from its address whoever else is tied. The tie ends with the namespace.
func (q *Quay) Tie(other *Namespace, address netip.Addr) error {
	q.tied++
	name := fmt.Sprintf("tie%d", q.tied)
	if err := q.inside(func() error { return rope(name, int(other.handle.Fd())) }); err != nil {
		return fmt.Errorf("tie %s to the other pods: %w", address, err)
	}
	return other.inside(func() error {
		end, err := netlink.LinkByName("eth0")
		if err != nil {
			return fmt.Errorf("find the tie of %s: %w", address, err)
		}
		return reachable(end, address, q.ranges...)
	})
}

// ListenAt opens a listener at an address of a further range, which becomes the quay's own.
func (q *Quay) ListenAt(place netip.AddrPort) (net.Listener, error) {
	err := q.inside(func() error { return own(place.Addr()) })
	if err != nil {
		return nil, err
	}
	return q.Listen(place.String())
}

// rope makes a pair of linked interfaces, one at the bridge, one in the other namespace.
func rope(name string, other int) error {
	bridge, err := netlink.LinkByName(bridgeName)
	if err != nil {
		return err
	}
	attributes := netlink.NewLinkAttrs()
	attributes.Name, attributes.MasterIndex = name, bridge.Attrs().Index
	pair := &netlink.Veth{LinkAttrs: attributes, PeerName: "eth0", PeerNamespace: netlink.NsFd(other)}
	if err := netlink.LinkAdd(pair); err != nil {
		return err
	}
	return netlink.LinkSetUp(pair)
}

// reachable brings a link up and sends whole networks through it; the address itself stands on the loopback.
func reachable(link netlink.Link, own netip.Addr, networks ...netip.Prefix) error {
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bring %s up: %w", link.Attrs().Name, err)
	}
	for _, whole := range networks {
		route := &netlink.Route{
			LinkIndex: link.Attrs().Index, Scope: netlink.SCOPE_LINK, Src: own.AsSlice(),
			Dst: &net.IPNet{IP: whole.Addr().AsSlice(), Mask: net.CIDRMask(whole.Bits(), whole.Addr().BitLen())},
		}
		if err := netlink.RouteAdd(route); err != nil {
			return fmt.Errorf("route %s by %s: %w", whole, link.Attrs().Name, err)
		}
	}
	return nil
}
