package synth

import "testing"

func TestEvolve(t *testing.T) {
	programs, err := parseCorpus(corpusFiles)
	if err != nil {
		t.Fatal(err)
	}
	k := learn()
	k.extract(programs)
	leaves := merge(programs)
	n := 0
	for _, l := range leaves {
		t.Logf("%3d %s %v", l.count, l.path, l.feature.family != nil && l.feature.ask == nil)
		if l.feature.family != nil {
			n++
		}
	}
	all := k.evolve(leaves)
	for _, l := range all {
		t.Logf("    %s | %s", l.path, l.feature.ask[0])
	}
	t.Log(n, len(all))
}
