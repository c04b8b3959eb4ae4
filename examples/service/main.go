// Service is a small but real service on the library: it keeps subscriptions in SQLite or
// PostgreSQL, bills each exactly once however it is interrupted, collects, tells others by
// webhooks, has an HTTP API, and pages to look at. README.md walks through it; copy what you
// need.
//
//	go run .                                        # SQLite, the sample, a test clock
//	go run . -dsn postgres://localhost/billing      # PostgreSQL, and the machine's clock
//	go run . -add-tenant NAME                       # adds a tenant, and prints its API key
//
// It listens on the loopback interface unless -addr says otherwise.
package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // where the system has no zone data, those of the Go release

	"github.com/perennial-billing/perennial/examples/service/api"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/jobs"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/examples/service/web"
)

type options struct {
	addr, file, dsn, clock, tenant string
	workers                        int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8080", "`address` to listen on; another host than loopback needs PERENNIAL_PASSWORD for the pages")
	flag.StringVar(&o.file, "db", "service.db", "SQLite `file`, made if it is not there")
	flag.StringVar(&o.dsn, "dsn", "", "PostgreSQL `URL`, instead of a file; several processes may share it")
	flag.StringVar(&o.clock, "clock", "", "`machine` or test: whose time it is. Default: test with -db, machine with -dsn")
	flag.StringVar(&o.tenant, "add-tenant", "", "add a tenant of this `name`, print its API key, and end; others may run meanwhile")
	flag.IntVar(&o.workers, "workers", 0, "how many jobs run at once")
	flag.Parse()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "service:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out, logs io.Writer) error {
	password := os.Getenv("PERENNIAL_PASSWORD")
	host, _, err := net.SplitHostPort(o.addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); password == "" && (ip == nil || !ip.IsLoopback()) && host != "localhost" {
		return errors.New("-addr: not a loopback address, and PERENNIAL_PASSWORD is not set")
	}
	address := o.file
	if o.dsn != "" {
		address = o.dsn
	}
	db, err := store.Open(ctx, address)
	if err != nil {
		return err
	}
	defer db.Close()
	log := slog.New(slog.NewJSONHandler(logs, nil))
	a := &app.App{Store: db, Gateway: app.FakeGateway{}, TestClock: o.clock == "test" || o.clock == "" && o.dsn == ""}
	runner, err := jobs.Open(ctx, a, jobs.Options{Workers: o.workers, Logger: slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	if o.tenant != "" {
		key, err := a.AddTenant(ctx, o.tenant)
		if err == nil {
			fmt.Fprintln(out, key)
		}
		return err
	}
	key, err := fill(ctx, a)
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	handler, err := routes(a, runner, log, password)
	if err != nil {
		return err
	}
	if err := runner.Start(ctx); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Pages:  http://%s/\nAPI:    http://%s/openapi.json\n", listener.Addr(), listener.Addr())
	if key != "" {
		fmt.Fprintf(out, "A key for the API, shown only now:\n  curl -H 'Authorization: Bearer %s' http://%s/v1/subscriptions\n", key, listener.Addr())
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(ending), runner.Stop(ending))
}

// routes are the API, and for the operator the pages and River's own.
func routes(a *app.App, runner *jobs.Runner, log *slog.Logger, password string) (http.Handler, error) {
	mux := http.NewServeMux()
	api.Bind(mux, a, log)
	queue, err := runner.UI("/jobs")
	if err != nil {
		return nil, err
	}
	mux.Handle("/jobs/", operator(queue, password))
	mux.Handle("/", operator(web.Pages(a, log), password))
	return api.Watch(mux, a, log), nil
}

// operator lets the operator in, and no page of another site: River's pages have neither a
// login nor a defence.
func operator(pages http.Handler, password string) http.Handler {
	checked := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, given, _ := r.BasicAuth()
		if password != "" && subtle.ConstantTimeCompare([]byte(given), []byte(password)) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="service"`)
			http.Error(w, "a password is needed", http.StatusUnauthorized)
			return
		}
		if host, _, err := net.SplitHostPort(r.Host); password == "" && err == nil && host != "localhost" && !net.ParseIP(host).IsLoopback() {
			http.Error(w, "not a name of this machine", http.StatusForbidden) // a name that another site points here
			return
		}
		pages.ServeHTTP(w, r)
	})
	return http.NewCrossOriginProtection().Handler(checked)
}
