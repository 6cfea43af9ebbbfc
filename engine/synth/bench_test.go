package synth

import "testing"

func BenchmarkGrow(b *testing.B) {
	for b.Loop() {
		if _, err := Grow(corpusFiles); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrain(b *testing.B) {
	grown()
	for b.Loop() {
		Train(1, 2048, DefaultOptions())
	}
}
