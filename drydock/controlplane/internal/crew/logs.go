// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the log folder: %w", err)
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

// tailWindow is how much of a log's end is read to find its last lines.
const tailWindow = 1 << 20

// lastLine is the end of a log: what a process said last mostly says why it ended.
func lastLine(path string) string {
	lines := lastLines(path, 1)
	if len(lines) > 500 {
		lines = lines[:500]
	}
	return string(bytes.TrimSpace(lines))
}

// lastLines gives up to count lines from the end of a log; a negative count gives all.
func lastLines(path string, count int) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	if count >= 0 {
		if size, err := file.Seek(0, io.SeekEnd); err == nil {
			_, _ = file.Seek(max(0, size-tailWindow), io.SeekStart)
		}
	}
	text, _ := io.ReadAll(file)
	if count < 0 {
		return text
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return bytes.Join(lines[max(0, len(lines)-count):], nil)
}
