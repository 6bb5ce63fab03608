package arg

import (
	"bytes"
	"strings"
)

// Maybe reads an optional argument or group at the end: it reports whether to
// walk it, and keeps that in has.
func (w *Walker) Maybe(has *bool) bool {
	switch w.mode {
	case decoding:
		*has = w.err == nil && w.pos < len(w.argv)
		return *has
	case encoding:
		return *has
	}
	w.optional()
	return true
}

// EndMaybe closes the group that Maybe opened when the command has arguments
// behind it; without it the group goes on to the end.
func (w *Walker) EndMaybe() {
	if w.mode == describing {
		w.close()
	}
}

// Options is the loop over options in any order: each round must read at least
// one, and what no option reads is a syntax error.
func (w *Walker) Options() bool {
	switch w.mode {
	case decoding:
		if w.err != nil || w.pos >= len(w.argv) {
			return false
		}
		if w.round == w.pos {
			w.err = ErrSyntax
			return false
		}
		w.round = w.pos
		return true
	case encoding:
		w.round++
		return w.round == 0
	}
	w.round++
	if w.round == 0 {
		w.optional()
		return true
	}
	w.close()
	w.round = -1
	return false
}

// is reports whether the next argument is the word, in any case, and takes it.
func (w *Walker) is(word string) bool {
	if w.err != nil || w.pos >= len(w.argv) || !equalFold(w.argv[w.pos], word) {
		return false
	}
	w.pos++
	return true
}

func equalFold(b []byte, word string) bool {
	return len(b) == len(word) && bytes.EqualFold(b, []byte(word))
}

// Flag reads an option without a value.
func (w *Walker) Flag(word string, set *bool) {
	switch w.mode {
	case decoding:
		if w.is(word) {
			*set = true
		}
	case encoding:
		if *set {
			w.put([]byte(word))
		}
	default:
		w.add(Argument{Name: strings.ToLower(word), Type: "pure-token", Token: word})
	}
}

// Option reads an option's word; it reports whether its value is to be walked,
// and keeps that in set.
func (w *Walker) Option(word string, set *bool) bool {
	switch w.mode {
	case decoding:
		if !w.is(word) {
			return false
		}
		*set = true
		return true
	case encoding:
		if *set {
			w.put([]byte(word))
		}
		return *set
	}
	w.spec.next.Token = word
	return true
}

// Choice reads at most one of some words; its number, from 1, is kept in choice.
// Two different ones are a syntax error.
func (w *Walker) Choice(name string, choice *uint8, words ...string) {
	switch w.mode {
	case decoding:
		for i, word := range words {
			if w.is(word) {
				if *choice != 0 && *choice != uint8(i+1) {
					w.Fail(ErrSyntax)
				}
				*choice = uint8(i + 1)
			}
		}
	case encoding:
		if *choice != 0 {
			w.put([]byte(words[*choice-1]))
		}
	default:
		one := Argument{Name: name, Type: "oneof"}
		for _, word := range words {
			one.Arguments = append(one.Arguments, Argument{Name: strings.ToLower(word), Type: "pure-token", Token: word})
		}
		w.add(one)
	}
}

// Word reads a word that must be one of those given; its number, from 1, is kept
// in choice. Anything else is a syntax error.
func (w *Walker) Word(name string, choice *uint8, words ...string) {
	if w.mode != decoding {
		w.Choice(name, choice, words...)
		return
	}
	*choice = 0
	for i, word := range words {
		if *choice == 0 && w.is(word) {
			*choice = uint8(i + 1)
		}
	}
	if *choice == 0 {
		w.Fail(ErrSyntax)
	}
}

// Token reads a word that must stand here.
func (w *Walker) Token(word string) {
	switch w.mode {
	case decoding:
		if !w.is(word) {
			w.Fail(ErrSyntax)
		}
	case encoding:
		w.put([]byte(word))
	default:
		w.add(Argument{Name: strings.ToLower(word), Type: "pure-token", Token: word})
	}
}

// Skip takes the word if it stands here, while decoding.
func (w *Walker) Skip(word string) bool { return w.is(word) }

// At reports whether one of the words stands here, while decoding.
func (w *Walker) At(words ...string) bool {
	if w.err != nil || w.pos >= len(w.argv) {
		return false
	}
	for _, word := range words {
		if equalFold(w.argv[w.pos], word) {
			return true
		}
	}
	return false
}

// OptionalWord is a Word in the middle of the arguments that may be missing.
func (w *Walker) OptionalWord(name string, choice *uint8, words ...string) {
	if w.mode == decoding && !w.At(words...) {
		return
	}
	if w.mode == describing {
		w.optional()
		defer w.close()
	}
	w.Word(name, choice, words...)
}

// Once is an Option that may stand only once.
func (w *Walker) Once(word string, set *bool) bool {
	before := w.mode == decoding && *set
	if !w.Option(word, set) {
		return false
	}
	if before {
		w.Fail(ErrSyntax)
	}
	return true
}

// OptionsWhile is Options for a command whose options come first: it ends before
// the first argument that is none of the words.
func (w *Walker) OptionsWhile(words ...string) bool {
	if w.mode == decoding && !w.At(words...) {
		return false
	}
	return w.Options()
}

// OptionsOr is Options with an error of its own for a word that is no option.
func (w *Walker) OptionsOr(unknown func(word []byte) error) bool {
	if w.mode == decoding && w.err == nil && w.round == w.pos && w.pos < len(w.argv) {
		w.err = unknown(w.argv[w.pos])
	}
	return w.Options()
}

// OptionOf is Option for a word that only counts with n arguments behind it.
func (w *Walker) OptionOf(word string, n int, set *bool) bool {
	if w.mode == decoding && w.Rest() <= n {
		return false
	}
	return w.Option(word, set)
}

// WordOr is Word with an error of its own.
func (w *Walker) WordOr(name string, choice *uint8, bad error, words ...string) {
	if w.mode == decoding && w.err == nil && !w.At(words...) {
		w.Fail(bad)
		return
	}
	w.Word(name, choice, words...)
}

// Variadic says, for COMMAND, that there may be any number of arguments.
func (w *Walker) Variadic() {
	if w.mode == describing {
		w.spec.Variadic = true
	}
}

// Last walks arguments whose error is reported only if nothing else is wrong.
func (w *Walker) Last(arguments func()) {
	if w.err != nil {
		return
	}
	if arguments(); w.err != nil {
		err := w.err
		w.err = nil
		w.Late(err)
	}
}

// Later walks options whose errors are not the walk's: they are kept in bad for
// the op, which looks at its keys first.
func (w *Walker) Later(bad *error, options func()) {
	if w.err != nil {
		return
	}
	options()
	if w.mode == decoding {
		*bad = w.Err()
		w.err, w.late, w.pos = nil, nil, len(w.argv)
	}
}

// DropLate forgets what Late was told.
func (w *Walker) DropLate() { w.late = nil }

// KeepLate moves what Late was told to bad, for the op to report.
func (w *Walker) KeepLate(bad *error) {
	if w.mode == decoding {
		*bad, w.late = w.late, nil
	}
}
