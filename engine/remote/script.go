package remote

import "fmt"

// What is done on a host. Each is one line for a POSIX shell, within single quotes of
// whatever shell the user has there: no newline, ', \ or ! may be in it. What a shell
// prints before is passed over, so answers begin with words of ours.

// Answers of a host.
const (
	saysHost   = "ablate host "  // and its `uname -s` and `uname -m`
	saysAbsent = "ablate absent" // no copy of this build is there
	saysCopied = "ablate copied"
)

// home is the folder of copies there. It is not the one of engine.Install: an engine
// of that machine keeps other rules for what may go.
const home = `d="${XDG_CACHE_HOME:-$HOME/.cache}/ablate/agents"; `

// startScript tells what machine it is and becomes the agent, if the program is there
// and whole: a disk that was full, or lost power, may have left a part. What is used is
// marked, so that it stays.
func startScript(p program, system string) string {
	return home + fmt.Sprintf(`p="$d/%[1]s/ablate"; u="$(uname -s) $(uname -m)"; echo; echo "%[2]s$u"; `+
		`if [ "$u" = "%[3]s" ] && [ -f "$p" ] && [ $(wc -c < "$p") -eq %[5]d ]; then touch -c "$d/%[1]s"; exec "$p" agent; fi; echo "%[4]s"`,
		p.build, saysHost, system, saysAbsent, p.size)
}

// copyScript takes the program from its input. It is complete or not there: a link
// that breaks off ends the input early. All but the three newest builds go that
// nobody started for a day. Errors are in the words that uncopied knows.
func copyScript(p program) string {
	return home + fmt.Sprintf(`LC_ALL=C; export LC_ALL; umask 077; echo; mkdir -p "$d/%[1]s" || exit 73; t="$d/%[1]s/.new.$$.$(uname -n)"; `+
		`cat > "$t" && n=$(wc -c < "$t") && if [ $n -ne %[2]d ]; then echo "$n bytes of %[2]d came" >&2; false; fi && `+
		`chmod 700 "$t" && mv -f "$t" "$d/%[1]s/ablate" || { rm -f "$t"; exit 74; }; echo "%[3]s"; `+
		`cd "$d" && ls -1t | tail -n +4 | while read b; do find "./$b" -prune -mtime +0 -exec rm -rf {} +; done`,
		p.build, p.size, saysCopied)
}
