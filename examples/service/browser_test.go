package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/jobs"
	"github.com/perennial-billing/perennial/examples/service/store"
)

// A browser looks at the service with its sample.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// browse starts the service as main does, and Chromium. Without Chromium there is nothing
// that could look at the pages: .ci/run installs it where it can.
func browse(t *testing.T) browser {
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not installed")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Second)
	t.Cleanup(cancel)
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "service.db"))
	require.NoError(t, err)
	t.Cleanup(db.Close)
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	a := &app.App{Store: db, Gateway: app.FakeGateway{}, TestClock: true}
	runner, err := jobs.Open(ctx, a, jobs.Options{Logger: log})
	require.NoError(t, err)
	_, err = fill(ctx, a)
	require.NoError(t, err)
	handler, err := routes(a, runner, log, "")
	require.NoError(t, err)
	require.NoError(t, runner.Start(ctx))
	t.Cleanup(func() { _ = runner.Stop(context.WithoutCancel(ctx)) })
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	allocated, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program))...)
	t.Cleanup(stop)
	tab, stop := chromedp.NewContext(allocated)
	t.Cleanup(stop)
	return browser{t, tab, server.URL}
}

func (b browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

func ask[T any](b browser, script string) T {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	require.NoError(b.t, err)
	return out
}

// geometry finds texts and fields that overlap, and what leaves the window without a way to
// scroll there.
const geometry = `(() => {
	const found = [], boxes = [];
	const scrolls = e => { for (; e; e = e.parentElement) if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)) return true; return false };
	if (document.documentElement.scrollWidth > innerWidth) found.push("the page is " + document.documentElement.scrollWidth + " wide");
	const add = (what, e, r) => {
		if (r.width < 1 || r.height < 1) return;
		if (r.right > innerWidth + 1 && !scrolls(e)) found.push(what + " ends at " + Math.round(r.right));
		boxes.push({what, r, e});
	};
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
		if (!text || e.closest("option, select, title, script") || !e.checkVisibility()) continue;
		const range = document.createRange();
		range.selectNodeContents(walk.currentNode);
		for (const r of range.getClientRects()) add("text " + text.slice(0, 20), e, r);
	}
	for (const e of document.querySelectorAll("input:not([type=hidden]), select, meter, progress")) add(e.tagName + " " + e.name, e, e.getBoundingClientRect());
	for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
		const a = boxes[i], b = boxes[j], over = (p, q) => Math.min(a.r[q], b.r[q]) - Math.max(a.r[p], b.r[p]);
		if (a.e !== b.e && over("left", "right") > 1 && over("top", "bottom") > 3) found.push(a.what + " overlaps " + b.what);
	}
	return found.slice(0, 10);
})()`

// check looks at the page that is open: a narrow one is dark.
func (b browser) check(name string, width int64, axe string) {
	b.t.Helper()
	colours := "light"
	if width < 1000 {
		colours = "dark"
	}
	b.do(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}}})
		return err
	}))
	require.Empty(b.t, ask[[]string](b, geometry), "%s at %d", name, width)
	if folder := os.Getenv("PERENNIAL_SCREENSHOTS"); folder != "" {
		shot, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		require.NoError(b.t, err)
		require.NoError(b.t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d.png", name, width)), shot, 0o600))
	}
	if axe == "" {
		return
	}
	ask[bool](b, axe+"; true")
	ask[bool](b, `window.faults = null; axe.run().then(r => { window.faults = JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 120)).join(" | "))) }); true`)
	b.until(`window.faults !== null`)
	var faults []string
	require.NoError(b.t, json.Unmarshal([]byte(ask[string](b, `window.faults`)), &faults))
	require.Empty(b.t, faults, "%s at %d", name, width)
}

// text is what the page says, for who must find out why.
func (b browser) text() string {
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	return text
}

// until waits until something is so on the page.
func (b browser) until(script string) {
	b.t.Helper()
	require.True(b.t, waited(30*time.Second, func() bool { // while a page loads there is nothing to ask
		so, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](script))
		return err == nil && so
	}), "%s\n%s", script, b.text())
}

func TestThePagesAreWholeAtEveryWidthAndReadableByEverybody(t *testing.T) {
	t.Parallel()
	b := browse(t)
	axe, err := os.ReadFile("web/testdata/axe.min.js")
	require.NoError(t, err)
	for _, path := range []string{
		"customers", "subscriptions/atelier", "subscriptions/lagoon", "subscriptions/northwind", "subscriptions/quarry", "catalog", "revenue", "lifecycle", "subscriptions/none",
	} {
		b.do(chromedp.Navigate(b.base + "/t/demo/" + path))
		name := strings.ReplaceAll(path, "/", "-")
		b.check(name, 1280, string(axe))
		b.check(name, 400, string(axe))
		ask[bool](b, `document.querySelectorAll("details").forEach(d => d.open = true); true`)
		b.check(name+"-open", 400, "")
	}
	b.do(chromedp.Navigate(b.base + "/t/demo/subscriptions/atelier"))
	b.do(chromedp.Click(`main table a`))
	b.until(`document.querySelector("h1").textContent === "Invoice"`)
	b.check("invoice", 1280, string(axe))
	b.check("invoice", 400, string(axe))
}

// Somebody looks what two seats more cost, takes them, and lets two months pass.
func TestAChangeIsSeenBeforeItIsMadeAndTheClockBillsIt(t *testing.T) {
	t.Parallel()
	b := browse(t)
	b.do(chromedp.EmulateViewport(400, 900), chromedp.Navigate(b.base), chromedp.Click(`a[href$="/subscriptions/atelier"]`), chromedp.WaitVisible(`#change`))
	invoices := `document.querySelectorAll('a[href*="/invoices/"]').length`
	before := ask[int](b, invoices)
	ask[bool](b, `document.querySelector("select[name=charge]").value = "seats"; true`)
	b.do(chromedp.SendKeys(`input[name=quantity]`, "9"), chromedp.Click(`#change button`), chromedp.WaitVisible(`#preview .preview`))
	require.Contains(t, ask[string](b, `document.querySelector("#preview").textContent`), "Next bill: 234.12 EUR on 31 March 2026 without it")
	require.Equal(t, before, ask[int](b, invoices))
	b.check("preview", 400, "")
	b.do(chromedp.Click(`#preview button`))
	b.until(`document.querySelector("#preview") && document.querySelector("#preview").textContent === "" && document.body.textContent.includes("9 x 12.50")`)

	b.do(chromedp.SendKeys(`input[name=quantity]`, "nine"), chromedp.Click(`#change button`), chromedp.WaitVisible(`#preview .problem`))
	require.Contains(t, ask[string](b, `document.querySelector("#preview .problem").textContent`), "not a decimal")

	ask[bool](b, `document.querySelector("input[name=to]").value = "2026-05-10"; document.querySelector("#clock button").click(); true`)
	b.until(`document.querySelector("#clock time") && document.querySelector("#clock time").textContent === "10 May 2026" && document.querySelector("#clock form") !== null`)
	b.do(chromedp.Navigate(b.base + "/t/demo/subscriptions/atelier"))
	require.GreaterOrEqual(t, ask[int](b, invoices), before+2)
}

// Another site asks in the name of the operator, whose browser would send along what it has.
func TestPagesRefuseOtherSitesAndOtherNames(t *testing.T) {
	t.Parallel()
	handler := operator(nil, "")
	for _, row := range []struct {
		host, origin, fetch string
		status              int
	}{
		{"evil.example:80", "", "", 403},
		{"127.0.0.1:80", "https://evil.example", "cross-site", 403},
	} {
		r := httptest.NewRequest("POST", "/t/demo/clock", nil)
		r.Host = row.host
		if row.origin != "" {
			r.Header.Set("Origin", row.origin)
			r.Header.Set("Sec-Fetch-Site", row.fetch)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.Equal(t, row.status, w.Code)
	}
	r := httptest.NewRequest("GET", "/", nil)
	w := httptest.NewRecorder()
	operator(nil, "secret").ServeHTTP(w, r)
	require.Equal(t, 401, w.Code)
}
