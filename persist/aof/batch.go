package aof

// batch is what was done as one: a command, or those between MULTI and EXEC. Their bytes
// stand behind each other in one piece of memory, which moves as it grows, so words are
// places in it until all are read.
//
//	text       S E T a h e l l o I N C R b
//	           │     │ │         │       │ │
//	ends             3 4         9      13 14
//	commands   from 0: 3 words        from 3: 2 words
type batch struct {
	text     []byte
	ends     []int // of the words, in text
	commands []span
	args     [][]byte
	made     []Command
}

// span is a command: words of the batch.
type span struct {
	offset      int64 // in the file
	first, last int   // words; last is behind them
}

// keptText and keptWords are how much memory is kept for the next batch.
const (
	keptText  = 1 << 20
	keptWords = 1 << 16
)

func (b *batch) reset() {
	if cap(b.text) > keptText || cap(b.ends) > keptWords {
		*b = batch{}
	}
	b.text, b.ends, b.commands = b.text[:0], b.ends[:0], b.commands[:0]
}

// read reads the words of a command.
func (b *batch) read(in *source, offset, words int64) (err error) {
	first := len(b.ends)
	for range words {
		if b.text, err = in.word(b.text); err != nil {
			return err
		}
		b.ends = append(b.ends, len(b.text))
	}
	b.commands = append(b.commands, span{offset, first, len(b.ends)})
	return nil
}

// word is a word that was read.
func (b *batch) word(i int) []byte {
	from := 0
	if i > 0 {
		from = b.ends[i-1]
	}
	return b.text[from:b.ends[i]:b.ends[i]]
}

// lastIs reports whether the last command is the word, in lower case, and nothing else.
func (b *batch) lastIs(name string) bool {
	s := b.commands[len(b.commands)-1]
	return s.last-s.first == 1 && isWord(b.word(s.first), name)
}

func isWord(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c != lower[i] && (c < 'A' || c > 'Z' || c+'a'-'A' != lower[i]) {
			return false
		}
	}
	return true
}

// dropLast forgets the last command: MULTI and EXEC.
func (b *batch) dropLast() {
	n := len(b.commands) - 1
	first := b.commands[n].first
	b.commands, b.ends = b.commands[:n], b.ends[:first]
	b.text = b.text[:0]
	if first > 0 {
		b.text = b.text[:b.ends[first-1]]
	}
}

// all are the commands, borrowed until the next reset.
func (b *batch) all(file string) []Command {
	b.args, b.made = b.args[:0], b.made[:0]
	for i := range b.ends {
		b.args = append(b.args, b.word(i))
	}
	for _, s := range b.commands {
		b.made = append(b.made, Command{Place{file, s.offset}, b.args[s.first:s.last:s.last]})
	}
	return b.made
}
