package store_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
)

func TestSpans(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		add  store.Spans
		want store.Spans
	}{
		{"none", nil, nil},
		{"apart", store.Spans{{5, 6}, {1, 2}, {3, 4}}, store.Spans{{1, 2}, {3, 4}, {5, 6}}},
		{"the same twice", store.Spans{{1, 2}, {1, 2}}, store.Spans{{1, 2}}},
		{"overlapping", store.Spans{{1, 3}, {2, 4}}, store.Spans{{1, 4}}},
		{"touching", store.Spans{{1, 2}, {2, 3}}, store.Spans{{1, 3}}},
		{"one that joins others", store.Spans{{1, 2}, {3, 4}, {5, 6}, {1.5, 5.5}}, store.Spans{{1, 6}}},
		{"within", store.Spans{{1, 9}, {2, 3}}, store.Spans{{1, 9}}},
		{"backwards", store.Spans{{3, 1}}, nil},
	}
	for _, tt := range tests {
		var got store.Spans
		for _, x := range tt.add {
			got = got.With(x)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	cuts := []struct {
		cut  store.Span
		want store.Spans
	}{
		{store.Span{2, 3}, store.Spans{{1, 2}, {3, 4}, {6, 8}}},
		{store.Span{0, 9}, nil},
		{store.Span{4, 6}, store.Spans{{1, 4}, {6, 8}}},
		{store.Span{3, 7}, store.Spans{{1, 3}, {7, 8}}},
		{store.Span{2, math.Inf(1)}, store.Spans{{1, 2}}},
		{store.Span{-5, 0}, store.Spans{{1, 4}, {6, 8}}},
	}
	for _, tt := range cuts {
		if diff := cmp.Diff(tt.want, store.Spans{{1, 4}, {6, 8}}.Without(tt.cut)); diff != "" {
			t.Errorf("without %v (-want +got):\n%s", tt.cut, diff)
		}
	}
	if got := (store.Spans{{1, 4}, {6, 8}}).Total(); got != 5 {
		t.Errorf("total is %v, want 5", got)
	}
}
