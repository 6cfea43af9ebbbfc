package look

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ablate/engine/judge"
	"ablate/engine/synth"
	"ablate/experiments"
)

// The files of an export. The description goes first and comes last, so that a
// folder with one is complete.
const (
	sftFile     = "sft.jsonl"
	rlFile      = "rl.jsonl"
	readmeFile  = "README.md"
	datasetFile = "dataset.json"
	maker       = "ablate synth"
	fewest      = 2 // sample tests of a task, without which it is left out
)

// exported describes the files, in dataset.json and on the screen.
type exported struct {
	MadeBy  string             `json:"made_by"`
	Schema  int                `json:"schema"`
	Seed    int64              `json:"seed"`
	Params  experiments.Params `json:"params"`
	Made    int                `json:"tasks_made"`
	Dropped map[string]int     `json:"dropped"`
	Kept    int                `json:"tasks_kept"`
	Without int                `json:"without_samples"` // kept tasks whose program gives fewer labels than samples
	Rows    int                `json:"rows"`
	Truth   truth              `json:"truth"`
	Files   []exportedFile     `json:"files"`

	dir string
}

type exportedFile struct {
	Name   string `json:"name"`
	Rows   int    `json:"rows,omitempty"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// sftRow is a row as ms-swift reads it.
type sftRow struct {
	Query    string `json:"query"`
	Response string `json:"response"`
}

// rlRow is a row as verl reads it.
type rlRow struct {
	DataSource  string      `json:"data_source"`
	Prompt      []message   `json:"prompt"`
	Ability     string      `json:"ability"`
	RewardModel rewardModel `json:"reward_model"`
	ExtraInfo   extraInfo   `json:"extra_info"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type rewardModel struct {
	Style       string `json:"style"`
	GroundTruth string `json:"ground_truth"` // a groundTruth as JSON
}

// groundTruth is what verl's prime_code takes for calls of a function: inputs and
// outputs as JSON texts.
type groundTruth struct {
	Function string   `json:"fn_name"`
	Inputs   []string `json:"inputs"`
	Outputs  []string `json:"outputs"`
}

type extraInfo struct {
	Split string `json:"split"`
	Index int    `json:"index"`
	ID    string `json:"id"`
	Style string `json:"style"`
	Depth int    `json:"depth"`
}

// exportable finds before any work what would keep the files from being written.
func (s *session) exportable() error {
	if s.pipeline.Tests < fewest {
		return fmt.Errorf("export data: a task needs %d sample tests and tests = %d", fewest, s.pipeline.Tests)
	}
	if err := os.MkdirAll(s.Export, 0o755); err != nil {
		return fmt.Errorf("export data: %w; choose a folder that can be written", err)
	}
	entries, err := os.ReadDir(s.Export)
	if err != nil {
		return fmt.Errorf("export data: %w", err)
	}
	for _, e := range entries {
		if !own(e.Name()) {
			return fmt.Errorf("export data: %s has a file that is not of an export, %s; choose an empty folder", s.Export, e.Name())
		}
	}
	if len(entries) > 0 && !described(s.Export) {
		return fmt.Errorf("export data: %s has files and no %s that says they are of an export; choose an empty folder", s.Export, datasetFile)
	}
	f, err := os.CreateTemp(s.Export, "."+datasetFile+"-")
	if err != nil {
		return fmt.Errorf("export data: %w; choose a folder that can be written", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// own says whether a file may be one of an export, or a torn one.
func own(name string) bool {
	return slices.ContainsFunc([]string{sftFile, rlFile, readmeFile, datasetFile}, func(file string) bool {
		return name == file || strings.HasPrefix(name, "."+file+"-")
	})
}

// described says whether a folder has the description of an export.
func described(dir string) bool {
	b, err := os.ReadFile(filepath.Join(dir, datasetFile))
	var d exported
	return err == nil && json.Unmarshal(b, &d) == nil && d.MadeBy == maker
}

// export writes the kept tasks. The same request gives the same bytes.
func (s *session) export(all []synth.Verified, f synth.Funnel) (*exported, error) {
	out := &exported{
		MadeBy: maker, Schema: 1, Seed: s.Seed, Params: s.params, Made: f.Tasks, Dropped: map[string]int{}, Kept: f.Kept,
		Truth: truth{f.LabelAccuracy, f.CandidateRight, f.FirstRight, f.GoldenRight, f.GoldenError}, dir: s.Export,
	}
	for _, reason := range synth.Reasons {
		out.Dropped[reason] = f.Dropped[reason]
	}
	sft, rl, err := s.rows(all, out)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(s.Export, datasetFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("export data: %w", err)
	}
	for _, file := range []struct {
		name string
		text []byte
		rows int
	}{{sftFile, sft, out.Rows}, {rlFile, rl, out.Rows}, {readmeFile, []byte(out.readme()), 0}} {
		if err := replace(filepath.Join(s.Export, file.name), file.text); err != nil {
			return nil, err
		}
		sum := sha256.Sum256(file.text)
		out.Files = append(out.Files, exportedFile{file.name, file.rows, len(file.text), hex.EncodeToString(sum[:])})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("export data: %w", err)
	}
	return out, replace(filepath.Join(s.Export, datasetFile), append(text, '\n'))
}

// rows makes the two files of rows, one row a task in each.
func (s *session) rows(all []synth.Verified, out *exported) (sft, rl []byte, err error) {
	var sftText, rlText bytes.Buffer
	sftLines, rlLines := json.NewEncoder(&sftText), json.NewEncoder(&rlText)
	sftLines.SetEscapeHTML(false)
	rlLines.SetEscapeHTML(false)
	for _, v := range all {
		if !v.Kept() {
			continue
		}
		shown := sampleTests(v)
		if len(shown) < fewest {
			out.Without++
			continue
		}
		text := prompt(v.Task, shown)
		tests, err := json.Marshal(newGroundTruth(v.Cases()))
		if err != nil {
			return nil, nil, fmt.Errorf("export data: %w", err)
		}
		err = errors.Join(
			sftLines.Encode(sftRow{text, answer(v.Task, v.Programs()[0], s.long)}),
			rlLines.Encode(rlRow{
				DataSource: "ablate/synth", Prompt: []message{{"user", text}}, Ability: "code",
				RewardModel: rewardModel{"rule", string(tests)},
				ExtraInfo:   extraInfo{"train", out.Rows, v.Task.ID, v.Task.Style, v.Task.Depth},
			}))
		if err != nil {
			return nil, nil, fmt.Errorf("export data: %w", err)
		}
		out.Rows++
	}
	return sftText.Bytes(), rlText.Bytes(), nil
}

func newGroundTruth(cases []judge.Case) groundTruth {
	g := groundTruth{Function: "f"}
	for _, c := range cases {
		g.Inputs, g.Outputs = append(g.Inputs, c.Input), append(g.Outputs, c.Want)
	}
	return g
}

// replace writes a file beside its place and puts it there in one step.
func replace(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("export data: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		if gone := os.Remove(f.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return fmt.Errorf("export data: %w", err)
	}
	return nil
}

// text says where the files are and how they are used.
func (e *exported) text(p *page) {
	p.title("written to %s: %s", e.dir, plural(e.Rows, "task"))
	rows := [][]string{}
	for _, f := range e.Files {
		rows = append(rows, []string{f.Name, fmt.Sprintf("%d kB", (f.Bytes+999)/1000), map[string]string{
			sftFile:    "ms-swift: swift sft --dataset " + sftFile,
			rlFile:     "verl, once it is Parquet; see " + readmeFile,
			readmeFile: "what the files are, and a reward function",
		}[f.Name]})
	}
	p.table([]string{"", ">", ""}, append(rows, []string{datasetFile, "", "counts, parameters, seed, SHA-256"}))
	if e.Without > 0 {
		p.line("  %s left out: the program gives fewer than %d labels to show as samples", plural(e.Without, "task"), fewest)
	}
}
