package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// line is a key with its value, as a line of JSON:
//
//	{"key":"greeting","type":"string","value":"hello"}
//	{"db":1,"key":"jobs","type":"list","value":["a","b"],"expires":"2026-11-29T12:00:00Z"}
//	{"key":"user:1","type":"hash","value":[["name","Ada"],["token","x","2026-11-29T12:00:00Z"]]}
//	{"key":"scores","type":"zset","value":[["ada","37"],["grace","+Inf"]]}
//
// Members of sets, fields and members of sorted sets have an order, so that equal values
// are equal lines. Scores are strings, as JSON has no infinity.
type line struct {
	DB      int             `json:"db,omitempty"`
	Key     text            `json:"key"`
	Type    store.Type      `json:"type"`
	Value   json.RawMessage `json:"value"`
	Expires *time.Time      `json:"expires,omitempty"`
}

// text is a string in JSON. One that is not UTF-8 is {"base64":"..."}.
type text string

type encoded struct {
	Base64 []byte `json:"base64"`
}

func (t text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return marshal(string(t))
	}
	return json.Marshal(encoded{[]byte(t)})
}

func (t *text) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("{")) {
		var e encoded
		err := json.Unmarshal(b, &e)
		*t = text(e.Base64)
		return err
	}
	return json.Unmarshal(b, (*string)(t))
}

// marshal is json.Marshal that leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// lineOf is the line of a key; ok is false if it is gone.
func lineOf(ctx context.Context, db int, in *store.Store, key string) (l line, ok bool, err error) {
	l = line{DB: db, Key: text(key)}
	if l.Type, err = in.Type(ctx, key); err != nil || l.Type == store.NoType {
		return l, false, err
	}
	at, expires, err := in.ExpireTime(ctx, key)
	if err != nil {
		return l, false, err
	}
	if expires {
		l.Expires = instant(at)
	}
	v, err := valueOf(ctx, in, key, l.Type)
	if err == nil {
		l.Value, err = marshal(v)
	}
	return l, err == nil, err
}

func instant(at time.Time) *time.Time {
	at = at.UTC()
	return &at
}

// valueOf is a value as its line has it.
func valueOf(ctx context.Context, in *store.Store, key string, kind store.Type) (any, error) {
	switch kind {
	case store.StringType:
		v, _, err := types.NewString[text](in, key).Get(ctx)
		return v, err
	case store.ListType:
		return types.NewList[text](in, key).Range(ctx, 0, -1)
	case store.SetType:
		members := []text{}
		for m, err := range types.NewSet[text](in, key).All(ctx) {
			if err != nil {
				return nil, err
			}
			members = append(members, m)
		}
		slices.Sort(members)
		return slices.Compact(members), nil
	case store.HashType:
		return fieldsOf(ctx, types.NewHash[text, text](in, key))
	case store.ZSetType:
		return scoresOf(ctx, types.NewZSet[text](in, key))
	}
	return nil, fmt.Errorf("the key %q has the type %s, which lines of JSON do not have", key, kind)
}

// fieldsOf is a hash: fields with their values, and their deadlines if they have one.
func fieldsOf(ctx context.Context, h types.Hash[text, text]) (any, error) {
	pairs, err := h.Entries(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(pairs, func(a, b types.Pair[text, text]) int { return cmp.Compare(a.Key, b.Key) })
	fields := make([]text, 0, len(pairs))
	for _, p := range pairs {
		fields = append(fields, p.Key)
	}
	due, err := h.FieldExpireTimes(ctx, fields...)
	if err != nil {
		return nil, err
	}
	value := make([][]any, 0, len(pairs))
	for i, p := range pairs {
		entry := []any{p.Key, p.Value}
		if due[i].OK {
			entry = append(entry, instant(due[i].V))
		}
		value = append(value, entry)
	}
	return value, nil
}

// scoresOf is a sorted set: members with their scores, in the order of scores.
func scoresOf(ctx context.Context, z types.ZSet[text]) (any, error) {
	value := [][2]text{}
	for m, err := range z.All(ctx) {
		if err != nil {
			return nil, err
		}
		value = append(value, [2]text{m.Member, formatScore(m.Score)})
	}
	return value, nil
}

func formatScore(f float64) text {
	if math.IsInf(f, 0) {
		return text(fmt.Sprintf("%+v", f))
	}
	return text(strconv.FormatFloat(f, 'g', -1, 64))
}
