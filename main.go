// Command ablate is a terminal workbench for ablations of code models. This file is
// the command line alone; what the rooms are for stands in their package comments.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"ablate/engine"
	"ablate/engine/agent"
	"ablate/engine/bench"
	"ablate/engine/formats"
	"ablate/engine/judge"
	"ablate/engine/launch"
	"ablate/engine/lm"
	"ablate/engine/recipe"
	"ablate/engine/remote"
	"ablate/engine/runner"
	"ablate/engine/synth/look"
	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu/driver"
	"ablate/tui"
	"ablate/tui/report"
)

//go:embed experiments.toml
var shipped []byte

func main() {
	ends := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as it is for trainers: the terminal may go
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), ends...)
	context.AfterFunc(ctx, cancel) // a second signal ends whatever does not heed the first
	err := run(ctx, os.Args[1:])
	cancel()
	os.Exit(exitCode(err))
}

// exitCode tells of an error and is the code for it that the help documents.
func exitCode(err error) int {
	var mistakes *experiments.Problems
	switch {
	case err == nil:
		return 0
	case errors.Is(err, report.ErrNotDone):
		return 2
	case errors.Is(err, report.ErrInterrupted), errors.Is(err, context.Canceled):
		return 130 // as shells say of what an interrupt ended
	case errors.As(err, &mistakes):
		fmt.Fprintln(os.Stderr, mistakes)
	default:
		fmt.Fprintln(os.Stderr, "ablate:", err)
	}
	if errors.Is(err, engine.ErrUnreachable) {
		return 3
	}
	return 1
}

// command is one subcommand; one without a purpose is hidden from the help.
type command struct {
	name, usage, purpose string
	run                  func(*app) error
}

func commands() []command {
	return []command{
		{"", "[--theme auto|dark|light|contrast] [--slow] [--sync]", "the terminal interface for ./experiments.toml", openInterface},
		{"run", "EXP [--seeds N] [--set key=value]... [--gpus LIST] [--wait|--detach] [--force]", "queue what is not done, and watch it; --wait: in lines, --detach: not", runExperiment},
		{"check", "[FILE] [--json]", "validate an experiment file, all problems at once", check},
		{"plan", "EXP [--see X] [--seeds N] [--set key=value]... [--json]", "what would run, what is done, what it takes, what it could see", plan},
		{"new", "EXP [--from EXP] [--axis key=v1,v2]... [--set key=value]... [--seeds N] [--plan]", "write an experiment: a clone, or of --recipe NAME; --plan only shows it", func(a *app) error {
			return a.fresh.Run(os.Stdout, experiments.NewRequest{Path: a.file, Shipped: shipped, Recipes: recipe.Table(), Names: a.args, Set: a.set, Seeds: a.seeds, Dry: a.dry})
		}},
		{"findings", "[EXP]... [-o FILE] [--json]", "what the runs answer to the questions of experiments", findings},
		{"ls", "[NAME]... [--all] [--starred] [--tag TAG] [--json]", "runs with status and last metrics", func(a *app) error { return report.Runs(os.Stdout, os.Stderr, a.store, a.own.Filter.Of(a.args, a.json)) }},
		{"mark", "RUN|CELL|EXP KIND [TEXT]", "note, tag, untag, star, unstar, hide, unhide, distrust or trust runs", func(a *app) error { return engine.NewClient(a.store).Mark(a.ctx, os.Stdout, a.args) }},
		{"show", "RUN [--attempt N] [--json]", "one run: attempts, parameters, metrics, events, folder", ofRun(func(a *app, id string) error { return report.Run(os.Stdout, a.store, id, a.attempt, a.json) })},
		{"compare", "A B... [--metric M] [--margin X] [--force] [--md] [--json]", "runs, cells, experiments, EXP@TIME or files of results: the verdict", func(a *app) error {
			return report.Compare(os.Stdout, a.store, a.own.Compare.With(a.args, formats.ReadEvaluation, a.origin().Cost()), a.force, a.json)
		}},
		{"fit", "EXP [--metric M] [--axis A] [--json]", "the metric against sizes: which law holds, and how far", func(a *app) error {
			return report.Fit(os.Stdout, a.store, a.args, a.own.Fit, a.json)
		}},
		{"export", "EXP... [--format F] [--points] [--chart NAME] [--metric M] [--bundle] [-o FILE]", "results for papers and colleagues; --bundle: runs without weights", func(a *app) error {
			return report.Export(os.Stdout, os.Stderr, a.store, a.origin(), a.args, a.own.Export, a.out)
		}},
		{"import", "FILE... [--as EXP] [--json]", "take in a bundle, or results of an evaluation made elsewhere", func(a *app) error {
			return report.Import(a.ctx, os.Stdout, a.store, a.own.Import.With(a.args, formats.ReadEvaluation), a.json)
		}},
		{"log", "RUN [--attempt N] [-f]", "what its trainer printed", ofRun(func(a *app, id string) error { return report.Log(a.ctx, os.Stdout, a.store, id, a.attempt, a.follow) })},
		{"stop", "RUN|EXP...", "end runs; they keep what they have", ask("stop")},
		{"pause", "RUN|EXP...", "take runs out of the queue and their slots, to go on by resume", ask("pause")},
		{"resume", "RUN|EXP... [--force]", "go on with runs that were paused, stopped, failed or lost", ask("resume")},
		{"retry", "RUN|EXP... [--gpus LIST] [--force]", "try stopped, failed or lost runs again; --force: done ones, too", ask("retry")},
		{"queue", "[--json]", "what waits, in order", func(a *app) error { return engine.NewClient(a.store).WriteQueue(a.ctx, os.Stdout, a.json) }},
		{"move", "RUN|EXP first|last|before RUN", "change that order", func(a *app) error { return engine.NewClient(a.store).Move(a.ctx, os.Stdout, a.args) }},
		{"synth", "[--stage NAME] [--n N] [--set key=value]... [--export DIR] [--json]", "look at generated tasks, and at what verification drops", func(a *app) error { return a.look.Run(a.ctx, os.Stdout, a.args, a.set, a.json) }},
		{"gpu", "[--host NAME|all]... [--watch] [--record FILE] [--for TIME] [--json]", "the GPUs of this machine or of hosts, what they do and who has them", func(a *app) error {
			return report.GPUs(a.ctx, os.Stdout, os.Stderr, remote.NewFleet(a.ctx), a.origin().Load, a.own.GPUs.With(a.args), a.json)
		}},
		{"gc", "[--plan] [EXP|RUN]... [--json]", "what takes the disk, and what of it may go; lets it go but for --plan", func(a *app) error {
			return report.GC(a.ctx, os.Stdout, a.store, report.GCOptions{Names: a.args, Plan: a.dry, JSON: a.json, Stage: recipe.StageOf})
		}},
		{"bench", "[--json]", "this machine's own figures, from kernels to steps of GRPO", func(a *app) error { return bench.Main(a.ctx, os.Stdout, os.Stderr, a.json) }},
		{"engine", "status|stop [--runs]|slots N [--json]", "the process behind it: who holds what; stop leaves the runs going", engineCommand},
		{"runner", "DIR [--workers N]", "", func(a *app) error {
			return runner.Main(a.args, runner.Runner{Launcher: "local", Grace: engine.Grace, Workers: a.workers, Arithmetic: lm.Arithmetic(), NotFinite: lm.ErrNotFinite.Error()})
		}},
		{"train", "DIR [--workers N]", "", func(a *app) error { return recipe.Main(a.ctx, a.args, a.workers, os.Stdout) }},
		{"version", "[--json]", "", func(a *app) error { return engine.WriteVersion(os.Stdout, a.json) }},
		{"sample", "", "", func(a *app) error { return driver.Main(a.ctx, os.Stdin, os.Stdout) }},
		{"agent", "", "", func(a *app) error { return agent.Serve(a.ctx, os.Stdin, os.Stdout) }},
		{"judge", "", "", func(*app) error { return judge.Serve(os.Stdin, os.Stdout) }},
	}
}

// calls are the commands that the help lists, each with its purpose.
func calls() (all [][2]string) {
	for _, c := range commands() {
		if c.purpose != "" {
			all = append(all, [2]string{strings.TrimSpace("ablate " + c.name + " " + c.usage), c.purpose})
		}
	}
	return all
}

// app is what every subcommand has: its arguments and the store.
type app struct {
	ctx                                          context.Context //nolint:containedctx // lives as long as the command
	args, set                                    []string        // set: key=value
	file, workdir, out, only                     string          // the experiment file, where it stands, absolute, a file to write, and a list of GPUs
	store                                        *store.Store
	seeds, workers, attempt                      int // workers of runner and train, attempt of show and log: 0 is the newest
	look                                         look.Request
	from                                         *experiments.File // of the plan
	screen                                       tui.Options
	fresh                                        experiments.NewFlags
	own                                          report.Own // flags
	json, wait, detach, follow, force, runs, dry bool
}

func run(ctx context.Context, argv []string) error {
	name := ""
	if len(argv) > 0 && (argv[0] == "" || argv[0][0] != '-' || argv[0] == "--version") {
		name, argv = strings.TrimPrefix(argv[0], "--"), argv[1:]
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		a := &app{ctx: ctx, workers: 1}
		if err := a.parse(c, argv); errors.Is(err, flag.ErrHelp) {
			break
		} else if err != nil {
			return fmt.Errorf("read command line: %w; `%s` shows how", err, strings.TrimSpace("ablate help "+name))
		}
		return c.run(a)
	}
	switch {
	case name == "help" && len(argv) > 0:
		name = argv[0]
	case name != "help" && name != "" && !slices.ContainsFunc(commands(), func(c command) bool { return c.name == name }):
		return report.NoCommand(name, calls())
	}
	report.Help(os.Stdout, calls(), name)
	return nil
}

// parse takes flags before and after names.
func (a *app) parse(c command, argv []string) error {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	dir := f.String("store", os.Getenv("ABLATE_STORE"), "")
	f.StringVar(&a.file, "file", "experiments.toml", "")
	a.screen.Flags(f, c.name)
	if c.name == "synth" {
		a.look.Flags(f, recipe.Table())
	}
	if c.name == "new" {
		a.fresh.Flags(f)
	}
	a.own.Flags(f, c.name)
	report.Flags(f, c.usage, map[string]func(string) error{
		"seeds": report.Number(&a.seeds), "workers": report.Number(&a.workers), "attempt": report.Number(&a.attempt),
		"gpus": func(v string) (err error) { a.only = v; _, err = experiments.ReadGPUs(v); return err },
		"o":    func(v string) error { a.out = v; return nil }, "set": func(v string) error { a.set = append(a.set, v); return nil },
	}, map[string]*bool{
		"json": &a.json, "wait": &a.wait, "detach": &a.detach, "f": &a.follow, "force": &a.force, "runs": &a.runs, "plan": &a.dry,
	})
	for len(argv) > 0 {
		if err := f.Parse(argv); err != nil {
			return err
		}
		if argv = f.Args(); len(argv) > 0 {
			a.args, argv = append(a.args, argv[0]), argv[1:]
		}
	}
	var err error
	if a.workdir, err = filepath.Abs(filepath.Dir(a.file)); err != nil {
		return err
	}
	if a.store, err = store.Open(cmp.Or(*dir, filepath.Join(a.workdir, "runs"))); err == nil && c.purpose != "" { // what runs already goes on
		_, err = a.store.Settings()
	}
	return err
}

// name is the command's only argument.
func (a *app) name(what string) (string, error) {
	if len(a.args) != 1 {
		return "", fmt.Errorf("read command line: want one %s, got %d names; `ablate help` shows how", what, len(a.args))
	}
	return a.args[0], nil
}

// origin is where the experiments come from.
func (a *app) origin() experiments.Origin {
	return experiments.Origin{Path: a.file, Shipped: shipped, Recipes: recipe.Table()}
}

// plan resolves the experiment that the command names.
func (a *app) plan() (*experiments.Plan, error) {
	name, err := a.name("experiment")
	if err != nil {
		return nil, err
	}
	f, err := a.origin().With(name)
	if err != nil {
		return nil, err
	}
	a.from = f
	report.Warn(os.Stderr, f, name)
	return f.Plan(name, a.set, a.seeds)
}

func openInterface(a *app) error {
	if !tui.InTerminal() {
		report.Help(os.Stderr, calls(), "")
		return errors.New("open interface: this is no terminal; `ablate run EXP` and `ablate ls` work without one")
	}
	return a.open("", nil)
}

// open shows an experiment, or where something goes on, and what the engine replied.
func (a *app) open(experiment string, ran *engine.Reply) error {
	f, err := a.origin().Load()
	if err != nil {
		return err
	}
	return tui.Run(a.ctx, tui.Config{File: f, Shipped: a.origin().Ships(), Path: a.file, Load: a.origin().Load, Recipes: recipe.Table(), Store: a.store, Client: engine.NewClient(a.store), Workdir: a.workdir, Slots: engine.SlotsOf(a.store), Experiment: experiment, Ran: ran, Nodes: remote.NewFleet(a.ctx), Options: a.screen})
}

func runExperiment(a *app) error {
	p, err := a.plan()
	if err != nil {
		return err
	}
	report.Differs(os.Stderr, a.store, p)
	client := engine.NewClient(a.store)
	reply, err := client.Do(a.ctx, engine.Request{Verb: "run", Plan: p, Workdir: a.workdir, Force: a.force, GPUs: a.only, Notify: a.from.Notify})
	if err != nil {
		return err
	}
	if tui.InTerminal() && !a.wait && !a.detach {
		return a.open(p.Experiment, &reply)
	}
	reply.Tell(os.Stderr, p.Experiment)
	if a.detach {
		return nil
	}
	go client.Keep(a.ctx, p.Experiment, func(trouble string) { fmt.Fprintln(os.Stderr, "waiting:", trouble) })
	return report.Watch(a.ctx, os.Stdout, os.Stderr, a.store, p)
}

func check(a *app) error {
	if len(a.args) > 0 {
		a.file = a.args[0]
	}
	f, err := a.origin().Load()
	return report.Check(os.Stdout, os.Stderr, f, err, a.json)
}

func plan(a *app) error {
	p, err := a.plan()
	if err != nil {
		return err
	}
	return report.Plan(os.Stdout, a.store, p, report.Ahead{Flags: a.own.Plan, Slots: engine.SlotsOf(a.store), Cost: a.from.Cost}, a.json)
}

func findings(a *app) error {
	f, err := a.origin().Load()
	if err != nil {
		return err
	}
	return report.Findings(os.Stdout, a.store, f, report.FindingsOptions{Names: a.args, Path: a.out, JSON: a.json})
}

// ofRun is a command about the only run that it names.
func ofRun(do func(a *app, name string) error) func(*app) error {
	return func(a *app) error {
		name, err := a.name("run")
		if err == nil {
			err = do(a, name)
		}
		return err
	}
}

// ask puts a verb about the runs that the command names to the engine.
func ask(verb string) func(*app) error {
	return func(a *app) error {
		return engine.NewClient(a.store).Ask(a.ctx, os.Stdout, engine.Request{Verb: verb, Force: a.force, GPUs: a.only}, a.args)
	}
}

// engineCommand serves the store, or speaks to the engine that does.
func engineCommand(a *app) error {
	client := engine.NewClient(a.store)
	if len(a.args) == 0 {
		program, err := engine.Install(filepath.Join(a.store.EngineDir(), "bin"))
		if err != nil {
			return err
		}
		signal.Ignore(syscall.SIGHUP) // the terminal may go
		return engine.Serve(a.ctx, a.store, launch.Local{Program: program.Path, Lacks: runner.Outlook(a.ctx, program.Path)}, program.Build, func(exp string) string { return report.Verdict(a.store, exp) })
	}
	return client.Manage(a.ctx, os.Stdout, os.Stderr, a.args, engine.Managed{Runs: a.runs, JSON: a.json})
}
