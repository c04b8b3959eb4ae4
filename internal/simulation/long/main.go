// Long plays as many lives of package simulation as it is asked to, on all processors, and
// prints what does not hold.
//
//	go run ./internal/simulation/long -lives 1000000 -from 1
//	go run ./internal/simulation/long -from 4711 -tell
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/perennial-billing/perennial/internal/simulation"
)

func main() {
	lives := flag.Uint64("lives", 1_000_000, "how many lives are played")
	from := flag.Uint64("from", 1, "the first seed")
	most := flag.Int("most", 5, "how many violations end the run")
	tell := flag.Bool("tell", false, "tell the life of the first seed, step by step")
	flag.Parse()
	if *tell {
		_, err := simulation.Tell(*from, func(format string, args ...any) { fmt.Printf(format+"\n", args...) })
		fmt.Println(err)
		return
	}
	var (
		next   atomic.Uint64
		failed atomic.Int64
		mutex  sync.Mutex
		all    = simulation.Counts{}
		wait   sync.WaitGroup
	)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			counts := simulation.Counts{}
			for int(failed.Load()) < *most {
				n := next.Add(1) - 1
				if n >= *lives {
					break
				}
				one, err := simulation.Play(*from + n)
				counts.Add(one.Counts)
				mutex.Lock()
				if err != nil {
					failed.Add(1)
					fmt.Println(err)
				}
				if n%10_000 == 9_999 {
					fmt.Fprintf(os.Stderr, "%d lives\n", n+1)
				}
				mutex.Unlock()
			}
			mutex.Lock()
			defer mutex.Unlock()
			all.Add(counts)
		})
	}
	wait.Wait()
	for _, what := range slices.Sorted(maps.Keys(all)) {
		fmt.Printf("%10d %s\n", all[what], what)
	}
	if failed.Load() > 0 {
		os.Exit(1)
	}
}
