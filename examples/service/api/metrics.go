package api

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/perennial-billing/perennial/examples/service/app"
)

// Watch logs and counts what a mux does, and adds /healthz and /metrics to it.
func Watch(mux *http.ServeMux, a *app.App, log *slog.Logger) http.Handler {
	var lock sync.Mutex
	requests, spent := map[string]int64{}, map[string]float64{}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := a.Store.NextWake(r.Context()); err != nil {
			log.ErrorContext(r.Context(), "unhealthy", "error", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		now, err := a.Now(r.Context())
		subscriptions, invoices, events, failed := a.Store.Waiting(r.Context(), now)
		queue, wrong := a.Store.Jobs(r.Context())
		if err != nil || failed != nil || wrong != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		fmt.Fprintf(w, "# HELP perennial_due What is due by now and was not done.\n# TYPE perennial_due gauge\n"+
			"perennial_due{what=\"subscriptions\"} %d\nperennial_due{what=\"invoices\"} %d\nperennial_due{what=\"events\"} %d\n", subscriptions, invoices, events)
		fmt.Fprint(w, "# HELP perennial_jobs Jobs by kind and state.\n# TYPE perennial_jobs gauge\n")
		for _, j := range queue {
			fmt.Fprintf(w, "perennial_jobs{kind=%q,state=%q} %d\n", j.Kind, j.State, j.Count)
		}
		lock.Lock()
		defer lock.Unlock()
		fmt.Fprint(w, "# HELP perennial_http_request_seconds Requests by route and status.\n# TYPE perennial_http_request_seconds summary\n")
		for _, labels := range slices.Sorted(maps.Keys(requests)) {
			fmt.Fprintf(w, "perennial_http_request_seconds_count{%s} %d\nperennial_http_request_seconds_sum{%s} %g\n", labels, requests[labels], labels, spent[labels])
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		out := &recorder{w, http.StatusOK}
		defer func() {
			if broken := recover(); broken != nil {
				log.ErrorContext(r.Context(), "panic", "value", broken)
				w.Header().Set("Content-Type", "application/problem+json")
				out.WriteHeader(http.StatusInternalServerError)
				fmt.Fprint(w, `{"title":"Internal Server Error","status":500}`)
			}
			took := time.Since(began)
			labels := fmt.Sprintf("route=%q,status=\"%d\"", strings.ReplaceAll(r.Pattern, `"`, ""), out.status)
			lock.Lock()
			requests[labels]++
			spent[labels] += took.Seconds()
			lock.Unlock()
			log.InfoContext(r.Context(), "request", "method", r.Method, "route", r.Pattern, "status", out.status, "took", took.Round(time.Microsecond).String())
		}()
		mux.ServeHTTP(out, r)
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap implements what http.ResponseController asks for.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
