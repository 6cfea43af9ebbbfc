package experiments_test

import (
	"errors"
	"strings"
	"testing"

	"ablate/experiments"
)

func TestGPUs(t *testing.T) {
	t.Parallel()
	const command = "[experiment.e]\nrecipe = \"command\"\nargv = [\"train\", \"{seed}\", \"{x}\"]\naxes = { x = [1, 2] }\n"
	tests := []struct {
		name, text string
		want       int
		mistake    string
	}{
		{"left out", command, 0, ""},
		{"none", command + "gpus = 0\n", 0, ""},
		{"two", command + "gpus = 2\n", 2, ""},
		{"negative", command + "gpus = -1\n", 0, "gpus is -1"},
		{"no number", command + "gpus = \"2\"\n", 0, "gpus is a string"},
		{"too many", command + "gpus = 4096\n", 0, "gpus is 4096; at most 1024"},
		{"built in", small + "gpus = 1\n", 0, "gpus is for recipe command; this is recipe sft"},
	}
	for _, tt := range tests {
		f, err := experiments.Parse("x.toml", []byte("schema = 1\n"+tt.text), recipes())
		var p *experiments.Problems
		switch {
		case tt.mistake != "":
			if !errors.As(err, &p) || !strings.Contains(p.List[0].Message, tt.mistake) {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.mistake)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
		default:
			if got := f.Experiments[0].Plan().GPUs; got != tt.want {
				t.Errorf("%s: %d GPUs, want %d", tt.name, got, tt.want)
			}
		}
	}
}
