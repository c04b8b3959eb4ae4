package wire

import (
	"errors"
	"fmt"
	"strings"
)

// Class says how a field of an API is handled. The zero Class is invalid.
type Class string

const (
	// Mapped is a fact of the domain.
	Mapped Class = "mapped"
	// Computed is computed by the engine; it is written and never read.
	Computed Class = "computed"
	// Carried is opaque: kept as metadata, and returned unchanged.
	Carried Class = "metadata"
	// Kept is kept by the service beside the subscription, such as seats in use.
	Kept Class = "kept"
	// Transport belongs to the request or the document and says nothing about a
	// subscription.
	Transport Class = "transport"
)

// Classes returns every class. The slice is the caller's own.
func Classes() []Class { return []Class{Mapped, Computed, Carried, Kept, Transport} }

// IsValid reports whether c is one of Classes; the zero Class is not.
func (c Class) IsValid() bool {
	switch c {
	case Mapped, Computed, Carried, Kept, Transport:
		return true
	}
	return false
}

// Field is one field of an API's page and how it is handled.
type Field struct {
	// Path is the field, by its path in the document: "data[].attributes.price". The
	// path of a parameter begins with its place: "path org_id", "query page", "header
	// accept".
	Path string
	// Class says how it is handled.
	Class Class
	// To says what it is mapped to, how it is computed or where it is kept.
	To string
}

// Check compares a table with the list of the fields of the pages: one path a line;
// empty lines and those that begin with # are ignored. The error joins every field that
// is in only one of them, is listed twice, or has no class or no To.
func Check(table []Field, list string) error {
	var errs []error
	known := make(map[string]bool)
	for _, f := range table {
		if known[f.Path] {
			errs = append(errs, fmt.Errorf("wire: field %q: twice in the table", f.Path))
		}
		if !f.Class.IsValid() || f.To == "" {
			errs = append(errs, fmt.Errorf("wire: field %q: no class, or no To", f.Path))
		}
		known[f.Path] = true
	}
	listed := make(map[string]bool)
	for line := range strings.Lines(list) {
		path := strings.TrimSpace(line)
		if path == "" || strings.HasPrefix(path, "#") {
			continue
		}
		if listed[path] {
			errs = append(errs, fmt.Errorf("wire: field %q: twice in the list", path))
		}
		listed[path] = true
		if !known[path] {
			errs = append(errs, fmt.Errorf("wire: field %q: not in the table", path))
		}
	}
	for _, f := range table {
		if !listed[f.Path] {
			errs = append(errs, fmt.Errorf("wire: field %q: on no page", f.Path))
		}
	}
	return errors.Join(errs...)
}
