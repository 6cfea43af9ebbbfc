package gpu

import (
	"strings"
	"testing"
)

// What people know a process by, of its command line.
func TestShortCommand(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"/usr/bin/python3.11|-u|/home/ada/train.py|--lr|1e-5":                     "python3.11 -u train.py --lr 1e-5",
		"python|train.py|--data|/data/set.jsonl":                                  "python train.py --data /data/set.jsonl",
		"/opt/conda/bin/python3.11|/opt/conda/bin/torchrun|--nproc=8|/w/train.py": "torchrun --nproc=8 train.py",
		"/usr/bin/python3|-m|vllm.entrypoints.openai.api_server":                  "python3 -m vllm.entrypoints.openai.api_server",
		"ray::Worker.update: a/b":                                                 "ray::Worker.update: a/b",
		"./train|/data":                                                           "train /data",
		"python|-c|import os\nos.fork()\tx":                                       "python -c import os os.fork() x",
		"evil\x1b[2J\x07|a\u202eb|\xff":                                           "evil[2J ab",
		"":                                                                        "",
		"/usr/bin/python3|" + strings.Repeat("ä", 100):                            "python3 " + strings.Repeat("ä", 51) + "…",
	} {
		if got := shortCommand(strings.Split(line, "|")); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// Whatever a process calls itself, its command is one short, printable line.
func FuzzShortCommand(f *testing.F) {
	f.Add("/usr/bin/python3|/x/train.py")
	f.Add("\x1b]0;\x07|" + strings.Repeat("界", 80))
	f.Fuzz(func(t *testing.T, line string) {
		got := []rune(shortCommand(strings.Split(line, "|")))
		if len(got) > longestCommand || strings.ContainsAny(string(got), "\n\r\t\x1b\x00\x7f") {
			t.Errorf("%q", string(got))
		}
	})
}
