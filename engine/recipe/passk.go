package recipe

import (
	"context"
	"math/rand/v2"
	"strconv"

	"ablate/engine/judge"
	"ablate/engine/lm"
	"ablate/engine/seed"
	"ablate/engine/synth"
	"ablate/experiments/stats"
	"ablate/experiments/store"
)

// sampled draws programs for each task from the final model and tells which are
// right: (tasks, samples).
func (s *session) sampled(ctx context.Context, tasks []synth.Task) ([][]bool, error) {
	completions, err := s.draw(ctx, tasks)
	if err != nil {
		return nil, err
	}
	return s.judgeOnce(ctx, tasks, completions, s.EvalSamples)
}

// draw gives the samples of the first task, then those of the next one. The stream
// of a sample comes from the run's seed, the task's place and the sample's number
// alone: it is the same in all cells, and more samples begin with the fewer.
func (s *session) draw(ctx context.Context, tasks []synth.Task) ([]string, error) {
	n := s.EvalSamples
	prompts := make([][]int32, 0, n*len(tasks))
	for _, t := range tasks {
		prompt := s.data.prompt(t.Statement)
		for range n {
			prompts = append(prompts, prompt)
		}
	}
	return s.write(ctx, s.final(), prompts, lm.Sampling{
		Temperature: float32(s.SampleTemperature), TopP: float32(s.SampleTopP),
		Rand: func(i int) *rand.Rand { return seed.Stream(s.Seed, "sample/"+strconv.Itoa(i/n), i%n) },
	})
}

// judgeOnce tells which of each task's n programs are right. Programs of a task
// that are equal, as many are, are run once.
func (s *session) judgeOnce(ctx context.Context, tasks []synth.Task, completions []string, n int) ([][]bool, error) {
	type key struct {
		task    int
		program string
	}
	place := map[key]int{}
	var asked []judge.Program
	for i, completion := range completions {
		k := key{i / n, programOf(completion)}
		if _, ok := place[k]; !ok {
			place[k] = len(asked)
			asked = append(asked, judge.Program{Source: k.program, Cases: tasks[i/n].Cases})
		}
	}
	results, err := s.pool.Judge(ctx, asked)
	if err != nil {
		return nil, err
	}
	right := make([][]bool, len(tasks))
	for i, completion := range completions {
		right[i/n] = append(right[i/n], results[place[key{i / n, programOf(completion)}]].Verdict == judge.AC)
	}
	return right, nil
}

// averaged are the k of avg@k.
var averaged = []int{8, 16}

// sampleMetrics are the numbers that samples give: avg@8 and avg@16, the mean of
// so many samples of a task, and pass@k by the unbiased estimator from all of
// them. What takes more samples than there are is left out: it is not known.
func sampleMetrics(right [][]bool) store.Values {
	m := store.Values{}
	n := samplesOf(right)
	for _, k := range averaged {
		if k > n {
			continue
		}
		sum := 0
		for _, samples := range right {
			sum += count(samples[:k])
		}
		m["eval/avg@"+strconv.Itoa(k)] = float64(sum) / float64(k*len(right))
	}
	for _, k := range []int{2, 4, 8, 16} {
		sum := 0.0
		for _, samples := range right {
			p, ok := stats.PassAtK(n, count(samples), k)
			if !ok {
				break // all tasks have as many samples
			}
			sum += p
		}
		if k <= n {
			m["eval/pass@"+strconv.Itoa(k)] = sum / float64(len(right))
		}
	}
	return m
}

// writeSamples writes down how many samples of each task are right, of all, and of
// the first k where avg@k is of these.
func (s *session) writeSamples(tasks []synth.Task, right [][]bool) error {
	set, step := current+"-samples", int64(s.at.Step)
	err := s.out.Items(set, step, sampleItems(tasks, right))
	for _, k := range averaged {
		if k >= samplesOf(right) || err != nil {
			break
		}
		first := make([][]bool, len(right))
		for i, samples := range right {
			first[i] = samples[:k]
		}
		err = s.out.Items(set+"-"+strconv.Itoa(k), step, sampleItems(tasks, first))
	}
	return err
}

func sampleItems(tasks []synth.Task, right [][]bool) []store.Item {
	items := make([]store.Item, len(tasks))
	for i, t := range tasks {
		items[i] = store.Item{ID: t.ID, N: len(right[i]), C: count(right[i]), Stratum: stratum(t)}
	}
	return items
}

func samplesOf(right [][]bool) int {
	if len(right) == 0 {
		return 0
	}
	return len(right[0])
}

func count(samples []bool) int {
	n := 0
	for _, right := range samples {
		if right {
			n++
		}
	}
	return n
}
