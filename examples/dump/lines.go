package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// writeLines writes a line for each key that is asked for.
func (o *options) writeLines(ctx context.Context, s *store.Store, w io.Writer) error {
	out := bufio.NewWriter(w)
	err := o.each(ctx, s, func(db int, in *store.Store, key string) error {
		l, ok, err := lineOf(ctx, db, in, key)
		if err != nil || !ok {
			return err
		}
		b, err := marshal(l)
		if err != nil {
			return err
		}
		_, err = out.Write(append(b, '\n'))
		return err
	})
	return errors.Join(err, out.Flush())
}

// readLines puts the keys of lines into a store.
func (o *options) readLines(ctx context.Context, s *store.Store, r io.Reader) error {
	in := json.NewDecoder(r)
	in.DisallowUnknownFields()
	for n := 1; ; n++ {
		var l line
		err := in.Decode(&l)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = o.put(ctx, s, l)
		}
		if err != nil {
			return fmt.Errorf("line %d, key %q: %w", n, l.Key, err)
		}
	}
}

// put makes the key of a line.
func (o *options) put(ctx context.Context, s *store.Store, l line) error {
	if l.DB < 0 || l.DB >= o.databases {
		return fmt.Errorf("there is no database %d", l.DB)
	}
	if l.Expires != nil && l.Expires.Before(time.Now()) {
		return nil // as of a dump
	}
	in, key := s.Select(l.DB), string(l.Key)
	if n, err := in.Exists(ctx, key); err != nil || n > 0 {
		return errors.Join(err, errors.New("it is there twice"))
	}
	if err := putValue(ctx, in, key, l.Type, l.Value); err != nil {
		return err
	}
	if l.Expires == nil {
		return nil
	}
	_, err := in.ExpireAt(ctx, key, *l.Expires)
	return err
}

func putValue(ctx context.Context, in *store.Store, key string, kind store.Type, value json.RawMessage) error {
	switch kind {
	case store.StringType:
		var v text
		if err := json.Unmarshal(value, &v); err != nil {
			return err
		}
		return types.NewString[text](in, key).Set(ctx, v)
	case store.ListType, store.SetType:
		return putElements(ctx, in, key, kind, value)
	case store.HashType:
		return putFields(ctx, types.NewHash[text, text](in, key), value)
	case store.ZSetType:
		return putScores(ctx, types.NewZSet[text](in, key), value)
	}
	return fmt.Errorf("the type %q is unknown", kind)
}

func putElements(ctx context.Context, in *store.Store, key string, kind store.Type, value json.RawMessage) error {
	var v []text
	err := json.Unmarshal(value, &v)
	switch {
	case err != nil:
	case kind == store.ListType:
		_, err = types.NewList[text](in, key).PushBack(ctx, v...)
	default:
		_, err = types.NewSet[text](in, key).Add(ctx, v...)
	}
	return err
}

func putFields(ctx context.Context, h types.Hash[text, text], value json.RawMessage) error {
	var v [][]text
	if err := json.Unmarshal(value, &v); err != nil {
		return err
	}
	for _, entry := range v {
		if len(entry) < 2 || len(entry) > 3 {
			return errors.New("a field is not [name, value] or [name, value, time]")
		}
		if _, err := h.Set(ctx, entry[0], entry[1]); err != nil {
			return err
		}
		if len(entry) == 2 {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, string(entry[2]))
		if err == nil {
			_, err = h.ExpireFieldsAt(ctx, at, store.Anyway, entry[0])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func putScores(ctx context.Context, z types.ZSet[text], value json.RawMessage) error {
	var v [][2]text
	if err := json.Unmarshal(value, &v); err != nil {
		return err
	}
	for _, entry := range v {
		score, err := strconv.ParseFloat(string(entry[1]), 64)
		if err == nil {
			_, err = z.Add(ctx, entry[0], score)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
