// SPDX-License-Identifier: GPL-3.0-or-later

package berth

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"os"

	"seaworthy.dev/drydock/controlplane/internal/netns"
)

// Try makes a place like the crew's in an empty folder and leaves it: the error is why this machine does not allow it.
func Try(folder string) error {
	network, err := netns.New(netip.MustParseAddr("127.0.0.2"))
	if err != nil {
		return err
	}
	defer network.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	defer read.Close()
	process, err := Start(Plan{Root: folder, Hostname: "try", Directory: "/", OnlyTry: true}, network.File(), write)
	write.Close()
	if err != nil {
		return err
	}
	said, _ := io.ReadAll(read)
	if code := process.Wait(); code != 0 {
		return fmt.Errorf("%s", bytes.TrimSpace(said))
	}
	return nil
}
