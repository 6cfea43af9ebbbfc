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
	executed := []synth.Executed{
		{Source: "right", Outputs: []judge.Output{ran("0"), ran("3"), ran("4")}},
		{Source: "misread", Outputs: []judge.Output{ran("0"), ran("-4"), ran("4")}},
		{Source: "misread, and no default", Outputs: []judge.Output{failed, ran("-4"), ran("4")}},
	}
	d := synth.Rules{Weighting: synth.WeightSize}.Verify(tests, executed, nil)
	fmt.Println(d.Labels, d.Weights, executed[d.Golden].Source)
	// Output: [0 -4 4] [1 2 3] misread
}

func ExampleBenchmark() {
	for _, task := range synth.Benchmark("current", 3) {
		fmt.Printf("%s, depth %d, %s\n", task.ID, task.Depth, task.Style)
		fmt.Println(task.Statement)
		fmt.Println(task.Cases[1].Input, "->", task.Cases[1].Want)
	}
	// Output:
	// drop_last_2.minimum_of_squares, depth 2, atcoder
	// the minimum of squares of all but the last 2 of the list or zero if empty
	// [8, 6, 5, 3, 2] -> 25
	// absolute_values_capped_at_5.count_positive, depth 2, codeforces
	// bob is given a list and must take the absolute values capped at 5, then return the number of positive values
	// [0, -1, 1, 0] -> 2
	// drop_last_2.keep_even_less_than_5.values_divided_by_4.product_of_values_minus_3, depth 4, leetcode
	// f(a: list) -> int: drop the last 2, then keep the even numbers less than 5, then take the values divided by 4, then return the product of values minus 3
	// [4, 15, 4, 16, -12, 9, 4] -> -24
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
