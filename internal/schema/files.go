package schema

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Document is a kind of document: its schema, and documents to hold schema and decoder
// to.
type Document struct {
	Name  string
	Title string
	Shape *strictjson.Shape
	// Examples are documents that the decoder accepts; Bad are documents that it refuses.
	Examples, Bad [][]byte
	// Root is the path to the root of the module; empty is that of a package one level below.
	Root string
}

// Check compares the schema of a kind of document in docs/schema, seen from Root, with what follows
// from the tables. UPDATE_GOLDEN=1 writes it, and beside it one document a line of those that a room's
// tests draw and of those that they refuse. These are not compared: what the engine bills may change,
// and a document that was written before must still be read.
func Check(t testing.TB, d Document) {
	t.Helper()
	text, err := Of(d.Name, d.Title, d.Shape)
	require.NoError(t, err)
	folder := cmp.Or(d.Root, "..") + "/docs/schema/"
	golden.Equal(t, folder+d.Name+".json", text)
	if os.Getenv(golden.UpdateVariable) != "1" {
		return
	}
	if d.Examples != nil {
		golden.Equal(t, folder+"check/testdata/"+d.Name+".good.jsonl", lines(t, d.Examples))
	}
	if d.Bad != nil {
		golden.Equal(t, folder+"check/testdata/"+d.Name+".bad.jsonl", lines(t, d.Bad))
	}
}

// largest is the largest document that is kept as an example.
const largest = 16 << 10

// lines writes documents one a line. What is not JSON no schema can judge, and is left
// out.
func lines(t testing.TB, documents [][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, document := range documents {
		if len(document) > largest || !json.Valid(document) {
			continue
		}
		require.NoError(t, json.Compact(&out, document))
		out.WriteByte('\n')
	}
	return out.Bytes()
}
