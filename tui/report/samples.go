package report

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"ablate/experiments/store"
)

// programs shows a few programs that the model of a run wrote last: the first
// right one, the first wrong one, and of a run that trains by reward the rollout
// of the largest advantage.
func programs(w io.Writer, r store.Record) error {
	all, unread := store.ReadSamples(r)
	if len(all) == 0 {
		return unread
	}
	chosen := choose(all)
	_, err := fmt.Fprintf(w, "\nprograms of step %d, some of those in %s\n",
		all[len(all)-1].Step, store.RunFilePlace(r.Dir, fmt.Sprintf("a%d/samples.jsonl", r.Attempt)))
	for _, s := range chosen {
		if err == nil {
			err = program(w, s)
		}
	}
	return errors.Join(err, unread)
}

// choose takes those of the last step that are shown.
func choose(all []store.Sample) []store.Sample {
	var right, wrong, best *store.Sample
	for i := range all {
		s := &all[i]
		switch {
		case s.Step != all[len(all)-1].Step:
		case s.Reward != nil:
			if best == nil || s.Advantage > best.Advantage {
				best = s
			}
		case s.Verdict == "AC" && right == nil:
			right = s
		case s.Verdict != "AC" && wrong == nil:
			wrong = s
		}
	}
	var chosen []store.Sample
	for _, s := range []*store.Sample{right, wrong, best} {
		if s != nil {
			chosen = append(chosen, *s)
		}
	}
	return chosen
}

func program(w io.Writer, s store.Sample) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n  %s, %d of %d tests", s.Verdict, s.Passed, s.Total)
	if s.Reward != nil {
		fmt.Fprintf(&b, ", a rollout: reward %g, advantage %.2f", *s.Reward, s.Advantage)
	}
	fmt.Fprintf(&b, "\n  %s\n", plain(s.Statement))
	for line := range strings.Lines(s.Program) {
		fmt.Fprintf(&b, "    %s\n", plain(strings.TrimSuffix(line, "\n")))
	}
	switch {
	case s.Verdict == "WA" && s.Input != "":
		fmt.Fprintf(&b, "  f(%s) gave %s and should give %s\n", plain(s.Input), plain(s.Got), plain(s.Want))
	case s.Error != "":
		fmt.Fprintf(&b, "  %s\n", plain(s.Error))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
