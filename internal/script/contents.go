package script

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Contents is all that a server shows of its content, a line a key: its database, name,
// type, deadline and value. Two servers with the same content show the same. Scores are
// written as Reside does, where Redis 7.0 has 17 digits. Of a server before 7.0 a deadline
// is shown as "some": see Timeless.
func Contents(t testing.TB, c *Client) string {
	t.Helper()
	ask := func(words ...string) Value {
		v, err := c.Do(words...)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	var all []string
	for db := range 16 {
		ask("SELECT", strconv.Itoa(db))
		for _, k := range ask("KEYS", "*").Kids {
			kind := ask("TYPE", k.Text).Text
			at := ask("PEXPIRETIME", k.Text)
			if at.Kind == '-' {
				if at = ask("PTTL", k.Text); at.Text != "-1" {
					at.Text = "some"
				}
			}
			all = append(all, fmt.Sprintf("%d %q %s at %s: %s", db, k.Text, kind, at.Text, valueOf(ask, kind, k.Text)))
		}
	}
	ask("SELECT", "0")
	slices.Sort(all)
	return strings.Join(all, "\n")
}

var deadline = regexp.MustCompile(`(?m)^(\d+ ".*" \w+ at )(-?\d+|some): `)

// Timeless are contents without the deadlines.
func Timeless(contents string) string { return deadline.ReplaceAllString(contents, "${1}any: ") }

// valueOf is the value of a key, in an order of its own where the type has none.
func valueOf(ask func(words ...string) Value, kind, key string) string {
	var v Value
	switch kind {
	case "string":
		return strconv.Quote(ask("GET", key).Text)
	case "list":
		v = ask("LRANGE", key, "0", "-1")
	case "set":
		v = ask("SMEMBERS", key)
	case "zset":
		v = ask("ZRANGE", key, "0", "-1", "WITHSCORES")
	case "hash":
		v = ask("HGETALL", key)
	}
	return strings.Join(elements(kind, v), " ")
}

func elements(kind string, v Value) (all []string) {
	for i := 0; i < len(v.Kids); i++ {
		text := strconv.Quote(v.Kids[i].Text)
		if kind == "zset" || kind == "hash" {
			i++
			text += "=" + strconv.Quote(shortest(kind, v.Kids[i].Text))
		}
		all = append(all, text)
	}
	if kind == "set" || kind == "hash" {
		slices.Sort(all)
	}
	return all
}

// shortest is a score in as few digits as it needs.
func shortest(kind, text string) string {
	if f, err := strconv.ParseFloat(text, 64); err == nil && kind == "zset" {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return text
}
