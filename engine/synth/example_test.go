package synth_test

import (
	"fmt"

	"ablate/engine/judge"
	"ablate/engine/synth"
)

// Two of three candidates misread the second test in one way: the vote is wrong,
// and nothing in the outputs can tell.
func ExampleRules_Verify() {
	tests := []synth.Test{
		{Input: "[]", Class: synth.Boundary, Size: 2},
		{Input: "[3, -4]", Class: synth.Small, Size: 7},
		{Input: "[1, 2, 3, 4]", Class: synth.Medium, Size: 12},
	}
	ran := func(value string) judge.Output { return judge.Output{Verdict: judge.AC, Value: value} }
	failed := judge.Output{Verdict: judge.RE, Err: "line 2: max of nothing"}
	answers := []synth.Answer{
		{Source: "right", Outputs: []judge.Output{ran("0"), ran("3"), ran("4")}},
		{Source: "misread", Outputs: []judge.Output{ran("0"), ran("-4"), ran("4")}},
		{Source: "misread, and no default", Outputs: []judge.Output{failed, ran("-4"), ran("4")}},
	}
	d := synth.Rules{Weighting: synth.WeightSize}.Verify(tests, answers, nil)
	fmt.Println(d.Labels, d.Weights, answers[d.Golden].Source)
	// Output: [0 -4 4] [1 2 3] misread
}

func ExampleBenchmark() {
	for _, task := range synth.Benchmark("current", 3) {
		fmt.Printf("%s, depth %d, %s\n", task.ID, task.Depth, task.Style)
		fmt.Println(task.Statement)
		fmt.Println(task.Cases[1].Input, "->", task.Cases[1].Want)
	}
	// Output:
	// multiply_3.max, depth 2, atcoder
	// the maximum of the values times 3 of the list or zero if empty
	// [6] -> 18
	// drop_first_1.values_modulo_3_times_3.square.reverse, depth 4, codeforces
	// tom plays with a list and must drop the first 1, then take the values modulo 3 times 3, then square each number, then reverse the list
	// [-1, -2, -3, -4, -6] -> [0, 36, 0, 9]
	// modulo_3.sort, depth 2, codeforces
	// ann is given a list and must take each number modulo 3, then sort ascending
	// [-1, -2, -3, -4, -6] -> [0, 0, 1, 2, 2]
}

func ExampleTask_Solution() {
	task := synth.Train(1, 8, synth.DefaultOptions())[2]
	fmt.Println(task.Statement)
	for j := range 2 {
		fmt.Print(task.Solution(1, j))
	}
	fmt.Println(task.Run([]int64{3, -4, 7, 0}))
	// Output:
	// ann plays with a list and must add 2 to every number, then cap each number at 5, then give the range or zero if empty
	// def f(a):
	//     a = [x + 2 for x in a]
	//     a = [min(x, 5) for x in a]
	//     return max(a or [0]) - min(a or [0])
	// def f(a):
	//     b = []
	//     for x in a:
	//         b.append(x + 2)
	//     b = [min(x, 5) for x in b]
	//     return max(b or [0]) - min(b or [0])
	// 7
}
