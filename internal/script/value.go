package script

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Value is one reply.
type Value struct {
	Kind byte // its mark in RESP: + - : $ * % ~ , # ( = > and _; null strings and arrays are '0' and '1'
	Text string
	Kids []Value
}

// ReadValue reads one reply.
func ReadValue(r *bufio.Reader) (Value, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return Value{}, err
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return Value{}, errors.New("script: empty line in a reply")
	}
	v := Value{Kind: line[0], Text: line[1:]}
	switch v.Kind {
	case '$', '=':
		return v.bulk(r)
	case '*', '~', '>':
		return v.aggregate(r, 1)
	case '%':
		return v.aggregate(r, 2)
	case '+', '-', ':', ',', '#', '(', '_':
		return v, nil
	}
	return v, fmt.Errorf("script: unknown mark in reply %q", line)
}

func (v Value) bulk(r *bufio.Reader) (Value, error) {
	n, err := strconv.Atoi(v.Text)
	if err != nil || n < 0 {
		return Value{Kind: '0'}, err
	}
	b := make([]byte, n+2)
	_, err = io.ReadFull(r, b)
	v.Text = string(b[:n])
	return v, err
}

func (v Value) aggregate(r *bufio.Reader, each int) (Value, error) {
	n, err := strconv.Atoi(v.Text)
	if err != nil || n < 0 {
		return Value{Kind: '1'}, err
	}
	v.Text = ""
	for range n * each {
		kid, err := ReadValue(r)
		if err != nil {
			return v, err
		}
		v.Kids = append(v.Kids, kid)
	}
	return v, nil
}

// String is the reply in the notation of scripts.
func (v Value) String() string {
	switch v.Kind {
	case '$':
		return strconv.Quote(v.Text)
	case '=':
		return "=" + v.Text[:4] + strconv.Quote(v.Text[4:])
	case '0':
		return "nil"
	case '1':
		return "nil[]"
	case '_':
		return "nil"
	case '*':
		return "[" + v.kids() + "]"
	case '~', '>':
		return string(v.Kind) + "[" + v.kids() + "]"
	case '%':
		return "{" + v.kids() + "}"
	}
	return string(v.Kind) + v.Text
}

func (v Value) kids() string {
	parts := make([]string, len(v.Kids))
	for i, k := range v.Kids {
		parts[i] = k.String()
	}
	return strings.Join(parts, " ")
}

// Sorted is the reply with its elements in order, pairs of a map together.
func (v Value) Sorted() Value {
	step := 1
	if v.Kind == '%' {
		step = 2
	}
	var groups []Value
	for i := 0; i+step <= len(v.Kids); i += step {
		groups = append(groups, Value{Kind: '*', Kids: v.Kids[i : i+step]})
	}
	slices.SortFunc(groups, func(a, b Value) int { return strings.Compare(a.String(), b.String()) })
	v.Kids = nil
	for _, g := range groups {
		v.Kids = append(v.Kids, g.Kids...)
	}
	return v
}
