package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/fault"
)

// A Problem is what is sent instead of an answer, as RFC 9457 has it.
type Problem struct {
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Class  string  `json:"class,omitempty" doc:"what it means: invalid, missing, refused, late, conflict, internal"`
	Detail string  `json:"detail,omitempty"`
	Faults []Fault `json:"faults,omitempty" doc:"everything that is wrong, each with its place"`
}

// A Fault is one thing that is wrong.
type Fault struct {
	Path   string `json:"path" doc:"where, by the names of the document; empty for all of it"`
	Code   string `json:"code" doc:"what, for programs"`
	Detail string `json:"detail" doc:"what, for people"`
}

func (p *Problem) Error() string { return p.Title }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// status returns the HTTP status of an error.
func status(err error) int {
	if errors.Is(err, app.ErrStale) {
		return http.StatusPreconditionFailed
	}
	switch fault.Kind(err) {
	case fault.None:
		return http.StatusOK
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Missing:
		return http.StatusNotFound
	case fault.Refused:
		return http.StatusUnprocessableEntity
	case fault.Late, fault.Conflict:
		return http.StatusConflict
	case fault.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// problem is the problem of an error. What is internal is logged, and not told.
func problem(ctx context.Context, log *slog.Logger, err error) *Problem {
	p := &Problem{Status: status(err), Class: string(fault.Kind(err))}
	p.Title = http.StatusText(p.Status)
	if p.Status == http.StatusInternalServerError {
		if !errors.Is(err, context.Canceled) {
			log.ErrorContext(ctx, "internal error", "error", err)
		}
		return p
	}
	for _, f := range fault.Faults(err) {
		p.Faults = append(p.Faults, Fault{f.Path, string(f.Code), f.Err.Error()})
	}
	if len(p.Faults) == 1 {
		p.Detail = p.Faults[0].Detail
	}
	return p
}

func init() {
	// What huma finds itself, in a path or a query: never with the text of an error that
	// nobody has looked at, nor with the value that was sent.
	huma.NewError = func(status int, message string, found ...error) huma.StatusError {
		p := &Problem{Status: status, Title: http.StatusText(status)}
		if status < 500 {
			p.Detail = message
			for _, err := range found {
				var detail *huma.ErrorDetail
				if errors.As(err, &detail) {
					p.Faults = append(p.Faults, Fault{detail.Location, string(fault.Malformed), detail.Message})
				}
			}
		}
		return p
	}
}
