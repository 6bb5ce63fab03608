package wire

// SplitLine takes a line apart into words as redis-cli does: spaces between them,
// "double quotes" with \n \r \t \b \a \\ \" and \xHH, 'single quotes' with \'.
// It reports false for unbalanced quotes.
func SplitLine(line []byte) ([][]byte, bool) {
	words, spans, ok := splitWords(nil, nil, line)
	args := make([][]byte, 0, len(spans))
	for _, s := range spans {
		args = append(args, words[s.at:s.at+s.n:s.at+s.n])
	}
	return args, ok
}

func splitWords(dst []byte, spans []span, line []byte) ([]byte, []span, bool) {
	for {
		for len(line) > 0 && isSpace(line[0]) {
			line = line[1:]
		}
		if len(line) == 0 {
			return dst, spans, true
		}
		at := len(dst)
		var ok bool
		if dst, line, ok = word(dst, line); !ok {
			return dst, nil, false
		}
		spans = append(spans, span{at, len(dst) - at})
	}
}

// word reads one word with its quoted parts.
func word(dst, line []byte) ([]byte, []byte, bool) {
	for len(line) > 0 && !isSpace(line[0]) {
		var ok bool
		switch line[0] {
		case '"':
			dst, line, ok = doubleQuoted(dst, line[1:])
		case '\'':
			dst, line, ok = singleQuoted(dst, line[1:])
		case 0:
			return dst, nil, true
		default:
			dst, line, ok = append(dst, line[0]), line[1:], true
		}
		if !ok {
			return dst, nil, false
		}
	}
	return dst, line, true
}

// closed reports whether what follows a closing quote is the end of the word.
func closed(line []byte) bool { return len(line) == 0 || isSpace(line[0]) }

func singleQuoted(dst, line []byte) ([]byte, []byte, bool) {
	for len(line) > 0 {
		switch {
		case line[0] == '\\' && len(line) > 1 && line[1] == '\'':
			dst, line = append(dst, '\''), line[2:]
		case line[0] == '\'':
			return dst, line[1:], closed(line[1:])
		default:
			dst, line = append(dst, line[0]), line[1:]
		}
	}
	return dst, nil, false
}

func doubleQuoted(dst, line []byte) ([]byte, []byte, bool) {
	for len(line) > 0 {
		switch {
		case line[0] == '"':
			return dst, line[1:], closed(line[1:])
		case line[0] == '\\' && len(line) > 3 && line[1] == 'x' && isHex(line[2]) && isHex(line[3]):
			dst, line = append(dst, hex(line[2])<<4|hex(line[3])), line[4:]
		case line[0] == '\\' && len(line) > 1:
			dst, line = append(dst, escape(line[1])), line[2:]
		default:
			dst, line = append(dst, line[0]), line[1:]
		}
	}
	return dst, nil, false
}

func escape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return c
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func hex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
