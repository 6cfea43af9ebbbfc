package launch_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ablate/engine"
	"ablate/engine/launch"
	"ablate/engine/runner"
)

// mark is in the environment of every process that the tests start.
const mark = "ABLATE_LAUNCH_TEST"

// A variable of every process here that no file may keep.
const secretName, secret = "ABLATE_TEST_TOKEN", "nobody's business"

// grace is that of the runners here: longer than a trainer needs that heeds TERM.
const grace = 3 * time.Second

// TestMain is also the program under test: it is started as the runner.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "runner" {
		workers, err := strconv.Atoi(os.Args[4]) // runner DIR --workers N
		if err == nil {
			err = runner.Main(os.Args[2:3], onDriver(os.Args[2], onMachine(os.Args[2], runner.Runner{Launcher: "local", Grace: grace, Workers: workers, Arithmetic: "exact"})))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(tests(m))
}

// tests sees to it that no process stays.
func tests(m *testing.M) int {
	root, err := os.MkdirTemp("", "ablate-launch-test-*")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(root)
	for name, value := range map[string]string{mark: root, "XDG_CACHE_HOME": root, secretName: secret} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	if err := os.Unsetenv("CUDA_VISIBLE_DEVICES"); err != nil {
		fmt.Println(err)
		return 1
	}
	// Before anything is started: who forks while a copy is written keeps it from
	// being run.
	if _, err := engine.Install(root); err != nil {
		fmt.Println(err)
		return 1
	}
	code := m.Run()
	left := marked(root)
	for tick, n := time.NewTicker(20*time.Millisecond), 0; len(left) > 0 && n < 3000; n++ {
		<-tick.C
		left = marked(root)
	}
	for _, pid := range left {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // it may end meanwhile
		fmt.Printf("left over: process %d: %q\n", pid, b)
		_ = syscall.Kill(pid, syscall.SIGKILL)
		code = 1
	}
	return code
}

// marked finds the processes that the tests started, where there is a /proc.
func marked(root string) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []int
	for _, file := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		b, err := os.ReadFile(file)
		if err == nil && pid != os.Getpid() && bytes.Contains(b, []byte(mark+"="+root)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestLocal(t *testing.T) {
	t.Parallel()
	program, err := engine.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	testLauncher(t, launch.Local{Program: program.Path})
}
