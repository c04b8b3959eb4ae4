// Sample draws mutants of the rooms and runs the tests on each: those of the room first, and if they
// pass, those of the rooms that import it, and the cases. It prints what is not detected, and what
// share is. It takes hours, and is not part of the checks. A mutant may ask for all memory: bound it, as
// by ulimit -v.
//
//	go run ./internal/mutants/sample -n 400 -seed 1
//	go run ./internal/mutants/sample -n 40 -seed 1 -room billing -file 'tax'
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/internal/mutants"
)

// rooms are the seven, each with the packages whose tests are run where its own pass.
var rooms = map[string][]string{
	"money":        {"./plan", "./subscription", "./billing/...", "./examples/cases"},
	"calendar":     {"./feature", "./plan", "./subscription", "./billing/...", "./examples/cases"},
	"feature":      {"./plan", "./subscription", "./examples/cases"},
	"lifecycle":    {"./subscription", "./billing", "./examples/cases"},
	"plan":         {"./subscription", "./billing/...", "./examples/cases", "./examples/simulate"},
	"subscription": {"./billing", "./examples/cases", "./examples/simulate", "./internal/simulation"},
	"billing":      {"./billing/...", "./examples/cases", "./examples/simulate", "./internal/simulation"},
}

// A place is a mutant of a file.
type place struct {
	room, file string
	mutants.Mutant
}

func main() {
	n := flag.Int("n", 400, "how many mutants are drawn that compile")
	seed := flag.Uint64("seed", 1, "what draws them: one that was chosen after the tests were written")
	only := flag.String("room", "", "one `room` instead of all seven")
	file := flag.String("file", "", "only files whose name contains this")
	limit := flag.Duration("timeout", 10*time.Minute, "what takes longer counts as detected: it does not end")
	flag.Parse()
	if err := run(*n, *seed, *only, *file, *limit); err != nil {
		fmt.Fprintln(os.Stderr, "sample:", err)
		os.Exit(1)
	}
}

func run(n int, seed uint64, only, file string, limit time.Duration) error {
	all, err := places(only, file)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	fmt.Printf("%d places; seed %d\n", len(all), seed)
	if os.Getenv("PERENNIAL_SEED") == "" { // so that no story of its own day passes for a detection
		if err := os.Setenv("PERENNIAL_SEED", fmt.Sprint(seed)); err != nil {
			return err
		}
	}
	folder, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	detected, survived, none := 0, 0, 0
	for _, p := range all {
		if detected+survived == n {
			break
		}
		how, err := p.judge(folder, limit)
		if err != nil {
			return err
		}
		switch how {
		case uncompilable:
			none++
			continue
		case survives:
			survived++
		case killed, endless:
			detected++
		}
		fmt.Printf("%-9s %s:%d: %s\n", how, p.file, p.Line, strings.ReplaceAll(p.What, "\n", " "))
	}
	fmt.Printf("%d of %d detected, %.1f %%; %d did not compile\n", detected, detected+survived, 100*float64(detected)/float64(max(1, detected+survived)), none)
	return nil
}

func places(only, part string) (all []place, err error) {
	for room := range rooms {
		if only != "" && room != only {
			continue
		}
		files, err := filepath.Glob(room + "/*.go")
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || !strings.Contains(filepath.Base(name), part) {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			found, err := mutants.Of(name, source)
			if err != nil {
				return nil, err
			}
			for _, m := range found {
				all = append(all, place{room, name, m})
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no such room or file here: run it in the folder of go.mod")
	}
	slices.SortStableFunc(all, func(a, b place) int { return strings.Compare(a.file, b.file) }) // the same sample for the same seed
	return all, nil
}

// A verdict is what became of a mutant.
type verdict string

const (
	killed       verdict = "detected"
	endless      verdict = "endless"
	survives     verdict = "SURVIVES"
	uncompilable verdict = "none"
)

func (p place) judge(folder string, limit time.Duration) (verdict, error) {
	source, err := os.ReadFile(p.file)
	if err != nil {
		return "", err
	}
	mutated := filepath.Join(folder, "mutant.go")
	if err := os.WriteFile(mutated, p.Apply(source), 0o600); err != nil {
		return "", err
	}
	path, err := filepath.Abs(p.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutated}})
	if err != nil {
		return "", err
	}
	replace := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(replace, overlay, 0o600); err != nil {
		return "", err
	}
	if err := exec.Command("go", "build", "-overlay", replace, "./"+p.room).Run(); err != nil {
		return uncompilable, nil
	}
	for _, packages := range [][]string{{"./" + p.room}, rooms[p.room]} {
		how, err := tests(replace, limit, packages)
		if err != nil || how != survives {
			return how, err
		}
	}
	return survives, nil
}

// tests runs tests with a mutant in place. Vet, which would find some of them, is left out.
func tests(overlay string, limit time.Duration, packages []string) (verdict, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	args := append([]string{"test", "-overlay", overlay, "-vet=off", "-failfast", "-timeout", limit.String()}, packages...)
	c := exec.CommandContext(ctx, "go", args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return survives, nil
	case ctx.Err() != nil || bytes.Contains(out.Bytes(), []byte("panic: test timed out")):
		return endless, nil
	case errors.As(err, &exit):
		return killed, nil
	}
	return "", err
}
