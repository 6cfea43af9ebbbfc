package remote

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ablate/engine/agent"
	"ablate/experiments"
	"ablate/gpu"
	"ablate/gpu/driver"
)

// TestMain lets the test binary be the program on a host, and a program that is killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "agent":
			os.Exit(beAgent())
		case "sample":
			_ = driver.Main(context.Background(), os.Stdin, os.Stdout)
			return
		case "show":
			beShown(os.Args[2], os.Args[3], nil)
			return
		case "ask":
			beShown(os.Args[2], os.Args[3], os.Stderr)
			return
		}
	}
	dir, err := os.MkdirTemp("", "remote")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"XDG_CACHE_HOME", "XDG_RUNTIME_DIR"} {
		at := filepath.Join(dir, name[4:5])
		if err := os.Mkdir(at, 0o700); err != nil {
			panic(err)
		}
		os.Setenv(name, at)
	}
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == n.DefValue { // they mostly wait
		_ = n.Value.Set("8")
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// beAgent is the program on a host. TEST_AGENT says what kind of one.
func beAgent() int {
	switch os.Getenv("TEST_AGENT") {
	case "old":
		fmt.Println("ablate agent 0")
		_, _ = bufio.NewReader(os.Stdin).ReadString(0)
		return 0
	case "short":
		fmt.Println("ablate agent 1")
		fmt.Println(`{"devices":[],"age_s":0}`)
		fmt.Fprintln(os.Stderr, "fatal: out of luck")
		return 9
	}
	if err := agent.Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// beShown reads a host until it is killed, with the help of a person who sees w.
func beShown(config, host string, w io.Writer) {
	f := newFleet(context.Background(), noLocal, newSSH("ssh", "-F", config))
	f.Ask(w)
	f.Show([]experiments.Host{{Name: host, Kind: "ssh"}})
	late := time.After(2 * time.Minute)
	for ; ; <-time.After(20 * time.Millisecond) {
		select {
		case <-late:
			return
		default:
		}
		if n := f.Nodes()[1]; len(n.Devices) > 0 {
			fmt.Println("reads")
			break
		}
	}
	select {}
}

// noLocal is a machine without GPUs.
func noLocal(ctx context.Context) *gpu.Watch {
	return gpu.NewWatch(ctx, func() (gpu.Sampler, error) { return nil, gpu.ErrNoDriver })
}
