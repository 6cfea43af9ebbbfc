package recipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"ablate/engine/judge"
	"ablate/experiments"
	"ablate/experiments/store"
)

// lockFD is the run's lock, which the runner hands on so that it is held as long
// as the trainer lives.
const lockFD = 3

// Main is `ablate train DIR`: it trains the attempt whose folder is named with so
// many workers. log is what people read.
func Main(ctx context.Context, args []string, workers int, log io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("train run: want one folder, got %q", args)
	}
	syscall.CloseOnExec(lockFD) // the judge's processes must not keep it
	store.KeepLock(store.LockFile(filepath.Dir(args[0])), lockFD)
	var run experiments.Run
	if err := store.ReadJSON(filepath.Join(filepath.Dir(args[0]), "run.json"), &run); err != nil {
		return err
	}
	out, err := store.OpenAttempt(args[0])
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find program: %w", err)
	}
	pool, err := judge.Open([]string{self, "judge"}, workers, judge.DefaultLimits())
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(args[0])
	if err == nil {
		err = Train(ctx, run, out, Means{Pool: pool, Workers: workers, Store: storeOf(dir), Log: log})
	}
	return errors.Join(err, pool.Close(), out.Close())
}

// storeOf is the store of an attempt: STORE/EXPERIMENT/CELL/sSEED/aN.
func storeOf(attempt string) string { return filepath.Join(attempt, "..", "..", "..", "..") }
