package tui

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestScratch(t *testing.T) {
	if os.Getenv("KEYS") == "" && os.Getenv("SIZE") == "" {
		t.Skip()
	}
	w, h := 120, 40
	if s := os.Getenv("SIZE"); s != "" {
		a, b, _ := strings.Cut(s, "x")
		w, _ = strconv.Atoi(a)
		h, _ = strconv.Atoi(b)
	}
	p := sit(t, w, h)
	if os.Getenv("FROM") != "" {
		p.m.press(keyPress("esc"))
	}
	for _, k := range strings.Fields(os.Getenv("KEYS")) {
		if len([]rune(k)) > 1 && k[0] == '"' {
			p.types(strings.ReplaceAll(k[1:], "_", " "))
		} else if k == "second" {
			p.second()
		} else {
			p.press(k)
		}
		if os.Getenv("EACH") != "" {
			fmt.Println("==", k)
			fmt.Println(p.text())
		}
	}
	fmt.Println(p.text())
	fmt.Printf("%q %q\n", p.verbs(), p.clip)
}
