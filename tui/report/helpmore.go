package report

// helpOf is what `ablate help COMMAND` has beside the call: flags and arguments with
// what they do, and at the end words on the whole.
var helpOf = map[string][][2]string{
	"run": {
		{"--seeds N", "the seeds 1 to N in place of the file's"},
		{"--set key=value", "a parameter of every cell; that makes other cells beside those of the file"},
		{"--gpus LIST", "only these GPUs: 0-3 or 0,2 or UUIDs; as many as the experiment's gpus says, else all"},
		{"--wait, --detach", "follow it in lines, until it has ended; queue it and leave"},
		{"--force", "run what is done, too, and what a stop rule ended"},
		{"", "a run whose GPUs are taken waits in the queue; ablate queue says for what"},
	},
	"plan": {
		{"--see X", "what it takes to see a difference of X in the objective (0.03 of a rate are 3 points)"},
		{"--seeds N", "the seeds 1 to N in place of the file's"},
		{"--set key=value", "a parameter of every cell"},
	},
	"check": {{"FILE", "another one than ./experiments.toml"}},
	"new": {
		{"--from EXP", "begin with this one's design, of the file or shipped"},
		{"--recipe NAME", "else with the defaults of sft, sft+grpo, grpo, data or command"},
		{"--axis key=v1,v2", "an axis and its values"},
		{"--set key=value", "a parameter, or title, question, host, equal, order, seeds, pause, gpus, limits.wall, ..."},
		{"--seeds N", "the seeds 1 to N"},
		{"--title T", "words for people; so is --question Q"},
		{"--plan, -n", "write nothing, show the lines"},
	},
	"findings": {{"-o FILE", "into this file"}},
	"ls": {
		{"NAME", "an experiment, a cell or a run"},
		{"--all", "hidden runs, too"},
		{"--starred", "only those with a star"},
		{"--tag TAG", "only those with this tag"},
	},
	"mark": {{"KIND", "note, tag and distrust take TEXT; untag takes the tag; star, hide, trust and the like take none"}},
	"show": {{"--attempt N", "another attempt than the newest"}},
	"log":  {{"--attempt N", "another attempt than the newest"}, {"-f", "go on as it grows"}},
	"compare": {
		{"A, B", "runs, cells, experiments, or what an experiment was before: EXP@2026-11-18, EXP@7d, EXP@yesterday"},
		{"", "or files of results (see import); a.json,b.json are seeds of one recipe"},
		{"--metric M", "another one than the objective: pass@8, train/loss"},
		{"--margin X", "a difference nobody cares about (0.02 of a rate are 2 points): within it they count as equivalent"},
		{"--force", "a verdict even where data or evaluations differ"},
		{"--md", "as Markdown, to paste"},
	},
	"fit": {
		{"--metric M", "another one than the objective"},
		{"--axis A", "along this axis; without it along each that has three sizes or more"},
	},
	"export": {
		{"--format F", "csv: a row a run; json; md, html: the report; svg: a chart; else by FILE's ending"},
		{"--metric M", "another one than the objective"},
		{"--chart NAME", "of svg: curves, loss, scaling or matrix"},
		{"--points", "csv: a row for every point of every run"},
		{"--bundle", "the runs themselves without weights, for ablate import"},
		{"-o FILE", "into this file; without it to standard output"},
	},
	"import": {
		{"FILE", "a bundle, or results of LiveCodeBench (*_eval_all.json), evalplus or HumanEval"},
		{"--as EXP", "the experiment that results become cells of; without it: imported"},
	},
	"resume": {{"--force", "also what a stop rule ended"}},
	"retry": {
		{"--gpus LIST", "only these GPUs: 0-3 or 0,2 or UUIDs; without it by the experiment again"},
		{"--force", "done runs, too, and what a stop rule ended"},
	},
	"synth": {
		{"--stage NAME", "extract, evolve, tree, sample, select, write, solve, test or verify"},
		{"--n N", "how much of it"},
		{"--tasks", "every task, where verify shows examples"},
		{"--seed S", "the tasks that a run of this seed trains on"},
		{"--set key=value", "a parameter of the recipe data, or trace"},
		{"--corpus DIR", "your own programs, *.star, in place of those that ship"},
		{"--export DIR", "files for trainers of real models"},
	},
	"gpu": {
		{"--host NAME", "a [host.NAME] of kind ssh in the experiment file, local, or all; may be given again"},
		{"--watch", "again every second, until ctrl-c"},
		{"--record FILE", "write readings down, one a second, until ctrl-c; compressed if FILE ends in .zst"},
		{"--for TIME", "how long to watch or to record: 90s, 2h"},
		{"--json", "for programs; experiments/FORMATS.md has the keys"},
		{"busy", "the share of time in which anything ran on the GPU, which may be little"},
		{"SM, tensor, HBM", "how much of its multiprocessors, tensor cores and memory bandwidth was at work (Hopper on)"},
		{"state", "what is wrong with it, and what holds its clock down"},
		{"", "ABLATE_GPU_REPLAY=FILE shows a recording in place of this machine's GPUs"},
	},
	"gc": {{"--plan", "only say what may go"}},
	"engine": {
		{"status", "who holds what, what waits, which budgets are used"},
		{"stop [--runs]", "the engine leaves, runs go on; --runs: they end, too"},
		{"slots N", "how many runs at a time, from now on"},
	},
}
