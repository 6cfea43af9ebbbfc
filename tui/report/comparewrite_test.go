package report

import "testing"

func TestWrapped(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"":                               "",
		"short":                          "short",
		"made these; --force does":       "made these;\n  --force does",
		"from +8.0 to -0.8 points":       "from +8.0 to\n  -0.8 points",
		"a-very-long-word-is-left whole": "a-very-long-word-is-left\n  whole",
		"模型模型 模型模型":                      "模型模型\n  模型模型",
	} {
		if got := wrapped(line, 14); got != want {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
	}
}
