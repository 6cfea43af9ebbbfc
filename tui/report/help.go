package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// helpRoom is how wide the column of calls is.
const helpRoom = 46

// Help writes what commands are for: calls with their purposes, of the one called
// name where there is one. A call that is too long for its column has a line of its own.
func Help(w io.Writer, all [][2]string, name string) {
	fmt.Fprintln(w, "ablate: a terminal workbench for ablations of code models")
	if i := slices.IndexFunc(all, func(line [2]string) bool { return name != "" && strings.HasPrefix(line[0]+" ", "ablate "+name+" ") }); i >= 0 {
		all = all[i : i+1]
	}
	for _, line := range all {
		call := line[0]
		if len(call) > helpRoom {
			call += "\n  " + strings.Repeat(" ", helpRoom)
		}
		fmt.Fprintf(w, "  %-*s %s\n", helpRoom, call, line[1])
	}
	fmt.Fprintln(w, "all take --store DIR (or ABLATE_STORE; else runs/ beside the file) and --file FILE (else ./experiments.toml, else the\n"+
		"shipped one); --version says which program this is. Exit codes: 0 done, 1 your mistake, 2 a run failed, 3 no engine or\n"+
		"host can be reached, 130 interrupted.")
}
