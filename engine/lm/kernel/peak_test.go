package kernel

import "testing"

func TestPeakCounts(t *testing.T) {
	t.Parallel()
	if Peak(0) != 0 || Peak(-1) != 0 {
		t.Error("no rounds are some operations")
	}
	if one, ten := Peak(1), Peak(10); one <= 0 || ten != 10*one {
		t.Errorf("1 round is %g operations, 10 are %g", one, ten)
	}
}

func BenchmarkPeak(b *testing.B) {
	flops := 0.0
	for b.Loop() {
		flops += Peak(10000)
	}
	b.ReportMetric(flops/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
