// Package web is the pages of the service, for its operator. They are HTML made here, with a
// little htmx; everything that they load comes from this program.
package web

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/picture"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/fault"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

func words(word string) string { return strings.ReplaceAll(word, "_", " ") }

func day(t time.Time) string { return t.Format("2 January 2006") }

var views = template.Must(template.New("").Funcs(template.FuncMap{
	"words": words, "day": day, "instant": calendar.FormatInstant,
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
	Today, Tomorrow        string
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
	style := func() []byte {
		own, _ := assets.ReadFile("assets/style.css")
		return append([]byte(picture.Style), own...)
	}()
	mux.HandleFunc("GET /assets/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(style)
	})
	mux.Handle("GET /assets/", http.FileServerFS(assets))
	mux.HandleFunc("GET /t/{tenant}/customers", s.page("customers", s.customers))
	mux.HandleFunc("GET /t/{tenant}/subscriptions/{id}", s.page("subscription", s.subscription))
	mux.HandleFunc("GET /t/{tenant}/invoices/{id}", s.page("invoice", s.invoice))
	mux.HandleFunc("GET /t/{tenant}/catalog", s.page("catalog", s.catalog))
	mux.HandleFunc("GET /t/{tenant}/revenue", s.page("revenue", s.revenue))
	mux.HandleFunc("GET /t/{tenant}/lifecycle", s.page("lifecycle", func(context.Context, *http.Request, *page) error { return nil }))
	mux.HandleFunc("GET /t/{tenant}/clock", s.page("clock", func(context.Context, *http.Request, *page) error { return nil }))
	mux.HandleFunc("POST /t/{tenant}/clock", s.move)
	mux.HandleFunc("POST /t/{tenant}/subscriptions/{id}/preview", s.page("preview", s.preview))
	mux.HandleFunc("POST /t/{tenant}/subscriptions/{id}/do", s.do)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// frame fills in what every page shows.
func (s *server) frame(ctx context.Context, r *http.Request) (page, error) {
	p := page{Tenant: r.PathValue("tenant"), TestClock: s.TestClock}
	now, err := s.Now(ctx)
	if err != nil {
		return p, err
	}
	p.Now = now
	p.Today, p.Tomorrow = now.Format(time.DateOnly), now.AddDate(0, 1, 0).Format(time.DateOnly)
	if !s.TestClock {
		return p, nil
	}
	_, target, err := s.Store.Clock(ctx)
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
	subscriptions, invoices, _, err := s.Store.Waiting(ctx, now)
	p.Due = subscriptions + invoices
	return p, err
}

// page is a handler that shows a template with what fill has put into it.
func (s *server) page(name string, fill func(context.Context, *http.Request, *page) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := s.frame(r.Context(), r)
		if err == nil {
			p.Title = strings.ToUpper(name[:1]) + name[1:]
			if name == "lifecycle" {
				p.Data = picture.Lifecycle()
			}
			err = fill(r.Context(), r, &p)
		}
		if name == "preview" && r.Header.Get("HX-Request") == "" {
			name = "previewed"
		}
		s.show(w, r, name, p, err)
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

func (s *server) move(w http.ResponseWriter, r *http.Request) {
	to, err := time.Parse(time.DateOnly, r.PostFormValue("to"))
	if err != nil {
		err = fault.At("to", fault.Malformed.Errorf("not a date"))
	} else {
		err = s.MoveClock(r.Context(), to)
	}
	if err != nil {
		p, _ := s.frame(r.Context(), r)
		s.show(w, r, "problem", p, err)
		return
	}
	http.Redirect(w, r, "/t/"+r.PathValue("tenant")+"/customers", http.StatusSeeOther)
}

// wish reads the form of a change.
func (s *server) wish(ctx context.Context, r *http.Request) (verb app.Verb, revision int, err error) {
	action, what, _ := strings.Cut(r.PostFormValue("action"), " ")
	w := app.Wish{What: what}
	if action != "undo" && action != "reactivate" {
		w.When = r.PostFormValue("when")
	}
	if action == "change" {
		w.Plan = r.PostFormValue("plan")
		if q := r.PostFormValue("quantity"); q != "" {
			w.Charge = r.PostFormValue("charge")
			if w.Quantity, err = decimal.NewFromString(q); err != nil || len(q) > 40 {
				return nil, 0, fault.At("quantity", fault.Malformed.Errorf("not a decimal"))
			}
		}
	}
	if _, err := fmt.Sscan(r.PostFormValue("revision"), &revision); err != nil || revision < 1 {
		return nil, 0, fault.At("revision", fault.Malformed.Errorf("not a revision"))
	}
	verb, err = s.Verb(ctx, r.PathValue("tenant"), action, "", w)
	return verb, revision, err
}

func (s *server) do(w http.ResponseWriter, r *http.Request) {
	verb, revision, err := s.wish(r.Context(), r)
	if err == nil {
		_, err = s.Do(r.Context(), r.PathValue("tenant"), r.PathValue("id"), revision, verb)
	}
	if err != nil {
		p, _ := s.frame(r.Context(), r)
		s.show(w, r, "problem", p, err)
		return
	}
	http.Redirect(w, r, "/t/"+r.PathValue("tenant")+"/subscriptions/"+r.PathValue("id"), http.StatusSeeOther)
}
