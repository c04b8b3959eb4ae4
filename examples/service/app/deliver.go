package app

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/service/store"
)

// sender does not follow redirects: where a tenant is told is where it said.
var sender = &http.Client{
	Timeout:       5 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Deliver tells the tenant's webhook of an event. After a crash it is told again, with the
// same id: who receives it drops an id that it knows.
func (a *App) Deliver(ctx context.Context, due store.Wake, done func(store.Tx) error) error {
	e, err := a.Store.Event(ctx, due.Tenant, due.Number)
	if err != nil {
		return err
	}
	hook, err := a.Store.Webhook(ctx, due.Tenant)
	if err != nil {
		return err
	}
	if hook.URL == "" || !e.Delivered.IsZero() {
		return a.Store.Transact(ctx, done)
	}
	body, err := Told(e)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	now := time.Now()
	signature, err := Sign(hook.Secret, e.ID, now, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Webhook-Id", e.ID)
	request.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("Webhook-Signature", signature)
	response, err := sender.Do(request)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("app: webhook: status %d", response.StatusCode)
	}
	return a.Store.Transact(ctx, func(tx store.Tx) error {
		if err := tx.Delivered(ctx, due.Tenant, e.Number, now); err != nil {
			return err
		}
		return done(tx)
	})
}

// Sign signs a message as standardwebhooks.com says, with a secret of NewSecret.
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		return "", fmt.Errorf("app: webhook: secret: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", id, at.Unix(), body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

const secretPrefix = "whsec_"

// NewSecret returns a secret for Sign, as the receiver's library wants it.
func NewSecret() string { return secretPrefix + base64.StdEncoding.EncodeToString(random()) }

// Told is an event as others are told of it.
func Told(e store.Event) ([]byte, error) {
	return json.Marshal(struct {
		ID           string          `json:"id"`
		Type         string          `json:"type"`
		Timestamp    string          `json:"timestamp"`
		Subscription string          `json:"subscription"`
		Data         json.RawMessage `json:"data"`
	}{e.ID, e.Topic, calendar.FormatInstant(e.At), e.Subscription, json.RawMessage(e.Body)})
}
