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
	// last_3.rotate.modulo_5, depth 3, codeforces
	// eva plays with a list and must take the last 3, then rotate left by one, then take each number modulo 5
	// [-1, -2, -3, -4, -6] -> [1, 4, 2]
	// unique.alternating, depth 2, codeforces
	// eva plays with a list and must drop duplicates, then return the alternating sum
	// [4, 4, 4, 4] -> 4
	// repeat_each.count_positive, depth 2, codeforces
	// eva takes a list of numbers and must repeat each number twice, then return the number of positive values
	// [0, -1, 1, 0] -> 2
}

func ExampleTask_Solution() {
	task := synth.Train(1, 8, synth.DefaultOptions())[2]
	fmt.Println(task.Statement)
	for j := range 2 {
		fmt.Print(task.Solution(1, j))
	}
	fmt.Println(task.Run([]int64{3, -4, 7, 0}))
	// Output:
	// ann plays with a list and must halve and floor every number, then take the first 3, then give the product
	// def f(a):
	//     a = [x // 2 for x in a]
	//     a = a[:3]
	//     s = 1
	//     for x in a:
	//         s *= x
	//     return s
	// def f(a):
	//     b = []
	//     for x in a:
	//         b.append(x // 2)
	//     c = b[:3]
	//     s = 1
	//     for x in c:
	//         s = s * x
	//     return s
	// -6
}
