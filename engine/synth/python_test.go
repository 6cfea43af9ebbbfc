package synth

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"testing"
)

// checker runs all programs in one Python and prints the first that disagrees.
const checker = `
import json, sys
for p in json.load(sys.stdin):
    names = {}
    exec(p["Source"], names)
    for a, want in zip(p["Inputs"], p["Wants"]):
        try:
            got = repr(names["f"](list(a or [])))
        except Exception as e:
            got = repr(e)
        if got != want:
            sys.exit("f(%s) = %s, want %s, of\n%s" % (a, got, want, p["Source"]))
`

func TestProgramsAgreeWithTheReferenceInPython(t *testing.T) {
	t.Parallel()
	agreeInPython(t, slices.Concat(everyIdiom(), drawnPrograms(200, 4)))
}

// agreeInPython fails t with the first program that disagrees in Python.
func agreeInPython(t *testing.T, programs []checked) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on PATH: that programs are Python as well goes unchecked here")
	}
	input, err := json.Marshal(programs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", checker)
	cmd.Stdin = bytes.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
