// Package wiretest has what the tests of the four codecs share: instants and calls by
// their text, golden files, words compared with their source, documents with members
// replaced, random subscriptions, and stories told step by step.
package wiretest
