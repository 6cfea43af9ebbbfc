package synth

import (
	"testing"
)

// What is read from a program does what the program does.
func TestExtractionIsExecution(t *testing.T) {
	t.Parallel()
	programs, err := parseCorpus(corpusFiles)
	if err != nil {
		t.Fatal(err)
	}
	k := learn()
	k.extract(programs)
	read := 0
	var m machine
	for _, p := range programs {
		if p.unread != nil {
			t.Logf("%s %s: %v", p.file, p.def.Name.Name, p.unread)
			continue
		}
		read++
		t.Logf("%s %s: %s", p.file, p.def.Name.Name, p.features.id())
		program, err := compile(p.asSolution())
		if err != nil {
			t.Fatalf("%v in\n%s", err, p.asSolution())
		}
		for _, input := range append(probes(), extras(100)...) {
			if got, want := program.on(input), literal(m.run(p.features, input), p.features.scalar()); got != want {
				t.Errorf("f(%v) = %s, but %s gives %s, of\n%s", input, got, p.features.id(), want, p.text)
				break
			}
		}
	}
	t.Logf("%d of %d programs read", read, len(programs))
	if read*10 < len(programs)*8 {
		t.Errorf("%d of %d programs read, want at least 80 %%", read, len(programs))
	}
}
