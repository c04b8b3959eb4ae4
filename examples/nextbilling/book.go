package main

import (
	_ "embed" // the sample files
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

//go:embed catalog.json
var sampleCatalog []byte

//go:embed subscriptions.json
var sampleSubscriptions []byte

// maxFile bounds the files that are read, in bytes.
const maxFile = 64 << 20

// book is what the files say: whom to answer for, and at which instant.
type book struct {
	file    string
	at      time.Time
	entries []entry
}

// entry is a subscription with what its service stores beside it.
type entry struct {
	path       string // in the file: subscriptions[3]
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	usage      billing.Usage
}

// bookForm is the file of subscriptions.
type bookForm struct {
	At            time.Time   `json:"at"`
	Subscriptions []entryForm `json:"subscriptions"`
}

type entryForm struct {
	// Subscription is decoded by its own package, which wants the catalog.
	Subscription strict.Node        `json:"subscription"`
	Checkpoint   billing.Checkpoint `json:"checkpoint"`
	Usage        billing.Usage      `json:"usage"`
}

// load reads both files. All faults of a file are reported; without a catalog the
// subscriptions cannot be read.
func load(o options) (book, []string) {
	name, data, err := file(o.catalog, "catalog.json", sampleCatalog)
	if err != nil {
		return book{}, []string{err.Error()}
	}
	catalog, err := plan.DecodeCatalog(data)
	if err != nil {
		return book{}, listed(name, "", err)
	}
	name, data, err = file(o.subscriptions, "subscriptions.json", sampleSubscriptions)
	if err != nil {
		return book{}, []string{err.Error()}
	}
	return decodeBook(name, data, catalog, o.at)
}

// file is what a file holds, or the sample of that name if no path is given.
func file(path, sampleName string, sample []byte) (name string, data []byte, err error) {
	if path == "" {
		return sampleName, sample, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return path, nil, err
	}
	defer f.Close()
	if data, err = io.ReadAll(io.LimitReader(f, maxFile+1)); err != nil {
		return path, nil, err
	}
	if len(data) > maxFile {
		return path, nil, fmt.Errorf("%s: longer than %d bytes", path, maxFile)
	}
	return path, data, nil
}

// decodeBook reads a file of subscriptions, strictly. The instant at stands in for
// the file's own, unless it is zero.
func decodeBook(name string, data []byte, catalog *plan.Catalog, at time.Time) (book, []string) {
	var form bookForm
	limits := strict.Limits{Size: maxFile}
	var faults []string
	for _, f := range strict.Decode(data, &form, limits) {
		faults = append(faults, line(name, f.Path, f.Err))
	}
	if len(faults) > 0 && form.Subscriptions == nil {
		return book{}, faults // no document at all, or a list of no use
	}
	b := book{file: name, at: form.At, entries: make([]entry, 0, len(form.Subscriptions))}
	if !at.IsZero() {
		b.at = at
	} else if form.At.IsZero() && len(faults) == 0 {
		faults = append(faults, line(name, "at", fmt.Errorf("missing: the instant to answer for stands here or in -at")))
	}
	seen := make(map[subscription.ID]string, len(form.Subscriptions))
	for i, f := range form.Subscriptions {
		path := strict.Index("subscriptions", i)
		within := strict.Key(path, "subscription")
		if f.Subscription.Kind() == strict.Absent {
			faults = append(faults, line(name, within, fmt.Errorf("missing")))
			continue
		}
		sub, err := subscription.Decode(f.Subscription.Raw(), catalog)
		if err != nil {
			for _, fault := range listed(name, within, err) {
				if !slices.Contains(faults, fault) { // a repeated name was found before
					faults = append(faults, fault)
				}
			}
			continue
		}
		if first, ok := seen[sub.ID()]; ok {
			faults = append(faults, line(name, within+".id", fmt.Errorf("%s has the same", first)))
		}
		seen[sub.ID()] = path
		b.entries = append(b.entries, entry{path: path, sub: sub, checkpoint: f.Checkpoint, usage: f.Usage})
	}
	return b, faults
}
