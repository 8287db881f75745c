# SPDX-License-Identifier: GPL-3.0-or-later
# The messages of `go build -v` as a person wants them: awk -v label=... -v what=... -v total=... -f go-progress.awk
# Counts downloads (a line every 25) and compiled packages (a line every 100); whatever else go says is shown.
function show(doing, rest) {
    printf "  %-15s %-9s %s: %s\n", label, doing, what, rest
    fflush()
}
/^go: downloading / { if (++got % 25 == 0) show("fetching", got " modules"); next }
/^[^ :#]+$/ { if (++built % 100 == 0) show("building", built " of at most " total " packages"); next }
{ print; fflush() }
