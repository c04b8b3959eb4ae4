package main

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/perennial-billing/perennial/billing"
)

// A message is what others are told: by a webhook, a queue, a mail.
type message struct {
	number           int64
	topic, key, body string
}

// Deliver sends what is in the outbox, in order, and then forgets it. After a crash in
// between a message is sent again: who receives it drops a key that it knows.
func (s *Service) Deliver(ctx context.Context, send func(message) error) error {
	var waiting []message
	err := s.store.each(ctx, func(rows *sql.Rows) error {
		var m message
		err := rows.Scan(&m.number, &m.topic, &m.key, &m.body)
		waiting = append(waiting, m)
		return err
	}, `SELECT number, topic, key, body FROM outbox ORDER BY number LIMIT 100`)
	if err != nil {
		return err
	}
	for _, m := range waiting {
		if err := send(m); err != nil {
			return err
		}
		if _, err := s.store.db.ExecContext(ctx, `DELETE FROM outbox WHERE number = $1`, m.number); err != nil {
			return err
		}
	}
	return nil
}

// explain returns why the amounts are what they are: plain text, to be escaped where it is
// shown.
func (m message) explain() (string, error) {
	if m.topic == "difference" {
		var diff billing.Reconciliation
		if err := json.Unmarshal([]byte(m.body), &diff); err != nil {
			return "", err
		}
		return diff.Explain()
	}
	var inv billing.Invoice
	if err := json.Unmarshal([]byte(m.body), &inv); err != nil {
		return "", err
	}
	return inv.Explain()
}
