// Package glob matches strings with Redis's patterns: * any string, ? any byte,
// [abc] [a-z] [^a] one of some bytes, \x the byte x. The empty string matches the
// empty pattern alone, not even *: who takes * for everything asks All first.
package glob

// All reports whether the pattern is the star alone.
func All(pattern []byte) bool { return string(pattern) == "*" }

// Match reports whether all of s matches the pattern. It takes at most
// len(pattern)*len(s) steps.
func Match(pattern, s []byte) bool { return match(pattern, s, false) }

// MatchFold is Match without regard to the case of ASCII letters.
func MatchFold(pattern, s []byte) bool { return match(pattern, s, true) }

// match goes forward and, when it fails, back to the last star only: an earlier
// star need not take more than it did.
func match(p, s []byte, fold bool) bool {
	if len(s) == 0 {
		return len(p) == 0
	}
	var starP, starS []byte
	for {
		if len(p) > 0 && p[0] == '*' {
			for len(p) > 0 && p[0] == '*' {
				p = p[1:]
			}
			if len(p) == 0 {
				return true
			}
			starP, starS = p, s
			continue
		}
		if len(s) == 0 && len(p) == 0 {
			return true
		}
		if len(s) > 0 && len(p) > 0 {
			if rest, ok := one(p, s[0], fold); ok {
				p, s = rest, s[1:]
				continue
			}
		}
		if starP == nil || len(starS) == 0 {
			return false
		}
		starS = starS[1:]
		p, s = starP, starS
	}
}

// one matches a single byte and returns the rest of the pattern.
func one(p []byte, c byte, fold bool) (rest []byte, ok bool) {
	switch p[0] {
	case '?':
		return p[1:], true
	case '[':
		return class(p[1:], c, fold)
	case '\\':
		if len(p) > 1 {
			p = p[1:]
		}
	}
	return p[1:], lower(p[0], fold) == lower(c, fold)
}

// class matches a bracket expression; a missing bracket ends with the pattern.
func class(p []byte, c byte, fold bool) (rest []byte, ok bool) {
	not := len(p) > 0 && p[0] == '^'
	if not {
		p = p[1:]
	}
	c = lower(c, fold)
	for {
		switch {
		case len(p) >= 2 && p[0] == '\\':
			ok = ok || lower(p[1], fold) == c
			p = p[2:]
		case len(p) == 0:
			return p, ok != not
		case p[0] == ']':
			return p[1:], ok != not
		case len(p) >= 3 && p[1] == '-':
			lo, hi := lower(p[0], fold), lower(p[2], fold)
			if lo > hi {
				lo, hi = hi, lo
			}
			ok = ok || lo <= c && c <= hi
			p = p[3:]
		default:
			ok = ok || lower(p[0], fold) == c
			p = p[1:]
		}
	}
}

func lower(c byte, fold bool) byte {
	if fold && 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
