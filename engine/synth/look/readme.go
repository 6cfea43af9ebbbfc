package look

import (
	"fmt"
	"strings"

	"ablate/engine/synth"
)

// readme describes an export to who finds it.
func (e *exported) readme() string {
	var dropped []string
	for _, reason := range synth.Reasons {
		dropped = append(dropped, fmt.Sprintf("%d %s", e.Dropped[reason], reason))
	}
	return fmt.Sprintf(usage, e.Rows, e.Seed, e.Made, strings.Join(dropped, ", "), e.Kept,
		percent(e.Truth.LabelAccuracy, 2), percent(e.Truth.GoldenRight, 1))
}

const usage = "# %d verified tasks\n" + `
Programming tasks on lists of integers, made and verified by ` + "`ablate synth`" + ` with seed %d: %d tasks written,
dropped %s, %d kept. Labels are outputs that the
candidates voted for, and the program of a task is one of the candidates. Against the truth, which verification
never saw, %s of the labels and %s of the golden programs are right. ` + "`dataset.json`" + ` has the parameters
and the SHA-256 of each file; the same seed and parameters give the same bytes.

- ` + "`sft.jsonl`" + `: a row a task, ` + "`query`" + ` and ` + "`response`" + `, as ms-swift reads them:

      swift sft --dataset sft.jsonl --model ...

- ` + "`rl.jsonl`" + `: the same tasks in the columns of verl: ` + "`data_source`, `prompt`, `ability`, `reward_model`, `extra_info`" + `.
  ` + "`reward_model.ground_truth`" + ` is JSON text with ` + "`fn_name`, `inputs` and `outputs`" + `, as verl's ` + "`prime_code`" + ` takes it
  for calls of a function: every input is the one argument, every output the result, both as JSON. verl reads
  Parquet:

      python3 -c "import datasets as d; d.load_dataset('json', data_files='rl.jsonl')['train'].to_parquet('rl.parquet')"

  It knows no reward for the source ` + "`ablate/synth`" + `. Give it one with ` + "`custom_reward_function.path=reward.py`" + `:

      from verl.utils.reward_score import prime_code

      def compute_score(data_source, solution_str, ground_truth, extra_info=None):
          return float(prime_code.compute_score(solution_str, ground_truth, continuous=True)[0])

Programs are to be run in a sandbox: a model may write anything.
`
