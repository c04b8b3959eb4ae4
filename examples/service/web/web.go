// Package web is the pages of the service, for its operator. They are HTML made here, with a
// little htmx; everything that they load comes from this program.
package web

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/picture"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/fault"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

func words(word any) string { return strings.ReplaceAll(fmt.Sprint(word), "_", " ") }

var views = template.Must(template.New("").Funcs(template.FuncMap{
	"words": words, "day": func(t time.Time) string { return t.Format("2 January 2006") }, "instant": calendar.FormatInstant,
	"quota": quota, "curve": curve, "lifecycle": picture.Lifecycle,
}).ParseFS(templates, "templates/*.html"))

type server struct {
	*app.App
	log   *slog.Logger
	lock  sync.Mutex
	began time.Time // where the clock was when it began to move, as this process has seen
}

// A page is what every page shows.
type page struct {
	Title, Tenant, Problem string
	Now, Target            time.Time
	TestClock, Moving      bool
	Progress, Due          int64
	Data                   any
}

// Pages returns the pages. Who may see them is for the caller to decide.
func Pages(a *app.App, log *slog.Logger) http.Handler {
	s := &server{App: a, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		all, err := a.Store.Tenants(r.Context())
		if err != nil || len(all) == 0 {
			http.Error(w, "there is no tenant", http.StatusNotFound)
			return
		}
		http.Redirect(w, r, "/t/"+all[0]+"/customers", http.StatusSeeOther)
	})
	own, _ := assets.ReadFile("assets/style.css")
	mux.HandleFunc("GET /assets/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(append([]byte(picture.Style), own...))
	})
	mux.Handle("GET /assets/", http.FileServerFS(assets))
	still := func(context.Context, *http.Request, *page) error { return nil }
	for name, fill := range map[string]func(context.Context, *http.Request, *page) error{
		"customers": s.customers, "catalog": s.catalog, "revenue": s.revenue, "lifecycle": still, "clock": still,
	} {
		mux.HandleFunc("GET /t/{tenant}/"+name, s.page(name, fill))
	}
	mux.HandleFunc("GET /t/{tenant}/subscriptions/{id}", s.page("subscription", s.subscription))
	mux.HandleFunc("GET /t/{tenant}/invoices/{id}", s.page("invoice", s.invoice))
	mux.HandleFunc("POST /t/{tenant}/subscriptions/{id}/preview", s.page("preview", s.preview))
	mux.HandleFunc("POST /t/{tenant}/subscriptions/{id}/do", s.change("/subscriptions/{id}", s.do))
	mux.HandleFunc("POST /t/{tenant}/clock", s.change("/customers", s.move))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// frame fills in what every page shows.
func (s *server) frame(r *http.Request, title string) (page, error) {
	p := page{Title: strings.ToUpper(title[:1]) + title[1:], Tenant: r.PathValue("tenant"), TestClock: s.TestClock}
	now, err := s.Now(r.Context())
	p.Now = now
	if err != nil || !s.TestClock {
		return p, err
	}
	_, target, err := s.Store.Clock(r.Context())
	if err != nil {
		return p, err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	if p.Target, p.Moving = target, now.Before(target); !p.Moving {
		s.began = time.Time{}
		return p, nil
	}
	if s.began.IsZero() {
		s.began = now
	}
	p.Progress = int64(100 * now.Sub(s.began) / max(1, target.Sub(s.began)))
	subscriptions, invoices, _, err := s.Store.Waiting(r.Context(), now)
	p.Due = subscriptions + invoices
	return p, err
}

// page is a handler that shows a template with what fill has put into it.
func (s *server) page(name string, fill func(context.Context, *http.Request, *page) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := s.frame(r, name)
		if err == nil {
			err = fill(r.Context(), r, &p)
		}
		template := name
		if name == "preview" && r.Header.Get("HX-Request") == "" {
			template = "previewed" // a page of its own, without htmx
		}
		s.show(w, r, template, p, err)
	}
}

// change is a handler that changes something and then leads to a page that shows it.
func (s *server) change(shows string, do func(*http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r); err != nil {
			p, _ := s.frame(r, "problem")
			s.show(w, r, "problem", p, err)
			return
		}
		http.Redirect(w, r, "/t/"+r.PathValue("tenant")+strings.Replace(shows, "{id}", r.PathValue("id"), 1), http.StatusSeeOther)
	}
}

// show writes a page, or what is wrong: the text of an internal error is logged and not shown.
func (s *server) show(w http.ResponseWriter, r *http.Request, name string, p page, err error) {
	status := http.StatusOK
	if err != nil {
		status, p.Data, p.Problem = http.StatusUnprocessableEntity, nil, err.Error()
		switch fault.Kind(err) {
		case fault.Internal:
			s.log.ErrorContext(r.Context(), "page", "error", err)
			status, p.Problem = http.StatusInternalServerError, "Something is wrong with the service; its log says what."
		case fault.Missing:
			status = http.StatusNotFound
		case fault.None, fault.Invalid, fault.Refused, fault.Late, fault.Conflict:
		}
		if name == "preview" {
			status = http.StatusOK // a form that is filled in wrongly is shown beside its form
		} else {
			name, p.Title = "problem", "It does not work"
		}
	}
	var out bytes.Buffer
	if err := views.ExecuteTemplate(&out, name, p); err != nil {
		s.log.ErrorContext(r.Context(), "page", "error", err)
		http.Error(w, "Something is wrong with the service; its log says what.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w)
}

func (s *server) move(r *http.Request) error {
	to, err := time.Parse(time.DateOnly, r.PostFormValue("to"))
	if err != nil {
		return fault.At("to", fault.Malformed.Errorf("not a date"))
	}
	return s.MoveClock(r.Context(), to)
}

// wish reads the form of a change: as the body that the API would be sent, of the fields
// that the action reads and that are filled in.
func (s *server) wish(ctx context.Context, r *http.Request) (app.Verb, error) {
	action, what, _ := strings.Cut(r.PostFormValue("action"), " ")
	fields := map[string]string{}
	for _, name := range app.Actions[action] {
		if value := r.PostFormValue(name); value != "" {
			fields[name] = value
		}
	}
	if what != "" {
		fields["what"] = what
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	return s.Verb(ctx, r.PathValue("tenant"), action, "", body)
}

func (s *server) do(r *http.Request) error {
	verb, err := s.wish(r.Context(), r)
	if err == nil {
		_, err = s.Do(r.Context(), r.PathValue("tenant"), r.PathValue("id"), r.PostFormValue("tag"), verb)
	}
	return err
}
