package judge_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"ablate/engine/judge"
)

// children returns the processes that serve the pool of this test.
func children(tb testing.TB) []int {
	tb.Helper()
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		tb.Skip("this system has no /proc to find children in")
	}
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		tb.Fatal(err)
	}
	var pids []int
	for _, f := range files {
		b, _ := os.ReadFile(f) // a process may end meanwhile
		if !bytes.HasSuffix(b, []byte("\x00judge\x00"+tb.Name()+"\x00")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// slowBatch returns programs that take about 2 ms each and are all accepted.
func slowBatch(n int) []judge.Program {
	ps := make([]judge.Program, n)
	for i := range ps {
		ps[i] = on(fmt.Sprintf("# %d\n", i)+body("for i in range(10000):", "    pass", "return x"), "1", "1")
	}
	return ps
}

func TestChildrenStartLate(t *testing.T) {
	t.Parallel()
	p := openPool(t, 3, testLimits())
	if pids := children(t); len(pids) != 0 {
		t.Errorf("an unused pool has children %v", pids)
	}
	if _, err := p.Judge(t.Context(), slowBatch(1)); err != nil {
		t.Fatal(err)
	}
	if pids := children(t); len(pids) != 1 {
		t.Errorf("one program has children %v, want one", pids)
	}
}

// Somebody kills every child in the middle of a batch: no program is blamed.
func TestChildKilledFromOutside(t *testing.T) {
	t.Parallel()
	p := openPool(t, 2, testLimits())
	if _, err := p.Judge(t.Context(), slowBatch(2)); err != nil {
		t.Fatal(err)
	}
	before := children(t)
	var rs []judge.Result
	done := make(chan error)
	go func() {
		var err error
		rs, err = p.Judge(t.Context(), slowBatch(300))
		done <- err
	}()
	<-time.After(50 * time.Millisecond)
	for _, pid := range before {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for i, r := range rs {
		if r.Verdict != judge.AC {
			t.Errorf("program %d got %+v", i, r)
		}
	}
	for _, pid := range children(t) {
		if slices.Contains(before, pid) {
			t.Errorf("child %d was not killed", pid)
		}
	}
}

// A child that stops answering is replaced; its program is not blamed if it
// answers on the second try.
func TestChildStopped(t *testing.T) {
	t.Parallel()
	l := judge.Limits{Time: 100 * time.Millisecond}
	p := openPool(t, 1, l)
	if _, err := p.Judge(t.Context(), slowBatch(1)); err != nil {
		t.Fatal(err)
	}
	for _, pid := range children(t) {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	rs, err := p.Judge(t.Context(), slowBatch(1))
	if err != nil || rs[0].Verdict != judge.AC {
		t.Errorf("after a stop: %+v, %v", rs, err)
	}
	if d, wall := time.Since(start), judge.WallFactor*l.Time; d < wall {
		t.Errorf("the stopped child was given up after %v, before %v", d, wall)
	}
}

// Ctrl-C reaches the whole process group; the children leave it to their parent.
func TestChildIgnoresInterrupt(t *testing.T) {
	t.Parallel()
	p := openPool(t, 1, testLimits())
	if _, err := p.Judge(t.Context(), slowBatch(1)); err != nil {
		t.Fatal(err)
	}
	before := children(t)
	for _, pid := range before {
		_ = syscall.Kill(pid, syscall.SIGINT)
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
	if _, err := p.Judge(t.Context(), slowBatch(20)); err != nil {
		t.Fatal(err)
	}
	if after := children(t); len(after) != 1 || after[0] != before[0] {
		t.Errorf("children were %v and are %v", before, after)
	}
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	l := judge.Limits{Steps: 1 << 62, Time: time.Minute}
	p := openPool(t, 2, l)
	hang := on(body("for i in range(1000000000000):", "    pass"), "1", "1")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	rs, err := p.Judge(ctx, []judge.Program{hang, hang, hang})
	if rs != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a batch past its deadline: %v, %v", rs, err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("it took %v to give up", d)
	}
	if pids := children(t); len(pids) != 0 {
		t.Errorf("children %v still work on it", pids)
	}
	if rs, err = p.Judge(t.Context(), slowBatch(1)); err != nil || rs[0].Verdict != judge.AC {
		t.Errorf("the next batch: %+v, %v", rs, err)
	}
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	if _, err = p.Judge(cancelled, slowBatch(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	p := openPool(t, 2, judge.Limits{Steps: 1 << 62, Time: time.Minute})
	if _, err := p.Judge(t.Context(), slowBatch(16)); err != nil {
		t.Fatal(err)
	}
	if len(children(t)) == 0 {
		t.Fatal("no children to close")
	}
	hang := on(body("for i in range(1000000000000):", "    pass"), "1", "1")
	done := make(chan error)
	go func() {
		_, err := p.Judge(t.Context(), []judge.Program{hang})
		done <- err
	}()
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-done; !errors.Is(err, judge.ErrClosed) {
		t.Errorf("the batch in progress: %v", err)
	}
	if _, err := p.Judge(t.Context(), slowBatch(1)); !errors.Is(err, judge.ErrClosed) {
		t.Errorf("a batch after Close: %v", err)
	}
	if pids := children(t); len(pids) != 0 {
		t.Errorf("Close left %v", pids)
	}
}

// A parent that is killed takes its children along, also one that is busy.
func TestChildDiesWithParent(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "parent", t.Name())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the parent says %q, %v", line, err)
	}
	if pids := children(t); len(pids) != 1 {
		t.Errorf("the parent has children %v, want one", pids)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it says that the process was killed
	for range 100 {
		if len(children(t)) == 0 {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Errorf("children %v outlive their parent", children(t))
}

// Many callers share the children, hostile programs among theirs.
func TestConcurrentCallers(t *testing.T) {
	t.Parallel()
	p := openPool(t, 2, testLimits())
	var wait sync.WaitGroup
	for caller := range 8 {
		wait.Go(func() {
			for round := range 5 {
				ps := make([]judge.Program, 20)
				for i := range ps {
					ps[i] = on(body(fmt.Sprintf("return x + %d", caller*100+i)), "0", strconv.Itoa(caller*100+i))
				}
				if caller == round {
					ps[10] = on(body("return [0] * 60000000"), "0", "0")
				}
				rs, err := p.Judge(t.Context(), ps)
				if err != nil {
					t.Error(err)
					return
				}
				for i, r := range rs {
					if want := i == 10 && caller == round; (r.Verdict == judge.MLE) != want || (r.Verdict == judge.AC) == want {
						t.Errorf("caller %d, round %d, program %d: got %+v", caller, round, i, r)
					}
				}
				outs, err := p.Outputs(t.Context(), []judge.Program{asked(body("return x * 2"), strconv.Itoa(caller))})
				if err != nil || outs[0][0].Value != strconv.Itoa(2*caller) {
					t.Errorf("caller %d: outputs %v, %v", caller, outs, err)
				}
			}
		})
	}
	wait.Wait()
}

func TestHugeRequests(t *testing.T) {
	t.Parallel()
	p := openPool(t, 1, testLimits())
	long := string(bytes.Repeat([]byte("1,"), 9<<20))
	rs, err := p.Judge(t.Context(), []judge.Program{
		on(body("return len(x)"), "["+long+"]", "1"),
		on(body("return x")+long, "1", "1"),
		on(body("return len(x)"), "["+long[:1<<19]+"]", "262144"),
		on(body("return x"), "1", "1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []judge.Verdict{judge.RE, judge.CE, judge.AC, judge.AC} {
		if rs[i].Verdict != want {
			t.Errorf("program %d: got %+v, want %s", i, rs[i], want)
		}
	}
}
