package report

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ablate/experiments"
)

// helpRoom is how wide the column of calls is.
const helpRoom = 46

// Help writes what commands are for: calls with their purposes, of the one called
// name, where there is one, with what its flags do. A call that is too long for its
// column has a line of its own.
func Help(w io.Writer, all [][2]string, name string) {
	fmt.Fprintln(w, "ablate: a terminal workbench for ablations of code models")
	more := "; `ablate help COMMAND` has the flags"
	i := slices.IndexFunc(all, func(line [2]string) bool { return name != "" && strings.HasPrefix(line[0]+" ", "ablate "+name+" ") })
	if i >= 0 {
		all, more = all[i:i+1], ""
	}
	for _, line := range all {
		call := line[0]
		if len(call) > helpRoom {
			call += "\n  " + strings.Repeat(" ", helpRoom)
		}
		fmt.Fprintf(w, "  %-*s %s\n", helpRoom, call, line[1])
	}
	if i >= 0 {
		for _, line := range helpOf[name] {
			fmt.Fprintf(w, "    %-17s %s\n", line[0], line[1])
		}
	}
	fmt.Fprintln(w, "all take --store DIR (or ABLATE_STORE; else runs/ beside the file) and --file FILE (else ./experiments.toml, else the\n"+
		"shipped one)"+more+"; --version says which program this is.\n"+
		"Exit codes: 0 done, 1 your mistake, 2 a run failed, 3 no engine or host can be reached, 130 interrupted.")
}

// Flags adds those of the flags that the usage of a command names, such as
// "EXP [--seeds N] [-f]": one that changes nothing would seem to.
func Flags(f *flag.FlagSet, usage string, values map[string]func(string) error, switches map[string]*bool) {
	words := strings.FieldsFunc(usage, func(r rune) bool { return strings.ContainsRune("[]| ", r) })
	takes := func(name string) bool { return slices.Contains(words, "-"+name) || slices.Contains(words, "--"+name) }
	for name, take := range values {
		if takes(name) {
			f.Func(name, "", take)
		}
	}
	for name, on := range switches {
		if takes(name) {
			f.BoolVar(on, name, false, "")
		}
	}
}

// Number is the value of a flag that counts something.
func Number(n *int) func(string) error {
	return func(v string) (err error) {
		if *n, err = strconv.Atoi(v); err != nil || *n < 1 {
			err = errors.New("want 1 or more")
		}
		return err
	}
}

// NoCommand is the error for a name that is no command's. It offers the one that
// was probably meant.
func NoCommand(name string, all [][2]string) error {
	var names []string
	for _, line := range all {
		if words := strings.Fields(line[0]); len(words) > 1 && words[1][0] != '[' {
			names = append(names, words[1])
		}
	}
	meant := experiments.Nearest(name, names)
	if i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, name) }); meant == "" && i >= 0 {
		meant = names[i]
	}
	if meant != "" {
		meant = fmt.Sprintf(", did you mean %q?", meant)
	}
	return fmt.Errorf("read command line: there is no command %q%s; `ablate help` lists them", name, meant)
}
